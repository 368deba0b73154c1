import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { Actor } from "./audit.ts";
import { bareName, createCountWriter, fromAbout, toAbout } from "./complaint-rows.ts";
import type { ComplaintCase, ComplaintImport, HiddenCase, ImportResult } from "./complaint-store.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import { leavingNothing } from "./leaving-nothing.ts";

/*
 * An import in two steps, so that batches do not wait for it: what it changes is found out bit by bit, with pauses, and is then
 * written in one transaction that does nothing but write. Nobody else changes complaints meanwhile: imports, deletions and
 * retention take turns (ingest/complaints/create-complaints.ts). A dry run is the first step alone.
 */

/** Rows looked at between two pauses. */
const rowsAtOnce = 500;

interface Changes {
  /** New versions. */
  cases: { one: ComplaintCase; version: number }[];
  hidden: HiddenCase[];
  /** Cases that are only counted from now on, and those that are not any more. */
  nowHidden: string[];
  nowOpen: string[];
  result: ImportResult;
}

export function createImportWriter(db: DatabaseSync) {
  const judge = createJudge(db);
  const write = createWriter(db);

  async function findChanges(what: ComplaintImport): Promise<Changes> {
    const result: ImportResult = { added: 0, corrected: 0, unchanged: 0, hidden: 0, cells: 0 };
    const changes: Changes = { cases: [], hidden: [], nowHidden: [], nowOpen: [], result };
    await inBits(what.cases, (one) => judge.open(one, changes));
    await inBits(what.hidden, (one) => judge.hidden(one, changes));
    // In the order of the table, a third less to write.
    changes.cases.sort((a, b) => (a.one.hash < b.one.hash ? -1 : 1));
    await inBits(what.counts, ({ count, ...cell }) => {
      if (judge.numberOf(cell) !== count) result.cells += 1;
    });
    return changes;
  }

  return async (what: ComplaintImport, nowMs: number, by: Actor, dryRun: boolean): Promise<ImportResult> => {
    const changes = await findChanges(what);
    if (dryRun) return changes.result;
    const work = () => write(what, changes, nowMs, by);
    if (changes.nowHidden.length + changes.nowOpen.length > 0) leavingNothing(db, work);
    else inTransaction(db, work);
    return changes.result;
  };
}

async function inBits<T>(rows: readonly T[], look: (row: T) => void): Promise<void> {
  for (const [at, row] of rows.entries()) {
    look(row);
    if (at % rowsAtOnce === rowsAtOnce - 1) await setImmediate();
  }
}

/** What of an import is new. */
function createJudge(db: DatabaseSync) {
  const last = db.prepare("SELECT * FROM complaint_cases WHERE hash = ? ORDER BY version DESC LIMIT 1");
  const bare = db.prepare("SELECT * FROM complaint_bare WHERE name = ?");
  const counts = createCountWriter(db);
  const sameCell = (row: Record<string, unknown>, of: HiddenCase) =>
    row.area === of.area &&
    row.day === of.day &&
    row.channel === of.channel &&
    row.topic === of.topic &&
    toAbout(row.about as number) === of.aboutConnectivity;
  return {
    numberOf: counts.of,
    /** A case that differs from its last version becomes another one. */
    open(one: ComplaintCase, changes: Changes): void {
      const before = last.get(one.hash);
      const isSame =
        before !== undefined &&
        sameCell(before, one) &&
        before.status === one.status &&
        before.verified_day === one.verifiedDay &&
        before.followed_up_day === one.followedUpDay &&
        before.closed_day === one.closedDay;
      if (isSame) {
        changes.result.unchanged += 1;
        return;
      }
      const wasHidden = before === undefined && bare.get(bareName(one.hash)) !== undefined;
      if (wasHidden) changes.nowOpen.push(one.hash);
      changes.result[before === undefined && !wasHidden ? "added" : "corrected"] += 1;
      changes.cases.push({ one, version: before === undefined ? 1 : (before.version as number) + 1 });
    },
    hidden(one: HiddenCase, changes: Changes): void {
      const before = bare.get(bareName(one.hash));
      if (before !== undefined && sameCell(before, one)) {
        changes.result.unchanged += 1;
        return;
      }
      if (before === undefined && last.get(one.hash) !== undefined) changes.nowHidden.push(one.hash);
      changes.result[before === undefined ? "hidden" : "corrected"] += 1;
      changes.hidden.push(one);
    },
  };
}

function createWriter(db: DatabaseSync) {
  const counts = createCountWriter(db);
  const audit = createAuditWriter(db);
  const supersede = db.prepare(
    "UPDATE complaint_cases SET superseded_ms = ? WHERE hash = ? AND superseded_ms IS NULL",
  );
  const insert = db.prepare(
    `INSERT INTO complaint_cases (hash, version, area, day, channel, topic, about, status, verified_day, followed_up_day,
       closed_day, import, known_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const dropCase = db.prepare("DELETE FROM complaint_cases WHERE hash = ?");
  const dropBare = db.prepare("DELETE FROM complaint_bare WHERE name = ?");
  const putBare = db.prepare(
    `INSERT INTO complaint_bare (name, day, area, channel, topic, about, known_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET day = excluded.day, area = excluded.area, channel = excluded.channel,
       topic = excluded.topic, about = excluded.about`,
  );
  const note = db.prepare(
    `INSERT INTO complaint_imports (id, time_ms, surface, file_hash, refused, first_day, last_day, result)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const seen = db.prepare("SELECT 1 FROM complaint_imports WHERE file_hash = ? LIMIT 1");

  return (what: ComplaintImport, changes: Changes, nowMs: number, by: Actor): void => {
    const { id, surface, fileHash, refused, days } = what;
    const { result } = changes;
    for (const { one, version } of changes.cases) {
      const { hash, area, day, channel, topic, aboutConnectivity, status } = one;
      if (version > 1) supersede.run(nowMs, hash);
      const cell = [area, day, channel, topic, fromAbout(aboutConnectivity)] as const;
      const dates = [one.verifiedDay, one.followedUpDay, one.closedDay] as const;
      insert.run(hash, version, ...cell, status, ...dates, id, nowMs);
    }
    for (const hash of changes.nowHidden) dropCase.run(hash);
    for (const hash of changes.nowOpen) dropBare.run(bareName(hash));
    for (const { hash, day, area, channel, topic, aboutConnectivity } of changes.hidden)
      putBare.run(bareName(hash), day, area, channel, topic, fromAbout(aboutConnectivity), nowMs);
    for (const { count, ...cell } of what.counts) counts.put(cell, count, id, nowMs);
    const again = seen.get(fileHash) !== undefined;
    const span = [days?.first ?? null, days?.last ?? null] as const;
    note.run(id, nowMs, surface, fileHash, refused, ...span, JSON.stringify(result));
    const detail = { surface, refused, again, ...result };
    audit({ timeMs: nowMs, by, action: "complaints.imported", subject: id, result: "done", detail });
  };
}
