import { describe, expect, it } from "vitest";
import { lowerTail, smallestTimedP, timedRateRatio } from "../../src/relation/timed-contacts.ts";
import { rootBetween } from "../../src/relation/special-functions.ts";

/** Every way in which the contacts can fall, one by one. */
function enumerate(
  strata: readonly { contacts: number; exposed: number }[],
  t: number,
  rateRatio: number,
): number {
  let ways: [count: number, chance: number][] = [[0, 1]];
  for (const { contacts, exposed } of strata) {
    const p = (rateRatio * exposed) / (rateRatio * exposed + 1 - exposed);
    for (let contact = 0; contact < contacts; contact++)
      ways = ways.flatMap(([count, chance]) => [
        [count + 1, chance * p],
        [count, chance * (1 - p)],
      ]);
  }
  return ways.reduce((sum, [count, chance]) => sum + (count < t ? chance : count === t ? chance / 2 : 0), 0);
}

const stratum = (contacts: number, exposedContacts: number, exposed: number, all = 1) => ({
  contacts,
  exposedContacts,
  exposed,
  all,
});

describe("contacts with their minute", () => {
  it("have the tail that all their ways come to", () => {
    const strata = [stratum(4, 1, 0.1), stratum(3, 0, 0.4), stratum(6, 1, 0.02)];
    for (const t of [0, 1, 2, 5, 13])
      for (const rateRatio of [0.3, 1, 4])
        expect(lowerTail(strata, t, rateRatio)).toBeCloseTo(enumerate(strata, t, rateRatio), 12);
  });

  it("give the exact interval of R's poisson.test for Fleiss's example, 11 in 800 against 21 in 3,011", () => {
    const strata = [stratum(32, 11, 800, 3_811)];
    const low = rootBetween(0.01, 10, (ratio) => 1 - lowerTail(strata, 11, ratio, 0) - 0.025);
    const high = rootBetween(0.01, 10, (ratio) => 0.025 - lowerTail(strata, 11, ratio, 1));
    expect(low).toBeCloseTo(0.8584, 4);
    expect(high).toBeCloseTo(4.2773, 4);
    expect(timedRateRatio(strata, 0.05).value).toBeCloseTo(1.9715, 4);
  });

  it("give the ratio of the fluoroscopy study, and a mid-p interval inside of the exact one", () => {
    const strata = [stratum(56, 41, 28_010, 47_027)];
    const { value, interval } = timedRateRatio(strata, 0.05);
    expect(value).toBeCloseTo(1.856, 3);
    const exactLow = rootBetween(0.01, 10, (ratio) => 1 - lowerTail(strata, 41, ratio, 0) - 0.025);
    const exactHigh = rootBetween(0.01, 10, (ratio) => 0.025 - lowerTail(strata, 41, ratio, 1));
    expect(interval.low).toBeGreaterThan(exactLow);
    expect(interval.low).toBeGreaterThan(1);
    expect(interval.high).toBeLessThan(exactHigh);
    expect(lowerTail(strata, 41, interval.low!)).toBeCloseTo(0.975, 9);
    expect(lowerTail(strata, 41, interval.high!)).toBeCloseTo(0.025, 9);
  });

  it("leave the interval open where all or none were exposed", () => {
    expect(timedRateRatio([stratum(20, 0, 0.2)], 0.05)).toMatchObject({ value: 0, interval: { low: 0 } });
    expect(timedRateRatio([stratum(20, 20, 0.2)], 0.05)).toMatchObject({
      value: null,
      interval: { high: null },
    });
  });

  it("hold for thousands of contacts, where single chances are too small for a number", () => {
    const strata = Array.from({ length: 12 }, () => stratum(4_000, 2_400, 0.6));
    expect(lowerTail(strata, 28_800, 1)).toBeCloseTo(0.5, 2);
    expect(lowerTail(strata, 28_000, 1)).toBeLessThan(1e-8);
  });

  it("can have no p below the chance that none was exposed", () => {
    expect(smallestTimedP([stratum(10, 0, 0.1), stratum(5, 0, 0.2)])).toBeCloseTo(0.9 ** 10 * 0.8 ** 5, 12);
  });
});
