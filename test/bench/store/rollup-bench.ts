import { tempDir } from "../../support/temp-dir.ts";
import { quantile, rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { cut, dayMs, dayOfSite, hourMs, openSqliteSeries, sites, startMs, stepsADay } from "./parts.ts";

const stepsABatch = 120;
/** As the collector has it: state/sqlite.ts. */
const biteMs = 8;

/**
 * The roll-up of a day of 160 sites with 10 targets each: its processor time, and how long a batch that comes meanwhile takes,
 * beside the same batches before it. Every second bite a batch comes that has to wait for the bite to end.
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
  const takeOne = async () => {
    const site = seq % sites.length;
    const beganMs = performance.now();
    await series.append({ agent: `ag_${site}`, seq: seq++ }, live[site]!);
    return performance.now() - beganMs;
  };
  const alone: number[] = [];
  for (let batch = 0; batch < 1_000; batch++) alone.push(await takeOne());

  clock.ms = startMs + dayMs + 4 * hourMs;
  const beside: number[] = [];
  const bites: number[] = [];
  let cpuUs = 0;
  for (let isBusy = true; isBusy;) {
    const before = process.cpuUsage();
    const beganMs = performance.now();
    isBusy = series.rollUp(biteMs);
    bites.push(performance.now() - beganMs);
    const { user, system } = process.cpuUsage(before);
    cpuUs += user + system;
    for (let batch = 0; batch < 2; batch++) beside.push(await takeOne());
  }
  const due = db.prepare("SELECT count(*) AS days FROM rollups_due WHERE day = ?").get(startMs / dayMs)!.days;
  if (due !== 0) throw new Error(`${String(due)} days were not rolled up`);
  return [
    rowOf(
      `roll-up of a day of ${sites.length} sites × 10 targets, ${rounds} rounds`,
      cpuUs / 1e6,
      "s of CPU",
      {
        atMost: 20,
      },
    ),
    rowOf("longest bite of it", Math.max(...bites), "ms"),
    rowOf("bites of it, p99", quantile(bites, 0.99), "ms"),
    rowOf("a batch of 20 rounds, stored: p99 before the roll-up", quantile(alone, 0.99), "ms"),
    rowOf("a batch of 20 rounds, stored: p99 between its bites", quantile(beside, 0.99), "ms"),
  ];
}
