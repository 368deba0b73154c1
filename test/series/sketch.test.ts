import fc from "fast-check";
import { expect, it } from "vitest";
import {
  joinSpreads,
  quantileErrorsUs,
  quantilesUs,
  sketchErrorRatio,
  toSketch,
} from "../../src/series/sketch.ts";

const times = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 600_000_000 }), fc.integer({ min: 19_000, max: 22_000 })),
  {
    minLength: 1,
    maxLength: 400,
  },
);
const ratios = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1];

it("is off by one per cent at most, whatever the times, and however they were put together", () => {
  expect(sketchErrorRatio).toBeLessThan(0.01);
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 6 }), (parts) => {
      const joined = joinSpreads(parts.map((us) => toSketch({ us })));
      const exact = quantilesUs({ us: parts.flat() }, ratios);
      const errors = quantileErrorsUs(joined, ratios);
      for (const [at, found] of quantilesUs(joined, ratios).entries()) {
        expect(Math.abs(found! - exact[at]!)).toBeLessThanOrEqual(exact[at]! * sketchErrorRatio * (1 + 1e-9));
        expect(Math.abs(found! - exact[at]!)).toBeLessThanOrEqual(errors[at]! + 1e-3);
      }
      expect(joined).toEqual(toSketch({ us: parts.flat() }));
    }),
  );
});

it("has the smallest and the greatest as they were, and nothing beyond them", () => {
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 6 }), (parts) => {
      const joined = joinSpreads(parts.map((us) => toSketch({ us })));
      const found = quantilesUs(joined, ratios) as number[];
      expect([found[0], found.at(-1)]).toEqual([Math.min(...parts.flat()), Math.max(...parts.flat())]);
      expect(found).toEqual(found.toSorted((a, b) => a - b));
    }),
  );
});

it("knows the band of a satellite link to half of what it is wide, where a bucket is three times as wide", () => {
  const us = Array.from({ length: 400 }, (_, at) => 600_000 + at * 10);
  const joined = joinSpreads([toSketch({ us }), toSketch({ us })]);
  const exact = quantilesUs({ us }, ratios) as number[];
  for (const [at, found] of quantilesUs(joined, ratios).entries())
    expect(Math.abs(found! - exact[at]!)).toBeLessThan(2_100);
});

it("says what it may be off by, and nothing of times that it has", () => {
  const us = [600_000, 602_000, 604_000];
  expect(quantileErrorsUs({ us }, ratios)).toEqual(ratios.map(() => 0));
  const [min, p50, max] = quantileErrorsUs(toSketch({ us: [...us, 650_000] }), [0, 0.5, 1]);
  expect([min, max]).toEqual([0, 0]);
  expect(p50).toBeGreaterThan(0);
  expect(quantileErrorsUs(toSketch({ us: [5_000, 5_000, 5_000] }), [0.5])).toEqual([0]);
});

it("has no quantile of nothing", () => {
  expect(quantilesUs({ us: [] }, [0.5])).toEqual([null]);
  expect(quantilesUs(toSketch({ us: [] }), [0.5])).toEqual([null]);
});
