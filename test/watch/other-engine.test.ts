import { expect, it } from "vitest";
import { engineNameOf, openOuterSeries } from "../../src/series/open-series.ts";
import { commandActor } from "../../src/state/audit.ts";
import { adoptSeriesEngine, openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteOptions } from "../../src/state/sqlite.ts";
import { influxQl, startInfluxd } from "../series/real-server.ts";
import { epochMs } from "../support/evidence.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { cutVillage, deliverHours } from "./deliver-hours.ts";

/*
 * The rounds go to another engine, in which there is nothing of what was. What was found in the former one stays, and what is
 * open goes on and ends when it does.
 */

const missing = needs({ commands: ["influxd"] });

it.skipIf(missing !== null)(
  `keeps what was found in another engine, and carries on what is open${missing === null ? "" : ` (skipped: ${missing})`}`,
  { timeout: 120_000 },
  async () => {
    using dir = tempDir();
    const file = dir.file("sambung.db");
    const clock = { ms: epochMs };
    const now = () => clock.ms;

    const first = openSqlite(file, { now });
    const before = await deliverHours(first, clock, [0, 30]);
    first.close();
    const links = before.filter((line) => line.includes("  "));
    expect(links.length).toBeGreaterThanOrEqual(3);
    expect(links.some((line) => line.startsWith(`${cutVillage}  20.`) && line.endsWith("open"))).toBe(true);

    await using server = await startInfluxd();
    await influxQl(server.url, "CREATE DATABASE sambung");
    const given = { engine: "influx", url: server.url, database: "sambung" } as const;
    const outer: SqliteOptions = {
      engine: engineNameOf(given),
      outerSeries: (catalogue) => openOuterSeries(given, catalogue, now),
    };
    const refusal = `the rounds behind the outages on record are in SQLite, and it names InfluxDB at ${server.url}, database sambung; expected`;
    expect(() => openSqlite(file, { now, ...outer })).toThrow(refusal);
    clock.ms += 60_000;
    const by = commandActor("series adopt");
    expect(await adoptSeriesEngine(file, outer.engine!, { nowMs: clock.ms, by })).toBe("SQLite");
    const second = openSqlite(file, { now, ...outer });
    expect(await deliverHours(second, clock, [30, 30])).toEqual(before);
    expect(await deliverHours(second, clock, [30, 33])).toEqual(before);
    const after = await deliverHours(second, clock, [33, 40]);
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
