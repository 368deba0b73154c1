import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import { createImportWriter } from "./complaint-import.ts";
import { bareName, toAbout } from "./complaint-rows.ts";
import type {
  ComplaintCell,
  ComplaintHandling,
  ComplaintImportRecord,
  ComplaintStore,
  ComplaintVersion,
} from "./complaint-store.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import { contactMethods, createContactPurge } from "./sqlite-contacts.ts";
import { leavingNothing } from "./leaving-nothing.ts";

type Row = Record<string, SQLOutputValue>;

/** Complaints and contacts; nothing of a person is in any of it. */
export function complaintMethods(db: DatabaseSync): ComplaintStore {
  const inForce = "known_ms <= ?3 AND coalesce(superseded_ms, ?3 + 1) > ?3 AND day >= ?1 AND day < ?2";
  const counts = db.prepare(
    `SELECT area, day, channel, topic, about, sum(count) AS count FROM (
       SELECT area, day, channel, topic, about, 1 AS count FROM complaint_cases WHERE ${inForce}
       UNION ALL SELECT area, day, channel, topic, about, count FROM complaint_counts WHERE ${inForce}
       UNION ALL SELECT area, day, channel, topic, about, 1 FROM complaint_bare WHERE known_ms <= ?3 AND day >= ?1 AND day < ?2
     ) GROUP BY day, area, channel, topic, about HAVING sum(count) > 0 ORDER BY day, area, channel, topic, about`,
  );
  const handling = db.prepare(
    `SELECT area, day, status, verified_day, followed_up_day, closed_day, count(*) AS count FROM complaint_cases
     WHERE superseded_ms IS NULL AND day >= ? AND day < ?
     GROUP BY day, area, status, verified_day, followed_up_day, closed_day ORDER BY day, area, status`,
  );
  const versions = db.prepare("SELECT * FROM complaint_cases WHERE hash = ? ORDER BY version");
  const deletions = db.prepare("SELECT hash FROM complaint_deletions");
  const imports = db.prepare("SELECT * FROM complaint_imports ORDER BY time_ms DESC, id LIMIT ?");
  const counted = db.prepare(
    `SELECT first_day, last_day, time_ms FROM complaint_imports WHERE last_day >= ? AND first_day < ?
     ORDER BY first_day, last_day, time_ms`,
  );
  return {
    async complaintCounts({ fromDay, toDay, asOfMs = Number.MAX_SAFE_INTEGER - 1 }) {
      return counts
        .all(fromDay, toDay, asOfMs)
        .map((row) => ({ ...toCell(row), count: row.count as number }));
    },
    async complaintHandling({ fromDay, toDay }) {
      return handling.all(fromDay, toDay).map(toHandling);
    },
    async complaintHistory(hash) {
      return versions.all(hash).map(toVersion);
    },
    async deletedComplaints() {
      return new Set(deletions.all().map(({ hash }) => hash as string));
    },
    async countedDays({ fromDay, toDay }) {
      return counted.all(fromDay, toDay).map((row) => ({
        firstDay: row.first_day as string,
        lastDay: row.last_day as string,
        timeMs: row.time_ms as number,
      }));
    },
    async complaintImports({ limit }) {
      return imports.all(limit).map(toImport);
    },
    ...complaintWrites(db),
    ...contactMethods(db),
  };
}

