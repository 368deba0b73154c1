import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { carriedRatio, createOutcomeDays, toSpans } from "../../src/report/outcome-days.ts";
import { defaultRetention } from "../../src/series/retention.ts";
import type { Outcomes } from "../../src/series/series-store.ts";
import { createCatalogue } from "../../src/series/sqlite-catalogue.ts";
import { createNames } from "../../src/series/sqlite-names.ts";
import { createSqliteSeries } from "../../src/series/sqlite-series.ts";
import { migrate } from "../../src/state/migrations.ts";
import { lapor, makeInventory, makeSite, serviceTarget } from "../support/inventory.ts";
import { httpRounds } from "../support/rounds.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const startMs = 20_000 * dayMs;

/** A round a minute from `fromMin` on: 1 passed, 0 failed, null none came. */
function outcomes(key: string, fromMs: number, rounds: readonly (1 | 0 | null)[]): Outcomes {
  const kept = rounds.flatMap((ok, at) => (ok === null ? [] : [{ ms: fromMs + at * minuteMs, ok }]));
  return { key, kind: "http", timeMs: kept.map(({ ms }) => ms), ok: kept.map(({ ok }) => ok) };
}

const minutes = (spans: ReturnType<typeof toSpans>) =>
  spans.map(({ fromMs, toMs, failed }) => [
    (fromMs - startMs) / minuteMs,
    (toMs - startMs) / minuteMs,
    failed,
  ]);

describe("spans of a check", () => {
  it("hold until the next round, and are one while they say the same", () => {
    expect(minutes(toSpans([outcomes("a", startMs, [1, 1, 0, 0, 0, 1])], minuteMs))).toEqual([
      [0, 2, false],
      [2, 5, true],
      [5, 6, false],
    ]);
  });

  it("bridge a round that is missing, and leave a hole where several are", () => {
    expect(minutes(toSpans([outcomes("a", startMs, [1, null, 1, null, null, null, 0])], minuteMs))).toEqual([
      [0, 1, false],
      [1, 2, false],
      [2, 3, false],
      [6, 7, true],
    ]);
  });

  it("tell how much of them no round stands for, and that a late round is no missing one", () => {
    const missing = toSpans([outcomes("a", startMs, [1, null, 1, 1, null, 0, null, null, 1, 1])], minuteMs);
    expect(missing.filter(({ carried }) => carried).map(({ failed }) => failed)).toEqual([false, false]);
    expect(carriedRatio([missing, []])).toBe(2 / 8);
    const late = outcomes("a", startMs, [1, 1, 1]);
    late.timeMs[1]! += 25_000;
    expect(minutes(toSpans([late], minuteMs))).toEqual([[0, 3, false]]);
    expect(carriedRatio([])).toBe(0);
  });

  it("take a summary for the rounds that it stands for", () => {
    const merged: Outcomes = {
      key: "a",
      kind: "http",
      timeMs: [startMs, startMs + 5 * minuteMs],
      ok: [0, 1],
      merged: [5, 1],
      spanMs: [4 * minuteMs, 0],
    };
    expect(toSpans([merged], minuteMs)).toEqual(
      toSpans([outcomes("a", startMs, [0, 0, 0, 0, 0, 1])], minuteMs),
    );
  });
});

