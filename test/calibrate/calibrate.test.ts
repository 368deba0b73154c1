import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/relation/random.ts";
import { coverageRows, powerRows, sizeRows } from "./association-runs.ts";
import { complaintRows } from "./complaint-runs.ts";
import { createDraws } from "./draws.ts";
import { shareRow } from "./rows.ts";
import { truthOf } from "./truth.ts";
import { drawCourse, inputOf } from "./world.ts";

/* A few worlds: that the calibration runs, counts what it says, and comes out the same again. Its marks take a thousand. */

/** ms: they compute for seconds, on a busy machine for many. */
const patience = 120_000;
const few = { days: [20], worlds: 4, seed: 3 };

describe("calibration", { timeout: patience }, () => {
  it("counts the worlds that it was asked for, and the same again", () => {
    const rows = [...sizeRows(few), ...powerRows(few)];
    expect(rows.map(({ measure }) => measure)).toEqual([
      "size, 20 days",
      "size, 20 days, of those with enough data",
      "size of χ² on minutes, 20 days",
      ...[0.02, 0.05, 0.1, 0.2].flatMap((q) => [
        `power, 20 days, q = ${q}`,
        "  of these, called not separable",
      ]),
    ]);
    expect(rows.filter(({ value }) => value.endsWith("of 4)")).length).toBeGreaterThanOrEqual(6);
    expect([...sizeRows(few), ...powerRows(few)]).toEqual(rows);
  });

  it("holds each interval against the truth", () => {
    const rows = coverageRows({ days: [60], worlds: 2, seed: 8, truthYears: 1 });
    const named = rows.filter(({ measure }) => measure.startsWith("coverage of"));
    expect(named.map(({ measure }) => measure)).toEqual(
      ["RR", "A", "AS", "RD"].map((name) => `coverage of ${name}, 60 days`),
    );
    expect(rows[0]).toMatchObject({ measure: "enough data, 60 days" });
    expect(rows[0]!.value).toMatch(/ of 8\)$/);
  });

  it("says of this district's complaints that nothing can be shown", () => {
    const rows = complaintRows(1, 2);
    for (const resolution of ["times", "days"])
      expect(rows.find(({ measure }) => measure.includes(`by ${resolution}, though all`))).toMatchObject({
        value: "100.0 % ± 0.0 % (1 of 1)",
        met: true,
      });
  });
});

describe("a share of worlds", () => {
  it("is shown with its Monte Carlo error, its count, and whether it lies in its mark", () => {
    expect(shareRow("size", 50, 1_000, [0.025, 0.06])).toEqual({
      measure: "size",
      value: "5.0 % ± 0.7 % (50 of 1000)",
      mark: "2.5 % to 6.0 %",
      met: true,
    });
    expect(shareRow("size", 61, 1_000, [0.025, 0.06]).met).toBe(false);
    expect(shareRow("size", 0, 0, [0.025, 0.06])).toMatchObject({ value: "none", met: false });
  });
});

describe("a world", () => {
  it("is the same from the same seed, and fills every minute of every site", () => {
    const draw = () =>
      inputOf(drawCourse({ days: 5, takenShare: 0.5, sites: 6, areas: 2 }, createDraws(createRandom(9))));
    const input = draw();
    expect(draw()).toEqual(input);
    for (const { network, service } of input.sites)
      for (const spans of [network, service])
        expect(spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)).toBe(5 * 86_400_000);
  });

  it("has the truth of its shares", () => {
    // Each hour alike: out a tenth, half of that taken, the service itself gone for a hundredth.
    const hours = (share: number) => Array<number>(24).fill(share);
    const truth = truthOf({ out: hours(0.1), taken: hours(0.05), failed: hours(0.01) });
    expect(truth.riskRatio).toBeCloseTo((0.01 + 0.99 * 0.5) / 0.01, 9);
    expect(truth.riskDifference).toBeCloseTo(0.99 * 0.5, 9);
    expect(truth.availability).toBeCloseTo(1 - 0.01 - 0.99 * 0.05, 9);
    expect(truth.attributable).toBeCloseTo((0.99 * 0.05) / (0.01 + 0.99 * 0.05), 9);
  });
});