function complaintWrites(
  db: DatabaseSync,
): Pick<ComplaintStore, "importComplaints" | "withdrawDays" | "deleteComplaint" | "purgeComplaints"> {
  const writeImport = createImportWriter(db);
  const audit = createAuditWriter(db);
  const dayOf = db.prepare(
    `SELECT day FROM complaint_cases WHERE hash = ? UNION ALL SELECT day FROM complaint_bare WHERE name = ? LIMIT 1`,
  );
  const withdraw = db.prepare("UPDATE complaint_imports SET first_day = NULL, last_day = NULL WHERE id = ?");
  const keepOut = db.prepare("INSERT OR IGNORE INTO complaint_deletions (hash, day) VALUES (?, ?)");
  const drop = db.prepare("DELETE FROM complaint_cases WHERE hash = ?");
  const dropBare = db.prepare("DELETE FROM complaint_bare WHERE name = ?");
  const purge = createPurge(db);
  return {
    async importComplaints(what, nowMs, by, dryRun = false) {
      return writeImport(what, nowMs, by, dryRun);
    },
    async withdrawDays(id, nowMs, by) {
      return inTransaction(db, () => {
        if (withdraw.run(id).changes === 0) return false;
        const entry = { action: "complaints.days.withdrawn", subject: id, result: "done" } as const;
        audit({ timeMs: nowMs, by, ...entry, detail: {} });
        return true;
      });
    },
    async deleteComplaint(hash, nowMs, by) {
      return leavingNothing(db, () => {
        const found = dayOf.get(hash, bareName(hash));
        if (found === undefined) return false;
        keepOut.run(hash, found.day as string);
        drop.run(hash);
        dropBare.run(bareName(hash));
        const entry = { action: "complaints.deleted", subject: "", result: "done" } as const;
        // Neither the id nor its hash: this row is never deleted.
        audit({ timeMs: nowMs, by, ...entry, detail: { cases: 1 } });
        return true;
      });
    },
    async purgeComplaints(before, nowMs, by) {
      return leavingNothing(db, () => {
        const gone = purge(before);
        if (gone.cases + gone.counts + gone.contacts === 0) return gone;
        const detail = { ...gone, caseDay: before.caseDay, countDay: before.countDay };
        audit({ timeMs: nowMs, by, action: "complaints.purged", subject: "", result: "done", detail });
        return gone;
      });
    },
  };
}

/** Makes numbers of old cases, and deletes what is older still. */
function createPurge(db: DatabaseSync) {
  const old = db.prepare("SELECT * FROM complaint_cases WHERE superseded_ms IS NULL AND day < ?");
  const putBare = db.prepare(
    "INSERT INTO complaint_bare (name, day, area, channel, topic, about, known_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const dropBare = db.prepare("DELETE FROM complaint_bare WHERE day < ?");
  const dropCases = db.prepare("DELETE FROM complaint_cases WHERE day < ?");
  const dropCounts = db.prepare("DELETE FROM complaint_counts WHERE day < ?");
  const dropDeletions = db.prepare("DELETE FROM complaint_deletions WHERE day < ?");
  const dropImports = db.prepare("DELETE FROM complaint_imports WHERE time_ms < ?");
  const purgeContacts = createContactPurge(db);
  return (before: { caseDay: string; countDay: string; contactMs: number }) => {
    const cases = old.all(before.caseDay);
    for (const { hash, day, area, channel, topic, about, known_ms } of cases)
      putBare.run(bareName(hash as string), day!, area!, channel!, topic!, about!, known_ms!);
    dropCases.run(before.caseDay);
    // What is kept out is kept out for as long as an export could bring it back as a number.
    dropDeletions.run(before.countDay);
    dropImports.run(Date.parse(before.countDay));
    return {
      cases: cases.length,
      counts: Number(dropCounts.run(before.countDay).changes) + Number(dropBare.run(before.countDay).changes),
      contacts: purgeContacts(before.contactMs),
    };
  };
}

function toCell(row: Row): ComplaintCell {
  return {
    area: row.area as string,
    day: row.day as string,
    channel: row.channel as ComplaintCell["channel"],
    topic: row.topic as string,
    aboutConnectivity: toAbout(row.about as number),
  };
}

function toHandling(row: Row): ComplaintHandling {
  return {
    area: row.area as string,
    receivedDay: row.day as string,
    status: row.status as ComplaintHandling["status"],
    verifiedDay: row.verified_day as string | null,
    followedUpDay: row.followed_up_day as string | null,
    closedDay: row.closed_day as string | null,
    count: row.count as number,
  };
}

function toVersion(row: Row): ComplaintVersion {
  const { receivedDay: _, area: _area, count: _count, ...dates } = toHandling(row);
  return {
    ...toCell(row),
    ...dates,
    hash: row.hash as string,
    version: row.version as number,
    import: row.import as string,
    knownMs: row.known_ms as number,
    supersededMs: row.superseded_ms as number | null,
  };
}

function toImport(row: Row): ComplaintImportRecord {
  return {
    id: row.id as string,
    timeMs: row.time_ms as number,
    surface: row.surface as ComplaintImportRecord["surface"],
    refused: row.refused as number,
    firstDay: row.first_day as string | null,
    lastDay: row.last_day as string | null,
    ...(JSON.parse(row.result as string) as Omit<
      ComplaintImportRecord,
      "id" | "timeMs" | "surface" | "refused" | "firstDay" | "lastDay"
    >),
  };
}
