import type { Interval } from "./association.ts";
import { gammaQuantile } from "./quantiles.ts";
import { lnGamma } from "./special-functions.ts";

/*
 * Rates of many places, each with few events: x_i is Poisson with mean λ_i e_i, and the λ_i come from one gamma distribution
 * of shape a and mean m. Given both, a place's rate is gamma(a + x_i, a/m + e_i): between its own x_i/e_i and m, nearer to m
 * the less it was observed (Clayton and Kaldor, Biometrics 43 (1987) 671-681). Neither a nor m is known: each pair on a grid
 * weighs as likely as it makes the counts, a and m flat in their logarithms, and the interval is that of the gamma distribution
 * with the mixture's mean and variance (Kass and Steffey, Journal of the American Statistical Association 84 (1989) 717-726).
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

/** One guess at what the rates come from, and its weight; weights add up to 1. */
export interface RatePrior {
  shape: number;
  mean: number;
  weight: number;
}

/** From rates that differ tenfold to rates that are nearly one. */
const shapes = Array.from({ length: 13 }, (_, step) => 0.1 * 10 ** (step / 4));
/** Means around the pooled rate, in its own standard errors. */
const meanSteps = Array.from({ length: 13 }, (_, step) => (step - 6) / 2);

export function fitRates(counts: readonly EventCount[]): RatePrior[] {
  const events = counts.reduce((sum, count) => sum + count.events, 0);
  const exposure = counts.reduce((sum, count) => sum + count.exposure, 0);
  if (events === 0) return [];
  const places = counts.filter((count) => count.events > 0).length;
  // Of ln m: events that come in heaps at few places tell less than their number.
  const se = 1 / Math.sqrt(places);
  const priors = shapes.flatMap((shape) =>
    meanSteps.map((step) => ({ shape, mean: (events / exposure) * Math.exp(step * se) })),
  );
  const likelihoods = priors.map((prior) => marginalLikelihood(counts, prior));
  const best = Math.max(...likelihoods);
  const weights = likelihoods.map((likelihood) => Math.exp(likelihood - best));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return priors.map((prior, place) => ({ ...prior, weight: weights[place]! / all }));
}

/** ln of the chance of the counts (negative binomial), without what does not depend on the prior. */
function marginalLikelihood(
  counts: readonly EventCount[],
  { shape, mean }: Pick<RatePrior, "shape" | "mean">,
): number {
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

/** Without an event anywhere there is nothing to pool: 0, and what the place's own time can rule out. */
export function pooledRate(
  { events, exposure }: EventCount,
  priors: readonly RatePrior[],
  alpha: number,
): PooledRate {
  if (priors.length === 0) return { rate: 0, interval: { low: 0, high: -Math.log(alpha / 2) / exposure } };
  let [first, second] = [0, 0];
  for (const { shape, mean, weight } of priors) {
    const [a, b] = [shape + events, shape / mean + exposure];
    first += (weight * a) / b;
    second += (weight * a * (a + 1)) / b ** 2;
  }
  const variance = second - first ** 2;
  const [a, b] = [first ** 2 / variance, first / variance];
  return {
    rate: first,
    interval: { low: gammaQuantile(alpha / 2, a, b), high: gammaQuantile(1 - alpha / 2, a, b) },
  };
}