describe("outcomes by day", () => {
  const sites = [makeSite("64.08", "Kutai"), makeSite("64.08.01", "Hulu")];
  const inventory = makeInventory({
    sites,
    services: [lapor],
    targets: sites.map(({ code }) => serviceTarget(code, lapor)),
  });
  const twoDays = Array.from({ length: 2 * 1440 }, (_, minute): 0 | 1 => (minute % 700 < 5 ? 0 : 1));

  function open() {
    const stored = new Map<string, Outcomes[]>([
      ["64.08/lapor", [outcomes("64.08/lapor", startMs, twoDays)]],
    ]);
    const asked: string[] = [];
    const days = createOutcomeDays(
      {
        async outcomes([key], fromMs, toMs) {
          asked.push(`${key} ${(fromMs - startMs) / minuteMs} ${(toMs - startMs) / minuteMs}`);
          return (stored.get(key!) ?? []).map((all) => {
            const rows = all.timeMs.flatMap((ms, row) => (ms >= fromMs && ms < toMs ? [row] : []));
            return {
              ...all,
              timeMs: rows.map((row) => all.timeMs[row]!),
              ok: rows.map((row) => all.ok[row]!),
            };
          });
        },
      },
      () => inventory,
    );
    return { days, stored, asked };
  }

  const failedMinutes = (spans: ReturnType<typeof toSpans>) =>
    spans.reduce((sum, { fromMs, toMs, failed }) => sum + (failed ? (toMs - fromMs) / minuteMs : 0), 0);

  it("are those of the rounds, whichever way the days are read", async () => {
    const whole = await open().days.read("lapor", startMs, startMs + 2 * dayMs);
    expect(failedMinutes(whole.get("64.08")!)).toBe(25);
    const { days } = open();
    await days.read("lapor", startMs + dayMs, startMs + 2 * dayMs);
    const late = await days.read("lapor", startMs, startMs + 2 * dayMs);
    expect(failedMinutes(late.get("64.08")!)).toBe(25);
    const covered = late.get("64.08")!.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    expect(covered).toBe(2 * dayMs);
    expect(late.get("64.08.01")).toEqual([]);
  });

  it("are read once, and again where rounds came late", async () => {
    const { days, stored, asked } = open();
    await days.read("lapor", startMs, startMs + 2 * dayMs);
    await days.read("lapor", startMs, startMs + 2 * dayMs);
    expect(asked).toHaveLength(2);
    const before = days.stamp(startMs + 2 * dayMs);
    stored.set("64.08.01/lapor", [outcomes("64.08.01/lapor", startMs + dayMs + 60 * minuteMs, [0, 0])]);
    days.touched(["64.08.01/lapor", "64.08.01/gw"], startMs + dayMs + 60 * minuteMs);
    expect(days.stamp(startMs + 2 * dayMs)).not.toBe(before);
    // What came after a window changes nothing in it.
    expect(days.stamp(startMs + dayMs - 61 * minuteMs)).toBe(before);
    const found = await days.read("lapor", startMs, startMs + 2 * dayMs);
    expect(failedMinutes(found.get("64.08.01")!)).toBe(2);
    // An hour after midnight reaches into the day before.
    expect(asked.slice(2)).toEqual([`64.08.01/lapor ${1440 - 2.5} 2880`]);
  });

  it("are the same 400 days later, and not observed once they are kept no longer", async () => {
    const db = new DatabaseSync(":memory:");
    migrate(db);
    let nowMs = startMs;
    const retention = { ...defaultRetention, hoursMs: 500 * dayMs };
    const names = { names: createNames(db), catalogue: createCatalogue(db) };
    const series = createSqliteSeries(db, names, { retention, now: () => nowMs, onDamage() {} });
    const later = (ms: number) => {
      // What is too old is given up by two days of an hour.
      for (nowMs = ms - 3 * 3_600_000; nowMs <= ms; nowMs += 3_600_000) while (series.rollUp(1_000));
    };
    const missing = twoDays.map((ok, minute) =>
      minute % 500 === 1 || (minute > 900 && minute < 930) ? null : ok,
    );
    for (let hour = 0; hour < 48; hour++) {
      const some = missing.slice(hour * 60, (hour + 1) * 60);
      const timeMs = some.flatMap((ok, at) =>
        ok === null ? [] : [startMs + (hour * 60 + at) * minuteMs + 2_000 + ((at * 131) % 7)],
      );
      const passed = some.filter((ok) => ok !== null);
      const rounds = httpRounds(
        "64.08/lapor",
        0,
        minuteMs,
        passed.map((ok) => (ok === 1 ? 40 : "timeout")),
      );
      await series.append({ agent: "ag_a", seq: hour + 1 }, [{ ...rounds, timeMs }]);
    }
    const read = async () => {
      const found = await createOutcomeDays(series, () => inventory).read(
        "lapor",
        startMs,
        startMs + 2 * dayMs,
      );
      return found.get("64.08")!;
    };
    const before = await read();
    expect(failedMinutes(before)).toBeGreaterThan(20);
    expect(carriedRatio([before])).toBeGreaterThan(0);
    later(startMs + 3 * dayMs);
    later(startMs + 20 * dayMs);
    expect(await series.read(["64.08/lapor"], startMs, startMs + 2 * dayMs)).toEqual([]);
    expect(await read()).toEqual(before);
    later(startMs + 400 * dayMs);
    expect(series.finestStepMs(["64.08/lapor"], startMs)).toBe(3_600_000);
    expect(await read()).toEqual(before);
    later(startMs + 510 * dayMs);
    expect(await read()).toEqual([]);
  });
});
