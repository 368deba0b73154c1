import { createLocalTime } from "./local-time.ts";
import { readWhere } from "./where.ts";
import type { Inventory, Site } from "./inventory.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";

/*
 * supply.yaml, hours of electricity of the sites that do not have it around the clock:
 *
 *   site, sites or kinds  whose they are
 *   hours                 one or more of the form "18:00-06:00", by the wall clock, every day; 24:00 is the end of the day
 */
export const supplyShape: ListShape = {
  file: "supply.yaml",
  keys: ["site", "sites", "kinds", "hours"],
  numbers: [],
};

/** Minutes since local midnight; `toMin` up to `fromMin` means: on the next day. */
export interface SupplyHours {
  fromMin: number;
  toMin: number;
}

const hoursAllowed = 'one or more stretches such as "18:00-06:00", each shorter than a day';
const dayMin = 1_440;

/** The sites with their hours of supply. */
export function readSupply(entries: readonly Entry[], inventory: Inventory): Map<string, Site> {
  const sites = new Map(inventory.sites);
  const lines = new Map<string, number>();
  for (const entry of entries) {
    const hours = hoursOf(entry);
    for (const code of readWhere(entry, inventory)) {
      const line = lines.get(code);
      if (line !== undefined) {
        entry.refuse("hours", `each site once: line ${line} has those of ${code}`);
        continue;
      }
      lines.set(code, entry.line);
      sites.set(code, { ...sites.get(code)!, supplyHours: hours });
    }
  }
  return sites;
}

function hoursOf(entry: Entry): SupplyHours[] {
  const { hours } = entry.data;
  const list: unknown[] = Array.isArray(hours) ? hours : [hours];
  if (list.length === 0) entry.refuse("hours", hoursAllowed);
  return list.flatMap((text, index) => {
    const parsed = typeof text === "string" ? parseHours(text) : null;
    if (parsed === null) entry.refuse(Array.isArray(hours) ? `hours[${index}]` : "hours", hoursAllowed);
    return parsed ?? [];
  });
}

function parseHours(text: string): SupplyHours | null {
  const [, ...parts] = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? [];
  if (parts.length === 0) return null;
  const [fromHour, fromMinute, toHour, toMinute] = parts.map(Number);
  const fromMin = fromHour! * 60 + fromMinute!;
  const toMin = toHour! * 60 + toMinute!;
  const isDay = toMin > dayMin || fromMin === toMin || (fromMin === 0 && toMin === dayMin);
  return isDay ? null : { fromMin, toMin };
}

/** A stretch of time, epoch ms, half-open. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** When there is electricity within [fromMs, toMs): ascending, joined where they touch. `timeZone`: IANA name. */
export function supplySpans(hours: readonly SupplyHours[], { fromMs, toMs }: Span, timeZone: string): Span[] {
  const { toLocalMs, toEpochMs } = createLocalTime(timeZone);
  const dayMs = dayMin * 60_000;
  const spans: Span[] = [];
  // A stretch of the evening before may reach into the first day.
  for (let day = Math.floor(toLocalMs(fromMs) / dayMs) - 1; toEpochMs(day * dayMs) < toMs; day += 1) {
    for (const { fromMin, toMin } of hours) {
      const endMin = toMin > fromMin ? toMin : toMin + dayMin;
      const at = (minute: number) => toEpochMs(day * dayMs + minute * 60_000);
      const span = { fromMs: Math.max(at(fromMin), fromMs), toMs: Math.min(at(endMin), toMs) };
      if (span.fromMs < span.toMs) spans.push(span);
    }
  }
  return joinSpans(spans);
}

/** The stretches by start; those that touch or overlap as one. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else joined.push({ ...span });
  }
  return joined;
}

/** What is left of `span` without the others, which are ascending and do not overlap. */
export function withoutSpans(span: Span, others: readonly Span[]): Span[] {
  const left: Span[] = [];
  let atMs = span.fromMs;
  for (const { fromMs, toMs } of others) {
    if (toMs <= atMs || fromMs >= span.toMs) continue;
    if (fromMs > atMs) left.push({ fromMs: atMs, toMs: fromMs });
    atMs = toMs;
  }
  if (atMs < span.toMs) left.push({ fromMs: atMs, toMs: span.toMs });
  return left;
}
