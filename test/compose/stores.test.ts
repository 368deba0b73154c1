import { pino } from "pino";
import { expect, it } from "vitest";
import { composeStores } from "../../src/compose/stores.ts";
import { series as seriesConfig } from "../../src/config/series.ts";
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
