import type { Inventory } from "../../inventory/inventory.ts";
import { parseTimeMs } from "../../inventory/local-time.ts";
import { contactChannels } from "../../state/complaint-store.ts";
import type { ContactChannel, ContactCount, ContactSpan } from "../../state/complaint-store.ts";
import { ambiguous, createAreaFinder } from "./areas.ts";
import type { AreaFinder } from "./areas.ts";
import { ComplaintFileError, refuseFile } from "./refusal.ts";
import type { Refusal, RefusalCode } from "./refusal.ts";

/*
 * Contacts, as whoever counts them sends them: `{ "counted": [ { "channel", "from", "to" }, … ], "contacts": [ { "area", "time",
 * "channel", "count" }, … ] }`. `counted` says of which time this is everything: where nothing came, that is a zero, and
 * elsewhere nobody knows. All of it or none; refused as lines of a file are, by number and name, without what stands there.
 */

const names = ["area", "time", "channel", "count"] as const;
const spanNames = ["channel", "from", "to"] as const;
const [maxContacts, maxSpans] = [10_000, 100];
const maxCount = 1_000_000;
/** How far the clock of whoever counts may be ahead of ours, ms. */
const maxAheadMs = 300_000;
/** The year 2000: nothing older is meant. */
const oldestMs = 946_684_800_000;

export interface ContactsRead {
  spans: ContactSpan[];
  contacts: ContactCount[];
}

/** Throws ComplaintFileError. */
export function readContacts(document: unknown, inventory: Inventory, nowMs: number): ContactsRead {
  const { counted, contacts, ...more } = (document ?? {}) as Record<string, unknown>;
  if (!Array.isArray(contacts) || !Array.isArray(counted) || Object.keys(more).length > 0)
    throw refuseFile("file.broken");
  for (const [list, most] of [[contacts, maxContacts] as const, [counted, maxSpans] as const])
    if (list.length > most) throw refuseFile("file.rows", { other: most });
  const refusals: Refusal[] = [];
  const spans = counted.flatMap((given: unknown, index) => {
    const span = readSpan(given, nowMs);
    if (span !== null) return [span];
    refusals.push({ code: "value.counted", line: index + 1, column: null, name: "counted" });
    return [];
  });
  for (const line of overlapping(spans))
    refusals.push({ code: "value.counted", line, column: null, name: "counted" });
  if (refusals.length > 0) throw new ComplaintFileError(refusals);
  const read = readRows(contacts, spans, createAreaFinder(inventory), nowMs, refusals);
  if (refusals.length > 0) throw new ComplaintFileError(refusals);
  return { spans, contacts: read };
}

function readSpan(given: unknown, nowMs: number): ContactSpan | null {
  const span = asObject(given);
  if (Object.keys(span).some((key) => !spanNames.some((name) => name === key))) return null;
  const [channel, fromMs, toMs] = [channelOf(span["channel"]), momentOf(span["from"]), momentOf(span["to"])];
  if (channel === null || fromMs === null || toMs === null) return null;
  return fromMs < toMs && toMs <= nowMs + maxAheadMs ? { channel, fromMs, toMs } : null;
}

/** Of each that overlaps one before it, its number from 1. */
function overlapping(spans: readonly ContactSpan[]): number[] {
  return spans.flatMap((span, at) =>
    spans.slice(0, at).some((before) => isSame(before, span)) ? [at + 1] : [],
  );
}

const isSame = (a: ContactSpan, b: ContactSpan) =>
  a.channel === b.channel && a.fromMs < b.toMs && b.fromMs < a.toMs;

function readRows(
  rows: readonly unknown[],
  spans: readonly ContactSpan[],
  areas: AreaFinder,
  nowMs: number,
  refusals: Refusal[],
): ContactCount[] {
  const seen = new Map<string, number>();
  return rows.flatMap((given, index): ContactCount[] => {
    const line = index + 1;
    const before = refusals.length;
    const refuse = (code: RefusalCode, name: string | null, other?: number) =>
      refusals.push({ code, line, column: null, name, ...(other === undefined ? {} : { other }) });
    const contact = asObject(given);
    if (Object.keys(contact).some((key) => !names.some((name) => name === key))) refuse("line.fields", null);
    const area = typeof contact["area"] === "string" ? areas.any(contact["area"].trim()) : null;
    if (area === null) refuse("value.area", "area");
    if (area === ambiguous) refuse("value.area.ambiguous", "area");
    const timeMs = momentOf(contact["time"]);
    if (timeMs === null) refuse("value.time", "time");
    else if (timeMs > nowMs + maxAheadMs) refuse("value.day.future", "time");
    const channel = channelOf(contact["channel"]);
    if (channel === null) refuse("value.contact", "channel");
    const count = contact["count"] ?? 1;
    if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > maxCount)
      refuse("value.contact.count", "count");
    if (refusals.length > before) return [];
    const isCounted = spans.some(
      (span) => span.channel === channel && span.fromMs <= timeMs! && timeMs! < span.toMs,
    );
    if (!isCounted) refuse("value.uncounted", "time");
    const key = `${area} ${timeMs} ${channel}`;
    const other = seen.get(key);
    if (other !== undefined) refuse("line.twice", null, other);
    seen.set(key, line);
    return [{ area: area!, timeMs: timeMs!, channel: channel!, count: count as number }];
  });
}

const asObject = (given: unknown) =>
  (typeof given === "object" && given !== null ? given : {}) as Record<string, unknown>;

const channelOf = (given: unknown): ContactChannel | null =>
  contactChannels.find((known) => known === given) ?? null;

function momentOf(given: unknown): number | null {
  const ms = typeof given === "string" ? parseTimeMs(given) : typeof given === "number" ? given : null;
  return ms !== null && Number.isSafeInteger(ms) && ms >= oldestMs ? ms : null;
}
