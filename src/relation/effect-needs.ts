import type { EffectNeed } from "./complaint-effect.ts";
import { gammaQuantile } from "./quantiles.ts";
import { gammaShare } from "./special-functions.ts";

const leastPower = 0.8;
/** Silence, a quarter, half and three quarters of what else would come. */
const rateRatios = [0, 0.25, 0.5, 0.75] as const;

/**
 * Contacts that have to be expected during outages (each with its minute) so that the exact one-sided test at alpha sees
 * rate ratio ρ in four of five cases: the first c whose E, P(Poisson(E) ≤ c) = alpha, has P(Poisson(ρE) ≤ c) ≥ 0.8. For
 * ρ = 0 that is −ln alpha: 3.0 at 0.05, the rule of three.
 */
export function neededExposed(rateRatio: number, alpha: number): number {
  for (let c = 0; ; c++) {
    const expected = gammaQuantile(1 - alpha, c + 1, 1);
    if (1 - gammaShare(c + 1, rateRatio * expected) >= leastPower) return expected;
  }
}

/** `perYear`: contacts expected during outages in a year at the present rate. */
export function effectNeeds(perYear: number, dailyInformation: number | null, alpha: number): EffectNeed[] {
  return rateRatios.map((rateRatio) => {
    const exposedContacts = neededExposed(rateRatio, alpha);
    const yearsTimed = perYear > 0 ? exposedContacts / perYear : null;
    const known = yearsTimed !== null && dailyInformation !== null && dailyInformation > 0;
    return {
      rateRatio,
      exposedContacts,
      yearsTimed,
      yearsDaily: known ? yearsTimed / dailyInformation : null,
    };
  });
}
