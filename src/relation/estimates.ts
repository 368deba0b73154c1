import type { Estimate } from "./association.ts";
import { estimateOn, log, logit, logOfRest } from "./day-blocks.ts";
import type { Scale } from "./day-blocks.ts";
import type { DayPart, DayTally } from "./day-tally.ts";

/*
 * The four estimates with intervals over day blocks. What lies on the edge of its scale (no failure while the network was
 * out, or none while it was up) has a bound on one side: of G days none of which shows a thing, the share in which it may
 * still happen is at most 1 − level^(1/G).
 */

/** Mantel-Haenszel risk ratio, log scale: u_d = R_d/R − S_d/S (times the ratio on the plain scale). */
export function riskRatioOf(tally: DayTally, alpha: number): Estimate {
  const { exposedSum, unexposedSum, weight, riskRatio } = tally.pooled;
  if (weight === 0 || (exposedSum === 0 && unexposedSum === 0)) return undefinedEstimate;
  const seen = seenDays(tally);
  if (riskRatio === null || riskRatio === 0) return oneSidedRatio(tally, seen, alpha);
  const parts = seen.map(
    (day) => riskRatio * (day.exposedSum / exposedSum - day.unexposedSum / unexposedSum),
  );
  return estimateOn(log, riskRatio, parts, alpha);
}

/**
 * Mantel-Haenszel risk difference (R − S) / W as that of two shares, R/W of the exposed minutes and S/W of the others, each with
 * an interval on the logit scale: an interval of the difference itself would be symmetric, while a few long cuts make the first
 * share very skew. Limits from limits: Zou and Donner, Statistics in Medicine 27 (2008) 1693-1702.
 */
export function riskDifferenceOf(tally: DayTally, alpha: number): Estimate {
  const { exposedSum, unexposedSum, weight, riskDifference } = tally.pooled;
  if (riskDifference === null) return undefinedEstimate;
  const seen = seenDays(tally);
  const exposedDays = seen.filter(({ exposed }) => exposed > 0).length;
  const ofExposed = exposedSum / weight;
  const ofOthers = unexposedSum / weight;
  const one = shareWith(
    ofExposed,
    seen.map((day) => (day.exposedSum - ofExposed * day.weight) / weight),
    exposedDays,
    alpha,
  );
  const other = shareWith(
    ofOthers,
    seen.map((day) => day.unexposedSum / weight - ofOthers / seen.length),
    seen.length,
    alpha,
  );
  return {
    value: riskDifference,
    interval: {
      low: riskDifference - Math.hypot(ofExposed - one.low, other.high - ofOthers),
      high: riskDifference + Math.hypot(one.high - ofExposed, ofOthers - other.low),
    },
    se: null,
    effectiveDays: Math.min(one.effectiveDays, other.effectiveDays),
  };
}

/** Limits of a share; at 0 or 1 by the days in which it might have been seen otherwise. */
function shareWith(value: number, parts: readonly number[], days: number, alpha: number) {
  const reach = (alpha / 2) ** (1 / Math.max(1, days));
  if (value <= 0) return { low: 0, high: 1 - reach, effectiveDays: days };
  if (value >= 1) return { low: reach, high: 1, effectiveDays: days };
  const { interval, effectiveDays } = estimateOn(logit, value, parts, alpha);
  return { low: interval.low ?? 0, high: interval.high ?? 1, effectiveDays: effectiveDays ?? 1 };
}

/** Availability in general, on the scale log(1 − A). */
export function availabilityOf(tally: DayTally, alpha: number): Estimate {
  const seen = seenDays(tally);
  const checked = sumOf(seen, "checked");
  if (checked === 0) return undefinedEstimate;
  const value = 1 - sumOf(seen, "failed") / checked;
  if (value === 1)
    return { ...edge(1), interval: { low: (alpha / 2) ** (1 / Math.max(1, seen.length)), high: 1 } };
  if (value === 0) return edge(0);
  const parts = seen.map((day) => -(day.failed - (1 - value) * day.checked) / checked);
  return estimateOn(logOfRest, value, parts, alpha);
}

/** Share of the failed time, as far as the control vantage can tell whose it was, that only the network caused; logit scale. */
export function attributableOf(tally: DayTally, alpha: number): Estimate {
  const seen = seenDays(tally);
  const decided = sumOf(seen, "decided");
  if (decided === 0) return undefinedEstimate;
  const value = sumOf(seen, "networkOnly") / decided;
  if (value === 0 || value === 1) return edge(value);
  return estimateOn(logit, value, ratioParts(seen, value, decided), alpha);
}

function ratioParts(seen: readonly DayPart[], value: number, decided: number): number[] {
  return seen.map((day) => (day.networkOnly - value * day.decided) / decided);
}

/** R or S is 0: the other one's bound over the bound of what was not seen, each at half of alpha. */
function oneSidedRatio({ pooled }: DayTally, seen: readonly DayPart[], alpha: number): Estimate {
  const { exposedSum, unexposedSum, weight } = pooled;
  const boundOf = (sum: number, parts: number[], side: "low" | "high", scale: Scale): number | null => {
    const { interval } = estimateOn(scale, sum, parts, alpha);
    return interval[side];
  };
  if (exposedSum === 0) {
    const exposedDays = seen.filter(({ exposed }) => exposed > 0).length;
    const mostExposed = (1 - (alpha / 2) ** (1 / Math.max(1, exposedDays))) * weight;
    const mean = unexposedSum / seen.length;
    const least = boundOf(
      unexposedSum,
      seen.map((day) => day.unexposedSum - mean),
      "low",
      log,
    );
    return { ...edge(0), interval: { low: null, high: least === null ? null : mostExposed / least } };
  }
  const mostUnexposed = (1 - (alpha / 2) ** (1 / seen.length)) * weight;
  const mean = exposedSum / seen.length;
  const least = boundOf(
    exposedSum,
    seen.map((day) => day.exposedSum - mean),
    "low",
    log,
  );
  return {
    ...undefinedEstimate,
    interval: { low: least === null ? null : least / mostUnexposed, high: null },
  };
}

const seenDays = ({ days }: DayTally) => days.filter(({ checked }) => checked > 0);

const sumOf = (days: readonly DayPart[], key: keyof DayPart) => days.reduce((sum, day) => sum + day[key], 0);

const undefinedEstimate: Estimate = {
  value: null,
  interval: { low: null, high: null },
  se: null,
  effectiveDays: null,
};

const edge = (value: number): Estimate => ({ ...undefinedEstimate, value });
