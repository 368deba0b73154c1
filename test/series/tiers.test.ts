import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import type { Rounds } from "../../src/series/series-store.ts";
import { figuresOf } from "../../src/series/figures.ts";
import type { Step } from "../../src/series/figures.ts";
import { quantilesUs, sketchErrorRatio } from "../../src/series/sketch.ts";
import type { Spread } from "../../src/series/sketch.ts";
import type { DamagedRow } from "../../src/series/damage.ts";
import { defaultRetention } from "../../src/series/retention.ts";
import { createCatalogue } from "../../src/series/sqlite-catalogue.ts";
import { createNames } from "../../src/series/sqlite-names.ts";
import { createSqliteSeries } from "../../src/series/sqlite-series.ts";
import type { SqliteSeries } from "../../src/series/sqlite-series.ts";
import { migrate } from "../../src/state/migrations.ts";
import { expectSteps } from "./contract.ts";
import { day0Ms, dayMs, echoes, hourMs, minuteMs } from "./samples.ts";

const key = "64.08/hub";
const fiveMinutesMs = 5 * minuteMs;
let db: DatabaseSync;
let series: SqliteSeries;
let nowMs: number;
let damaged: DamagedRow[];
let seq: number;

function open(): void {
  series = createSqliteSeries(
    db,
    { names: createNames(db), catalogue: createCatalogue(db) },
    { retention: defaultRetention, now: () => nowMs, onDamage: (row) => void damaged.push(row) },
  );
}

beforeEach(() => {
  db = new DatabaseSync(":memory:");
  migrate(db);
  nowMs = day0Ms;
  seq = 0;
  damaged = [];
  open();
});

const append = (...rounds: Rounds[]) => series.append({ agent: "ag_a", seq: ++seq }, rounds);
const appendHours = async (fromMs: number, hours: number) => {
  for (let hour = 0; hour < hours; hour++) await append(echoes(key, fromMs + hour * hourMs, 120));
};
const settle = () => {
  while (series.rollUp(1_000));
};
const countOf = (table: string) => db.prepare(`SELECT count(*) AS rows FROM ${table}`).get()!.rows;
/** More than three days, which would be answered from the rounds. */
const stepsOf = async (stepMs: number, fromMs = day0Ms, toMs = day0Ms + 4 * dayMs, of = key) =>
  (await series.steps(of, { fromMs, toMs, stepMs }))[0]?.steps ?? [];

describe("days that are over", () => {
  it("are rolled up three hours later, in bites, and say the same in steps of 5 minutes, hours and days", async () => {
    await appendHours(day0Ms, 24);
    const rounds = echoes(key, day0Ms, 2_880);
    nowMs = day0Ms + dayMs + 2 * hourMs;
    settle();
    expect(countOf("tiers")).toBe(0);
    expect(countOf("rollups_due")).toBe(1);
    nowMs += 2 * hourMs;
    let bites = 0;
    while (countOf("tiers") === 0) {
      series.rollUp(0);
      bites += 1;
    }
    expect(bites).toBeGreaterThan(10);
    expect([countOf("tiers"), countOf("rollups_due")]).toEqual([2, 0]);
    for (const stepMs of [fiveMinutesMs, hourMs, dayMs]) expectSteps(await stepsOf(stepMs), rounds, stepMs);
  });

  it("are rolled up again after rounds came three days late, once the spool is empty", async () => {
    await appendHours(day0Ms, 12);
    nowMs = day0Ms + dayMs + 4 * hourMs;
    settle();
    nowMs = day0Ms + 4 * dayMs;
    await appendHours(day0Ms + 12 * hourMs, 12);
    expectSteps(await stepsOf(hourMs), echoes(key, day0Ms, 2_880), hourMs);
    settle();
    expect(countOf("rollups_due")).toBe(1);
    nowMs += 11 * minuteMs;
    settle();
    expect(countOf("rollups_due")).toBe(0);
    expectSteps(await stepsOf(hourMs), echoes(key, day0Ms, 2_880), hourMs);
  });

  it("stay due where a batch comes while they are rolled up", async () => {
    await appendHours(day0Ms, 12);
    nowMs = day0Ms + dayMs + 4 * hourMs;
    for (let bite = 0; bite < 5; bite++) series.rollUp(0);
    await appendHours(day0Ms + 12 * hourMs, 1);
    settle();
    expect(countOf("tiers")).toBe(0);
    nowMs += 11 * minuteMs;
    settle();
    expectSteps(await stepsOf(hourMs), echoes(key, day0Ms, 13 * 120), hourMs);
  });

  it("are still due after a restart, and after a roll-up that failed", async () => {
    await appendHours(day0Ms, 24);
    nowMs = day0Ms + dayMs + 4 * hourMs;
    db.exec("CREATE TRIGGER full BEFORE INSERT ON tiers BEGIN SELECT RAISE(ABORT, 'no room'); END");
    expect(settle).toThrow("no room");
    db.exec("DROP TRIGGER full");
    open();
    nowMs += 11 * minuteMs;
    settle();
    expect(countOf("rollups_due")).toBe(0);
    expectSteps(await stepsOf(hourMs), echoes(key, day0Ms, 2_880), hourMs);
  });

  it("leave nothing noted of a batch that was rolled back", async () => {
    db.exec("CREATE TRIGGER full BEFORE INSERT ON blocks BEGIN SELECT RAISE(ABORT, 'no room'); END");
    await expect(append(echoes(key, day0Ms, 10))).rejects.toThrow("no room");
    db.exec("DROP TRIGGER full");
    await append(echoes(key, day0Ms, 10));
    open();
    nowMs = day0Ms + dayMs + 4 * hourMs;
    settle();
    expect(await stepsOf(hourMs)).toHaveLength(1);
  });
});

