import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { defaultRetention } from "../../src/series/retention.ts";
import { createCatalogue } from "../../src/series/sqlite-catalogue.ts";
import { createNames } from "../../src/series/sqlite-names.ts";
import { createSqliteSeries } from "../../src/series/sqlite-series.ts";
import type { IcmpRounds } from "../../src/series/series-store.ts";
import { migrate } from "../../src/state/migrations.ts";

const hourMs = 3_600_000;
const startMs = 490_000 * hourMs;
const keys = ["64.08/a", "64.08/b"];

const minute = (index: number): IcmpRounds[] =>
  keys.map((key, at) => ({
    key,
    kind: "icmp",
    timeMs: [0, 30_000].map((ms) => startMs + index * 60_000 + at * 1_000 + ms),
    sent: [5, 5],
    recv: [1, 2],
    rttUs: [20_000 + index, 20_010, 20_400 + index],
  }));

function openSeries() {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  const series = createSqliteSeries(
    db,
    { names: createNames(db), catalogue: createCatalogue(db) },
    { retention: defaultRetention, now: Date.now, onDamage() {} },
  );
  return {
    db,
    series,
    append: (index: number) => series.append({ agent: "ag_a", seq: index + 1 }, minute(index)),
    read: () => series.read(keys, startMs, startMs + 10 * hourMs),
    rows: () => db.prepare("SELECT count(*) AS rows FROM blocks").get()!.rows,
  };
}

it("joins the rows of an hour that is over, and what is read stays the same", async () => {
  const { series, append, read, rows } = openSeries();
  for (let index = 0; index < 60; index++) await append(index);
  series.tidy();
  expect(rows()).toBe(60);
  for (let index = 60; index < 63; index++) await append(index);
  const before = await read();
  expect(before.map(({ timeMs }) => timeMs.length)).toEqual([126, 126]);
  series.tidy();
  expect(rows()).toBe(4);
  expect(await read()).toEqual(before);
  expect(await series.read(keys, startMs + 30 * 60_000, startMs + 31 * 60_000)).toEqual(minute(30));
  series.tidy();
  expect(rows()).toBe(4);
});

it("takes what comes late into an hour that was joined", async () => {
  const { series, append, read } = openSeries();
  for (let index = 0; index < 63; index++) if (index % 6 > 0) await append(index);
  series.tidy();
  for (let index = 0; index < 63; index++) if (index % 6 === 0) await append(index);
  for (const hour of [2, 3]) {
    await append(60 * hour);
    series.tidy();
  }
  const [first] = await read();
  expect(first!.timeMs).toHaveLength(130);
  expect(first!.timeMs).toEqual(first!.timeMs.toSorted((a, b) => a - b));
});

it("leaves all as it was when it fails, and tries again", async () => {
  const { db, series, append, read, rows } = openSeries();
  for (let index = 0; index < 61; index++) await append(index);
  const before = await read();
  db.exec("CREATE TRIGGER full BEFORE DELETE ON blocks BEGIN SELECT RAISE(ABORT, 'no room'); END");
  expect(() => series.tidy()).toThrow("no room");
  expect(rows()).toBe(61);
  db.exec("DROP TRIGGER full");
  series.tidy();
  expect(rows()).toBe(2);
  expect(await read()).toEqual(before);
});

it("leaves rows as they are of which one is damaged", async () => {
  const { db, series, append, rows } = openSeries();
  for (let index = 0; index < 61; index++) await append(index);
  db.exec(`UPDATE blocks SET data = x'00ff00ff' WHERE first_ms = ${startMs + 7 * 60_000}`);
  series.tidy();
  expect([rows(), series.damagedRows()]).toEqual([61, 1]);
});
