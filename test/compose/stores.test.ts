import { pino } from "pino";
import { expect, it } from "vitest";
import { composeStores, engineOf } from "../../src/compose/stores.ts";
import { series as seriesConfig } from "../../src/config/series.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { startSilent } from "../support/silent-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const dayMs = 86_400_000;

it.each([
  ["SQLite, by default", { engine: "sqlite" }, 11],
  ["SQLite", { engine: "sqlite", retention: { rawDays: 40 } }, 37],
  ["InfluxDB, by default", { engine: "influx", url: "http://influx.example", database: "d" }, 11],
  ["InfluxDB of 4 days", { engine: "influx", url: "http://influx.example", database: "d", rawDays: 4 }, 1],
  ["VictoriaMetrics of 3 years", { engine: "victoria", url: "http://vm.example", rawDays: 1_095 }, 1_092],
])("judges no round of %s whose neighbours may be gone", (_, given, days) => {
  using dir = tempDir();
  const stores = composeStores(dir.file("sambung.db"), seriesConfig.parse(given), {
    now: Date.now,
    logger: pino({ level: "silent" }),
  });
  expect([stores.judgedMs, stores.settledMs, stores.rawMs]).toEqual(
    [days, days, days + 3].map((each) => each * dayMs),
  );
  stores.close();
});

it("keeps nobody waiting for an engine that hangs, but the watch", async () => {
  await using engine = await startSilent();
  using dir = tempDir();
  const [file, key] = [dir.file("sambung.db"), "64.08.01/hub"];
  const given = seriesConfig.parse({ engine: "influx", url: engine.url, database: "d" });
  const before = openSqlite(file, { engine: engineOf(given) });
  await createWriter(before.batchLog, { id: "ag_a", site: "64.08.01" })([icmpRounds(key, 0, 1_000, [[10]])]);
  before.close();
  const stores = composeStores(file, given, { now: Date.now, logger: pino({ level: "silent" }) });
  const waiting = stores.evidence.series.read([key], 0, 1).catch(String);
  await expect(stores.series.read([key], 0, 1)).rejects.toThrow("no answer within 3 s");
  expect(await Promise.race([waiting, Promise.resolve("still")])).toBe("still");
  await engine[Symbol.asyncDispose]();
  expect(await waiting).toContain("InfluxDB cannot be reached");
  stores.close();
}, 30_000);
