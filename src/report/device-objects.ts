import type { Rounds, SeriesStore, SnmpRounds } from "../series/series-store.ts";
import type { TimeRange } from "./reader.ts";

/*
 * Which interfaces and objects a device has stands in its own rounds: they are looked for at both ends of the range and now,
 * since names are read once an hour, and one that was exchanged meanwhile had others. Where the rounds are gone the figures made
 * of them tell, of all but texts. A device that was off at all three moments is the one that is asked about: of that one the whole
 * range is looked through, and its names are sought where it was last heard of.
 */

/** Two readings of the table of interfaces lie in it. */
const lookMs = 2 * 3_600_000;
/** A step that every store has of every time. */
const stepMs = 3_600_000;
/** How far back names are sought of a device that is off, and the longest piece that is read for it at once. */
const longestBackMs = 14 * 86_400_000;
const longestPieceMs = 86_400_000;

type Objects = Map<string, unknown>;

/** Every object that was read, with the last value that was not null. */
export async function findObjects(
  series: SeriesStore,
  target: string,
  { fromMs, toMs, nowMs }: TimeRange & { nowMs: number },
): Promise<Objects> {
  const windows = [
    { fromMs, toMs: Math.min(toMs, fromMs + lookMs) },
    { fromMs: Math.max(fromMs, toMs - lookMs), toMs },
    { fromMs: nowMs - lookMs, toMs: nowMs + 1 },
  ];
  const found: Objects = new Map();
  for (const window of windows)
    if (!(await addRead(found, series, target, window))) await addKept(found, series, target, window);
  if (!hasValue(found)) await addKept(found, series, target, { fromMs, toMs });
  if (hasValue(found) && !hasName(found)) await addLastNames(found, series, target, nowMs - lookMs);
  return found;
}

/** From the rounds; whether there was any value. */
async function addRead(
  found: Objects,
  series: SeriesStore,
  target: string,
  { fromMs, toMs }: TimeRange,
): Promise<boolean> {
  let isAny = false;
  for (const rounds of await series.read([target], fromMs, toMs)) {
    if (!isSnmp(rounds)) continue;
    for (const [name, cells] of Object.entries(rounds.values)) {
      const last = cells.findLast((cell) => cell !== null) ?? null;
      isAny ||= last !== null;
      if (last !== null || !found.has(name)) found.set(name, last);
    }
  }
  return isAny;
}

/** From the figures of rounds that may be gone, which have numbers alone. What was found before stays. */
async function addKept(
  found: Objects,
  series: SeriesStore,
  target: string,
  { fromMs, toMs }: TimeRange,
): Promise<void> {
  for (const { kind, steps } of await series.steps(target, { fromMs, toMs, stepMs })) {
    if (kind !== "snmp") continue;
    for (const { figures } of steps)
      for (const [name, { last }] of Object.entries(figures.objects))
        if (last !== null && (found.get(name) ?? null) === null) found.set(name, last);
  }
}

/** Names of interfaces, from the last rounds before `endMs` that have any. What was found before stays. */
async function addLastNames(
  found: Objects,
  series: SeriesStore,
  target: string,
  endMs: number,
): Promise<void> {
  const untilMs = Math.max(endMs - longestBackMs, (await series.firstMs(target)) ?? endMs);
  let pieceMs = lookMs;
  let toMs = endMs;
  while (toMs > untilMs) {
    const fromMs = Math.max(untilMs, toMs - pieceMs);
    const before: Objects = new Map();
    await addRead(before, series, target, { fromMs, toMs });
    if (hasName(before)) {
      for (const [name, value] of before)
        if (isName(name) && (found.get(name) ?? null) === null) found.set(name, value);
      return;
    }
    toMs = fromMs;
    pieceMs = Math.min(2 * pieceMs, longestPieceMs);
  }
}

const isName = (object: string) => /^if(Name|Descr)\./.test(object);
const hasName = (found: Objects) => [...found].some(([name, value]) => isName(name) && value !== null);
const hasValue = (found: Objects) => [...found.values()].some((value) => value !== null);
const isSnmp = (rounds: Rounds): rounds is SnmpRounds & Rounds => rounds.kind === "snmp";
