import type { RateRatio } from "./complaint-effect.ts";
import { ratioWhere } from "./timed-contacts.ts";

/*
 * Contacts counted by the day: given n_j contacts in stratum j, each fell on day d with a chance in proportion to
 * 1 − x_d + ρx_d, where x_d is the day's share of person-time without service. The score for ρ at 1 is U = Σ y_d x_d; its
 * distribution is drawn, mid-p. The same random numbers at every ρ and days in the order of x make U rise with ρ, draw by draw,
 * so that the interval is found by halving.
 */

export interface DayStratum {
  /** By x, ascending. */
  days: readonly { exposedRatio: number; contacts: number }[];
  contacts: number;
}

/** Only strata that can tell anything: with contacts, and days that differ. */
export function informativeDays(strata: readonly DayStratum[]): DayStratum[] {
  return strata.filter(
    ({ days, contacts }) => contacts > 0 && days[0]!.exposedRatio < days.at(-1)!.exposedRatio,
  );
}

export function dayScore(strata: readonly DayStratum[]): number {
  return strata.reduce(
    (sum, { days }) => sum + days.reduce((part, day) => part + day.contacts * day.exposedRatio, 0),
    0,
  );
}

/** Sums that differ by rounding alone are ties. */
const sameWithin = 1e-9;

/** Share of the draws below the score, ties and the score itself counted half. */
export function midRank(draws: Float64Array, score: number): number {
  let [below, ties] = [0, 1];
  for (const drawn of draws) {
    if (Math.abs(drawn - score) <= sameWithin) ties += 1;
    else if (drawn < score) below += 1;
  }
  return (below + ties / 2) / (draws.length + 1);
}

/** U as it comes out by chance at rate ratio ρ. */
export function drawScores(
  strata: readonly DayStratum[],
  rateRatio: number,
  count: number,
  random: () => number,
): Float64Array {
  const wheels = strata.map((stratum) => wheelOf(stratum, rateRatio));
  const scores = new Float64Array(count);
  for (let draw = 0; draw < count; draw++) {
    let score = 0;
    for (const { contacts, upTo, ratios, guide } of wheels) {
      for (let contact = 0; contact < contacts; contact++) {
        const at = random();
        let field = guide[Math.floor(at * guide.length)]!;
        while (upTo[field]! <= at) field += 1;
        score += ratios[field]!;
      }
    }
    scores[draw] = score;
  }
  return scores;
}

interface Wheel {
  contacts: number;
  /** x of each field, ascending, and where the field ends, 0 to 1. */
  ratios: Float64Array;
  upTo: Float64Array;
  /** For each small part of the turn the first field that reaches into it, so that finding one takes a step or two. */
  guide: Uint16Array;
}

const guideParts = 64;

/** Days with one x are one field: most have none of it. */
function wheelOf({ days, contacts }: DayStratum, rateRatio: number): Wheel {
  const ends: number[] = [];
  const ratios: number[] = [];
  let all = 0;
  for (const { exposedRatio } of days) {
    all += 1 - exposedRatio + rateRatio * exposedRatio;
    if (ratios.at(-1) === exposedRatio) ends[ends.length - 1] = all;
    else {
      ratios.push(exposedRatio);
      ends.push(all);
    }
  }
  const upTo = Float64Array.from(ends, (end) => end / all);
  const firstBeyond = (share: number) => upTo.findIndex((end) => end > share);
  return {
    contacts,
    ratios: Float64Array.from(ratios),
    upTo,
    guide: Uint16Array.from({ length: guideParts }, (_, part) => firstBeyond(part / guideParts)),
  };
}

/** Most draws behind the power and each end of an interval: its level is known to ±0.003, which no finer search would better. */
const mostDraws = 1_999;
const intervalWithin = 1e-3;

/**
 * The ratio at which U is expected to be what it was, and those at which its mid-rank is alpha / 2 on either side.
 * `createRandom` gives the same numbers each time.
 */
