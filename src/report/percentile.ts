/** Quantile by linear interpolation between closest ranks (Hyndman & Fan's R7) of ascending values; null of none. */
export function percentile(ascending: ArrayLike<number>, ratio: number): number | null {
  if (ascending.length === 0) return null;
  const rank = (ascending.length - 1) * ratio;
  const below = Math.floor(rank);
  const low = ascending[below]!;
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!;
  return low + (high - low) * (rank - below);
}

/** Median of values in any order; null of none. */
export function median(values: readonly number[]): number | null {
  return percentile(Float64Array.from(values).toSorted(), 0.5);
}

/** Ratios as they are shown: to a millionth, so that 1 − 0.9 is 0.1. */
export function roundRatio(ratio: number): number {
  return Math.round(ratio * 1e6) / 1e6;
}
