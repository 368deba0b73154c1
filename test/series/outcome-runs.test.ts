import fc from "fast-check";
import { expect, it } from "vitest";
import { toSpans } from "../../src/report/outcome-days.ts";
import { joinRuns, outcomesOf, runsOf } from "../../src/series/outcome-runs.ts";
import type { Outcomes, TcpRounds } from "../../src/series/series-store.ts";
import { day0Ms, dayMs, minuteMs } from "./samples.ts";

const range = { fromMs: day0Ms, toMs: day0Ms + dayMs };
const name = { key: "64.08/lapor", kind: "tcp" } as const;
type Said = 0 | 1 | null;

/** A check each minute; null: none was made. */
const checks = (said: readonly Said[], late: readonly number[] = []): TcpRounds => {
  const made = said.flatMap((ok, at) =>
    ok === null ? [] : [{ timeMs: day0Ms + at * minuteMs + (late[at] ?? 0), ok }],
  );
  const ok = made.map((each) => each.ok);
  return {
    ...name,
    timeMs: made.map(({ timeMs }) => timeMs),
    ok,
    phase: ok.map((passed) => (passed === 1 ? null : "timeout")),
    connectMs: ok.map(() => 1),
  };
};
/** Now and then something else than before, and each tenth round is missing. */
const day = fc
  .array(fc.tuple(fc.constantFrom<Said>(0, 1, 1, null), fc.integer({ min: 1, max: 90 })), {
    minLength: 1,
    maxLength: 30,
  })
  .map((stretches) => stretches.flatMap(([ok, rounds]) => Array.from({ length: rounds }, () => ok)));
/** What was observed, by whether it failed, and whether it was carried forward. */
function msOf(pieces: readonly Outcomes[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { fromMs, toMs, failed, carried } of toSpans(pieces, minuteMs))
    sums[`${failed} ${carried}`] = (sums[`${failed} ${carried}`] ?? 0) + toMs - fromMs;
  return sums;
}
const rare = fc.array(fc.nat(9), { minLength: 1, maxLength: 400 });

it("observes and fails as long as the rounds themselves do, wherever some are missing", () => {
  fc.assert(
    fc.property(day, rare, (said, missing) => {
      const rounds = checks(said.map((ok, at) => (missing[at % missing.length] === 0 ? null : ok)));
      const runs = runsOf(rounds, range);
      expect(msOf([outcomesOf(name, runs)])).toEqual(msOf([rounds]));
      expect(runs.reduce((sum, run) => sum + run.rounds, 0)).toBe(rounds.timeMs.length);
    }),
  );
});

it("takes rounds that come a few seconds early or late for one run, and knows its ends exactly", () => {
  const said = Array.from({ length: 1_440 }, (_, at): Said => (at >= 700 && at < 720 ? 0 : 1));
  const late = said.map((_, at) => (at * 7_919) % 9_000);
  const rounds = checks(said, late);
  const runs = runsOf(rounds, range);
  expect(runs.map(({ rounds: many, ok }) => [many, ok])).toEqual([
    [700, 1],
    [20, 0],
    [720, 1],
  ]);
  const [, failed] = runs;
  expect(failed!.startMs).toBe(rounds.timeMs[700]);
  expect(failed!.startMs + failed!.spanMs).toBe(rounds.timeMs[719]);
});

it("has the rounds of several parts in their order, whichever part came first and lies within another", () => {
  const parts = [checks([1, 1, 1, 1, 1, 1]), checks([null, null, 0], [0, 0, 30_000])].map((rounds) =>
    runsOf(rounds, range),
  );
  for (const some of [parts, parts.toReversed()]) {
    const timeMs = [0, 1, 2, 2.5, 3, 4, 5].map((at) => day0Ms + at * minuteMs);
    expect(outcomesOf(name, joinRuns(some))).toEqual({ ...name, timeMs, ok: [1, 1, 1, 0, 1, 1, 1] });
  }
});

it("counts a summary as the rounds that it stands for, and those of other days not", () => {
  const summary: TcpRounds = {
    ...checks([0]),
    timeMs: [day0Ms - 10 * minuteMs],
    merged: [21],
    spanMs: [20 * minuteMs],
  };
  expect(runsOf(summary, range)).toEqual([{ startMs: day0Ms, rounds: 11, spanMs: 10 * minuteMs, ok: 0 }]);
  expect(runsOf({ ...name, kind: "snmp", timeMs: [day0Ms], ok: [1], values: {} }, range)).toEqual([]);
});
