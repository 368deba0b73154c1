import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { AuditAction } from "./audit.ts";
import type {
  FollowedOutage,
  PartnerAct,
  PartnerChange,
  PartnerChangeType,
  PartnerComment,
  PartnerFilter,
  PartnerRecord,
  PartnerStore,
  PartnerSubject,
  PartnerView,
} from "./partner-store.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import { toOutage } from "./sqlite-outages.ts";
import { createPartnerWriter } from "./sqlite-partner-writer.ts";

type OutageMethods = Pick<
  PartnerStore,
  | "followOutages"
  | "partnerOutage"
  | "partnerOutages"
  | "partnerChanges"
  | "partnerComments"
  | "partnerRecordsOf"
  | "actOnOutage"
  | "keptAnswer"
>;

/** A view that is to be written. */
interface Unwritten {
  subject: PartnerSubject;
  id: string;
  outage: string;
  view: FollowedOutage["views"][number];
  sinceMs: number;
}

/** How long an answer is given again to the same Idempotency-Key, ms. */
const keptMs = 86_400_000;

/** Records of providers, their feeds and what they did. */
export function partnerOutageMethods(db: DatabaseSync): OutageMethods {
  const touched = db.prepare("SELECT id, outage FROM partner_touches ORDER BY id LIMIT ?");
  const dropTouch = db.prepare("DELETE FROM partner_touches WHERE id = ?");
  const revisionsOf = db.prepare("SELECT * FROM outage_revisions WHERE id = ? ORDER BY revision");
  const recordsOf = db.prepare("SELECT record FROM partner_outages WHERE outage = ? ORDER BY provider, id");
  const byId = db.prepare("SELECT record FROM partner_outages WHERE provider = ? AND id = ?");
  const byNumber = db.prepare("SELECT record FROM partner_outages WHERE provider = ? AND number = ?");
  const lastNumber = db.prepare(
    "SELECT coalesce(max(number), 0) AS last FROM partner_outages WHERE provider = ?",
  );
  const kept = db.prepare(
    "SELECT fingerprint, status, body FROM partner_once WHERE provider = ? AND key = ? AND at_ms > ?",
  );
  const writer = createPartnerWriter(db);
  const audit = createAuditWriter(db);

  /** What of an outage is not in its provider's record yet, each since the moment from which it may stand there. */
  function* unwritten({ subject, id, views }: FollowedOutage, outage: string): Generator<Unwritten> {
    const row = byId.get(subject.provider, id);
    const written = row === undefined ? 0 : toRecord(row).revision;
    let sinceMs = 0;
    for (const [at, view] of views.entries()) {
      sinceMs = Math.max(sinceMs, view.knownMs);
      if (at >= written) yield { subject, id, outage, view, sinceMs };
    }
  }

  function writeView({ subject, id, outage, view }: Unwritten): void {
    const { provider } = subject;
    const row = byId.get(provider, id);
    const record = row === undefined ? null : toRecord(row);
    const { knownMs } = view;
    const own =
      record === null
        ? {
            id,
            outage,
            number: (lastNumber.get(provider)!.last as number) + 1,
            firstKnownMs: knownMs,
            acknowledged: null,
            ticket: null,
          }
        : record;
    const revision = (record?.revision ?? 0) + 1;
    writer.change({ ...own, ...subject, ...view, revision }, typeOf(record, view), knownMs, null);
  }

  return {
    async followOutages(limit, followed) {
      return inTransaction(db, () => {
        const touches = touched.all(limit);
        const found = touches.flatMap(({ outage }) => {
          const known = recordsOf.all(outage as string).map(toRecord);
          const revisions = revisionsOf.all(outage as string).map(toOutage);
          return followed(revisions, known.map(subjectOf)).flatMap((one) => [
            ...unwritten(one, outage as string),
          ]);
        });
        // By when they were learned and never by when their outages were touched, which hidden revisions do as well.
        found.sort((a, b) => a.sinceMs - b.sinceMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
        for (const one of found) writeView(one);
        for (const { id } of touches) dropTouch.run(id as number);
        return touches.length;
      });
    },
    async partnerOutage(provider, name) {
      const row = typeof name === "number" ? byNumber.get(provider, name) : byId.get(provider, name);
      return row === undefined ? null : toRecord(row);
    },
    async partnerOutages(filter) {
      const { where, values } = toSql(filter);
      return db
        .prepare(`SELECT record FROM partner_outages WHERE ${where} ORDER BY seq LIMIT ?`)
        .all(...values, filter.limit)
        .map(toRecord);
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
    async actOnOutage(provider, id, act, nowMs, by, once) {
      return inTransaction(db, () => {
        const row = byId.get(provider, id);
        if (row === undefined) return null;
        const before = toRecord(row);
        const record = writer.change(
          { ...before, ...acted(before, act, nowMs, by.name) },
          actTypes[act.kind],
          nowMs,
          act.kind === "comment"
            ? { atMs: nowMs, by: by.name, user: act.user, system: act.system, text: act.text }
            : null,
        );
        const action = actions[act.kind];
        audit({ timeMs: nowMs, by, action, subject: id, result: "done", detail: { provider } });
        if (once !== undefined) writer.keep(once(record));
        return record;
      });
    },
    async keptAnswer(provider, key, nowMs) {
      const row = kept.get(provider, key, nowMs - keptMs);
      if (row === undefined) return null;
      const { fingerprint, status, body } = row;
      return { fingerprint: fingerprint as string, status: status as number, body: body as string };
    },
  };
}

const actTypes: Record<PartnerAct["kind"], PartnerChangeType> = {
  acknowledge: "outage.acknowledged",
  unacknowledge: "outage.unacknowledged",
  comment: "outage.commented",
  ticket: "outage.ticket",
};

const actions: Record<PartnerAct["kind"], AuditAction> = {
  acknowledge: "partner.acknowledged",
  unacknowledge: "partner.unacknowledged",
  comment: "partner.commented",
  ticket: "partner.ticket",
};

function acted(
  { ticket: before }: PartnerRecord,
  act: PartnerAct,
  atMs: number,
  by: string,
): Partial<PartnerRecord> {
  if (act.kind === "acknowledge")
    return { acknowledged: { atMs, by, user: act.user, system: act.system, note: act.note } };
  if (act.kind === "unacknowledge") return { acknowledged: null };
  if (act.kind === "comment") return {};
  return { ticket: { ...act.ticket, madeMs: before?.madeMs ?? atMs, changedMs: atMs, by } };
}

function typeOf(before: PartnerView | null, view: PartnerView): PartnerChangeType {
  if (before === null) return "outage.opened";
  if (view.withdrawn) return "outage.withdrawn";
  const [had, has] = [before.endMs !== null || before.withdrawn, view.endMs !== null];
  if (had === has) return "outage.updated";
  return has ? "outage.ended" : "outage.reopened";
}

function subjectOf({ provider, link, site, isOneOfSeveral }: PartnerRecord): PartnerSubject {
  return { provider, link, site, isOneOfSeveral };
}

function toRecord(row: Record<string, unknown>): PartnerRecord {
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
  const { provider, hidden, link, open, fromMs, toMs, sinceMs, afterSeq, withdrawn } = filter;
  const parts = ["provider = ?"];
  const values: SQLInputValue[] = [provider];
  const add = (sql: string, ...given: SQLInputValue[]) => {
    parts.push(sql);
    values.push(...given);
  };
  if (hidden.length > 0) add(`link NOT IN (${hidden.map(() => "?").join(", ")})`, ...hidden);
  if (link !== undefined) add("link = ?", link);
  if (open !== undefined) add(open ? "end_ms IS NULL AND withdrawn = 0" : "(end_ms IS NOT NULL OR withdrawn = 1)");
  if (fromMs !== undefined) add("coalesce(end_ms, 8640000000000000) > ?", fromMs);
  if (toMs !== undefined) add("start_ms < ?", toMs);
  if (sinceMs !== undefined) add("changed_ms >= ?", sinceMs);
  if (afterSeq !== undefined) add("seq > ?", afterSeq);
  if (withdrawn === false) add("withdrawn = 0");
  return { where: parts.join(" AND "), values };
}
