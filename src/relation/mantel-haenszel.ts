/** Of one stratum: failed and all, exposed (a of n1) and not exposed (c of n0). */
export interface Stratum {
  a: number;
  n1: number;
  c: number;
  n0: number;
}

export interface Pooled {
  /** R = Σ a n0/N, S = Σ c n1/N, W = Σ n1 n0/N. */
  exposedSum: number;
  unexposedSum: number;
  weight: number;
  /** R / S; null where S is 0. */
  riskRatio: number | null;
  /** (R − S) / W; null where no stratum has exposed and unexposed minutes. */
  riskDifference: number | null;
}

/**
 * Mantel and Haenszel's risk ratio and difference, consistent in many sparse strata: Greenland and Robins, Biometrics 41
 * (1985) 55-68. Example: deaths of the University Group Diabetes Program under tolbutamide and placebo, below 55 years 8 of
 * 106 and 5 of 120, above 22 of 98 and 16 of 85: ratio 1.33, difference 0.034 (Rothman, Modern Epidemiology).
 */
export function mantelHaenszel(strata: Iterable<Stratum>): Pooled {
  let [exposedSum, unexposedSum, weight] = [0, 0, 0];
  for (const { a, n1, c, n0 } of strata) {
    if (n1 === 0 || n0 === 0) continue;
    exposedSum += (a * n0) / (n1 + n0);
    unexposedSum += (c * n1) / (n1 + n0);
    weight += (n1 * n0) / (n1 + n0);
  }
  return {
    exposedSum,
    unexposedSum,
    weight,
    riskRatio: unexposedSum === 0 ? null : exposedSum / unexposedSum,
    riskDifference: weight === 0 ? null : (exposedSum - unexposedSum) / weight,
  };
}
