/*
 * How times spread, small enough to be kept for years: how many of them lie in each bucket of a grid that is the same for all
 * targets and all time, and the smallest and the greatest as they were. Two sketches of one grid add up to the sketch of
 * everything in both, so that a percentile of a month is one of its echoes and never a mean of percentiles.
 *
 * Bucket n has the times of [γⁿ, γⁿ⁺¹) µs, γ = 1.02, and stands for the one in the midst of it by ratio; the outermost ones, for
 * that of what lies between the smallest and the greatest. An order statistic that is read from a sketch is off by at most
 * √γ − 1, one per cent, and by no more than about half of what lies between those two; so is a percentile interpolated
 * between two of them. Of times below 1 µs nothing is known but that.
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
  /** The smallest and the greatest of them, µs. null: there is none, or they are not kept. */
  minUs: number | null;
  maxUs: number | null;
}

const bucketOf = (us: number): number => (us <= 1 ? 0 : Math.floor(Math.log(us) / logGamma));
/** Where a bucket begins, µs. */
export const edgeOf = (bucket: number): number => (bucket === 0 ? 0 : Math.exp(bucket * logGamma));

export function toSketch(spread: Spread): Sketch {
  if (!("us" in spread)) return spread;
  const buckets: number[] = [];
  const counts: number[] = [];
  const ascending = Float64Array.from(spread.us).sort();
  for (const us of ascending) {
    const bucket = bucketOf(us);
    if (buckets.at(-1) === bucket) counts[counts.length - 1]! += 1;
    else {
      buckets.push(bucket);
      counts.push(1);
    }
  }
  return { buckets, counts, minUs: ascending.at(0) ?? null, maxUs: ascending.at(-1) ?? null };
}

/** All the times of several spreads: exact where all of them are. */
export function joinSpreads(spreads: readonly Spread[]): Spread {
  if (spreads.length === 1) return spreads[0]!;
  if (spreads.every((spread) => "us" in spread)) return { us: spreads.flatMap(({ us }) => Array.from(us)) };
  const sketches = spreads.map(toSketch).filter(({ buckets }) => buckets.length > 0);
  const sums = new Map<number, number>();
  for (const { buckets, counts } of sketches)
    for (const [at, bucket] of buckets.entries()) sums.set(bucket, (sums.get(bucket) ?? 0) + counts[at]!);
  const buckets = [...sums.keys()].sort((a, b) => a - b);
  return {
    buckets,
    counts: buckets.map((bucket) => sums.get(bucket)!),
    minUs: outermost(sketches, "minUs", Math.min),
    maxUs: outermost(sketches, "maxUs", Math.max),
  };
}

/** Known where each of them knows its own. */
function outermost(
  sketches: readonly Sketch[],
  name: "minUs" | "maxUs",
  choose: (a: number, b: number) => number,
): number | null {
  const known = sketches.flatMap((sketch) => sketch[name] ?? []);
  return known.length < sketches.length || known.length === 0 ? null : known.reduce((a, b) => choose(a, b));
}

/** Quantiles by linear interpolation between closest ranks (Hyndman & Fan's R7), µs; null of none. */
export function quantilesUs(spread: Spread, ratios: readonly number[]): (number | null)[] {
  const { length, at } = ranks(spread);
  if (length === 0) return ratios.map(() => null);
  return ratios.map((ratio) => interpolate(length, ratio, (rank) => at(rank).us));
}

/** What each of these may be off by, µs; 0 where the times themselves are known. */
export function quantileErrorsUs(spread: Spread, ratios: readonly number[]): number[] {
  const { length, at } = ranks(spread);
  if (length === 0) return ratios.map(() => 0);
  return ratios.map((ratio) => interpolate(length, ratio, (rank) => at(rank).offUs));
}

function interpolate(length: number, ratio: number, at: (rank: number) => number): number {
  const rank = (length - 1) * ratio;
  const below = Math.floor(rank);
  const low = at(below);
  return low + (at(Math.min(below + 1, length - 1)) - low) * (rank - below);
}

/** A time, and what it may be off by. */
interface Reading {
  us: number;
  offUs: number;
}

/** How many times there are, and which is the nth of them. */
function ranks(spread: Spread): { length: number; at: (rank: number) => Reading } {
  if ("us" in spread) {
    const ascending = Float64Array.from(spread.us).sort();
    return { length: ascending.length, at: (rank) => ({ us: ascending[rank]!, offUs: 0 }) };
  }
  const { buckets, counts, minUs, maxUs } = spread;
  const length = counts.reduce((sum, count) => sum + count, 0);
  return {
    length,
    at(rank) {
      if (rank === 0 && minUs !== null) return { us: minUs, offUs: 0 };
      if (rank === length - 1 && maxUs !== null) return { us: maxUs, offUs: 0 };
      let left = rank;
      for (const [index, count] of counts.entries()) {
        if (left < count) return midstOf(buckets[index]!, spread);
        left -= count;
      }
      throw new RangeError(`rank ${rank} of ${length} times`);
    },
  };
}

/** What any of the times of a bucket is taken for. */
function midstOf(bucket: number, { minUs, maxUs }: Sketch): Reading {
  const lowUs = Math.max(Math.exp(bucket * logGamma), minUs ?? 0);
  const highUs = Math.min(Math.exp((bucket + 1) * logGamma), maxUs ?? Infinity);
  const us = Math.sqrt(lowUs * highUs);
  return { us, offUs: Math.max(us - lowUs, highUs - us) };
}
