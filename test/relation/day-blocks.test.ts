import { describe, expect, it } from "vitest";
import type { DayPart, DayTally } from "../../src/relation/day-tally.ts";
import { blockError, estimateOn, log } from "../../src/relation/day-blocks.ts";
import {
  attributableOf,
  availabilityOf,
  riskDifferenceOf,
  riskRatioOf,
} from "../../src/relation/estimates.ts";
import { tQuantile } from "../../src/relation/quantiles.ts";

const day = (part: Partial<DayPart>): DayPart => ({
  exposedSum: 0,
  unexposedSum: 0,
  weight: 0,
  checked: 1_440,
  failed: 0,
  decided: part.failed ?? 0,
  networkOnly: 0,
  exposed: 0,
  ...part,
});

/** Sums as tallyDays makes them. */
function tallyOf(days: readonly DayPart[]): DayTally {
  const sum = (key: keyof DayPart) => days.reduce((all, part) => all + part[key], 0);
  const [exposedSum, unexposedSum, weight] = [sum("exposedSum"), sum("unexposedSum"), sum("weight")];
  return {
    days,
    pooled: {
      exposedSum,
      unexposedSum,
      weight,
      riskRatio: unexposedSum === 0 ? null : exposedSum / unexposedSum,
      riskDifference: weight === 0 ? null : (exposedSum - unexposedSum) / weight,
    },
    totals: { a: 0, n1: 0, c: 0, n0: 0 },
  };
}

describe("day blocks", () => {
  it("count as many effective days as vary equally", () => {
    const error = blockError([1, 1, -1, -1], 0.05)!;
    expect(error.effectiveDays).toBe(4);
    expect(error.se).toBeCloseTo(Math.sqrt(16 / 3), 12);
    expect(error.halfWidth).toBeCloseTo(tQuantile(0.975, 3) * error.se, 12);
  });

  it("count one long outage as little more than one day, with the widest t", () => {
    const error = blockError([10, ...Array<number>(29).fill(-10 / 29)], 0.05)!;
    expect(error.effectiveDays).toBeLessThan(1.1);
    expect(error.halfWidth / error.se).toBeCloseTo(4.3027, 3);
  });

  it("know nothing of one day, nor of days that do not differ", () => {
    expect(blockError([0.3], 0.05)).toBeNull();
    expect(blockError([0, 0, 0], 0.05)).toBeNull();
    expect(estimateOn(log, 2, [0, 0], 0.05).interval).toEqual({ low: null, high: null });
  });

  it("give the standard error of a mean where the estimate is one", () => {
    const values = [3, 5, 4, 8, 2];
    const mean = 22 / 5;
    const parts = values.map((value) => (value - mean) / 5);
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4;
    expect(blockError(parts, 0.05)!.se).toBeCloseTo(Math.sqrt(variance / 5), 12);
  });
});

describe("estimates over days", () => {
  const tally = tallyOf([
    day({ exposedSum: 20, unexposedSum: 1, weight: 50, exposed: 50, failed: 40, networkOnly: 20 }),
    day({ exposedSum: 10, unexposedSum: 2, weight: 30, exposed: 30, failed: 15, networkOnly: 10 }),
    day({ exposedSum: 4, unexposedSum: 1, weight: 20, exposed: 20, failed: 9, networkOnly: 4 }),
    day({ unexposedSum: 2, failed: 11 }),
  ]);

  it("hold their value between their limits, each on its own scale", () => {
    for (const estimate of [riskRatioOf, riskDifferenceOf, availabilityOf, attributableOf]) {
      const { value, interval } = estimate(tally, 0.05);
      expect(interval.low).toBeLessThan(value!);
      expect(interval.high).toBeGreaterThan(value!);
    }
    const ratio = riskRatioOf(tally, 0.05);
    expect(ratio.value).toBeCloseTo(34 / 6, 12);
    // Symmetric in its logarithm.
    expect(ratio.interval.low! * ratio.interval.high!).toBeCloseTo((34 / 6) ** 2, 9);
    expect(availabilityOf(tally, 0.05).interval.high).toBeLessThan(1);
    expect(attributableOf(tally, 0.05).interval.low).toBeGreaterThan(0);
  });

  it("have the ratio's error as the docstring says", () => {
    const parts = [20 / 34 - 1 / 6, 10 / 34 - 2 / 6, 4 / 34 - 1 / 6, 0 - 2 / 6];
    const squares = parts.reduce((sum, part) => sum + part ** 2, 0);
    expect(riskRatioOf(tally, 0.05).se).toBeCloseTo(Math.sqrt((4 / 3) * squares), 12);
  });

  it("are narrower at a lower level", () => {
    const [wide, narrow] = [riskRatioOf(tally, 0.05).interval, riskRatioOf(tally, 0.2).interval];
    expect(narrow.low).toBeGreaterThan(wide.low!);
    expect(narrow.high).toBeLessThan(wide.high!);
  });

  it("have a bound below alone where nothing failed outside outages (S = 0)", () => {
    const days = [1, 2, 3, 4, 5, 6].map((sum) =>
      day({ exposedSum: sum, weight: 10, exposed: 10, failed: sum }),
    );
    const { value, interval } = riskRatioOf(tallyOf(days), 0.05);
    expect(value).toBeNull();
    expect(interval.high).toBeNull();
    expect(interval.low).toBeGreaterThan(0);
    expect(interval.low).toBeLessThan(21 / (60 * (1 - 0.025 ** (1 / 6))));
  });

  it("have a bound above alone where nothing failed in outages", () => {
    const days = [1, 2, 3, 4, 5, 6].map((sum) =>
      day({ unexposedSum: sum, weight: 10, exposed: 10, failed: sum }),
    );
    const { value, interval } = riskRatioOf(tallyOf(days), 0.05);
    expect({ value, low: interval.low }).toEqual({ value: 0, low: null });
    expect(interval.high).toBeGreaterThan((60 * (1 - 0.025 ** (1 / 6))) / 21);
    expect(riskDifferenceOf(tallyOf(days), 0.05).interval.high).toBeGreaterThan(0);
  });

  it("say nothing without exposure, and nothing of days that nobody saw", () => {
    const nobody = day({ checked: 0 });
    expect(riskRatioOf(tallyOf([nobody, nobody]), 0.05).value).toBeNull();
    expect(availabilityOf(tallyOf([nobody]), 0.05).value).toBeNull();
    expect(attributableOf(tallyOf([day({})]), 0.05).value).toBeNull();
    const more = tallyOf([...tally.days, nobody, nobody]);
    expect(riskRatioOf(more, 0.05)).toEqual(riskRatioOf(tally, 0.05));
  });
});
