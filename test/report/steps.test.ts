import { expect, it } from "vitest";
import { readSteps } from "../../src/report/steps.ts";
import { leadMs } from "../../src/series/figures.ts";
import { stepsOfRounds } from "../../src/series/read-steps.ts";
import type { SeriesStore } from "../../src/series/series-store.ts";

const dayMs = 86_400_000;

/** Counts the turns of the event loop in which something else could have been done while the work went on. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let done = false;
  const count = () => {
    if (done) return;
    turns++;
    setImmediate(count);
  };
  setImmediate(count);
  await work();
  done = true;
  return turns;
}

/** A store with nothing in it, whose answers take no turn of the loop: as SQLite's do, which are made in place. */
function emptySeries() {
  const asked: number[] = [];
  const read: SeriesStore["read"] = async (_keys, fromMs, toMs) => {
    asked.push(toMs - fromMs);
    return [];
  };
  const series: SeriesStore = {
    async append() {},
    read,
    steps: (key, range) => stepsOfRounds(read, key, range),
    finestStepMs: () => 1,
    async ping() {},
    outcomes: async () => [],
    firstMs: async () => null,
    answeredMs: async () => null,
    keys: async () => new Map(),
  };
  return { series, asked };
}

const query = { fromMs: 0, toMs: 30 * dayMs, nowMs: 30 * dayMs, stepMs: 3_600_000, maxRows: 1_000_000 };

it("leaves room for others after each target, also for those without rounds", async () => {
  const { series } = emptySeries();
  const targets = Array.from({ length: 40 }, (_, n) => `64.08/t${n}`);
  const short = { ...query, toMs: dayMs, nowMs: dayMs, targets };
  const turns = await turnsDuring(() => readSteps(series, short, (_, timeMs) => ({ timeMs })));
  expect(turns).toBeGreaterThanOrEqual(targets.length);
});

it("reads a long range in slices of at most three days and what was before each, and leaves room between them", async () => {
  const { series, asked } = emptySeries();
  const turns = await turnsDuring(() =>
    readSteps(series, { ...query, targets: ["64.08/gw"] }, (_, timeMs) => ({ timeMs })),
  );
  expect(Math.max(...asked)).toBe(3 * dayMs + leadMs);
  expect(asked.reduce((sum, ms) => sum + ms, 0)).toBe(30 * dayMs + asked.length * leadMs);
  expect(turns).toBeGreaterThanOrEqual(asked.length);
});
