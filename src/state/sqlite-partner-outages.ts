import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type {
  PartnerChange,
  PartnerChangeType,
  PartnerComment,
  PartnerFilter,
  PartnerRecord,
  PartnerStore,
} from "./partner-store.ts";

type OutageMethods = Pick<
  PartnerStore,
  | "partnerOutage"
  | "partnerOutages"
  | "partnerChanges"
  | "partnerComments"
  | "partnerRecordsOf"
  | "keptAnswer"
>;

/** How long an answer is given again to the same Idempotency-Key, ms. */
const keptMs = 86_400_000;

/** Records of providers and their feeds, to be read. */
export function partnerOutageMethods(db: DatabaseSync): OutageMethods {
  const recordsOf = db.prepare("SELECT record FROM partner_outages WHERE outage = ? ORDER BY provider, id");
  const byId = db.prepare("SELECT record FROM partner_outages WHERE provider = ? AND id = ?");
  const byNumber = db.prepare("SELECT record FROM partner_outages WHERE provider = ? AND number = ?");
  const kept = db.prepare(
    "SELECT fingerprint, status, body FROM partner_once WHERE provider = ? AND key = ? AND at_ms > ?",
  );

  return {
    async partnerOutage(provider, name) {
      const row = typeof name === "number" ? byNumber.get(provider, name) : byId.get(provider, name);
      return row === undefined ? null : toRecord(row);
    },
    async partnerOutages(filter) {
      const { where, values } = toSql(filter);
      const rows = db
        .prepare(`SELECT link, record FROM partner_outages WHERE ${where} ORDER BY seq`)
        .iterate(...values);
      const records: PartnerRecord[] = [];
      for (const row of rows) {
        if (filter.hidden(row.link as string)) continue;
        if (records.push(toRecord(row)) === filter.limit) break;
      }
      return records;
    },
    async partnerChanges(provider, id) {
      return db
        .prepare("SELECT * FROM partner_changes WHERE provider = ? AND id = ? ORDER BY seq")
        .all(provider, id)
        .map(toChange);
    },
    async partnerComments(provider, ids) {
      const few = ids.length > 100 ? null : ids;
      const among = few === null ? "" : ` AND id IN (${few.map(() => "?").join(", ")})`;
      const rows = db
        .prepare(
          `SELECT id, change FROM partner_changes WHERE provider = ? AND type = 'outage.commented'${among} ORDER BY seq`,
        )
        .all(provider, ...(few ?? []));
      const comments = new Map<string, PartnerComment[]>();
      for (const row of rows) {
        const of = comments.get(row.id as string) ?? [];
        of.push((JSON.parse(row.change as string) as Pick<PartnerChange, "comment">).comment!);
        comments.set(row.id as string, of);
      }
      return comments;
    },
    async partnerRecordsOf(outage) {
      return recordsOf.all(outage).map(toRecord);
    },
    async keptAnswer(provider, key, nowMs) {
      const row = kept.get(provider, key, nowMs - keptMs);
      if (row === undefined) return null;
      const { fingerprint, status, body } = row;
      return { fingerprint: fingerprint as string, status: status as number, body: body as string };
    },
  };
}

export function toRecord(row: Record<string, unknown>): PartnerRecord {
  return JSON.parse(row.record as string) as PartnerRecord;
}

export function toChange(row: Record<string, unknown>): PartnerChange {
  const { provider, seq, type, at_ms: atMs, change } = row;
  return {
    provider: provider as string,
    seq: seq as number,
    type: type as PartnerChangeType,
    atMs: atMs as number,
    ...(JSON.parse(change as string) as Pick<PartnerChange, "record" | "comment">),
  };
}

function toSql(filter: PartnerFilter): { where: string; values: SQLInputValue[] } {
  const { provider, link, open, fromMs, toMs, sinceMs, afterSeq, withdrawn } = filter;
  const parts = ["provider = ?"];
  const values: SQLInputValue[] = [provider];
  const add = (sql: string, ...given: SQLInputValue[]) => {
    parts.push(sql);
    values.push(...given);
  };
  if (link !== undefined) add("link = ?", link);
  if (open !== undefined)
    add(open ? "end_ms IS NULL AND withdrawn = 0" : "(end_ms IS NOT NULL OR withdrawn = 1)");
  if (fromMs !== undefined) add("coalesce(end_ms, 8640000000000000) > ?", fromMs);
  if (toMs !== undefined) add("start_ms < ?", toMs);
  if (sinceMs !== undefined) add("changed_ms >= ?", sinceMs);
  if (afterSeq !== undefined) add("seq > ?", afterSeq);
  if (withdrawn === false) add("withdrawn = 0");
  return { where: parts.join(" AND "), values };
}
