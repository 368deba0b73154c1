/*
 * What round-trip time is usual for a target, by hour of the day: a satellite at 600 ms is normal, a fibre at 60 ms that
 * was at 20 all week is not. Of each hour two figures are kept, and an hour is measured by the same hour of the days before it;
 * so nothing but the past decides, and late rounds change what is held of later days as soon as they are there.
 *
 * Round-trip times are taken as logarithms: what matters is how many times longer one is, and their spread is alike on
 * fast and on slow links.
 */

/** An hour's round-trip times: natural logarithms of µs. */
export interface HourSummary {
  median: number;
  /** Median absolute deviation from it. */
  deviation: number;
}

/** What is usual at some hour: natural logarithms of µs, and a standard deviation. */
export interface Usual {
  ln: number;
  spread: number;
}

export const hourMs = 3_600_000;
/** Rounds with a reply that make an hour: half of what a target each 300 s has. */
const leastRounds = 6;
/** Days that are looked back on. A week has every kind of day in it, and a change that stays is usual after four of them. */
export const usualDays = 7;
/** Of those, days on which that hour was measured. Two would let one bad day speak for the link. */
const leastDays = 3;
/** From a median absolute deviation to a standard deviation, of a normal distribution. */
const toSigma = 1.4826;
/**
 * Least spread: half as long again. Wires are steadier than that, but what is within it no person feels; single echoes over
 * a satellite in low orbit spread by 0.08 to 0.41 (25 RIPE Atlas probes, April 2023), medians of five by less.
 */
const leastSpread = Math.log(1.5);

/** `lns`: of the rounds of the hour, in any order. null: too few. */
export function summarizeHour(lns: readonly number[]): HourSummary | null {
  if (lns.length < leastRounds) return null;
  const median = medianOf(lns);
  return { median, deviation: medianOf(lns.map((ln) => Math.abs(ln - median))) };
}

/** `hour`: since the epoch. Whole hours of UTC are whole hours of Indonesia's zones. null: there is not enough of a past. */
export function usualAt(hour: number, summaryOf: (hour: number) => HourSummary | null): Usual | null {
  const past: HourSummary[] = [];
  for (let day = 1; day <= usualDays; day++) {
    const summary = summaryOf(hour - 24 * day);
    if (summary !== null) past.push(summary);
  }
  if (past.length < leastDays) return null;
  const medians = past.map(({ median }) => median);
  const ln = medianOf(medians);
  const within = medianOf(past.map(({ deviation }) => deviation));
  const between = medianOf(medians.map((median) => Math.abs(median - ln)));
  return { ln, spread: Math.max(leastSpread, toSigma * Math.hypot(within, between)) };
}

/** At least one value; the mean of the middle two of an even number. */
export function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
