import { writeSync } from "node:fs";
import { openSqlite } from "../../src/state/sqlite.ts";
import { day0Ms, inBatches } from "./samples.ts";

/* Appends batches to the store of a file and says each time when one is acknowledged, until it is killed. */
const [file, key, count] = process.argv.slice(2) as [string, string, string];
const { series } = openSqlite(file);
for (const { origin, rounds } of inBatches(key, day0Ms, Number(count))) {
  await series.append(origin, rounds);
  writeSync(1, ".");
}
