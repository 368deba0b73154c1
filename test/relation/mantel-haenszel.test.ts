import { expect, it } from "vitest";
import { mantelHaenszel } from "../../src/relation/mantel-haenszel.ts";

it("gives the textbook's ratio and difference of the diabetes trial", () => {
  const { riskRatio, riskDifference } = mantelHaenszel([
    { a: 8, n1: 106, c: 5, n0: 120 },
    { a: 22, n1: 98, c: 16, n0: 85 },
  ]);
  expect(riskRatio).toBeCloseTo(1.33, 2);
  expect(riskDifference).toBeCloseTo(0.035, 3);
});

it("is the plain ratio and difference with one stratum", () => {
  const { riskRatio, riskDifference } = mantelHaenszel([{ a: 3, n1: 10, c: 5, n0: 100 }]);
  expect(riskRatio).toBeCloseTo(6, 12);
  expect(riskDifference).toBeCloseTo(0.25, 12);
});

it("takes nothing from strata that were only exposed, or never", () => {
  const stratum = { a: 3, n1: 10, c: 5, n0: 100 };
  const alone = mantelHaenszel([stratum]);
  expect(mantelHaenszel([stratum, { a: 7, n1: 9, c: 0, n0: 0 }, { a: 0, n1: 0, c: 8, n0: 9 }])).toEqual(
    alone,
  );
});

it("has no ratio without a failure outside, and nothing at all without exposure", () => {
  const unfailing = mantelHaenszel([{ a: 3, n1: 10, c: 0, n0: 100 }]);
  expect(unfailing.riskRatio).toBeNull();
  expect(unfailing.riskDifference).toBeCloseTo(0.3, 12);
  expect(mantelHaenszel([{ a: 0, n1: 0, c: 5, n0: 100 }])).toMatchObject({
    riskRatio: null,
    riskDifference: null,
  });
});
