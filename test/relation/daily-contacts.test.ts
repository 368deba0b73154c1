import { describe, expect, it } from "vitest";
import {
  dailyInformation,
  dailyRateRatio,
  dayScore,
  drawScores,
  informativeDays,
  midRank,
  testDays,
} from "../../src/relation/daily-contacts.ts";
import type { DayStratum } from "../../src/relation/daily-contacts.ts";
import { createRandom } from "../../src/relation/random.ts";
import { lowerTail } from "../../src/relation/timed-contacts.ts";

const stratum = (...days: [exposedRatio: number, contacts: number][]): DayStratum => ({
  days: days.map(([exposedRatio, contacts]) => ({ exposedRatio, contacts })),
  contacts: days.reduce((sum, [, contacts]) => sum + contacts, 0),
});

/** Chance that the score is below, ties half, by all ways in which the contacts can fall. */
function enumerate(strata: readonly DayStratum[], score: number, rateRatio: number): number {
  let ways: [sum: number, chance: number][] = [[0, 1]];
  for (const { days, contacts } of strata) {
    const weights = days.map(({ exposedRatio: x }) => 1 - x + rateRatio * x);
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    for (let contact = 0; contact < contacts; contact++)
      ways = ways.flatMap(([sum, chance]) =>
        days.map(({ exposedRatio }, day): [number, number] => [
          sum + exposedRatio,
          (chance * weights[day]!) / all,
        ]),
      );
  }
  const isTie = (sum: number) => Math.abs(sum - score) < 1e-9;
  return ways.reduce((p, [sum, chance]) => p + (isTie(sum) ? chance / 2 : sum < score ? chance : 0), 0);
}

describe("contacts by the day", () => {
  const strata = [stratum([0, 2], [0, 1], [0.25, 1], [1, 0]), stratum([0, 1], [0.5, 0], [0.5, 1])];

  it("have the tail that all ways of falling come to", () => {
    for (const rateRatio of [0.3, 1, 2]) {
      const draws = drawScores(strata, rateRatio, 20_000, createRandom(1));
      // Four standard errors of so many draws.
      expect(
        Math.abs(midRank(draws, dayScore(strata)) - enumerate(strata, dayScore(strata), rateRatio)),
      ).toBeLessThan(0.015);
    }
  });

  it("draw the same from the same seed, and never less at a higher ratio", () => {
    const [low, again, high] = [0.5, 0.5, 0.8].map((ratio) =>
      drawScores(strata, ratio, 500, createRandom(7)),
    );
    expect(low).toEqual(again);
    expect(high!.every((score, place) => score >= low![place]!)).toBe(true);
  });

  it("are those with their minute where a day is out as a whole or not at all", () => {
    const days: [number, number][] = [
      ...Array<[number, number]>(24).fill([0, 1]),
      ...Array<[number, number]>(6).fill([1, 0]),
    ];
    const whole = [stratum(...days)];
    const draws = drawScores(whole, 1, 20_000, createRandom(3));
    const exact = lowerTail([{ contacts: 24, exposedContacts: 0, exposed: 1, all: 5 }], 0, 1);
    expect(midRank(draws, dayScore(whole))).toBeCloseTo(exact, 2);
    expect(dailyInformation(whole)).toBeCloseTo(1, 12);
  });

  it("keep little of the information where outages are a small part of many days", () => {
    const days = Array.from({ length: 30 }, (_, day): [number, number] => [day % 3 === 0 ? 0.06 : 0, 1]);
    expect(dailyInformation([stratum(...days)])).toBeCloseTo((0.0036 / 3 - 0.0004) / (0.02 * 0.98), 12);
  });

  it("tell nothing in strata without contacts, or whose days are alike", () => {
    expect(informativeDays([stratum([0, 0], [1, 0]), stratum([0.2, 3], [0.2, 4]), strata[0]!])).toEqual([
      strata[0],
    ]);
    expect(dailyInformation([])).toBeNull();
  });

  it("are not tested where nothing could come out", () => {
    const quiet = [stratum([0, 3], [0, 2], [0, 3], [0.1, 0])];
    const tooQuiet = testDays(quiet, 0.05, 999, createRandom(1));
    expect(tooQuiet.smallestP).toBeCloseTo(0.75 ** 8, 12);
    expect(tooQuiet).toMatchObject({ reason: "smallest-p" });
    const thin = [
      stratum(...Array.from({ length: 30 }, (_, day): [number, number] => [day < 15 ? 0 : 0.02, 3])),
    ];
    const test = testDays(thin, 0.05, 999, createRandom(1));
    expect(test).toMatchObject({ reason: "power" });
    expect("p" in test).toBe(false);
  });

  it("find the ratio that made them, with an interval that holds it", () => {
    const random = createRandom(12);
    const rate = (x: number) => 1 - x + 0.4 * x;
    const months = Array.from({ length: 12 }, () => {
      const days = Array.from({ length: 30 }, (_, day): [number, number] => {
        const exposed = day % 5 === 0 ? 0.6 : 0;
        const contacts = Array.from({ length: 6 }).filter(() => random() < 0.5 * rate(exposed)).length;
        return [exposed, contacts];
      });
      return stratum(...days.toSorted((a, b) => a[0] - b[0]));
    });
    const { value, interval } = dailyRateRatio(months, 0.05, 999, () => createRandom(4));
    expect(interval.low).toBeLessThan(0.4);
    expect(interval.high).toBeGreaterThan(0.4);
    expect(value).toBeGreaterThan(interval.low!);
    expect(value).toBeLessThan(interval.high!);
    expect(interval.high! - interval.low!).toBeLessThan(0.6);
  });
});
