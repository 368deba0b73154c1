import { statSync } from "node:fs";
import { countRounds } from "#wire/batch-v1.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { tempDir } from "../support/temp-dir.ts";
import { idleEntries, openStore, writeBenchInventory } from "./collector-parts.ts";
import { batchStream, benchSite, fibre, take, twentyTargets } from "./rounds.ts";
import { rowOf } from "./table.ts";
import type { Row } from "./table.ts";

const dayS = 86_400;
const intervalS = 30;

/** Size of the one file after a day of 20 targets every 30 s, in batches of a minute, closed as at a clean stop. */
export async function benchDisk(): Promise<Row[]> {
  using dir = tempDir();
  writeBenchInventory(dir.file("inventory"), idleEntries(twentyTargets));
  const file = dir.file("bench.db");
  const { stores, ingest, addAgent } = openStore(file, readInventory(dir.file("inventory"), {}));
  const { record } = await addAgent(benchSite);
  const roundsPerTarget = 2;
  const stream = batchStream({
    agent: record.id,
    targets: twentyTargets,
    path: fibre,
    roundsPerTarget,
    intervalS,
    startMs: Date.now() - dayS * 1000,
  });
  let rounds = 0;
  for (const batch of take(stream, dayS / intervalS / roundsPerTarget)) {
    await ingest.acceptBatch(record, Buffer.from(JSON.stringify(batch)), "identity");
    rounds += countRounds(batch);
  }
  stores.close();
  const label = "bytes on disk/round, a day of 20 targets every 30 s, live batches";
  return [rowOf(label, statSync(file).size / rounds, "B", { atMost: 60 })];
}
