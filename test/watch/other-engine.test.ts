import { expect, it } from "vitest";
import { engineNameOf, openOuterSeries } from "../../src/series/open-series.ts";
import { commandActor } from "../../src/state/audit.ts";
import { adoptSeriesEngine, openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteOptions, SqliteStores } from "../../src/state/sqlite.ts";
import { createWatch } from "../../src/watch/watch.ts";
import { influxQl, startInfluxd } from "../series/real-server.ts";
import { epochMs } from "../support/evidence.ts";
import { needs } from "../support/needs.ts";
import { seededRandom } from "../support/random.ts";
import { createWriter } from "../support/rounds.ts";
import { tempDir } from "../support/temp-dir.ts";
import { testOptions } from "./delivery.ts";
import { districtOf, kec, measureWorld, noFaults, v1, v2 } from "./world.ts";
import type { Faults } from "./world.ts";

/*
 * The rounds go to another engine, in which there is nothing of what was. What was found in the former one stays, and what is
 * open goes on and ends when it does.
 */

const missing = needs({ commands: ["influxd"] });

const hourS = 3_600;
const atMs = (hours: number) => epochMs + hours * hourS * 1000;
const inventory = districtOf(300);
const faults: Faults = {
  ...noFaults,
  cut: {
    [kec]: [[5 * hourS, 7 * hourS]],
    [v2]: [[10 * hourS, 14 * hourS]],
    [v1]: [[20 * hourS, 36 * hourS]],
  },
};
const batches = measureWorld(faults, {
  intervalS: 300,
  toS: 40 * hourS,
  batchS: 600,
  random: seededRandom(1),
});

it.skipIf(missing !== null)(
  `keeps what was found in another engine, and carries on what is open${missing === null ? "" : ` (skipped: ${missing})`}`,
  { timeout: 120_000 },
  async () => {
    using dir = tempDir();
    const file = dir.file("sambung.db");
    let nowMs = epochMs;
    const now = () => nowMs;

    /** Delivers what was measured in these hours as it comes, and answers the table, a line a row. */
    async function run(stores: SqliteStores, fromHour: number, toHour: number): Promise<string[]> {
      const watch = createWatch({
        inventory: () => inventory,
        series: stores.series,
        state: stores.state,
        now,
        options: { ...testOptions, silenceMs: 900_000 },
        judgedFromMs: stores.judgedFromMs,
        planAlerts: () => ({ alerts: [], messages: [] }),
        onMessages() {},
        onError(error) {
          throw error;
        },
      });
      await watch.settle();
      const writers = new Map<string, ReturnType<typeof createWriter>>();
      for (const { agent, site, seq, rounds, events, lastMs } of batches) {
        if (lastMs <= atMs(fromHour) || lastMs > atMs(toHour)) continue;
        const write = writers.get(agent) ?? createWriter(stores.batchLog, { id: agent, site });
        writers.set(agent, write);
        nowMs = Math.max(nowMs, lastMs + 1_000);
        await write(rounds, { seq, events, receivedMs: nowMs, lateFromMs: null });
        const fromMs = rounds[0]?.timeMs[0] ?? nowMs;
        watch.touched({ keys: rounds.map(({ key }) => key), fromMs, rounds });
        nowMs += 1_000;
        await watch.settle();
      }
      await watch.stop();
      const hours = (ms: number | null) => (ms === null ? "open" : ((ms - epochMs) / 3_600_000).toFixed(1));
      const found = await stores.state.outages({});
      return found.map(
        ({ site, service, startMs, endMs }) => `${site} ${service ?? ""} ${hours(startMs)} ${hours(endMs)}`,
      );
    }

    const first = openSqlite(file, { now });
    const before = await run(first, 0, 30);
    first.close();
    const links = before.filter((line) => line.includes("  "));
    expect(links.length).toBeGreaterThanOrEqual(3);
    expect(links.some((line) => line.startsWith(`${v1}  20.`) && line.endsWith("open"))).toBe(true);

    await using server = await startInfluxd();
    await influxQl(server.url, "CREATE DATABASE sambung");
    const given = { engine: "influx", url: server.url, database: "sambung" } as const;
    const outer: SqliteOptions = {
      engine: engineNameOf(given),
      outerSeries: (catalogue) => openOuterSeries(given, catalogue, now),
    };
    const refusal = `the rounds behind the outages on record are in SQLite, and it names InfluxDB at ${server.url}, database sambung; expected`;
    expect(() => openSqlite(file, { now, ...outer })).toThrow(refusal);
    nowMs += 60_000;
    const by = commandActor("series adopt");
    expect(await adoptSeriesEngine(file, outer.engine!, { nowMs, by })).toBe("SQLite");
    const second = openSqlite(file, { now, ...outer });
    expect(await run(second, 30, 30)).toEqual(before);
    expect(await run(second, 30, 33)).toEqual(before);
    const after = await run(second, 33, 40);
    expect(after.map((line) => line.replace(/ (36\.\d|open)$/, ""))).toEqual(
      before.map((line) => line.replace(/ (36\.\d|open)$/, "")),
    );
    expect(after.filter((line) => line.endsWith("open"))).toEqual([]);
    expect((await second.state.audit({ limit: 1 }))[0]).toMatchObject({
      action: "series.adopted",
      detail: { former: "SQLite" },
    });
    second.close();
  },
);
