import { expect, it } from "vitest";
import { eValue, holm } from "../../src/relation/multiplicity.ts";

it("adjusts by Holm in the order given", () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
  for (const [place, p] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[place]).toBeCloseTo(p, 12);
});

it("never goes above 1, and leaves one p as it is", () => {
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
  expect(holm([0.2])).toEqual([0.2]);
  expect(holm([])).toEqual([]);
});

it("gives the E-values of VanderWeele and Ding's example", () => {
  expect(eValue(3.9)).toBeCloseTo(7.26, 2);
  expect(eValue(1.8)).toBeCloseTo(3, 2);
});

it("is the same for a protective ratio, and 1 for none", () => {
  expect(eValue(1 / 3.9)).toBeCloseTo(eValue(3.9), 12);
  expect(eValue(1)).toBe(1);
  expect(eValue(0)).toBe(Infinity);
});
