import type { ComplaintEvidence, DailySeries, TimedStratum } from "./complaint-effect.ts";
import { stratify } from "./day-strata.ts";

/**
 * The evidence that can tell more of a rate ratio near 1: the variance of the score, Σ n π(1 − π) with minutes and Σ n var(x_d) by
 * the day. Neither looks at which contacts fell into an outage, so that the choice cannot favour an answer.
 */
export function chooseEvidence(
  strata: readonly TimedStratum[],
  series: readonly DailySeries[],
): ComplaintEvidence {
  const [timed, daily] = [informationOfTimes(strata), informationOfDays(series)];
  const isTimed = timed === daily ? strata.length > 0 : timed > daily;
  return isTimed ? { resolution: "times", strata } : { resolution: "days", series };
}

function informationOfTimes(strata: readonly TimedStratum[]): number {
  return strata.reduce((sum, { contacts, exposedMs, measuredMs }) => {
    const share = measuredMs === 0 ? 0 : exposedMs / measuredMs;
    return sum + contacts * share * (1 - share);
  }, 0);
}

function informationOfDays(series: readonly DailySeries[]): number {
  const strata = stratify(series, (days, place) => days[place]!.exposedRatio);
  return strata.reduce((sum, { days, contacts }) => {
    const mean = days.reduce((all, { exposedRatio }) => all + exposedRatio, 0) / days.length;
    const variance =
      days.reduce((all, { exposedRatio }) => all + (exposedRatio - mean) ** 2, 0) / days.length;
    return sum + contacts * variance;
  }, 0);
}
