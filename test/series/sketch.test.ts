import fc from "fast-check";
import { expect, it } from "vitest";
import { joinSpreads, quantilesUs, sketchErrorRatio, toSketch } from "../../src/series/sketch.ts";
import { decodeTier, encodeTier } from "../../src/series/tier-block.ts";
import { day0Ms } from "./samples.ts";

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
      for (const [at, found] of quantilesUs(joined, ratios).entries())
        expect(Math.abs(found! - exact[at]!)).toBeLessThanOrEqual(exact[at]! * sketchErrorRatio * (1 + 1e-9));
      expect(joined).toEqual(toSketch({ us: parts.flat() }));
    }),
  );
});

it("comes back from a block as it was", () => {
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 20 }), (all) => {
      const steps = all.map((us, index) => ({
        startMs: day0Ms + index * 300_000,
        figures: {
          made: us.length,
          good: index,
          sent: us.length * 2,
          received: us.length,
          lossRun: index % 2 === 0 ? null : index,
          certExpiresS: null,
          times: { rtt: toSketch({ us }) },
          objects: {},
        },
      }));
      const data = encodeTier([{ series: 7, kind: "icmp", steps }], day0Ms, 300_000);
      expect(decodeTier(data, day0Ms, 300_000, () => true)).toEqual([{ series: 7, kind: "icmp", steps }]);
      expect(decodeTier(data, day0Ms, 300_000, (series) => series !== 7)).toEqual([]);
    }),
  );
});

it("has no quantile of nothing", () => {
  expect(quantilesUs({ us: [] }, [0.5])).toEqual([null]);
  expect(quantilesUs({ buckets: [], counts: [] }, [0.5])).toEqual([null]);
});
