import { setTimeout } from "node:timers/promises";
import { rollUpEveryMs, rollUpMs } from "../../../src/state/sqlite.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { quantile, rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { cut, dayMs, dayOfSite, hourMs, openSqliteSeries, sites, startMs, stepsADay } from "./parts.ts";

const stepsABatch = 120;
/** How long batches come, and how far they are apart on average, ms. */
const spellMs = 60_000;
const gapMs = 10;

/**
 * The roll-up of a day of 160 sites with 10 targets each: its processor time, and how long a batch takes that comes
 * whenever it comes, 100 of them a second. In one second the roll-up goes on as in the collector, a bite every so often, and in
 * the next it rests, so that whatever else this machine does meets both alike.
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
  const beganMs = performance.now();
  const isBiting = (atMs: number) => Math.floor((atMs - beganMs) / 1000) % 2 === 1;
  /** Durations from the moment at which a batch was due, so that whatever kept it waiting counts. */
  const tookMs = { alone: [] as number[], beside: [] as number[] };
  async function takeBatches(): Promise<void> {
    const endMs = beganMs + spellMs;
    let dueMs = beganMs;
    while (dueMs < endMs) {
      // Gaps of 0 to 20 ms that follow no beat.
      dueMs += 2 * gapMs * ((seq * 0.618_033_988_75) % 1);
      await setTimeout(Math.max(0, dueMs - performance.now()));
      const site = seq % sites.length;
      await series.append({ agent: `ag_${site}`, seq: seq++ }, live[site]!);
      tookMs[isBiting(dueMs) ? "beside" : "alone"].push(performance.now() - dueMs);
    }
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

  clock.ms = startMs + dayMs + 4 * hourMs;
  const biting = setInterval(() => {
    if (isBiting(performance.now())) bite(rollUpMs);
  }, rollUpEveryMs);
  await takeBatches();
  clearInterval(biting);
  const share = cpuUs / 1000 / (spellMs / 2);
  while (bite(rollUpMs));
  const due = db.prepare("SELECT count(*) AS days FROM rollups_due WHERE day = ?").get(startMs / dayMs)!.days;
  if (due !== 0) throw new Error(`${String(due)} days were not rolled up`);
  const p99 = { alone: quantile(tookMs.alone, 0.99), beside: quantile(tookMs.beside, 0.99) };
  return [
    rowOf(
      `roll-up of a day of ${sites.length} sites × 10 targets, ${rounds} rounds`,
      cpuUs / 1e6,
      "s of CPU",
      { atMost: 20 },
    ),
    rowOf(`bites of it, of ${rollUpMs} ms or one more: p99`, quantile(bites, 0.99), "ms of CPU"),
    rowOf("time that it takes from everything else", 100 * share, "%", { atMost: 1 }),
    rowOf("a batch of 20 rounds, 100 a second: p99 while it rests", p99.alone, "ms"),
    rowOf("a batch of 20 rounds, 100 a second: p99 while it goes on", p99.beside, "ms"),
    rowOf("the one p99 to the other", p99.beside / p99.alone, "times", { atMost: 1.2 }),
  ];
}
