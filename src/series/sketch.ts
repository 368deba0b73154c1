/*
 * How times spread, small enough to be kept for years: how many of them lie in each bucket of a grid that is the same for all
 * targets and all time. Two sketches of one grid add up to the sketch of everything in both, so that a percentile of a month is
 * one of its echoes and never a mean of percentiles.
 *
 * Bucket n has the times of [γⁿ, γⁿ⁺¹) µs, γ = 1.02, and stands for the one in the midst of it by ratio. An order statistic that
 * is read from a sketch is off by at most √γ − 1, one per cent, and so is a percentile interpolated between two of them. A
 * difference of two percentiles, as the delay variation is, is off by one per cent of their sum. Of times below 1 µs
 * nothing is known but that.
 */

const gamma = 1.02;
const logGamma = Math.log(gamma);
/** What a time read from a sketch may be off by, as a share of it. */
export const sketchErrorRatio = Math.sqrt(gamma) - 1;

/** Times in µs: all of them, in any order; or how many there are in each bucket, by its number, ascending. */
export type Spread = { us: ArrayLike<number> } | Sketch;
export interface Sketch {
  buckets: readonly number[];
  counts: readonly number[];
}

export const emptySketch: Sketch = { buckets: [], counts: [] };

const bucketOf = (us: number): number => (us <= 1 ? 0 : Math.floor(Math.log(us) / logGamma));
const standsFor = (bucket: number): number => Math.exp((bucket + 0.5) * logGamma);

export function toSketch(spread: Spread): Sketch {
  if (!("us" in spread)) return spread;
  const buckets: number[] = [];
  const counts: number[] = [];
  for (const us of Float64Array.from(spread.us).sort()) {
    const bucket = bucketOf(us);
    if (buckets.at(-1) === bucket) counts[counts.length - 1]! += 1;
    else {
      buckets.push(bucket);
      counts.push(1);
    }
  }
  return { buckets, counts };
}

/** All the times of several spreads: exact where all of them are. */
export function joinSpreads(spreads: readonly Spread[]): Spread {
  if (spreads.length === 1) return spreads[0]!;
  if (spreads.every((spread) => "us" in spread)) return { us: spreads.flatMap(({ us }) => Array.from(us)) };
  const sums = new Map<number, number>();
  for (const spread of spreads) {
    const { buckets, counts } = toSketch(spread);
    for (const [at, bucket] of buckets.entries()) sums.set(bucket, (sums.get(bucket) ?? 0) + counts[at]!);
  }
  const buckets = [...sums.keys()].sort((a, b) => a - b);
  return { buckets, counts: buckets.map((bucket) => sums.get(bucket)!) };
}

/** Quantiles by linear interpolation between closest ranks (Hyndman & Fan's R7), µs; null of none. */
export function quantilesUs(spread: Spread, ratios: readonly number[]): (number | null)[] {
  const { length, at } = ranks(spread);
  if (length === 0) return ratios.map(() => null);
  return ratios.map((ratio) => {
    const rank = (length - 1) * ratio;
    const below = Math.floor(rank);
    const low = at(below);
    return low + (at(Math.min(below + 1, length - 1)) - low) * (rank - below);
  });
}

/** How many times there are, and which is the nth of them. */
function ranks(spread: Spread): { length: number; at: (rank: number) => number } {
  if ("us" in spread) {
    const ascending = Float64Array.from(spread.us).sort();
    return { length: ascending.length, at: (rank) => ascending[rank]! };
  }
  const { buckets, counts } = spread;
  const length = counts.reduce((sum, count) => sum + count, 0);
  return {
    length,
    at(rank) {
      let left = rank;
      for (const [index, count] of counts.entries()) {
        if (left < count) return standsFor(buckets[index]!);
        left -= count;
      }
      throw new RangeError(`rank ${rank} of ${length} times`);
    },
  };
}
