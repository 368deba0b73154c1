import fc from "fast-check";
import { expect, it } from "vitest";
import { figuresOf } from "../../src/series/figures.ts";
import { runsOf } from "../../src/series/outcome-runs.ts";
import { toSketch } from "../../src/series/sketch.ts";
import { decodeTier, encodeTier } from "../../src/series/tier-block.ts";
import type { TierSeries } from "../../src/series/tier-block.ts";
import { day0Ms, dayMs, everyKind } from "./samples.ts";

const stepMs = 300_000;
const times = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 600_000_000 }),
    fc.integer({ min: 1_900, max: 2_200 }).map((us) => 10 * us),
  ),
  { minLength: 1, maxLength: 400 },
);

it("comes back as it was: the counts of echoes, and how their times spread", () => {
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 20 }), (all) => {
      const steps = all.map((us, index) => ({
        startMs: day0Ms + index * stepMs,
        figures: {
          made: us.length,
          good: index,
          sent: us.length * 2,
          received: us.length,
          lossRun: index % 2 === 0 ? null : index,
          certExpiresS: null,
          certAtS: null,
          times: { rtt: toSketch({ us }) },
          objects: {},
        },
      }));
      const given = [{ series: 7, kind: "icmp" as const, steps, runs: [] }];
      const data = encodeTier(given, day0Ms, stepMs);
      expect(decodeTier(data, day0Ms, stepMs, () => true)).toEqual(given);
      expect(decodeTier(data, day0Ms, stepMs, (series) => series !== 7)).toEqual([]);
    }),
  );
});

const ofEveryKind = (): TierSeries[] => {
  const range = { fromMs: day0Ms, toMs: day0Ms + dayMs };
  return everyKind(day0Ms).map((rounds, series) => ({
    series,
    kind: rounds.kind,
    steps: [...figuresOf(rounds, { ...range, stepMs })],
    runs: runsOf(rounds, range),
  }));
};
/** What of it is kept: of echoes how their times spread, of checks without the smallest and the greatest; no texts. */
const kept = (all: readonly TierSeries[]) =>
  all.map(({ steps, ...each }) => ({
    ...each,
    steps: steps.map(({ startMs, figures }) => ({
      startMs,
      figures: {
        ...figures,
        times: Object.fromEntries(
          Object.entries(figures.times).map(([name, spread]) => {
            const sketch = toSketch(spread);
            return [name, each.kind === "icmp" ? sketch : { ...sketch, minUs: null, maxUs: null }];
          }),
        ),
        objects: Object.fromEntries(Object.entries(figures.objects).filter(([, { last }]) => last !== null)),
      },
    })),
  }));

it("comes back as it was: rounds of every kind", () => {
  const all = ofEveryKind();
  expect(all.filter(({ runs }) => runs.length > 0)).toHaveLength(3);
  expect(decodeTier(encodeTier(all, day0Ms, stepMs), day0Ms, stepMs, () => true)).toEqual(kept(all));
});

it("is refused, or whole all the same, whichever byte of it is another", () => {
  const all = ofEveryKind();
  const data = encodeTier(all, day0Ms, stepMs);
  let refused = 0;
  for (let at = 0; at < data.length; at++) {
    const spoilt = data.slice();
    spoilt[at]! ^= 1 << (at % 8);
    try {
      expect(decodeTier(spoilt, day0Ms, stepMs, () => true)).toEqual(kept(all));
    } catch (error) {
      if ((error as Error).name === "AssertionError") throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(0.95 * data.length);
});
