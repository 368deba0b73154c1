import { accountMinutes } from "./accounting.ts";
import type {
  Association,
  AssociationInput,
  AssociationVerdict,
  Caveat,
  Counts,
  Inference,
} from "./association.ts";
import { checkAssociation } from "./check-input.ts";
import { dayShiftTest } from "./day-shift.ts";
import { tallyDays } from "./day-tally.ts";
import type { DayTally } from "./day-tally.ts";
import { countEpisodes, daysNeeded, missingData } from "./enough-data.ts";
import { attributableOf, availabilityOf, riskDifferenceOf, riskRatioOf } from "./estimates.ts";
import { lagCurve, risesBefore } from "./lag-curve.ts";
import { findLags } from "./lags.ts";
import { bitsOf, combine, dayMinutes, dayMs } from "./minutes.ts";
import type { Bits } from "./minutes.ts";
import { eValue, holm } from "./multiplicity.ts";
import { observedDays } from "./observed-days.ts";
import { negativeControls } from "./negative-controls.ts";
import { checkedMinutes, siteMinutes } from "./site-minutes.ts";
import type { CheckedMinutes, SiteMinutes } from "./site-minutes.ts";
import { rankSites } from "./site-rates.ts";

const defaultAlpha = 0.05;
const [fewEffectiveDays, weakEValue] = [3, 2];
const [manyInferred, lowCoverage] = [0.1, 0.5];

/**
 * How a service's failures and the network's outages go together, in this window (accounting) and in general (inference, or
 * what is missing for one). One answer for the same input in any order of sites and spans; nothing is drawn.
 */
export function associate(input: AssociationInput): Association {
  checkAssociation(input);
  const { service, exposure, alpha = defaultAlpha } = input;
  const window = observedDays(input);
  const ordered = { ...input, window, sites: input.sites.toSorted((a, b) => (a.code < b.code ? -1 : 1)) };
  const sites = ordered.sites.map((site) => siteMinutes(site, window));
  const control = input.control === null ? null : checkedMinutes(input.control, window);
  const able = control && whileConnected(control, bitsOf(input.controlCut ?? [], window));
  const tally = tallyDays(sites, window, able);
  const counts = countsOf(sites, window.days, tally);
  const needs = missingData(counts, alpha);
  const days = daysNeeded(needs, window.days);
  const inference = needs.length > 0 ? null : infer(ordered, sites, control, tally, alpha);
  return {
    service,
    exposure,
    counts,
    accounting: accountMinutes(sites, able),
    verdict: inference === null ? "not-enough-data" : verdictOf(inference, alpha),
    caveats: caveatsOf(input, counts, inference),
    needs,
    readyMs: needs.length === 0 || days === null ? null : window.fromMs + days * dayMs,
    inference,
    made: {
      version: input.version ?? "",
      inputs: input.inputs ?? [],
      fromMs: window.fromMs,
      toMs: window.fromMs + window.days * dayMs,
      alpha,
      seed: null,
    },
  };
}

/**
 * Several services that are asked about together: p after Holm, and the verdicts by it. Where so many questions cannot be
 * answered from so few days (m services need m / alpha), there is not enough data. The one that was named beforehand as the
 * primary question (the district, LAPOR, `down`) is not to be put in: its p stands for itself.
 */
export function acrossServices(answers: readonly Association[]): Association[] {
  const pValues = answers.flatMap(({ inference }) => (inference === null ? [] : [inference.test.p]));
  const adjusted = holm(pValues);
  let next = 0;
  return answers.map((answer) => {
    const { counts, inference, made } = answer;
    if (inference === null) return answer;
    const pHolm = adjusted[next++]!;
    const needs = missingData(counts, made.alpha / pValues.length);
    const readyDays = daysNeeded(needs, counts.days);
    if (readyDays !== null && needs.length > 0) {
      const readyMs = made.fromMs + readyDays * dayMs;
      return { ...answer, verdict: "not-enough-data", needs, readyMs, inference: null };
    }
    const tested = { ...inference, pHolm };
    return { ...answer, inference: tested, verdict: verdictOf(tested, made.alpha) };
  });
}

