import type { Inventory } from "../../inventory/inventory.ts";
import { parseTimeMs } from "../../inventory/local-time.ts";
import { contactChannels } from "../../state/complaint-store.ts";
import type { ContactCount } from "../../state/complaint-store.ts";
import { ambiguous, createAreaFinder } from "./areas.ts";
import { ComplaintFileError, refuseFile } from "./refusal.ts";
import type { Refusal, RefusalCode } from "./refusal.ts";

/*
 * Contacts, as whoever counts them sends them: `{ "contacts": [ { "area", "time", "channel", "count" }, … ] }`. All of them or
 * none; refused as lines of a file are, by number and name, without what stands there.
 */

const names = ["area", "time", "channel", "count"] as const;
const maxContacts = 10_000;
const maxCount = 1_000_000;

/** Throws ComplaintFileError. */
export function readContacts(document: unknown, inventory: Inventory, nowMs: number): ContactCount[] {
  const { contacts, ...more } = (document ?? {}) as Record<string, unknown>;
  if (!Array.isArray(contacts) || Object.keys(more).length > 0) throw refuseFile("file.broken");
  if (contacts.length > maxContacts) throw refuseFile("file.rows", { other: maxContacts });
  const areas = createAreaFinder(inventory);
  const refusals: Refusal[] = [];
  const seen = new Map<string, number>();
  const read = contacts.flatMap((given: unknown, index): ContactCount[] => {
    const line = index + 1;
    const before = refusals.length;
    const refuse = (code: RefusalCode, name: string | null, other?: number) =>
      refusals.push({ code, line, column: null, name, ...(other === undefined ? {} : { other }) });
    const contact = (typeof given === "object" && given !== null ? given : {}) as Record<string, unknown>;
    if (Object.keys(contact).some((key) => !names.some((name) => name === key))) refuse("line.fields", null);
    const area = typeof contact["area"] === "string" ? areas.any(contact["area"].trim()) : null;
    if (area === null) refuse("value.area", "area");
    if (area === ambiguous) refuse("value.area.ambiguous", "area");
    const time = contact["time"];
    const timeMs = typeof time === "string" ? parseTimeMs(time) : typeof time === "number" ? time : null;
    if (timeMs === null || !Number.isSafeInteger(timeMs) || timeMs < 946_684_800_000)
      refuse("value.time", "time");
    else if (timeMs > nowMs + maxAheadMs) refuse("value.day.future", "time");
    const channel = contactChannels.find((known) => known === contact["channel"]);
    if (channel === undefined) refuse("value.contact", "channel");
    const count = contact["count"] ?? 1;
    if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > maxCount)
      refuse("value.contact.count", "count");
    if (refusals.length > before) return [];
    const key = `${area} ${timeMs} ${channel}`;
    const other = seen.get(key);
    if (other !== undefined) refuse("line.twice", null, other);
    seen.set(key, line);
    return [{ area: area!, timeMs: timeMs!, channel: channel!, count: count as number }];
  });
  if (refusals.length > 0) throw new ComplaintFileError(refusals);
  return read;
}

/** How far the clock of whoever counts may be ahead of ours, ms. */
const maxAheadMs = 300_000;
