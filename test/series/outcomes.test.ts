import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { joinRounds } from "../../src/series/join.ts";
import { defaultRetention } from "../../src/series/retention.ts";
import { createCatalogue } from "../../src/series/sqlite-catalogue.ts";
import { createNames } from "../../src/series/sqlite-names.ts";
import { createSqliteSeries } from "../../src/series/sqlite-series.ts";
import type { HttpRounds } from "../../src/series/series-store.ts";
import { migrate } from "../../src/state/migrations.ts";
import { seededRandom } from "../support/random.ts";
import { httpRounds, icmpRounds } from "../support/rounds.ts";

const startMs = Date.UTC(2026, 9, 1);
const hourMs = 3_600_000;

it("outcomes are the times and results of the rounds that a read gives, late and merged ones among them", async () => {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  const series = createSqliteSeries(
    db,
    { names: createNames(db), catalogue: createCatalogue(db) },
    { retention: defaultRetention, now: Date.now, onDamage() {} },
  );
  const random = seededRandom(3);
  const made = (fromMs: number, count: number) =>
    httpRounds(
      "64.08/lapor",
      fromMs,
      60_000,
      Array.from({ length: count }, () => (random() < 0.2 ? "timeout" : 40)),
    );
  const summary: HttpRounds = {
    ...made(startMs + 7 * hourMs, 2),
    merged: [30, 1],
    spanMs: [29 * 60_000, 0],
  };
  summary.timeMs[1] = startMs + 7 * hourMs + 30 * 60_000;
  const pieces = [made(startMs + 3 * hourMs, 120), summary, made(startMs, 100)];
  for (const [seq, piece] of pieces.entries())
    await series.append({ agent: "ag_a", seq: seq + 1 }, [
      piece,
      icmpRounds("64.08/gw", piece.timeMs[0]!, 30_000, [[1]]),
    ]);
  for (const [fromMs, toMs] of [
    [startMs, startMs + 10 * hourMs],
    [startMs + 30 * 60_000, startMs + 4 * hourMs],
    [startMs + 7.2 * hourMs, startMs + 8 * hourMs],
  ] as const) {
    const rounds = await series.read(["64.08/lapor"], fromMs, toMs);
    const expected = rounds.map((all) => {
      if (all.kind !== "http") throw new Error(all.kind);
      const { key, kind, timeMs, ok, merged, spanMs } = all;
      return { key, kind, timeMs, ok, ...(merged === undefined ? {} : { merged, spanMs }) };
    });
    expect(expected[0]!.timeMs.length).toBeGreaterThan(0);
    const pieces = await series.outcomes(["64.08/lapor", "64.08/gw"], fromMs, toMs);
    expect(joinRounds(pieces as HttpRounds[])).toEqual(expected[0]);
  }
});
