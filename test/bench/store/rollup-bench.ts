import { setTimeout } from "node:timers/promises";
import { rollUpMs, tidyEveryMs } from "../../../src/state/sqlite.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { quantile, rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { cut, dayMs, dayOfSite, hourMs, openSqliteSeries, sites, startMs, stepsADay } from "./parts.ts";

const stepsABatch = 120;
/** How long batches come, alone and beside the roll-up, and how far they are apart on average, ms. */
const spellMs = 30_000;
const gapMs = 10;

/**
 * The roll-up of a day of 160 sites with 10 targets each: its processor time, and how long a batch takes that comes
 * whenever it comes, 100 of them a second, before it and while it goes on as in the collector: a bite every so often.
 */
export async function benchRollup(): Promise<Row[]> {
  using dir = tempDir();
  using parts = openSqliteSeries(dir.file("bench.db"));
  const { series, clock, db } = parts;
  let rounds = 0;
  for (let site = 0; site < sites.length; site++) {
    const day = dayOfSite(site, 0);
    for (let from = 0; from < stepsADay; from += stepsABatch) {
      await series.append({ agent: `ag_${site}`, seq: from + 1 }, cut(day, from, from + stepsABatch));
      rounds += stepsABatch * day.length;
    }
    series.tidy();
  }
  const live = sites.map((_, site) => cut(dayOfSite(site, 1), 0, 2));
  let seq = 10_000;
  /** Durations from the moment at which a batch was due, so that whatever kept it waiting counts. */
  async function takeBatches(): Promise<number[]> {
    const tookMs: number[] = [];
    const endMs = performance.now() + spellMs;
    let dueMs = performance.now();
    while (dueMs < endMs) {
      // Gaps of 0 to 20 ms that follow no beat.
      dueMs += 2 * gapMs * ((seq * 0.618_033_988_75) % 1);
      await setTimeout(Math.max(0, dueMs - performance.now()));
      const site = seq % sites.length;
      await series.append({ agent: `ag_${site}`, seq: seq++ }, live[site]!);
      tookMs.push(performance.now() - dueMs);
    }
    return tookMs;
  }

  const bites: number[] = [];
  let cpuUs = 0;
  const bite = (budgetMs: number) => {
    const before = process.cpuUsage();
    const isBusy = series.rollUp(budgetMs);
    const { user, system } = process.cpuUsage(before);
    cpuUs += user + system;
    bites.push((user + system) / 1000);
    return isBusy;
  };

  const alone = await takeBatches();
  clock.ms = startMs + dayMs + 4 * hourMs;
  const biting = setInterval(() => bite(rollUpMs), tidyEveryMs);
  const beside = await takeBatches();
  clearInterval(biting);
  const many = bites.length;
  while (bite(rollUpMs));
  const due = db.prepare("SELECT count(*) AS days FROM rollups_due WHERE day = ?").get(startMs / dayMs)!.days;
  if (due !== 0) throw new Error(`${String(due)} days were not rolled up`);
  const p99 = { alone: quantile(alone, 0.99), beside: quantile(beside, 0.99) };
  return [
    rowOf(
      `roll-up of a day of ${sites.length} sites × 10 targets, ${rounds} rounds`,
      cpuUs / 1e6,
      "s of CPU",
      { atMost: 20 },
    ),
    rowOf(`bites of it, of ${rollUpMs} ms or one more: p99`, quantile(bites, 0.99), "ms of CPU"),
    rowOf(`a batch of 20 rounds, 100 a second: p99 before the roll-up`, p99.alone, "ms"),
    rowOf(`a batch of 20 rounds, 100 a second: p99 beside ${many} bites of it`, p99.beside, "ms"),
    rowOf("the one p99 to the other", p99.beside / p99.alone, "times", { atMost: 1.2 }),
  ];
}
