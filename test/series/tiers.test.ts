import { DatabaseSync } from "node:sqlite";
import { startsOf } from "#wire/summary-v1.ts";
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

describe("checks whose rounds are gone", () => {
  const checks = "64.08/lapor";
  const tcp = (timeMs: number[], ok: (0 | 1)[]): Rounds => {
    const phase = ok.map((passed) => (passed === 1 ? null : ("timeout" as const)));
    return { key: checks, kind: "tcp", timeMs, ok, phase, connectMs: ok.map(() => 12) };
  };
  /** Over midnight; ten that fail, and later a quarter of an hour without any. */
  const starts = Array.from({ length: 300 }, (_, at) => day0Ms + 23 * hourMs + at * minuteMs);
  const held = starts.filter((_, at) => at < 200 || at >= 215);
  const okOf = (timeMs: number): 0 | 1 => (timeMs >= starts[40]! && timeMs < starts[50]! ? 0 : 1);
  const rounds = (from: number, to: number) => {
    const timeMs = held.slice(from, to);
    return tcp(timeMs, timeMs.map(okOf));
  };
  const all = async () => {
    const pieces = await series.outcomes([checks], day0Ms, day0Ms + 3 * dayMs);
    return pieces.flatMap(({ timeMs, ok, merged, spanMs }) =>
      timeMs.flatMap((ms, row) =>
        Array.from(startsOf(ms, merged?.[row] ?? 1, spanMs?.[row] ?? 0), (at) => [at, ok[row]]),
      ),
    );
  };
  const closedMs = day0Ms + defaultRetention.rawMs + 2 * dayMs + 4 * hourMs;

  it("passed and failed as they did, 400 days later as well, and what was not measured is not there", async () => {
    await append(rounds(0, 285));
    nowMs = closedMs;
    settle();
    expect(await series.read([checks], day0Ms, day0Ms + 2 * dayMs)).toEqual([]);
    const expected = held.map((ms) => [ms, okOf(ms)]);
    expect(await all()).toEqual(expected);
    const [first] = await series.outcomes([checks], day0Ms, day0Ms + dayMs);
    // Of a day that had 60 rounds: those before the failure, those that failed, and those after it.
    expect(first!.timeMs).toHaveLength(3);
    nowMs = day0Ms + 400 * dayMs;
    settle();
    expect(series.finestStepMs([checks], day0Ms)).toBe(hourMs);
    expect(await all()).toEqual(expected);
    const within = await series.outcomes([checks], starts[45]!, starts[47]!);
    expect(within.map(({ ok }) => ok)).toEqual([[0]]);
  });

  it("have what came after that in its place, in whatever order", async () => {
    await append(rounds(0, 20), rounds(30, 100));
    nowMs = closedMs;
    settle();
    await append(rounds(100, 285));
    await append(rounds(20, 30));
    expect(await all()).toEqual(held.map((ms) => [ms, okOf(ms)]));
  });
});

