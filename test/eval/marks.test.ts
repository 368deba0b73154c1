import { describe, expect, it } from "vitest";
import { marks, pooledMacroF1 } from "./marks.ts";
import { readSeeds } from "./seeds.ts";

describe("the evaluation's own arithmetic", () => {
  it("pools the confusions of all seeds, and counts causes that truly occurred alone", () => {
    const seed = (pairs: [string, string, number][]) => ({ _conf: pairs });
    expect(pooledMacroF1([seed([["power", "power", 4]]), seed([["link", "link", 2]])])).toBe(1);
    // power: 3 of 4 found, 3 named: 6/7 · link: 2 of 2 found, 4 named with the spurious one: 4/6.
    const mixed = [
      seed([
        ["power", "power", 3],
        ["power", "link", 1],
      ]),
      seed([
        ["link", "link", 2],
        ["spurious", "link", 1],
      ]),
    ];
    expect(pooledMacroF1(mixed)).toBeCloseTo((6 / 7 + 4 / 6) / 2, 12);
    expect(pooledMacroF1([{}])).toBeNull();
  });

  it("has no stretch mark that is easier than the floor", () => {
    for (const { label, must, stretch, mustHard, stretchHard } of marks) {
      expect([stretch[0] >= must[0], stretch[1] <= must[1]], label).toEqual([true, true]);
      if (mustHard === undefined || stretchHard === undefined) continue;
      expect([stretchHard[0] >= mustHard[0], stretchHard[1] <= mustHard[1]], label).toEqual([true, true]);
    }
  });

  it("reads seeds, ranges of them, and refuses what is neither", () => {
    expect(readSeeds("--seeds", "1-3,7")).toEqual([1, 2, 3, 7]);
    expect(() => readSeeds("--seeds", "3-1")).toThrow(
      "--seeds 3-1: expected seeds such as 1-8 or 1,5,101-104",
    );
    expect(() => readSeeds("--seeds", "x")).toThrow("--seeds x");
  });
});
