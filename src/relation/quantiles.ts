import { betaShare, gammaShare, rootBetween } from "./special-functions.ts";

/** Share of Student's t below `t`; df > 0 need not be whole. Abramowitz and Stegun 26.7.1. */
export function tShare(t: number, df: number): number {
  const tail = betaShare(df / (df + t * t), df / 2, 0.5) / 2;
  return t < 0 ? tail : 1 - tail;
}

/**
 * The value below which a share of Student's t lies; share 0 to 1, both excluded; df > 0 need not be whole. Tables:
 * 4.3027 for .975 and 2 degrees, 2.5706 for 5, 2.0423 for 30; with 2 degrees (2p − 1) / √(2p(1 − p)).
 */
export function tQuantile(share: number, df: number): number {
  if (share < 0.5) return -tQuantile(1 - share, df);
  let high = 1;
  while (tShare(high, df) < share && high < 1e12) high *= 2;
  return rootBetween(0, high, (t) => tShare(t, df) - share);
}

/**
 * The value below which a share of a gamma distribution lies. Shape 1 is the exponential: −ln(1 − p) / rate; twice that of
 * shape k/2 is χ² with k degrees: 5.9915 for .95 and 2.
 */
export function gammaQuantile(share: number, shape: number, rate: number): number {
  let high = shape + 1;
  while (gammaShare(shape, high) < share) high *= 2;
  return rootBetween(0, high, (x) => gammaShare(shape, x) - share) / rate;
}
