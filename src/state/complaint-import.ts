import type { DatabaseSync } from "node:sqlite";
import type { Actor } from "./audit.ts";
import { createCountWriter, fromAbout, toAbout } from "./complaint-rows.ts";
import type { ComplaintCase, ComplaintImport, ImportResult } from "./complaint-store.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import { leavingNothing, takenBack, transaction } from "./transaction.ts";

/** Writes an import in one transaction; a dry run is the same transaction taken back. */
export function createImportWriter(db: DatabaseSync) {
  const putCase = createCaseWriter(db);
  const counts = createCountWriter(db);
  const dropCase = db.prepare("DELETE FROM complaint_cases WHERE hash = ?");
  const note = db.prepare(
    "INSERT INTO complaint_imports (id, time_ms, surface, file_hash, refused, result) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const seen = db.prepare("SELECT 1 FROM complaint_imports WHERE file_hash = ? LIMIT 1");
  const audit = createAuditWriter(db);

  function write(what: ComplaintImport, nowMs: number, by: Actor): ImportResult {
    const { id, surface, fileHash, refused } = what;
    const result: ImportResult = { added: 0, corrected: 0, unchanged: 0, hidden: 0, cells: 0 };
    for (const one of what.cases) result[putCase(one, id, nowMs)] += 1;
    for (const hash of what.hidden) if (dropCase.run(hash).changes > 0) result.hidden += 1;
    for (const { count, ...cell } of what.counts) if (counts.put(cell, count, id, nowMs)) result.cells += 1;
    const again = seen.get(fileHash) !== undefined;
    note.run(id, nowMs, surface, fileHash, refused, JSON.stringify(result));
    const detail = { surface, refused, again, ...result };
    audit({ timeMs: nowMs, by, action: "complaints.imported", subject: id, result: "done", detail });
    return result;
  }

  return (what: ComplaintImport, nowMs: number, by: Actor, dryRun: boolean): ImportResult => {
    const work = () => write(what, nowMs, by);
    if (dryRun) return takenBack(db, work);
    return what.hidden.length > 0 ? leavingNothing(db, work) : transaction(db, work);
  };
}

/** A case that differs from its last version becomes another one. */
function createCaseWriter(db: DatabaseSync) {
  const last = db.prepare("SELECT * FROM complaint_cases WHERE hash = ? ORDER BY version DESC LIMIT 1");
  const supersede = db.prepare(
    "UPDATE complaint_cases SET superseded_ms = ? WHERE hash = ? AND superseded_ms IS NULL",
  );
  const insert = db.prepare(
    `INSERT INTO complaint_cases (hash, version, area, day, channel, topic, about, status, verified_day, followed_up_day,
       closed_day, import, known_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (one: ComplaintCase, importId: string, nowMs: number): "added" | "corrected" | "unchanged" => {
    const before = last.get(one.hash);
    const { hash, area, day, channel, topic, status, verifiedDay, followedUpDay, closedDay } = one;
    const isSame =
      before !== undefined &&
      before.area === area &&
      before.day === day &&
      before.channel === channel &&
      before.topic === topic &&
      toAbout(before.about as number) === one.aboutConnectivity &&
      before.status === status &&
      before.verified_day === verifiedDay &&
      before.followed_up_day === followedUpDay &&
      before.closed_day === closedDay;
    if (isSame) return "unchanged";
    const version = before === undefined ? 1 : (before.version as number) + 1;
    if (before !== undefined) supersede.run(nowMs, hash);
    insert.run(
      hash,
      version,
      area,
      day,
      channel,
      topic,
      fromAbout(one.aboutConnectivity),
      status,
      verifiedDay,
      followedUpDay,
      closedDay,
      importId,
      nowMs,
    );
    return before === undefined ? "added" : "corrected";
  };
}
