import type { Estimate } from "./association.ts";
import { tQuantile } from "./quantiles.ts";

/*
 * Intervals that hold when minutes cluster in outages and sites share hubs, storms and the service: the block is the calendar
 * day with all sites together. An estimate that is smooth in sums over days moves by u_d for day d's part in it, so that
 *
 *   se² = G/(G − 1) Σ u_d²     G* = (Σ u_d²)² / Σ u_d⁴     interval: estimate ∓ t(max(2, G* − 1)) se
 *
 * with G days. G* is how many equal days would vary as much: one long outage makes it small, and the interval wide. Few
 * clusters and t: Ibragimov and Müller, Journal of Business and Economic Statistics 28 (2010) 453-468. docs/relation.md has
 * the measured coverage.
 */

export interface BlockError {
  se: number;
  effectiveDays: number;
  /** t quantile × se. */
  halfWidth: number;
}

/**
 * From each day's part in the estimate, which add up to about 0; days without an observation are left out by the caller.
 * null with fewer than two days, or where all parts are 0. Example: four days of 1, 1, −1, −1 have G* = 4, se = √(16/3).
 */
export function blockError(parts: readonly number[], alpha: number): BlockError | null {
  const days = parts.length;
  const squares = parts.reduce((sum, part) => sum + part * part, 0);
  const fourths = parts.reduce((sum, part) => sum + part ** 4, 0);
  if (days < 2 || squares === 0 || fourths === 0) return null;
  const effectiveDays = squares ** 2 / fourths;
  const se = Math.sqrt((days / (days - 1)) * squares);
  return { se, effectiveDays, halfWidth: tQuantile(1 - alpha / 2, Math.max(2, effectiveDays - 1)) * se };
}

/** A scale on which an estimate is nearer to normal, and the way back. */
export interface Scale {
  to(value: number): number;
  from(value: number): number;
  /** Derivative of `to`: a part on the plain scale becomes one on this scale. */
  slope(value: number): number;
}

export const log: Scale = { to: Math.log, from: Math.exp, slope: (x) => 1 / x };
export const logit: Scale = {
  to: (x) => Math.log(x / (1 - x)),
  from: (y) => 1 / (1 + Math.exp(-y)),
  slope: (x) => 1 / (x * (1 - x)),
};
/** Of an availability, whose distance from 1 matters. */
export const logOfRest: Scale = {
  to: (x) => Math.log(1 - x),
  from: (y) => 1 - Math.exp(y),
  slope: (x) => -1 / (1 - x),
};

/** An estimate with its interval; `parts` on the plain scale. `value` lies inside of what the scale takes. */
export function estimateOn(scale: Scale, value: number, parts: readonly number[], alpha: number): Estimate {
  const slope = scale.slope(value);
  const error = blockError(
    parts.map((part) => part * slope),
    alpha,
  );
  if (error === null) return { value, interval: { low: null, high: null }, se: null, effectiveDays: null };
  const ends = [-1, 1].map((side) => scale.from(scale.to(value) + side * error.halfWidth));
  return {
    value,
    interval: { low: Math.min(...ends), high: Math.max(...ends) },
    se: error.se,
    effectiveDays: error.effectiveDays,
  };
}