describe("the last value of a step", () => {
  const poll = (kind: "snmp" | "http", atMs: number, value: number): Rounds =>
    kind === "snmp"
      ? { key, kind, timeMs: [atMs], ok: [1], values: { "ifOperStatus.2": [value] } }
      : {
          key,
          kind,
          timeMs: [atMs],
          ok: [1],
          phase: [null],
          status: [200],
          dnsMs: [1],
          connectMs: [1],
          tlsMs: [1],
          ttfbMs: [1],
          totalMs: [1],
          certExpiresS: [value],
        };
  const lastOf = ({ figures }: Step) => figures.objects["ifOperStatus.2"]?.last ?? figures.certExpiresS;

  it.each(["snmp", "http"] as const)("is not that of the part which came last: %s", async (kind) => {
    await append(poll(kind, day0Ms + hourMs + 50 * minuteMs, 1));
    nowMs = day0Ms + dayMs + defaultRetention.rawMs + 4 * hourMs;
    settle();
    expect(countOf("blocks")).toBe(0);
    await append(poll(kind, day0Ms + hourMs + 5 * minuteMs, 2));
    await append(poll(kind, day0Ms + hourMs + 52 * minuteMs, 3));
    await append(poll(kind, day0Ms + hourMs + 51 * minuteMs, 4));
    expect((await stepsOf(hourMs)).map(lastOf)).toEqual([3]);
    expect((await stepsOf(fiveMinutesMs)).map(lastOf)).toEqual([2, 3]);
    // So many that they are made one part.
    for (let second = 0; second < 30; second++)
      await append(poll(kind, day0Ms + hourMs + 30 * minuteMs + second * 1000, 5));
    expect(countOf("tiers")).toBeLessThan(60);
    expect((await stepsOf(hourMs)).map(lastOf)).toEqual([3]);
  });
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

describe("figures that the disk has spoilt", () => {
  /** A bit in the midst of each row. */
  const spoil = (stepMs: number) => {
    for (const row of db.prepare("SELECT rowid, data FROM tiers WHERE step_ms = ?").all(stepMs)) {
      const data = row.data as Uint8Array;
      data[data.length >> 1]! ^= 1;
      db.prepare("UPDATE tiers SET data = ? WHERE rowid = ?").run(data, row.rowid!);
    }
  };
  const startsOfSteps = async (stepMs: number) => (await stepsOf(stepMs)).map(({ startMs }) => startMs);

  beforeEach(async () => {
    await appendHours(day0Ms, 12);
    await appendHours(day0Ms + dayMs, 12);
    nowMs = day0Ms + 2 * dayMs + 4 * hourMs;
    settle();
  });

  it("are made anew where the rounds are there", async () => {
    const before = await stepsOf(fiveMinutesMs);
    spoil(fiveMinutesMs);
    expectSteps((await stepsOf(fiveMinutesMs)).slice(0, 144), echoes(key, day0Ms, 1_440), fiveMinutesMs);
    expect(series.damagedRows()).toBe(2);
    nowMs += 11 * minuteMs;
    settle();
    expect(await stepsOf(fiveMinutesMs)).toEqual(before);
    expect(countOf("tiers")).toBe(4);
  });

  it("are found before the rounds are given up for them", async () => {
    const before = await stepsOf(hourMs);
    spoil(hourMs);
    open();
    nowMs = day0Ms + dayMs + defaultRetention.rawMs + 4 * hourMs;
    settle();
    expect((await series.read([key], day0Ms, day0Ms + dayMs))[0]!.timeMs).toHaveLength(1_440);
    for (let hours = 0; hours < 30; hours++) {
      nowMs += hourMs;
      settle();
    }
    expect(countOf("blocks")).toBe(0);
    expect(await stepsOf(hourMs)).toEqual(before);
  });

  it("are left out and told once where nothing is left but them, and what comes late does not wipe them out", async () => {
    nowMs = day0Ms + 2 * dayMs + defaultRetention.rawMs + 4 * hourMs;
    settle();
    expect(countOf("blocks")).toBe(0);
    const whole = await stepsOf(hourMs);
    db.exec(`UPDATE tiers SET data = x'00ff00ff' WHERE day = ${day0Ms / dayMs}`);
    expect(await stepsOf(hourMs)).toEqual(whole.slice(12));
    expect(await startsOfSteps(fiveMinutesMs)).toHaveLength(144);
    const tier = (stepMs: number) => ({ shelf: 1, firstMs: day0Ms, series: null, tier: { stepMs, part: 0 } });
    expect(damaged).toEqual([tier(hourMs), tier(fiveMinutesMs)]);
    expect(await series.outcomes([key], day0Ms, day0Ms + dayMs)).toEqual([]);
    for (let minute = 0; minute < 30; minute++) await append(echoes(key, day0Ms + minute * minuteMs, 2));
    expectSteps((await stepsOf(hourMs)).slice(0, 1), echoes(key, day0Ms, 60), hourMs);
    expect(series.damagedRows()).toBe(2);
    expect(db.prepare("SELECT count(*) AS rows FROM tiers WHERE data = x'00ff00ff'").get()!.rows).toBe(2);
  });
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
