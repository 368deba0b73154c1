import { statSync } from "node:fs";
import { tempDir } from "../../support/temp-dir.ts";
import { rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { cut, dayOfSite, openOthers, openSqliteSeries, stepsADay } from "./parts.ts";
import { benchYear } from "./year-bench.ts";

const siteCount = 20;
const stepsABatch = 10;

/** Bytes on disk of a round of 5 replies: of the rounds themselves, and after a year of which most is figures. */
export async function benchSize(): Promise<Row[]> {
  return [...(await benchSqlite()), ...(await benchYear()), ...(await benchOthers())];
}

/** The others have the rounds alone, for as long as they are kept. */
async function benchOthers(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, series, diskBytes, end } of await openOthers()) {
    await using _ = end;
    // Files of a fixed size that it lays down with the first round.
    await series.append({ agent: "ag_0", seq: 1 }, cut(dayOfSite(siteCount, 0), 0, 1));
    const empty = await diskBytes();
    let rounds = 0;
    for (let site = 0; site < siteCount; site++) {
      const day = dayOfSite(site, 0);
      for (let from = 0; from < stepsADay; from += stepsADay / 6)
        await series.append({ agent: `ag_${site}`, seq: from + 1 }, cut(day, from, from + stepsADay / 6));
      rounds += stepsADay * day.length;
    }
    const bytes = ((await diskBytes()) - empty) / rounds;
    rows.push(rowOf(`bytes/round on disk, ${name}: the rounds, packed`, bytes, "B"));
  }
  return rows;
}

async function benchSqlite(): Promise<Row[]> {
  using dir = tempDir();
  const file = dir.file("bench.db");
  const { db, series } = openSqliteSeries(file);
  const bytes = () => {
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return statSync(file).size;
  };
  // A page for each table that has nothing in it, which 20 sites would have to bear as if they were a district for years.
  const empty = bytes();
  let rounds = 0;
  const days = Array.from({ length: siteCount }, (_, site) => dayOfSite(site, 0));
  for (let from = 0; from < stepsADay; from += stepsABatch) {
    for (const [site, day] of days.entries()) {
      const some = cut(day, from, from + stepsABatch);
      await series.append({ agent: `ag_${site}`, seq: from + 1 }, some);
      rounds += some.reduce((sum, { timeMs }) => sum + timeMs.length, 0);
    }
    series.tidy();
  }
  // The day after, so that the last hour is over.
  for (let site = 0; site < siteCount; site++)
    await series.append({ agent: `ag_${site}`, seq: stepsADay + 1 }, cut(dayOfSite(site, 1), 0, stepsABatch));
  for (let turn = 0; turn < 100; turn++) series.tidy();
  const raw = (bytes() - empty) / rounds;
  db.close();
  return [
    rowOf("bytes/round on disk, SQLite: the rounds, in batches of 5 minutes", raw, "B", { atMost: 20 }),
  ];
}
