import type { Inventory } from "../inventory/inventory.ts";
import type { PartnerCause, PartnerChange, PartnerComment, PartnerRecord } from "../state/partner-store.ts";
import type { Text } from "./language.ts";
import type { Words } from "./words.ts";

/* A provider's outages as its API and its webhooks have them: times as text, texts for people. */

export type PartnerOutageRow = ReturnType<typeof toPartnerRow>;

const elsewhere: Text = {
  id: "Gangguan bukan pada tautan ini",
  en: "The fault is not in this link",
};

export function partnerCauseText(words: Words, cause: PartnerCause): string {
  return cause === "elsewhere" ? elsewhere[words.language] : words.cause(cause)!;
}

/** Of the measured part alone, as revisions have it. */
export function toPartnerRevision(
  words: Words,
  view: Pick<
    PartnerRecord,
    "startMs" | "endMs" | "atFault" | "cause" | "evidence" | "revision" | "knownMs" | "withdrawn"
  >,
) {
  const { startMs, endMs, atFault, cause, revision, knownMs, withdrawn } = view;
  return {
    start: iso(startMs),
    end: isoOrNull(endMs),
    durationS: endMs === null ? null : Math.round((endMs - startMs) / 1000),
    atFault,
    cause,
    causeText: partnerCauseText(words, cause),
    evidence: view.evidence.map(({ fact, detail }) => ({
      fact,
      detail,
      text: words.fact({ fact, detail, target: null }),
    })),
    revision,
    knownAt: iso(knownMs),
    withdrawn,
  };
}

export function toPartnerRow(words: Words, inventory: Inventory, record: PartnerRecord) {
  const { id, number, link, site, provider, acknowledged, ticket } = record;
  const known = inventory.links.get(link);
  return {
    id,
    alarm: String(number),
    link,
    // Of the link as it is now, which may be another's by then.
    circuitId: known?.provider === provider ? known.circuitId : null,
    site,
    name: inventory.sites.get(site)?.name ?? site,
    ...toPartnerRevision(words, record),
    firstKnownAt: iso(record.firstKnownMs),
    changedAt: iso(record.changedMs),
    acknowledgement:
      acknowledged === null
        ? null
        : {
            at: iso(acknowledged.atMs),
            by: acknowledged.by,
            user: acknowledged.user,
            system: acknowledged.system,
            note: acknowledged.note,
          },
    ticket:
      ticket === null
        ? null
        : {
            number: ticket.number,
            status: ticket.status,
            description: ticket.description,
            severity: ticket.severity,
            type: ticket.type,
            start: isoOrNull(ticket.startMs),
            end: isoOrNull(ticket.endMs),
            made: iso(ticket.madeMs),
            changed: iso(ticket.changedMs),
            by: ticket.by,
          },
  };
}

export function toCommentRow({ atMs, by, user, system, text }: PartnerComment) {
  return { at: iso(atMs), by, user, system, text };
}

/** The body of a webhook: `type` and `timestamp` as Standard Webhooks has them. */
export function toWebhookBody(words: Words, inventory: Inventory, change: PartnerChange): string {
  const { type, atMs, record, comment } = change;
  const data =
    record === null
      ? { message: "test" }
      : {
          ...toPartnerRow(words, inventory, record),
          ...(comment === null ? {} : { comment: toCommentRow(comment) }),
        };
  return JSON.stringify({ type, timestamp: iso(atMs), data });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
