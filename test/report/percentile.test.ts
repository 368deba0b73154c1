import { describe, expect, it } from "vitest";
import { median, percentile } from "../../src/report/percentile.ts";

describe("percentile (R7)", () => {
  // As R's quantile(c(1, 2, 4, 8), c(0, .1, .25, .5, .75, .9, 1), type = 7) has them.
  it.each([
    [0, 1],
    [0.1, 1.3],
    [0.25, 1.75],
    [0.5, 3],
    [0.75, 5],
    [0.9, 6.8],
    [1, 8],
  ])("at %d of 1, 2, 4, 8 is %d", (ratio, expected) => {
    expect(percentile([1, 2, 4, 8], ratio)).toBeCloseTo(expected, 12);
  });

  it("of one value is that value, of none nothing", () => {
    expect(percentile([7], 0.9)).toBe(7);
    expect(percentile([], 0.5)).toBeNull();
  });

  it("sorts numbers as numbers for a median", () => {
    expect(median([100, 9, 20])).toBe(20);
  });
});
