import { figuresOf } from "../../../src/series/figures.ts";
import type { IcmpRounds, SeriesStore } from "../../../src/series/series-store.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { quantile, rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import {
  cut,
  dayMs,
  dayOfSite,
  hourMs,
  openOthers,
  openSqliteSeries,
  sites,
  startMs,
  stepsADay,
} from "./parts.ts";

const yearDays = 365;
const monthDays = 30;

/**
 * What panels ask, of each engine in the same run: 30 days of one target at steps of 5 minutes, the last hour of 160 sites, and
 * a year of one link by day, of which its SLA is made. SQLite answers the first and the last from its tiers; the others have
 * the rounds alone.
 */
export async function benchReads(): Promise<Row[]> {
  const rows: Row[] = [];
  {
    using dir = tempDir();
    using parts = openSqliteSeries(dir.file("bench.db"));
    await fill(parts.series, async (day) => {
      parts.clock.ms = startMs + (day + 1) * dayMs + 4 * hourMs;
      while (parts.series.rollUp(1_000));
    });
    rows.push(...(await measure("SQLite", parts.series, 200, true)));
  }
  for (const { name, series, end } of await openOthers()) {
    await using _ = end;
    await fill(series, async () => {});
    rows.push(...(await measure(name, series, 3, false)));
  }
  return rows;
}

/** A year of one target of the first site; of all 160 sites the last hour of another. */
async function fill(series: SeriesStore, afterDay: (day: number) => Promise<void>): Promise<void> {
  const sample = dayOfSite(0, 0);
  // In the last month beside the nine others of its site, with which it shares its rows.
  const day = (number: number): IcmpRounds[] =>
    sample
      .slice(0, number < yearDays - monthDays ? 1 : sample.length)
      .map((rounds) => ({ ...rounds, timeMs: rounds.timeMs.map((ms) => ms + number * dayMs) }));
  for (let number = 0; number < yearDays; number++) {
    await series.append({ agent: "ag_year", seq: number + 1 }, day(number));
    await afterDay(number);
  }
  const last = sites
    .slice(1)
    .map((_, site) =>
      cut(dayOfSite(site + 1, yearDays - 1, 2), stepsADay - hourMs / 30_000, stepsADay).slice(1),
    );
  for (const [site, rounds] of last.entries())
    await series.append({ agent: `ag_${site + 1}`, seq: 1 }, rounds);
}

async function measure(name: string, series: SeriesStore, runs: number, isMarked: boolean): Promise<Row[]> {
  const key = `${sites[0]}/gateway-1`;
  const toMs = startMs + yearDays * dayMs;
  const hubs = sites.map((site) => `${site}/hub-2`);
  const asks = [
    {
      what: "30 days of one target at steps of 5 minutes",
      atMost: 30,
      ask: async () => {
        const [found] = await series.steps(key, { fromMs: toMs - monthDays * dayMs, toMs, stepMs: 300_000 });
        return found!.steps.length === monthDays * 288;
      },
    },
    {
      what: "overview of 160 sites",
      atMost: 50,
      ask: async () => {
        const range = { fromMs: toMs - hourMs, toMs };
        const found = await series.read(hubs, range.fromMs, range.toMs);
        const figures = found.map((rounds) => [...figuresOf(rounds, { ...range, stepMs: hourMs })]);
        return figures.length === hubs.length;
      },
    },
    {
      what: "a year of a link by day",
      atMost: 300,
      ask: async () => {
        const [found] = await series.steps(key, { fromMs: toMs - yearDays * dayMs, toMs, stepMs: dayMs });
        return found!.steps.length === yearDays;
      },
    },
  ];
  const rows: Row[] = [];
  for (const { what, atMost, ask } of asks) {
    const tookMs: number[] = [];
    const cpuMs: number[] = [];
    for (let run = 0; run < runs; run++) {
      const beganMs = performance.now();
      const before = process.cpuUsage();
      if (!(await ask())) throw new Error(`${name}: ${what}: not what was written`);
      const { user, system } = process.cpuUsage(before);
      tookMs.push(performance.now() - beganMs);
      cpuMs.push((user + system) / 1000);
    }
    const mark = isMarked ? ([{ atMost }] as const) : [];
    rows.push(rowOf(`${what}, p50: ${name}`, quantile(tookMs, 0.5), "ms", ...mark));
    rows.push(rowOf(`${what}, p95: ${name}`, quantile(tookMs, 0.95), "ms", ...mark));
    // The others work in processes of their own.
    if (isMarked) rows.push(rowOf(`${what}, p95: ${name}`, quantile(cpuMs, 0.95), "ms of CPU", ...mark));
  }
  return rows;
}
