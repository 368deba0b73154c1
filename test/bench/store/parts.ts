import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { roundRttUs } from "#wire/units.ts";
import { defaultRetention } from "../../../src/series/retention.ts";
import type { IcmpRounds, SeriesStore } from "../../../src/series/series-store.ts";
import { createCatalogue } from "../../../src/series/sqlite-catalogue.ts";
import { createNames } from "../../../src/series/sqlite-names.ts";
import { createSqliteSeries } from "../../../src/series/sqlite-series.ts";
import type { SqliteSeries } from "../../../src/series/sqlite-series.ts";
import { createInfluxSeries } from "../../../src/series/influx-series.ts";
import { createVictoriaSeries } from "../../../src/series/victoria-series.ts";
import { migrate } from "../../../src/state/migrations.ts";
import { needs } from "../../support/needs.ts";
import { influxQl, startInfluxd, startVictoria } from "../../series/real-server.ts";
import { districtSites, intervalMs, siteRounds, targetIds } from "../ingest/district-rounds.ts";

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;
/** A midnight in the past, so that no engine is written to from the future. */
export const startMs = Math.floor(Date.now() / dayMs) * dayMs - 400 * dayMs;
/** The district of the issue. */
export const sites = districtSites().slice(0, 160);
export const stepsADay = dayMs / intervalMs;

/** Rounds of a site's targets in a day, each as one piece; `targets`: how many of its ten. */
export function dayOfSite(index: number, day: number, targets = targetIds.length): IcmpRounds[] {
  const site = sites[index]!;
  const steps = siteRounds(`${site}/${day}`, index, stepsADay);
  return targetIds.slice(0, targets).map((id, target) => {
    const rounds: IcmpRounds = {
      key: `${site}/${id}`,
      kind: "icmp",
      timeMs: [],
      sent: [],
      recv: [],
      rttUs: [],
    };
    for (const [step, all] of steps.entries()) {
      const { sample } = all[target]!;
      rounds.timeMs.push(startMs + day * dayMs + step * intervalMs + target * 2_900);
      rounds.sent.push(sample.sent);
      rounds.recv.push(sample.rttUs.length);
      // As an agent sends them.
      rounds.rttUs.push(...sample.rttUs.map(roundRttUs).sort((a, b) => a - b));
    }
    return rounds;
  });
}

/** The rounds [from, to) of each. */
export function cut(all: readonly IcmpRounds[], from: number, to: number): IcmpRounds[] {
  return all.map((rounds) => {
    const before = rounds.recv.slice(0, from).reduce((a, b) => a + b, 0);
    const recv = rounds.recv.slice(from, to);
    const replies = recv.reduce((a, b) => a + b, 0);
    return {
      ...rounds,
      timeMs: rounds.timeMs.slice(from, to),
      sent: rounds.sent.slice(from, to),
      recv,
      rttUs: rounds.rttUs.slice(before, before + replies),
    };
  });
}

export interface SqliteParts extends Disposable {
  db: DatabaseSync;
  series: SqliteSeries;
  clock: { ms: number };
}

/** As the collector opens it; the clock is the bench's, and nothing works by itself. */
export function openSqliteSeries(file: string): SqliteParts {
  const clock = { ms: startMs };
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;");
  migrate(db);
  const parts = { names: createNames(db), catalogue: createCatalogue(db) };
  const series = createSqliteSeries(db, parts, {
    retention: defaultRetention,
    now: () => clock.ms,
    onDamage() {},
  });
  return { db, series, clock, [Symbol.dispose]: () => db.close() };
}

export interface OtherEngine {
  name: string;
  series: SeriesStore;
  /** Once it has packed what was written: bytes of its folder. */
  diskBytes(): Promise<number>;
  end: AsyncDisposable;
}

/** The other engines that are installed, empty. */
export async function openOthers(): Promise<OtherEngine[]> {
  const open: OtherEngine[] = [];
  const catalogue = () => {
    const db = new DatabaseSync(":memory:");
    migrate(db);
    return createCatalogue(db);
  };
  const own = { token: null, now: Date.now, timeoutMs: 60_000 };
  if (needs({ commands: ["influxd"] }) === null) {
    const server = await startInfluxd({ settlesS: 5 });
    await influxQl(server.url, "CREATE DATABASE sambung");
    const options = { ...own, url: server.url, api: "v1" as const, database: "sambung", org: null };
    const series = createInfluxSeries(options, catalogue());
    open.push({ name: "influxd", series, diskBytes: () => settledBytes(server.folder), end: server });
  }
  if (needs({ commands: ["victoria-metrics"] }) === null) {
    const server = await startVictoria();
    const options = { ...own, url: server.url, readUrl: null, tenant: null };
    const series = createVictoriaSeries(options, catalogue());
    const diskBytes = async () => {
      for (const way of ["force_flush", "force_merge"]) await fetch(`${server.url}/internal/${way}`);
      return settledBytes(server.folder);
    };
    open.push({ name: "victoria-metrics", series, diskBytes, end: server });
  }
  return open;
}

/** Bytes of a folder once they have been the same for as long as an engine may take to begin to pack. */
async function settledBytes(folder: string): Promise<number> {
  let before = Number.NaN;
  for (;;) {
    const bytes = bytesOf(folder);
    if (bytes === before) return bytes;
    before = bytes;
    await setTimeout(15_000);
  }
}

function bytesOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile())
      bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}
