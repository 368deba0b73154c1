import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { Cause, Confidence, EvidenceItem } from "../outage/table.ts";
import type { Target } from "../inventory/inventory.ts";
import { inTransaction } from "../series/sqlite-transaction.ts";
import { createBlipWriter } from "./sqlite-blips.ts";
import { createMessageWriter } from "./sqlite-outbox.ts";
import { createStateWriter } from "./sqlite-states.ts";
import type { OutageFilter, OutageRecord, StateStore, WatchWrite } from "./state-store.ts";

type Row = Record<string, SQLOutputValue>;

/** Outage revisions and state segments, with all that one run of the watch writes. */
export function outageMethods(
  db: DatabaseSync,
): Pick<
  StateStore,
  | "outages"
  | "outageRevisions"
  | "recordBeganMs"
  | "baselines"
  | "writeWatch"
  | "lateTouches"
  | "targets"
  | "putTargets"
> {
  const addRevision = db.prepare(
    `INSERT INTO outage_revisions
       (id, revision, known_ms, withdrawn, site, link, service, start_ms, end_ms, cause, confidence, evidence, root, incident, of_link)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const supersede = db.prepare(
    "UPDATE outage_revisions SET superseded_ms = ? WHERE id = ? AND superseded_ms IS NULL",
  );
  const touchPartners = db.prepare("INSERT OR IGNORE INTO partner_touches (outage) VALUES (?)");
  const putTarget = db.prepare(
    "INSERT INTO targets (key, kind, definition) VALUES (?, ?, ?) ON CONFLICT (key, kind) DO UPDATE SET definition = excluded.definition",
  );
  const dropMaintenanceTouches = db.prepare("DELETE FROM maintenance_touches WHERE id <= ?");
  const putBaseline = db.prepare(
    "INSERT INTO baselines (key, day, hours) VALUES (?, ?, ?) ON CONFLICT (key, day) DO UPDATE SET hours = excluded.hours",
  );
  const readBaselines = db.prepare(
    "SELECT day, hours FROM baselines WHERE key = ? AND day >= ? AND day < ? ORDER BY day",
  );
  const dropTouches = db.prepare("DELETE FROM late_touches WHERE id <= ?");
  const replaceStates = createStateWriter(db);
  const writeBlips = createBlipWriter(db);
  const writeMessages = createMessageWriter(db);

  function addOutage(outage: OutageRecord): void {
    supersede.run(outage.knownMs, outage.id);
    addRevision.run(
      outage.id,
      outage.revision,
      outage.knownMs,
      outage.withdrawn ? 1 : 0,
      outage.site,
      outage.link,
      outage.service,
      outage.startMs,
      outage.endMs,
      outage.cause,
      outage.confidence,
      JSON.stringify(outage.evidence),
      outage.root,
      outage.incident,
      outage.ofLink === true ? 1 : 0,
    );
    touchPartners.run(outage.id);
  }

  return {
    async outages(filter) {
      const { where, values } = toSql(filter);
      const limit = filter.limit === undefined ? "" : ` LIMIT ${Math.trunc(filter.limit)}`;
      const rows = db
        .prepare(
          `SELECT * FROM outage_revisions WHERE ${where} ORDER BY start_ms, site, link, service, id${limit}`,
        )
        .all(...values);
      return rows.map(toOutage);
    },
    async recordBeganMs() {
      const row = db
        .prepare(
          `SELECT min(began) AS began FROM (SELECT min(time_ms) AS began FROM audit
             UNION ALL SELECT min(known_ms) FROM outage_revisions)`,
        )
        .get()!;
      return row.began as number | null;
    },
    async outageRevisions(id) {
      return db
        .prepare("SELECT * FROM outage_revisions WHERE id = ? ORDER BY revision")
        .all(id)
        .map(toOutage);
    },
    async baselines(key, fromDay, toDay) {
      return readBaselines.all(key, fromDay, toDay).map((row) => ({
        key,
        day: row.day as number,
        hours: row.hours as Uint8Array,
      }));
    },
    async writeWatch(write: WatchWrite) {
      inTransaction(db, () => {
        for (const outage of write.outages) addOutage(outage);
        for (const replacement of write.states) replaceStates(replacement);
        if (write.blips !== undefined) writeBlips(write.blips);
        for (const { key, day, hours } of write.baselines ?? []) putBaseline.run(key, day, hours);
        writeMessages(write);
        if (write.judgedTouches !== undefined) dropTouches.run(write.judgedTouches);
        if (write.judgedMaintenance !== undefined) dropMaintenanceTouches.run(write.judgedMaintenance);
      });
    },
    async targets() {
      const rows = db.prepare("SELECT definition FROM targets ORDER BY key, kind").all();
      return rows.map((row) => JSON.parse(row.definition as string) as Target);
    },
    async putTargets(targets) {
      inTransaction(db, () => {
        for (const target of targets)
          putTarget.run(target.key, target.probe.kind, JSON.stringify(withoutSecrets(target)));
      });
    },
    async lateTouches() {
      const row = db.prepare("SELECT max(id) AS up_to, min(from_ms) AS from_ms FROM late_touches").get()!;
      return row.up_to === null ? null : { upTo: row.up_to as number, fromMs: row.from_ms as number };
    },
  };
}

/** What the watch needs of a past target; keys and communities stay in the operator's own files. */
function withoutSecrets(target: Target): Target {
  const { probe } = target;
  return probe.kind === "snmp"
    ? { ...target, probe: { ...probe, auth: { version: "2c", community: "" } } }
    : target;
}

function toSql(filter: OutageFilter): { where: string; values: SQLInputValue[] } {
  const parts = ["withdrawn = 0"];
  const values: SQLInputValue[] = [];
  const add = (sql: string, ...given: SQLInputValue[]) => {
    parts.push(sql);
    values.push(...given);
  };
  if (filter.asOfMs === undefined) add("superseded_ms IS NULL");
  else add("known_ms <= ? AND (superseded_ms IS NULL OR superseded_ms > ?)", filter.asOfMs, filter.asOfMs);
  if (filter.toMs !== undefined) add("start_ms < ?", filter.toMs);
  if (filter.fromMs !== undefined) add("coalesce(end_ms, 8640000000000000) > ?", filter.fromMs);
  if (filter.open !== undefined)
    add(`coalesce(end_ms, 8640000000000000) ${filter.open ? "=" : "<"} 8640000000000000`);
  if (filter.incident !== undefined) add("incident = ?", filter.incident);
  if (filter.incidents !== undefined)
    add(`incident IN (${filter.incidents.map(() => "?").join(", ")})`, ...filter.incidents);
  if (filter.service !== undefined)
    add(
      filter.service === null ? "service IS NULL" : "service = ?",
      ...(filter.service === null ? [] : [filter.service]),
    );
  if (filter.sites !== undefined) add(`site IN (${filter.sites.map(() => "?").join(", ")})`, ...filter.sites);
  if (filter.causes !== undefined)
    add(`cause IN (${filter.causes.map(() => "?").join(", ")})`, ...filter.causes);
  return { where: parts.join(" AND "), values };
}

export function toOutage(row: Row): OutageRecord {
  return {
    id: row.id as string,
    site: row.site as string,
    link: row.link as string | null,
    ...(row.of_link === 1 ? { ofLink: true } : {}),
    service: row.service as string | null,
    startMs: row.start_ms as number,
    endMs: row.end_ms as number | null,
    cause: row.cause as Cause,
    confidence: row.confidence as Confidence,
    evidence: JSON.parse(row.evidence as string) as EvidenceItem[],
    root: row.root as string,
    incident: row.incident as string,
    revision: row.revision as number,
    knownMs: row.known_ms as number,
    withdrawn: row.withdrawn === 1,
  };
}
