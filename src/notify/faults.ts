import type { OutageRecord } from "../state/state-store.ts";
import type { AlertOptions } from "./alert-options.ts";

/**
 * The rows of one root at one time: what people are told of as one thing. Made from root and time alone, so that it does
 * not matter in which order the rows came or what they were called.
 */
export interface Fault {
  /** The root, and for services that only one site misses `<site>#service`: the site itself is not cut off. */
  key: string;
  root: string;
  /** Ordered by start, then id. */
  rows: OutageRecord[];
  startMs: number;
  /** null while any row lasts. */
  endMs: number | null;
}

/** The rows of a table as decisions look at them. */
export interface FaultIndex {
  /** By key, ordered by start. */
  faults: ReadonlyMap<string, readonly Fault[]>;
  /** Those that announced work explains, by key as well: nobody is told that one began, and who knows of one hears on. */
  worked: ReadonlyMap<string, readonly Fault[]>;
  /** Each row with the fault that it belongs to, by site. */
  bySite: ReadonlyMap<string, readonly { row: OutageRecord; fault: Fault }[]>;
  /** Rows in which the site itself was cut off, by site, whoever's fault that was; ordered by start. */
  cuts: ReadonlyMap<string, readonly OutageRecord[]>;
  /** Rows that stand, but are nobody's to repair now. */
  excused: readonly OutageRecord[];
}

/** Outages of one root that follow each other within this time are one fault, as in outage/revise.ts, ms. */
export const joinMs = 120_000;

/** Announced work and silent agents are for dashboards; nobody is woken by them. */
export function isPageable(outage: Pick<OutageRecord, "withdrawn" | "cause">): boolean {
  return !outage.withdrawn && outage.cause !== "maintenance" && outage.cause !== "agent";
}

export function indexFaults(outages: readonly OutageRecord[]): FaultIndex {
  const rows = outages
    // One of several links alone cuts nobody off.
    .filter(({ withdrawn, ofLink }) => !withdrawn && ofLink !== true)
    .sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
  const faults = faultsOf(rows.filter(isPageable));
  const told = [...faults.values()].flat().flatMap((fault) => fault.rows.map((row) => ({ row, fault })));
  return {
    faults,
    worked: faultsOf(rows.filter(({ cause }) => cause === "maintenance")),
    bySite: Map.groupBy(told, ({ row }) => row.site),
    cuts: Map.groupBy(
      rows.filter(({ service, cause }) => service === null && cause !== "agent"),
      ({ site }) => site,
    ),
    excused: rows.filter((row) => !isPageable(row)),
  };
}

const lonely = "#service";

/** Whether nothing but services is missed, at one site: from it alone, or by those that ask its resolver. */
export const isLonely = (key: string) => key.endsWith(lonely);

function keyOf({ root, site, service, cause }: OutageRecord): string {
  // A resolver's site may be reached itself, whoever asks it in vain.
  const isAtSite = root === site || (cause === "dns" && !root.startsWith("service:"));
  return service !== null && isAtSite ? `${root}${lonely}` : root;
}

function faultsOf(rows: readonly OutageRecord[]): Map<string, Fault[]> {
  return new Map([...Map.groupBy(rows, keyOf)].map(([key, ofKey]) => [key, cluster(key, ofKey)]));
}

function cluster(key: string, rows: readonly OutageRecord[]): Fault[] {
  const faults: Fault[] = [];
  for (const row of rows) {
    const last = faults.at(-1);
    if (last === undefined || row.startMs > (last.endMs ?? Infinity) + joinMs) {
      faults.push({ key, root: row.root, rows: [row], startMs: row.startMs, endMs: row.endMs });
      continue;
    }
    last.rows.push(row);
    last.endMs = later(last.endMs, row.endMs);
  }
  return faults;
}

/** The later of two ends; null, which has not come yet, is later than any. */
export function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

/** Beginnings of a key's trouble: rows that touch are one. Those at the root itself where it has any. */
export function beginningsOf(faults: readonly Fault[]): number[] {
  const all = faults.flatMap(({ rows }) => rows);
  const atRoot = all.filter(({ site, root }) => site === root);
  const begins: number[] = [];
  let endMs: number | null = -Infinity;
  for (const row of atRoot.length > 0 ? atRoot : all) {
    if (endMs !== null && row.startMs > endMs) begins.push(row.startMs);
    endMs = later(endMs, row.endMs);
  }
  return begins;
}

/** How unstable a root is: `peak` at its last beginning, and what is left of that now. */
export interface Penalty {
  peak: number;
  now: number;
}

/**
 * Penalty of a root (methods.md §A4): each beginning counts, and half of it is forgotten with every half-life. By the time
 * at which it happened and not the one at which it was learned, so that a late delivery of old trouble makes nobody
 * unstable now.
 */
export function penaltyOf(beginnings: readonly number[], nowMs: number, options: AlertOptions): Penalty {
  const { flapPenalty, flapHalfLifeMs, flapUntil, flapCapMs } = options;
  const cap = flapUntil * 2 ** (flapCapMs / flapHalfLifeMs);
  const left = (penalty: number, ms: number) => penalty * 2 ** (-ms / flapHalfLifeMs);
  // In order of time, since a capped penalty forgets what was above the cap.
  let peak = 0;
  let atMs = -Infinity;
  for (const beganMs of beginnings) {
    peak = Math.min(cap, left(peak, beganMs - atMs) + flapPenalty);
    atMs = beganMs;
  }
  return { peak, now: left(peak, nowMs - atMs) };
}

/**
 * Whether a key comes and goes so much that pairs of messages say nothing any more. What one site alone misses of services
 * has to be missed for as long within the cap as it would have to be at once to be told.
 */
export function becomesUnstable(faults: readonly Fault[], nowMs: number, options: AlertOptions): boolean {
  const beginnings = beginningsOf(faults);
  const { peak, now } = penaltyOf(beginnings, nowMs, options);
  if (peak < options.flapFrom || now < options.flapUntil) return false;
  return !isLonely(faults[0]!.key) || missingMs(faults, nowMs, options.flapCapMs) >= options.lonelyServiceMs;
}

/** Time of the last `withinMs` in which any row of these lasted. */
function missingMs(faults: readonly Fault[], nowMs: number, withinMs: number): number {
  let untilMs = nowMs - withinMs;
  let sumMs = 0;
  for (const row of faults.flatMap(({ rows }) => rows)) {
    const endMs = Math.min(row.endMs ?? nowMs, nowMs);
    sumMs += Math.max(0, endMs - Math.max(row.startMs, untilMs));
    untilMs = Math.max(untilMs, endMs);
  }
  return sumMs;
}
