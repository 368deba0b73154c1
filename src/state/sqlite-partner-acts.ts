import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { AuditAction } from "./audit.ts";
import { maxActs, maxComments } from "./partner-store.ts";
import type {
  ActOptions,
  ActRefusal,
  PartnerAct,
  PartnerChangeType,
  PartnerRecord,
  PartnerStore,
} from "./partner-store.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import { toRecord } from "./sqlite-partner-outages.ts";
import { createPartnerWriter } from "./sqlite-partner-writer.ts";

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

/** What providers do to their outages: all that an act needs is looked at in the transaction that does it. */
export function partnerActMethods(db: DatabaseSync): Pick<PartnerStore, "actOnOutages"> {
  const byId = db.prepare("SELECT record FROM partner_outages WHERE provider = ? AND id = ?");
  const counted = db.prepare(
    `SELECT count(*) AS acts, count(*) FILTER (WHERE type = 'outage.commented') AS comments FROM partner_changes
     WHERE provider = ? AND id = ? AND type IN (${Object.values(actTypes)
       .map((type) => `'${type}'`)
       .join(", ")})`,
  );
  const writer = createPartnerWriter(db);
  const audit = createAuditWriter(db);

  function refusalOf(
    record: PartnerRecord,
    act: PartnerAct,
    { ifSeq, ifNoTicket = false }: ActOptions,
  ): ActRefusal | null {
    if (ifSeq !== undefined && !ifSeq.includes(record.seq)) return "changed";
    if (ifNoTicket && record.ticket !== null) return "ticketed";
    const { acts, comments } = counted.get(record.provider, record.id)! as { acts: number; comments: number };
    if (act.kind === "comment" && comments >= maxComments) return "comments";
    return acts >= maxActs && changes(record, act) ? "acts" : null;
  }

  return {
    async actOnOutages(provider, ids, act, nowMs, by, options = {}) {
      return inTransaction(db, () => {
        const found = ids.map((id) => {
          const row = byId.get(provider, id);
          return row === undefined ? null : toRecord(row);
        });
        for (const record of found) {
          const refusal = record === null ? "unknown" : refusalOf(record, act, options);
          if (refusal !== null) return refusal;
        }
        const records = found.map((before) => {
          if (!changes(before!, act)) return before!;
          const comment =
            act.kind === "comment"
              ? { atMs: nowMs, by: by.name, user: act.user, system: act.system, text: act.text }
              : null;
          const draft = { ...before!, ...acted(before!, act, nowMs, by.name) };
          const detail = { provider };
          audit({ timeMs: nowMs, by, action: actions[act.kind], subject: draft.id, result: "done", detail });
          return writer.change(draft, actTypes[act.kind], nowMs, comment);
        });
        if (options.once !== undefined) writer.keep(options.once(records));
        return records;
      });
    },
  };
}

/** Whether anything would be another after it. */
function changes({ acknowledged, ticket }: PartnerRecord, act: PartnerAct): boolean {
  if (act.kind === "comment") return true;
  if (act.kind === "unacknowledge") return acknowledged !== null;
  if (act.kind === "acknowledge") {
    if (acknowledged === null) return true;
    const { note, user, system } = acknowledged;
    return act.onlyFirst !== true && (note !== act.note || user !== act.user || system !== act.system);
  }
  if (ticket === null) return true;
  const { madeMs: _made, changedMs: _changed, by: _by, ...before } = ticket;
  return Object.entries(act.ticket).some(([name, value]) => before[name as keyof typeof before] !== value);
}

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
