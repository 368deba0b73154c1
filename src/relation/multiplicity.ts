/**
 * Holm's step-down adjustment, in the order given: the smallest of m p-values times m, the next times m − 1, and so on, never
 * falling, at most 1. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70. Example: 0.01, 0.04, 0.03, 0.005 become
 * 0.03, 0.06, 0.06, 0.02.
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted: number[] = [];
  let least = 0;
  const order = [...pValues.keys()].toSorted((a, b) => pValues[a]! - pValues[b]!);
  for (const [rank, place] of order.entries()) {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * pValues[place]!));
    adjusted[place] = least;
  }
  return adjusted;
}

/**
 * How strongly an unmeasured common cause would have to go with both outages and failures to explain a risk ratio:
 * RR + √(RR (RR − 1)), of 1/RR below 1. VanderWeele and Ding, Annals of Internal Medicine 167 (2017) 268-274, whose example
 * is a ratio of 3.9: 7.26; and of its interval's near limit, 1.8: 3.0. It says nothing of errors of measurement.
 */
export function eValue(riskRatio: number): number {
  const ratio = riskRatio < 1 ? 1 / riskRatio : riskRatio;
  return ratio === Infinity ? Infinity : ratio + Math.sqrt(ratio * (ratio - 1));
}
