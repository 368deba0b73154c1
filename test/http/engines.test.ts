import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpRounds, IcmpRounds, Rounds } from "../../src/series/series-store.ts";
import { createInfluxSeries } from "../../src/series/influx-series.ts";
import type { SqliteSeries } from "../../src/series/sqlite-series.ts";
import { createVictoriaSeries } from "../../src/series/victoria-series.ts";
import { openTestHttp, nowMs } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { makeOutage, segments, writeWatch } from "../support/watch.ts";
import { needs } from "../support/needs.ts";
import { createWriter } from "../support/rounds.ts";
import { influxQl, startInfluxd, startVictoria } from "../series/real-server.ts";
import type { RealServer } from "../series/real-server.ts";
import { dayMs, echoes, hourMs, polls } from "../series/samples.ts";

/* The same rounds in a collector on each engine, and the same questions to each: the answers are the same. */

const reason = needs({ commands: ["influxd", "victoria-metrics"] });
const why = reason === null ? "" : ` (${reason})`;
const days = 6;
const startMs = nowMs - days * dayMs;
const site = "64.08.01";
const hub = `${site}/hub`;
const satellite = `${site}/sat`;
const others = ["influx", "victoria"] as const;
type Engine = "sqlite" | (typeof others)[number];

interface Answer {
  data: Record<string, unknown>[];
  meta: Record<string, unknown>;
}

describe.skipIf(reason !== null)(`panels of each engine${why}`, { timeout: 120_000 }, () => {
  const servers: RealServer[] = [];
  const collectors = new Map<Engine, TestHttp>();
  let storeMs = nowMs;
  const collector = (engine: Engine) => collectors.get(engine)!;

  beforeAll(async () => {
    const influxd = await startInfluxd();
    await influxQl(influxd.url, "CREATE DATABASE sambung");
    const victoria = await startVictoria();
    servers.push(influxd, victoria);
    const own = { token: null, now: Date.now };
    const influx = { ...own, url: influxd.url, api: "v1", database: "sambung", org: null } as const;
    const metrics = { ...own, url: victoria.url, readUrl: null, tenant: null };
    collectors.set("sqlite", await openTestHttp({ sqlite: { now: () => storeMs } }));
    collectors.set(
      "influx",
      await openTestHttp({
        sqlite: { outerSeries: (catalogue) => createInfluxSeries(influx, catalogue) },
      }),
    );
    collectors.set(
      "victoria",
      await openTestHttp({
        sqlite: { outerSeries: (catalogue) => createVictoriaSeries(metrics, catalogue) },
      }),
    );
    for (const http of collectors.values()) await fill(http);
    // The days that are over are read from the tiers, once nothing has come for a while, and not from the rounds.
    storeMs += hourMs;
    const series = collector("sqlite").series as SqliteSeries;
    while (series.rollUp(1_000));
  }, 120_000);
  afterAll(async () => {
    for (const http of collectors.values()) http[Symbol.dispose]();
    for (const server of servers) await server[Symbol.asyncDispose]();
  });

  const ask = (engine: Engine, path: string) => collector(engine).get<Answer>(`/api/v1${path}`);
  const lastDays = (many: number) => `from=${nowMs - many * dayMs}&to=${nowMs}`;
  const metrics =
    "rtt_ms,jitter_ms,loss_ratio,loss_run,up_ratio,total_ms,ttfb_ms,cert_expires_s,snmp.ifHCInOctets.2:rate,snmp.sysUpTime";

  it.each([
    `/series?target=*&metric=${metrics}&${lastDays(0.1)}`,
    `/series?target=*&metric=${metrics}&${lastDays(1)}&step=1h`,
    `/series?target=${hub}&metric=rtt_ms&from=${startMs + 3_600_001}&to=${startMs + 7_200_001}&step=90s`,
    `/smoke?target=*&${lastDays(1)}&step=5m`,
    `/smoke?target=${hub}&${lastDays(3)}`,
    `/map?parent=64.08`,
    `/sites`,
    `/sites/${site}`,
    `/states?site=*&${lastDays(1)}`,
    `/outages?${lastDays(1)}`,
    `/services/lapor/availability?${lastDays(1)}`,
  ])("are the same to the last digit: %s", async (path) => {
    const expected = await ask("sqlite", path);
    expect(JSON.stringify(expected.data).length).toBeGreaterThan(100);
    for (const engine of others) expect(await ask(engine, path), engine).toEqual(expected);
  });

  it.each([
    `/series?target=*&metric=${metrics}&${lastDays(days)}&step=5m`,
    `/series?target=*&metric=${metrics}&${lastDays(days)}&step=1d`,
    `/smoke?target=*&${lastDays(days)}&step=1h`,
    `/smoke?target=${hub}&${lastDays(days)}`,
    `/smoke?target=${satellite}&${lastDays(days)}&step=5m`,
    `/smoke?target=${satellite}&${lastDays(days)}&step=1d`,
    `/series?target=${satellite}&metric=rtt_ms,jitter_ms,loss_ratio&${lastDays(days)}&step=1h`,
  ])(
    "over long ranges have the same counts, smallest and greatest, and times within a hundredth: %s",
    async (path) => {
      const expected = await ask("sqlite", path);
      expect(expected.data.length).toBeGreaterThan(days);
      for (const engine of others) {
        const { data, meta } = await ask(engine, path);
        expect(meta).toEqual(expected.meta);
        // Else SQLite answered from the rounds, and nothing is compared.
        expect(data).not.toEqual(expected.data);
        for (const [at, row] of data.entries()) expectNear(row, expected.data[at]!);
      }
    },
  );

  it("have at most 2,000 rows of a target, whatever step is asked for", async () => {
    for (const engine of ["sqlite", ...others] as const) {
      const { data, meta } = await ask(engine, `/smoke?target=${hub}&${lastDays(days)}&step=30s`);
      expect(data.length).toBeLessThanOrEqual(2_000);
      expect(data.length).toBeGreaterThan(500);
      expect(meta).toMatchObject({ step: "300s", truncated: false });
    }
  });

  it("are compressed, and not sent again while they are the same", async () => {
    const path = `/api/v1/smoke?target=${hub}&${lastDays(1)}`;
    const tags = new Set<string>();
    for (const engine of ["sqlite", ...others] as const) {
      const http = collector(engine);
      const packed = await http.request(path, { headers: { "Accept-Encoding": "gzip" } });
      expect(packed.headers.get("Content-Encoding")).toBe("gzip");
      const plain = await ask(engine, `/smoke?target=${hub}&${lastDays(1)}`);
      expect(JSON.parse(gunzipSync(await packed.arrayBuffer()).toString())).toEqual(plain);
      const etag = packed.headers.get("ETag")!;
      const again = await http.request(path, {
        headers: { "If-None-Match": etag, "Accept-Encoding": "gzip" },
      });
      expect([again.status, await again.text()]).toEqual([304, ""]);
      tags.add(etag);
    }
    expect(tags.size).toBe(1);
  });
});

