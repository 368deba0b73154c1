import { describe, expect, it } from "vitest";
import { firstThere, runsWithin, stepsWithin, toldWithin } from "../../src/outage/seek.ts";
import { seededRandom, whole } from "../support/random.ts";

/** Stretches that touch or not, ascending, of whole numbers below 60 or so. */
function stretches(random: () => number): { startMs: number; endMs: number }[] {
  const list: { startMs: number; endMs: number }[] = [];
  for (let at = whole(random, 10); at < 60;) {
    const endMs = at + 1 + whole(random, 6);
    list.push({ startMs: at, endMs });
    at = endMs + whole(random, 3);
  }
  return list;
}

describe("what lies within a stretch of time", () => {
  it("is what a walk over all of the list finds", () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = seededRandom(seed);
      const steps = stretches(random);
      const runs = steps.map(({ startMs, endMs }) => ({ firstMs: startMs, lastMs: endMs - 1 }));
      const events = steps.map(({ startMs }) => ({ timeMs: startMs }));
      const fromMs = whole(random, 70) - 5;
      const toMs = fromMs + 1 + whole(random, 20);
      expect(stepsWithin(steps, fromMs, toMs)).toEqual(
        steps.filter(({ startMs, endMs }) => startMs < toMs && endMs > fromMs),
      );
      expect(runsWithin(runs, fromMs, toMs)).toEqual(
        runs.filter(({ firstMs, lastMs }) => firstMs <= toMs && lastMs >= fromMs),
      );
      expect(toldWithin(events, fromMs, toMs)).toEqual(
        events.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs),
      );
    }
  });

  it("is looked up without a walk: a million items take twenty looks", () => {
    let looks = 0;
    const at = firstThere(
      Array.from({ length: 1_000_000 }, (_, index) => index),
      (item) => {
        looks += 1;
        return item >= 777_777;
      },
    );
    expect(at).toBe(777_777);
    expect(looks).toBeLessThanOrEqual(20);
    expect(firstThere([], () => true)).toBe(0);
    expect(firstThere([1, 2], () => false)).toBe(2);
  });
});
