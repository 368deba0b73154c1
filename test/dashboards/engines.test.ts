import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dashboardFiles } from "../../dashboards/build.ts";
import { createInfluxSeries } from "../../src/series/influx-series.ts";
import { createVictoriaSeries } from "../../src/series/victoria-series.ts";
import { influxQl, startInfluxd, startVictoria } from "../series/real-server.ts";
import type { RealServer } from "../series/real-server.ts";
import { appWithData } from "../support/app-with-data.ts";
import type { AppWithData } from "../support/app-with-data.ts";
import { fromMs, nowMs, village } from "../support/day-of-data.ts";
import { needs } from "../support/needs.ts";
import { ask, seenBy, viewOf } from "./asking.ts";
import { frameOf } from "./infinity.ts";
import { queriesOf } from "./queries-of.ts";

/* The same day in a collector on each engine: every query of every dashboard gets the same rows. */

const others = ["influx", "victoria"] as const;
type Engine = "sqlite" | (typeof others)[number];

// One language: the other asks the same.
const dashboards = dashboardFiles()
  .map(({ dashboard }) => dashboard)
  .filter((dashboard) => dashboard.tags.includes("id") && queriesOf(dashboard).length > 0);

const reason = needs({ commands: ["influxd", "victoria-metrics"] });
const why = reason === null ? "" : ` (${reason})`;
describe.skipIf(reason !== null)(`dashboards on each engine${why}`, { timeout: 120_000 }, () => {
  const servers: RealServer[] = [];
  const collectors = new Map<Engine, AppWithData>();

  beforeAll(async () => {
    const influxd = await startInfluxd();
    await influxQl(influxd.url, "CREATE DATABASE sambung");
    const victoria = await startVictoria();
    servers.push(influxd, victoria);
    const own = { token: null, now: Date.now };
    const influx = { ...own, url: influxd.url, api: "v1", database: "sambung", org: null } as const;
    const metrics = { ...own, url: victoria.url, readUrl: null, tenant: null };
    collectors.set("sqlite", await appWithData());
    collectors.set(
      "influx",
      await appWithData({ outerSeries: (catalogue) => createInfluxSeries(influx, catalogue) }),
    );
    collectors.set(
      "victoria",
      await appWithData({ outerSeries: (catalogue) => createVictoriaSeries(metrics, catalogue) }),
    );
  }, 120_000);
  afterAll(async () => {
    for (const collector of collectors.values()) await collector[Symbol.asyncDispose]();
    for (const server of servers) await server[Symbol.asyncDispose]();
  });

  it.each(dashboards.map((dashboard) => [dashboard.uid, dashboard] as const))(
    "%s has the same rows",
    async (_uid, dashboard) => {
      const answersOf = async (engine: Engine) => {
        const collector = collectors.get(engine)!;
        const range = { fromMs, toMs: nowMs };
        const view = await viewOf(collector, dashboard, { site: [village] }, range);
        const answers: Record<string, unknown> = {};
        for (const { of, target, ...panel } of queriesOf(dashboard)) {
          const seen = seenBy(view, panel);
          const { status, body } = await ask(collector, target, seen);
          answers[of] = { status, rows: status === 200 ? frameOf(target, body, seen) : body };
        }
        return answers;
      };
      const expected = await answersOf("sqlite");
      for (const engine of others) expect(await answersOf(engine), engine).toEqual(expected);
    },
  );
});
