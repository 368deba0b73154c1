import type { IcmpTarget } from "#wire/targets-v1.ts";
import type { LanePace } from "./lane.ts";

/** What of a target cannot be had, and what is done instead. */
export interface Limit {
  field: "count" | "intervalS" | "sizeBytes" | "timeoutMs";
  asked: number;
  given: number;
  why: string;
}

/** How a target's echoes go out. */
export interface Pace extends LanePace {
  intervalMs: number;
  sizeBytes: number;
  limits: Limit[];
}

/** Most echoes a second of all targets together: 30 ms of CPU time on a desktop, much of a small board. */
export const echoesPerS = 2_000;
/** fping grants nothing shorter to those who are not root. */
const minPeriodMs = 10;
/** fping 5.1 refuses more: an IP packet less its headers. */
const maxSizeBytes = 65_487;
/** fping forgets an echo after 10 s (SEQMAP_TIMEOUT_IN_NS of its seqmap.c); a later reply is not recognised. */
const maxTimeoutMs = 10_000;

/**
 * Spreads the echoes of each target evenly over its interval, within what one agent may send. Where all together ask for
 * too much, those that ask for most are cut, all to one rate; first the echoes of a round, then, where even one is too
 * many, the interval.
 */
export function planEchoes(targets: readonly IcmpTarget[]): Pace[] {
  const ratePerS = Math.min(1000 / minPeriodMs, fairRate(targets.map(rateOf), echoesPerS));
  return targets.map((target) => paceOf(target, ratePerS));
}

const rateOf = ({ count, intervalS }: IcmpTarget) => count / intervalS;

/** The highest rate for each that keeps the sum within the budget: Infinity, when all may have what they ask for. */
function fairRate(rates: readonly number[], budget: number): number {
  const ascending = rates.toSorted((a, b) => a - b);
  let left = budget;
  for (const [index, rate] of ascending.entries()) {
    const share = left / (ascending.length - index);
    if (rate > share) return share;
    left -= rate;
  }
  return Infinity;
}

function paceOf(target: IcmpTarget, ratePerS: number): Pace {
  const limits: Limit[] = [];
  const limit = (field: Limit["field"], given: number, why: string) => {
    if (target[field] !== given) limits.push({ field, asked: target[field], given, why });
    return given;
  };
  const tooMany = `all targets together ask for too many echoes, or this one for more than one in ${minPeriodMs} ms`;
  // The smallest excess is one of arithmetic, not of the configuration.
  const most = Math.max(1, Math.floor(target.intervalS * ratePerS + 1e-9));
  const count = limit("count", Math.min(target.count, most), tooMany);
  const shortestS = Number((1 / ratePerS).toFixed(3));
  const intervalS = limit(
    "intervalS",
    count > 1 ? target.intervalS : Math.max(target.intervalS, shortestS),
    tooMany,
  );
  return {
    count,
    intervalMs: intervalS * 1000,
    periodMs: Number(((intervalS * 1000) / count).toFixed(3)),
    sizeBytes: limit("sizeBytes", Math.min(target.sizeBytes, maxSizeBytes), "fping sends no more"),
    timeoutMs: limit("timeoutMs", Math.min(target.timeoutMs, maxTimeoutMs), "fping waits no longer"),
    limits,
  };
}