/** Six days of echoes, checks of a page and polls of a router, in batches of six hours; and what the watch made of them. */
async function fill(http: TestHttp): Promise<void> {
  const write = createWriter(http.batchLog, { id: "ag_hulu01", site });
  for (let atMs = startMs; atMs < nowMs; atMs += 6 * hourMs)
    await write([echoes(hub, atMs, 720), viaSatellite(atMs), page(atMs), router(atMs)] satisfies Rounds[]);
  await writeWatch(http.state, {
    outages: [makeOutage({ startMs: nowMs - hourMs })],
    states: [
      segments(site, "", [
        [startMs, "up"],
        [nowMs - hourMs, "down", "link"],
      ]),
      segments(site, "lapor", [[startMs, "up"]]),
    ],
  });
}

const times = (atMs: number) => Array.from({ length: 120 }, (_, row) => atMs + row * 180_000);
const seeds = (atMs: number) => times(atMs).map((ms) => (ms / 180_000) % 1_009);

/** 600 to 604 ms and what lies between, a third of a bucket of the tiers. */
function viaSatellite(atMs: number): IcmpRounds {
  const rounds = echoes(satellite, atMs, 720);
  return { ...rounds, rttUs: rounds.rttUs.map((us) => 600_000 + Math.round((us - 20_000) / 75) * 10) };
}

/** Each 23rd check fails for want of a name. */
function page(atMs: number): HttpRounds {
  const all = seeds(atMs);
  const passed = all.map((seed) => seed % 23 !== 0);
  const ms = (factor: number) => all.map((seed, row) => (passed[row]! ? (seed % 97) * factor + 0.25 : null));
  return {
    key: `${site}/lapor`,
    kind: "http",
    timeMs: times(atMs),
    ok: passed.map((isPassed) => (isPassed ? 1 : 0)),
    phase: passed.map((isPassed) => (isPassed ? null : "dns")),
    status: passed.map((isPassed) => (isPassed ? 200 : null)),
    dnsMs: ms(1),
    connectMs: ms(2),
    tlsMs: ms(3),
    ttfbMs: ms(5),
    totalMs: ms(7),
    certExpiresS: all.map((seed, row) => (passed[row]! ? 9_000_000 - seed : null)),
  };
}

/** A counter that is read as often as the shortest step of a long range is long, and whose rate is not the same twice. */
const router = (atMs: number) => polls(`${site}/gw`, atMs, 72);

/** The smallest reply of a target and how far the others lie from it, ms. */
const bands: Readonly<Record<string, { smallestMs: number; widthMs: number }>> = {
  [hub]: { smallestMs: 20, widthMs: 30 },
  [satellite]: { smallestMs: 600, widthMs: 4 },
};

/**
 * Counts, last values, the smallest and the greatest reply to the last digit; what is read from a sketch, within what it may
 * be off by: a hundredth, or where that is less half of what the replies differ by.
 */
function expectNear(found: Record<string, unknown>, expected: Record<string, unknown>): void {
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  const { smallestMs, widthMs } = bands[expected["target"] as string] ?? { smallestMs: 0, widthMs: Infinity };
  for (const [name, value] of Object.entries(expected)) {
    const isSketched = /^(p(10|25|75|90)|median|.*_ms)$/.test(name);
    if (!isSketched || typeof value !== "number") {
      expect(found[name], `${name} at ${String(expected["time"])}`).toEqual(value);
      continue;
    }
    const exact = found[name] as number;
    // The smallest, which the delay variation begins at, has no error.
    const ofMs = name === "jitter_ms" ? exact + smallestMs + widthMs : exact;
    const allowed = Math.min(0.01 * ofMs, (1.01 * widthMs) / 2) + 0.001;
    expect(Math.abs(value - exact), `${name} at ${String(expected["time"])}`).toBeLessThanOrEqual(allowed);
  }
}