describe("days that are closed", () => {
  const closeMs = day0Ms + dayMs + defaultRetention.rawMs + 4 * hourMs;
  const later = (ms: number) => {
    nowMs = ms;
    settle();
  };

  beforeEach(async () => {
    await appendHours(day0Ms, 12);
    later(day0Ms + dayMs + 4 * hourMs);
    later(closeMs);
  });

  it("have no rounds any more, and their figures all the same", async () => {
    expect(countOf("blocks")).toBe(0);
    expect(await series.read([key], day0Ms, day0Ms + dayMs)).toEqual([]);
    expect(series.finestStepMs([key], day0Ms)).toBe(fiveMinutesMs);
    expect(series.finestStepMs([key], day0Ms + dayMs)).toBe(1);
    expectSteps(await stepsOf(fiveMinutesMs), echoes(key, day0Ms, 1_440), fiveMinutesMs);
    // A short range is answered from the rounds where there are any.
    expectSteps(
      await stepsOf(fiveMinutesMs, day0Ms, day0Ms + hourMs),
      echoes(key, day0Ms, 120),
      fiveMinutesMs,
    );
  });

  it("take what comes weeks late into their figures at once, and once", async () => {
    for (let hour = 12; hour < 24; hour++)
      for (const part of [0, 1, 2, 3])
        await append(echoes(key, day0Ms + hour * hourMs + part * 15 * minuteMs, 30));
    const all = echoes(key, day0Ms, 2_880);
    expectSteps(await stepsOf(fiveMinutesMs), all, fiveMinutesMs);
    await series.append({ agent: "ag_a", seq }, [echoes(key, day0Ms + 23.75 * hourMs, 30)]);
    expectSteps(await stepsOf(fiveMinutesMs), all, fiveMinutesMs);
    expect(countOf("tiers")).toBeLessThan(60);
    later(nowMs + 2 * hourMs);
    expect(countOf("blocks")).toBe(0);
    open();
    for (const stepMs of [fiveMinutesMs, hourMs]) expectSteps(await stepsOf(stepMs), all, stepMs);
  });

  it("keep figures of hours alone after a year, and nothing after ten", async () => {
    later(day0Ms + 370 * dayMs);
    expect(series.finestStepMs([key], day0Ms)).toBe(hourMs);
    expectSteps(await stepsOf(hourMs), echoes(key, day0Ms, 1_440), hourMs);
    expect(countOf("tiers")).toBe(1);
    later(day0Ms + 3_700 * dayMs);
    expect(countOf("tiers")).toBe(0);
  });
});

it("tells of checks whose rounds are gone how many passed in each 5 minutes", async () => {
  const checks = "64.08/lapor";
  const timeMs = Array.from({ length: 300 }, (_, at) => day0Ms + 23 * hourMs + at * minuteMs);
  const ok = timeMs.map((_, at): 0 | 1 => (at >= 40 && at < 50 ? 0 : 1));
  const phase = ok.map((passed) => (passed === 1 ? null : ("timeout" as const)));
  await append({ key: checks, kind: "tcp", timeMs, ok, phase, connectMs: ok.map(() => 12) });
  nowMs = day0Ms + defaultRetention.rawMs + 2 * dayMs + 4 * hourMs;
  settle();
  expect(await series.read([checks], day0Ms, day0Ms + 2 * dayMs)).toEqual([]);
  const found = await series.outcomes([checks], day0Ms, day0Ms + 3 * dayMs);
  expect(found.flatMap((piece) => piece.timeMs)).toEqual(timeMs);
  expect(found.flatMap((piece) => piece.ok)).toEqual(ok);
});

it("loses no more than two days an hour to a clock that is years in the future", async () => {
  for (let day = 0; day < 6; day++) await append(echoes(key, day0Ms + day * dayMs, 120));
  nowMs = day0Ms + 6 * dayMs + 4 * hourMs;
  settle();
  const roundDays = async () => {
    const [found] = await series.read([key], 0, day0Ms + 30 * dayMs);
    return new Set(found!.timeMs.map((ms) => Math.floor(ms / dayMs))).size;
  };
  expect([await roundDays(), countOf("tiers")]).toEqual([6, 12]);
  nowMs += 3_650 * dayMs;
  settle();
  expect([await roundDays(), countOf("tiers")]).toEqual([4, 8]);
  open();
  settle();
  expect([await roundDays(), countOf("tiers")]).toEqual([4, 8]);
  // Somebody set it right: nothing more goes.
  nowMs -= 3_650 * dayMs;
  settle();
  nowMs += 2 * hourMs;
  settle();
  expect([await roundDays(), countOf("tiers")]).toEqual([4, 8]);
});

