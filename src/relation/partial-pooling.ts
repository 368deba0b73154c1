import type { Interval } from "./association.ts";
import { gammaQuantile } from "./quantiles.ts";
import { lnGamma } from "./special-functions.ts";

/*
 * Rates of many places, each with few events: x_i is Poisson with mean λ_i e_i, and the λ_i come from one gamma distribution
 * with shape a and mean m. A place's rate given its own count is then gamma(a + x_i, a/m + e_i): between its own x_i/e_i and
 * m, nearer to m the less it was observed. m is Σx/Σe, a the most likely (negative binomial); intervals hold a and m for
 * known. Clayton and Kaldor, Biometrics 43 (1987) 671-681.
 */

export interface EventCount {
  events: number;
  /** How much was observed, in any unit of time; above 0. */
  exposure: number;
}

export interface PooledRate {
  /** Per unit of exposure. */
  rate: number;
  interval: Interval;
}

export interface RatePrior {
  shape: number;
  mean: number;
}

/** Shapes between which the most likely one is looked for: almost no pooling, and almost one rate for all. */
const [leastLnShape, mostLnShape] = [-5, 10];
const golden = (Math.sqrt(5) - 1) / 2;

export function fitRates(counts: readonly EventCount[]): RatePrior {
  const events = counts.reduce((sum, count) => sum + count.events, 0);
  const exposure = counts.reduce((sum, count) => sum + count.exposure, 0);
  const mean = events / exposure;
  if (events === 0) return { shape: Math.exp(mostLnShape), mean: 0 };
  const likelihood = (lnShape: number) => marginalLikelihood(counts, { shape: Math.exp(lnShape), mean });
  let [from, to] = [leastLnShape, mostLnShape];
  // Golden section: 60 steps make 15 into 1e-12.
  for (let step = 0; step < 60; step++) {
    const [low, high] = [to - golden * (to - from), from + golden * (to - from)];
    if (likelihood(low) < likelihood(high)) from = low;
    else to = high;
  }
  return { shape: Math.exp((from + to) / 2), mean };
}

/** ln of the chance of the counts, without what does not depend on the prior. */
export function marginalLikelihood(counts: readonly EventCount[], { shape, mean }: RatePrior): number {
  const rate = shape / mean;
  return counts.reduce(
    (sum, { events, exposure }) =>
      sum +
      lnGamma(shape + events) -
      lnGamma(shape) +
      shape * Math.log(rate / (rate + exposure)) -
      events * Math.log(rate + exposure),
    0,
  );
}

export function pooledRate(count: EventCount, { shape, mean }: RatePrior, alpha: number): PooledRate {
  if (mean === 0) return { rate: 0, interval: { low: 0, high: null } };
  const [a, b] = [shape + count.events, shape / mean + count.exposure];
  return {
    rate: a / b,
    interval: { low: gammaQuantile(alpha / 2, a, b), high: gammaQuantile(1 - alpha / 2, a, b) },
  };
}
