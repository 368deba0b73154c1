import type { RateRatio } from "./complaint-effect.ts";
import { lnGamma, rootBetween } from "./special-functions.ts";

/*
 * Contacts with their minute: of n_j contacts in stratum j, X_j fell into the share π_j of its time without service. Given
 * n_j, X_j is binomial with p_j = ρπ_j / (ρπ_j + 1 − π_j), where ρ is the rate during outages over that at other times:
 * whatever makes one village or month have more contacts cancels (Przyborowski and Wilenski, Biometrika 31 (1940) 313-323,
 * for one stratum). T = ΣX_j has its exact distribution by convolution; p and interval are mid-p: ties count half.
 */

export interface ContactStratum {
  contacts: number;
  /** Of these during outages, or in the days after them where `afterRatio` is given. */
  exposedContacts: number;
  /** All its time, and that of it without service; in one unit. π is their ratio. */
  all: number;
  exposed: number;
  /**
   * Time in the days after outages; π' is its ratio. With it ρ is what outages leave of the contacts that fell into them,
   * whether these came at once or later: p_j = (ρπ_j + π'_j) / (ρπ_j + 1 − π_j). 1: all were made up for; 0: all lost.
   */
  after?: number;
}

/** P(T < t) + ½ P(T = t) at rate ratio ρ; falls as ρ rises. With `ties` 1 it is P(T ≤ t). */
export function lowerTail(
  strata: readonly ContactStratum[],
  t: number,
  rateRatio: number,
  ties = 0.5,
): number {
  // Terms above t are never needed, and leaving them out changes none below.
  let sum = new Float64Array(t + 1);
  sum[0] = 1;
  let [first, last] = [0, 0];
  for (const stratum of strata) {
    const part = binomial(stratum.contacts, exposedShare(stratum, rateRatio), t);
    const next = new Float64Array(t + 1);
    for (const [k, chance] of part.entries()) {
      if (chance < negligible) continue;
      const to = Math.min(last, t - k);
      for (let rest = first; rest <= to; rest++) next[rest + k]! += chance * sum[rest]!;
    }
    sum = next;
    const above = (chance: number) => chance >= negligible;
    first = Math.max(0, sum.findIndex(above));
    last = Math.max(first, sum.findLastIndex(above));
  }
  const below = sum.subarray(0, t).reduce((all, chance) => all + chance, 0);
  return below + ties * sum[t]!;
}

/** All chances below this, of all terms of all strata together, are too small to be seen in a p. */
const negligible = 1e-25;

/**
 * p_j: of a contact to fall into an outage. By times and not by shares: where the days after outages are all that is left,
 * whole numbers make it 1, and rounded shares a little more.
 */
const exposedShare = ({ all, exposed, after = 0 }: ContactStratum, rateRatio: number) =>
  (rateRatio * exposed + after) / (rateRatio * exposed + (all - exposed));

/** Chances of 0 to min(n, most) of n. */
function binomial(n: number, p: number, most: number): number[] {
  const lnAll = lnGamma(n + 1);
  return Array.from({ length: Math.min(n, most) + 1 }, (_, k) => {
    if (p === 0 || p === 1) return k === (p === 0 ? 0 : n) ? 1 : 0;
    const lnWays = lnAll - lnGamma(k + 1) - lnGamma(n - k + 1);
    return Math.exp(lnWays + k * Math.log(p) + (n - k) * Math.log1p(-p));
  });
}

/**
 * The ratio at which T is expected to be what it was, and those at which mid-p is alpha / 2 on either side. Example with one
 * stratum: breast cancer in women who were often fluoroscoped, 41 in 28,010 person-years against 15 in 19,017: 1.86 (Boice
 * and Monson 1977, in Rothman's Modern Epidemiology).
 */
export function timedRateRatio(strata: readonly ContactStratum[], alpha: number): RateRatio {
  const t = exposedTotal(strata);
  const most = strata.reduce((sum, { contacts }) => sum + contacts, 0);
  const expected = (rateRatio: number) =>
    strata.reduce((sum, stratum) => sum + stratum.contacts * exposedShare(stratum, rateRatio), 0);
  return {
    value: t <= expected(0) ? 0 : t === most ? null : ratioWhere((rateRatio) => expected(rateRatio) - t),
    interval: {
      low:
        lowerTail(strata, t, 0) <= 1 - alpha / 2
          ? 0
          : ratioWhere((rateRatio) => 1 - alpha / 2 - lowerTail(strata, t, rateRatio)),
      high: t === most ? null : ratioWhere((rateRatio) => alpha / 2 - lowerTail(strata, t, rateRatio)),
    },
  };
}

/** Where a function that rises with the rate ratio is 0: on a scale that has 0, 1 and infinity at 0, ½ and 1. */
export function ratioWhere(rising: (rateRatio: number) => number, within = 1e-12): number {
  const share = rootBetween(0, 1, (at) => rising(at / (1 - at)), within);
  return share / (1 - share);
}

export const exposedTotal = (strata: readonly ContactStratum[]) =>
  strata.reduce((sum, { exposedContacts }) => sum + exposedContacts, 0);

/** ∏ (1 − π_j)^n_j: what P(T ≤ t) is without ties halved, if no contact came during outages. Nothing smaller can come out. */
export function smallestTimedP(strata: readonly ContactStratum[]): number {
  return Math.exp(
    strata.reduce((sum, { contacts, all, exposed }) => sum + contacts * Math.log1p(-exposed / all), 0),
  );
}
