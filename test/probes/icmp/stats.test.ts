import { describe, expect, it } from "vitest";
import { longestLossRun, lossRatio, lossRuns, pdvUs, percentile } from "../../../probes/icmp/stats.ts";

describe("statistics of echoes", () => {
  it("loss is lost by sent, and nothing of nothing", () => {
    expect(lossRatio(5, 4)).toBe(0.2);
    expect(lossRatio(5, 0)).toBe(1);
    expect(lossRatio(0, 0)).toBeNull();
  });

  // Checked against numpy.percentile, whose default is R7.
  it.each([
    [0, 1],
    [0.25, 1.75],
    [0.5, 2.5],
    [0.95, 8.95],
    [1, 10],
  ])("the %d-quantile interpolates", (q, expected) => {
    expect(percentile([1, 2, 3, 10], q)).toBeCloseTo(expected, 10);
  });

  it("a percentile of nothing is none, of one value that value", () => {
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile([7], 0.95)).toBe(7);
  });

  it("PDV is the 95th percentile above the smallest", () => {
    expect(pdvUs([200, 100, 150])).toBeCloseTo(95, 10);
    expect(pdvUs([100])).toBe(0);
    expect(pdvUs([])).toBeNull();
  });

  it("loss runs are the stretches without an answer", () => {
    expect(lossRuns([1, null, null, 2, null, 3])).toEqual([2, 1]);
    expect(lossRuns([null, null])).toEqual([2]);
    expect(lossRuns([1, 2])).toEqual([]);
    expect(longestLossRun([null, 1, null, null, null])).toBe(3);
    expect(longestLossRun([1])).toBe(0);
  });
});