export function dailyRateRatio(
  strata: readonly DayStratum[],
  alpha: number,
  draws: number,
  createRandom: () => () => number,
): RateRatio {
  const score = dayScore(strata);
  const expected = (rateRatio: number) => strata.reduce((sum, s) => sum + expectedScore(s, rateRatio), 0);
  const rank = (rateRatio: number) =>
    midRank(drawScores(strata, rateRatio, Math.min(draws, mostDraws), createRandom()), score);
  const [least, most] = [0, -1].map((place) =>
    strata.reduce((sum, { days, contacts }) => sum + contacts * days.at(place)!.exposedRatio, 0),
  ) as [number, number];
  const isLeast = score <= expected(0) + sameWithin || score <= least + sameWithin;
  const isMost = score >= most - sameWithin;
  return {
    value: isLeast ? 0 : isMost ? null : ratioWhere((rateRatio) => expected(rateRatio) - score),
    interval: {
      low:
        rank(0) <= 1 - alpha / 2
          ? 0
          : ratioWhere((rateRatio) => 1 - alpha / 2 - rank(rateRatio), intervalWithin),
      high: isMost ? null : ratioWhere((rateRatio) => alpha / 2 - rank(rateRatio), intervalWithin),
    },
  };
}

function expectedScore({ days, contacts }: DayStratum, rateRatio: number): number {
  let [weights, sum] = [0, 0];
  for (const { exposedRatio } of days) {
    const weight = 1 - exposedRatio + rateRatio * exposedRatio;
    weights += weight;
    sum += weight * exposedRatio;
  }
  return (contacts * sum) / weights;
}

/** p, or why there is none. */
export type DayTest = { smallestP: number } & ({ p: number } | { reason: "smallest-p" | "power" });

/** Silence during outages has to be seen in so many cases, or nothing is tested. */
const leastPower = 0.8;

/** As few contacts during outages, or fewer, by chance; strata as informativeDays leaves them. */
export function testDays(
  strata: readonly DayStratum[],
  alpha: number,
  draws: number,
  random: () => number,
): DayTest {
  const smallestP = smallestDailyP(strata);
  if (smallestP > alpha) return { smallestP, reason: "smallest-p" };
  const byChance = drawScores(strata, 1, draws, random);
  const called = largestCalled(byChance.toSorted(), alpha);
  const silent = drawScores(strata, 0, Math.min(draws, mostDraws), random);
  const power = silent.filter((score) => score <= called + sameWithin).length / silent.length;
  if (power < leastPower) return { smallestP, reason: "power" };
  return { smallestP, p: midRank(byChance, dayScore(strata)) };
}

/** If all contacts had come on the days with the least of it: nothing smaller can come out. */
function smallestDailyP(strata: readonly DayStratum[]): number {
  return Math.exp(
    strata.reduce((sum, { days, contacts }) => {
      const least = days.filter(({ exposedRatio }) => exposedRatio === days[0]!.exposedRatio).length;
      return sum + contacts * Math.log(least / days.length);
    }, 0),
  );
}

/** The largest score whose mid-rank among the draws by chance is alpha at most. */
function largestCalled(sorted: Float64Array, alpha: number): number {
  let called = -Infinity;
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to]! <= sorted[from]! + sameWithin) to += 1;
    if ((from + (to - from + 1) / 2) / (sorted.length + 1) > alpha) break;
    called = sorted[from]!;
  }
  return called;
}

/**
 * Share of what time stamps would tell of ρ near 1 that counts by the day still tell: Σ n var(x_d) / Σ n π(1 − π), the variances
 * of what a contact adds to the score.
 */
export function dailyInformation(strata: readonly DayStratum[]): number | null {
  let [daily, timed] = [0, 0];
  for (const { days, contacts } of strata) {
    const mean = days.reduce((sum, day) => sum + day.exposedRatio, 0) / days.length;
    daily += contacts * (days.reduce((sum, day) => sum + day.exposedRatio ** 2, 0) / days.length - mean ** 2);
    timed += contacts * mean * (1 - mean);
  }
  return timed === 0 ? null : daily / timed;
}
