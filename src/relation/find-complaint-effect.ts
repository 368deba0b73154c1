import { checkComplaints } from "./check-complaints.ts";
import type {
  ComplaintCounts,
  ComplaintEffect,
  ComplaintInput,
  DailySeries,
  RateRatio,
  TimedStratum,
} from "./complaint-effect.ts";
import { dailyInformation, dailyRateRatio, informativeDays, testDays } from "./daily-contacts.ts";
import type { DayStratum } from "./daily-contacts.ts";
import { meanSince, stratify } from "./day-strata.ts";
import { effectNeeds } from "./effect-needs.ts";
import { createRandom } from "./random.ts";
import { exposedTotal, lowerTail, smallestTimedP, timedRateRatio } from "./timed-contacts.ts";
import type { ContactStratum } from "./timed-contacts.ts";

const [defaultAlpha, defaultDraws] = [0.05, 9_999];
const yearMs = 365.25 * 86_400_000;
/**
 * Whether fewer contacts come in while the service cannot be reached; or, where too little could come out, that this cannot be
 * shown and what would be needed, without any p. What decides that is known before the contacts during outages are looked at.
 */
export function findComplaintEffect(input: ComplaintInput): ComplaintEffect {
  checkComplaints(input);
  return input.evidence.resolution === "times"
    ? effectOfTimes(input, input.evidence.strata)
    : effectOfDays(input, input.evidence.series);
}

function effectOfTimes(input: ComplaintInput, strata: readonly TimedStratum[]): ComplaintEffect {
  const { alpha = defaultAlpha } = input;
  const informative = strata
    .filter(({ contacts, exposedMs, measuredMs }) => contacts > 0 && exposedMs > 0 && exposedMs < measuredMs)
    .map(toContactStratum);
  const measured = strata.filter(({ measuredMs }) => measuredMs > 0);
  const shares = measured.map(({ contacts, exposedMs, measuredMs }) => ({
    contacts,
    exposedRatio: exposedMs / measuredMs,
  }));
  const counts = countsOf(shares, null);
  const answer = { resolution: "times" as const, counts, ...frameOf(input, counts, null) };
  const smallestP = smallestTimedP(informative);
  if (smallestP > alpha) return { ...answer, verdict: "cannot-be-shown", reason: "smallest-p", smallestP };
  const p = lowerTail(informative, exposedTotal(informative), 1);
  return {
    ...answer,
    verdict: p <= alpha ? "fewer" : "not-shown",
    p,
    smallestP,
    during: timedRateRatio(informative, alpha),
    net: netOfTimes(strata, alpha),
  };
}

const toContactStratum = (stratum: TimedStratum) => ({
  contacts: stratum.contacts,
  exposedContacts: stratum.exposedContacts,
  all: stratum.measuredMs,
  exposed: stratum.exposedMs,
});

/** What outages leave of the contacts, those that come in the days after counted in; null unless these were looked at. */
function netOfTimes(strata: readonly TimedStratum[], alpha: number): RateRatio | null {
  const joined: ContactStratum[] = [];
  for (const stratum of strata) {
    const { contacts, exposedMs, measuredMs, after } = stratum;
    if (contacts === 0 || exposedMs === 0 || exposedMs === measuredMs) continue;
    if (after === undefined) return null;
    const exposedContacts = stratum.exposedContacts + after.contacts;
    joined.push({ contacts, exposedContacts, all: measuredMs, exposed: exposedMs, after: after.ms });
  }
  return timedRateRatio(joined, alpha);
}

function effectOfDays(input: ComplaintInput, series: readonly DailySeries[]): ComplaintEffect {
  const { alpha = defaultAlpha, seed, draws = defaultDraws } = input;
  const all = stratify(series, (days, place) => days[place]!.exposedRatio);
  const strata = informativeDays(all);
  const information = dailyInformation(strata);
  const counts = countsOf(all.map(meanOf), information);
  const answer = { resolution: "days" as const, counts, ...frameOf(input, counts, information) };
  const test = testDays(strata, alpha, draws, createRandom(seed));
  if ("reason" in test) return { ...answer, verdict: "cannot-be-shown", ...test };
  const spread = informativeDays(stratify(series, meanSince));
  const again = () => createRandom(seed + 1);
  return {
    ...answer,
    verdict: test.p <= alpha ? "fewer" : "not-shown",
    ...test,
    during: dailyRateRatio(strata, alpha, draws, again),
    net: spread.length === 0 ? null : dailyRateRatio(spread, alpha, draws, again),
  };
}

const meanOf = ({ days, contacts }: DayStratum) => ({
  contacts,
  exposedRatio: days.reduce((sum, day) => sum + day.exposedRatio, 0) / days.length,
});

function countsOf(
  strata: readonly { contacts: number; exposedRatio: number }[],
  information: number | null,
): ComplaintCounts {
  const contacts = strata.reduce((sum, stratum) => sum + stratum.contacts, 0);
  const expectedExposed = strata.reduce((sum, s) => sum + s.contacts * s.exposedRatio, 0);
  return {
    strata: strata.length,
    contacts,
    exposedRatio: contacts === 0 ? 0 : expectedExposed / contacts,
    expectedExposed,
    dailyInformation: information,
  };
}

function frameOf(input: ComplaintInput, counts: ComplaintCounts, information: number | null) {
  const { fromMs, toMs, alpha = defaultAlpha, seed, inputs = [], version = "" } = input;
  const { countedMs = toMs - fromMs } = input;
  const perYear = counts.expectedExposed / (countedMs / yearMs);
  return {
    needs: effectNeeds(perYear, information, alpha),
    made: { version, inputs, fromMs, toMs, alpha, seed },
  };
}