it("rolls up what was written while the clock was ahead, once it is set right", async () => {
  await appendHours(day0Ms, 12);
  nowMs = day0Ms + 365 * dayMs;
  await append(echoes(key, day0Ms + 12 * hourMs, 120));
  nowMs = day0Ms + dayMs + 4 * hourMs;
  settle();
  nowMs += 11 * minuteMs;
  settle();
  expect([countOf("rollups_due"), countOf("tiers")]).toEqual([0, 2]);
});

it("tells once of rows that are damaged, and rolls up and reads the others", async () => {
  await appendHours(day0Ms, 24);
  db.exec(`UPDATE blocks SET data = x'00ff00ff' WHERE first_ms = ${day0Ms + 3 * hourMs}`);
  db.exec(
    `UPDATE blocks SET data = substr(data, 1, length(data) - 40) WHERE first_ms = ${day0Ms + 5 * hourMs}`,
  );
  nowMs = day0Ms + 2 * dayMs;
  settle();
  expect(countOf("rollups_due")).toBe(0);
  expect(damaged.map(({ firstMs }) => (firstMs - day0Ms) / hourMs)).toEqual([3, 5]);
  expect(series.damagedRows()).toBe(2);
  const [read] = await series.read([key], day0Ms, day0Ms + dayMs);
  expect(read!.timeMs).toHaveLength(22 * 120);
  expect((await stepsOf(hourMs)).map(({ startMs }) => (startMs - day0Ms) / hourMs)).not.toContain(3);
  open();
  settle();
  expect((await series.read([key], day0Ms, day0Ms + dayMs))[0]!.timeMs).toHaveLength(22 * 120);
});

it("is not closed before it was rolled up", async () => {
  nowMs = day0Ms + 30 * dayMs;
  await appendHours(day0Ms, 12);
  nowMs += hourMs + 1;
  db.exec("CREATE TRIGGER full BEFORE INSERT ON tiers BEGIN SELECT RAISE(ABORT, 'no room'); END");
  expect(settle).toThrow("no room");
  expect((await series.read([key], day0Ms, day0Ms + dayMs))[0]!.timeMs).toHaveLength(1_440);
});

it("keeps what checks, polls and summaries come to", async () => {
  const fromMs = day0Ms + 10 * hourMs;
  const given: Rounds[] = [
    {
      key: "64.08/http",
      kind: "http",
      timeMs: [fromMs, fromMs + 60_000, fromMs + 120_000],
      ok: [1, 0, 1],
      phase: [null, "timeout", null],
      status: [200, null, 200],
      dnsMs: [1, 2, 3],
      connectMs: [1, null, 3],
      tlsMs: [1, null, null],
      ttfbMs: [100, null, 300],
      totalMs: [123.4, 10_000, 300],
      certExpiresS: [86_400, null, 86_280],
    },
    {
      key: "64.08/snmp",
      kind: "snmp",
      timeMs: [fromMs - 60_000, fromMs, fromMs + 60_000],
      ok: [1, 1, 1],
      values: {
        "ifHCInOctets.2": [1_000, 7_000, "9007199254740993"],
        "level.1": [-71.5, -71.5, -72.25],
        sysName: ["a", "a", "a"],
      },
    },
    {
      key: "64.08/thinned",
      kind: "icmp",
      timeMs: [fromMs],
      merged: [20],
      spanMs: [570_000],
      sent: [100],
      recv: [100],
      rttUs: [20_000, 20_000, 20_000, 20_000, 20_000],
    },
  ];
  await append(...given);
  nowMs = day0Ms + dayMs + 4 * hourMs;
  settle();
  for (const rounds of given) {
    const range = { fromMs: day0Ms, toMs: day0Ms + dayMs, stepMs: fiveMinutesMs };
    const expected = [...figuresOf(rounds, range)];
    const found = await stepsOf(fiveMinutesMs, day0Ms, day0Ms + 4 * dayMs, rounds.key);
    expect(found.map(withoutTimes)).toEqual(expected.map(withoutTimes).map(withoutTexts));
    for (const [at, { figures }] of expected.entries())
      for (const [name, spread] of Object.entries(figures.times))
        expect(Math.abs(medianOf(found[at]!.figures.times[name]!) / medianOf(spread) - 1)).toBeLessThan(
          sketchErrorRatio,
        );
  }
});

const medianOf = (spread: Spread) => quantilesUs(spread, [0.5])[0] ?? 1;
const withoutTimes = ({ startMs, figures }: Step) => ({ startMs, ...figures, times: null });
/** Of a text there is nothing to add up, and none is kept. */
const withoutTexts = (step: ReturnType<typeof withoutTimes>) => ({
  ...step,
  objects: Object.fromEntries(Object.entries(step.objects).filter(([, { last }]) => last !== null)),
});