function infer(
  input: AssociationInput,
  sites: readonly SiteMinutes[],
  control: CheckedMinutes | null,
  tally: DayTally,
  alpha: number,
): Inference {
  const { days } = input.window;
  const riskRatio = riskRatioOf(tally, alpha);
  const attributable = attributableOf(tally, alpha);
  return {
    riskRatio,
    riskDifference: riskDifferenceOf(tally, alpha),
    availability: availabilityOf(tally, alpha),
    attributable:
      control === null
        ? { ...attributable, value: null, interval: { low: null, high: null }, se: null, effectiveDays: null }
        : attributable,
    test: dayShiftTest(
      sites.map(({ out, failed, checked }) => ({ exposure: out, failed, checked })),
      days,
    ),
    pHolm: null,
    eValue: {
      estimate: riskRatio.value === null ? null : eValue(riskRatio.value),
      limit: limitEValue(riskRatio.interval.low, riskRatio.interval.high),
    },
    ...findLags(input, alpha),
    curve: lagCurve(sites, days, alpha),
    negativeControls: negativeControls(sites, control, days),
    sites: rankSites(sites, alpha),
  };
}

/** Of the interval's limit that is nearer to 1: 1 where the interval holds 1. */
function limitEValue(low: number | null, high: number | null): number | null {
  if (low === null && high === null) return null;
  if (low !== null && low > 1) return eValue(low);
  if (high !== null && high < 1) return eValue(high);
  return 1;
}

function verdictOf(
  { test, pHolm, negativeControls: controls }: Inference,
  alpha: number,
): AssociationVerdict {
  if ((pHolm ?? test.p) > alpha) return "not-shown";
  const fires = [controls.vantage, controls.neighbour].some((other) => other !== null && other.p <= alpha);
  return fires ? "not-separable" : "associated";
}

function caveatsOf(input: AssociationInput, counts: Counts, inference: Inference | null): Caveat[] {
  const caveats: Caveat[] = ["monitored-path-only"];
  const add = (caveat: Caveat, holds: boolean) => void (holds && caveats.push(caveat));
  const observed = counts.exposed + counts.unexposed;
  add("near-tautological", input.exposure === "down");
  add("low-coverage", observed < lowCoverage * counts.sites * counts.days * dayMinutes);
  add("many-inferred-minutes", (input.inferredRatio ?? 0) > manyInferred);
  add("no-control-vantage", input.control === null);
  add("no-neighbour-area", new Set(input.sites.map(({ area }) => area)).size < 2);
  if (inference === null) return caveats;
  const { riskRatio, eValue: strength, curve } = inference;
  add("one-event-dominates", (riskRatio.effectiveDays ?? Infinity) < fewEffectiveDays);
  add("one-sided-bound", riskRatio.effectiveDays === null);
  add("rises-before-onset", risesBefore(curve));
  add("weak-against-common-cause", (strength.limit ?? 1) < weakEValue);
  return caveats;
}

/**
 * The control vantage's minutes without those in which it was cut off itself: these say nothing of the service (methods.md §C1,
 * §D7). The negative control wants all of them: outages that go with the centre's have a common cause.
 */
const whileConnected = ({ checked, failed }: CheckedMinutes, cut: Bits): CheckedMinutes => ({
  checked: combine(checked, cut, (a, b) => a & ~b),
  failed: combine(failed, cut, (a, b) => a & ~b),
});

function countsOf(sites: readonly SiteMinutes[], days: number, { totals }: DayTally): Counts {
  return {
    sites: sites.length,
    days,
    ...countEpisodes(sites),
    exposed: totals.n1,
    exposedFailed: totals.a,
    unexposed: totals.n0,
    unexposedFailed: totals.c,
  };
}
