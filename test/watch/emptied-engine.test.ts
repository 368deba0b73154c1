import { copyFileSync } from "node:fs";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { composeStores } from "../../src/compose/stores.ts";
import { series as seriesConfig } from "../../src/config/series.ts";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import { epochMs } from "../support/evidence.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { influxQl, startInfluxd } from "../series/real-server.ts";
import { atMs, cutVillage, deliverHours, unguarded } from "./deliver-hours.ts";

/* The engine comes back empty under its own name: its outages stay on record, and people are told. */

const missing = needs({ commands: ["influxd"] });

/** Stores of a collector whose rounds are in InfluxDB, and what it wrote into its log. */
function openOver(url: string, file: string, clock: { ms: number }) {
  const log: { msg: string; level: number }[] = [];
  const logger = pino({ level: "info" }, { write: (line) => void log.push(JSON.parse(line)) });
  const given = seriesConfig.parse({ engine: "influx", url, database: "sambung" });
  const stores = composeStores(file, given, { now: () => clock.ms, logger });
  let isOpen = true;
  const close = () => {
    if (isOpen) stores.close();
    isOpen = false;
  };
  return { ...stores, log, close, [Symbol.dispose]: close };
}

/** An engine that did not answer is not asked again for a while. */
const untilRead = ({ series }: Pick<SqliteStores, "series">) =>
  waitFor("the engine", async () => (await series.read([`${cutVillage}/gw`], 0, epochMs), true), {
    everyMs: 100,
  });

const anew = async (url: string) => {
  await influxQl(url, "DROP DATABASE sambung");
  await influxQl(url, "CREATE DATABASE sambung");
};

describe.skipIf(missing !== null)(
  `an engine that comes back empty${missing === null ? "" : ` (skipped: ${missing})`}`,
  { timeout: 120_000 },
  () => {
    it("between two starts: nothing is withdrawn, what is open goes on, and people are told for a day", async () => {
      using dir = tempDir();
      const file = dir.file("sambung.db");
      const clock = { ms: epochMs };
      await using server = await startInfluxd();
      await influxQl(server.url, "CREATE DATABASE sambung");
      using first = openOver(server.url, file, clock);
      const before = await deliverHours(first, clock, [0, 30], first);
      first.close();
      expect(before.length).toBeGreaterThanOrEqual(3);
      expect(before.some((line) => line.startsWith(`${cutVillage}  20.`) && line.endsWith("open"))).toBe(
        true,
      );

      clock.ms += 60_000;
      using second = openOver(server.url, file, clock);
      expect(await deliverHours(second, clock, [30, 30], second)).toEqual(before);
      expect([second.missingRounds(), second.log]).toEqual([null, []]);
      second.close();

      await server.kill();
      using third = openOver(server.url, file, clock);
      const errors: unknown[] = [];
      const onError = (error: unknown) => void errors.push(error);
      expect(await deliverHours(third, clock, [30, 30], { ...third, onError })).toEqual(before);
      expect(String(errors)).toContain("InfluxDB cannot be reached");
      expect(third.missingRounds()).toBeNull();

      await server.start();
      await anew(server.url);
      await untilRead(third);
      // What would become of the table without a look, so that the rest shows something.
      copyFileSync(file, dir.file("copy.db"));
      copyFileSync(`${file}-wal`, dir.file("copy.db-wal"));
      using blind = openOver(server.url, dir.file("copy.db"), clock);
      expect(
        (await deliverHours(blind, clock, [30, 30], { evidence: unguarded(blind) })).length,
      ).toBeLessThan(before.length);
      blind.close();

      errors.length = 0;
      expect(await deliverHours(third, clock, [30, 30], { ...third, onError })).toEqual(before);
      expect(String(errors)).toContain("the rounds behind the outages on record are gone");
      const told = expect.stringMatching(
        /lacks what it had acknowledged: it was emptied, made anew .* Outages from before 20\S+Z stay as they are/,
      );
      expect(third.missingRounds()).toEqual(told);
      expect(third.log).toEqual([expect.objectContaining({ level: 50, msg: told })]);
      third.close();

      // It is known at the next start, and nobody is told twice.
      using fourth = openOver(server.url, file, clock);
      expect(await deliverHours(fourth, clock, [30, 33], fourth)).toEqual(before);
      expect([fourth.missingRounds(), fourth.log]).toEqual([told, []]);
      const after = await deliverHours(fourth, clock, [33, 40], fourth);
      const withoutEnd = (lines: string[]) => lines.map((line) => line.replace(/ (36\.\d|open)$/, ""));
      expect(withoutEnd(after)).toEqual(withoutEnd(before));
      expect(after.filter((line) => line.endsWith("open"))).toEqual([]);
      clock.ms = atMs(60);
      expect(fourth.missingRounds()).toBeNull();
      fourth.close();
    });

    it("while the collector runs", async () => {
      using dir = tempDir();
      const file = dir.file("sambung.db");
      const clock = { ms: epochMs };
      await using server = await startInfluxd();
      await influxQl(server.url, "CREATE DATABASE sambung");
      using stores = openOver(server.url, file, clock);
      const before = await deliverHours(stores, clock, [0, 30], stores);
      await server.kill();
      const known = [...(await stores.series.keys()).keys()];
      await expect(stores.series.read(known, 0, epochMs)).rejects.toThrow("InfluxDB cannot be reached");
      await server.start();
      await anew(server.url);
      await untilRead(stores);
      const errors: unknown[] = [];
      const onError = (error: unknown) => void errors.push(error);
      expect(await deliverHours(stores, clock, [30, 33], { ...stores, onError })).toEqual(before);
      expect(String(errors)).toContain("the rounds behind the outages on record are gone");
      stores.close();
    });
  },
);
