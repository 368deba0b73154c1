import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { tempDir } from "../../support/temp-dir.ts";
import { rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { cut, dayMs, dayOfSite, hourMs, openSqliteSeries, startMs, stepsADay } from "./parts.ts";

const days = 365;
const hours = 24;
/** Stretches of the hour that is over are joined by one call, since there is one shelf; the others find nothing. */
const tidiesAnHour = 4;

/**
 * A year of a site with 10 targets, hour by hour, with the joining, roll-up and closing that the collector does of itself in
 * each. Nothing is packed at the end: the program does not either.
 */
export async function benchYear(): Promise<Row[]> {
  using dir = tempDir();
  const file = dir.file("bench.db");
  using parts = openSqliteSeries(file);
  const { db, series, clock } = parts;
  // A page for each table that has nothing in it, which one site would have to bear as if it were a district.
  const emptyPages = pragma(db, "page_count");
  const pageBytes = pragma(db, "page_size");
  let rounds = 0;
  for (let day = 0; day < days; day++) {
    const all = dayOfSite(0, day);
    for (let hour = 0; hour < hours; hour++) {
      const some = cut(all, (hour * stepsADay) / hours, ((hour + 1) * stepsADay) / hours);
      await series.append({ agent: "ag_0", seq: day * hours + hour + 1 }, some);
      rounds += some.reduce((sum, { timeMs }) => sum + timeMs.length, 0);
      clock.ms = startMs + day * dayMs + (hour + 1) * hourMs;
      for (let turn = 0; turn < tidiesAnHour; turn++) series.tidy();
      while (series.rollUp(100));
    }
  }
  const { first_ms: firstMs } = db.prepare("SELECT min(first_ms) AS first_ms FROM blocks").get()!;
  if ((firstMs as number) < clock.ms - 17 * dayMs) throw new Error("days that are too old were not closed");
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const usedPages = pragma(db, "page_count") - pragma(db, "freelist_count") - emptyPages;
  const fileBytes = statSync(file).size - emptyPages * pageBytes;
  const tierBytes = (stepMs: number) =>
    db.prepare("SELECT sum(length(data)) AS bytes FROM tiers WHERE step_ms = ?").get(stepMs)!.bytes as number;
  return [
    rowOf("bytes/round, SQLite: figures of 5 minutes, without their pages", tierBytes(300_000) / rounds, "B"),
    rowOf("bytes/round, SQLite: figures of an hour, without their pages", tierBytes(hourMs) / rounds, "B"),
    rowOf(
      `bytes/round on disk, SQLite: after a year of ${rounds} rounds, pages in use`,
      (usedPages * pageBytes) / rounds,
      "B",
      { atMost: 2 },
    ),
    rowOf(
      "bytes/round on disk, SQLite: the file then, with the pages that are free again",
      fileBytes / rounds,
      "B",
      { atMost: 2 },
    ),
  ];
}

function pragma(db: DatabaseSync, name: string): number {
  return db.prepare(`PRAGMA ${name}`).get()![name] as number;
}
