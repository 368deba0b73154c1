import { statSync } from "node:fs";
import { join } from "node:path";
import { findOutages } from "../outage/find-outages.ts";
import { defaultDetectOptions } from "../outage/signal.ts";
import type { OutageTable } from "../outage/table.ts";
import { ablateEvidence, ablateInventory } from "./ablation.ts";
import type { Ablation } from "./ablation.ts";
import { collectEvidence } from "./evidence.ts";
import { createLive } from "./live.ts";
import { readRecords } from "./read-records.ts";
import { toLiveResult, toResult } from "./result.ts";
import type { LiveResult, ReplayResult } from "./result.ts";
import { createRecordCheck } from "./sayings.ts";
import { readScenario } from "./scenario.ts";
import { sendAtOnce, sendEvery } from "./sending.ts";

export interface ReplayOptions {
  /** Without what was known while it happened. */
  finalOnly: boolean;
  /** Time between two reports of an agent, ms, as shipped ones collect their rounds; null: each round at once. */
  sendEveryMs: number | null;
  without: ReadonlySet<Ablation>;
  /** Told the share of the records that was read. */
  onProgress: (share: number) => void;
}

export interface Replay {
  result: ReplayResult & LiveResult;
  /** The final table. */
  table: OutageTable;
  records: number;
  duplicates: number;
}

/**
 * A recorded scenario through detection, in the order in which its records arrived. Throws an Error that names the file,
 * the line and what is wrong there.
 */
export function replay(
  folder: string,
  { finalOnly, sendEveryMs, without, onProgress }: ReplayOptions,
): Replay {
  const scenario = readScenario(folder);
  const file = join(folder, "records.ndjson");
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new Error(`${folder}: not a scenario: it has no records.ndjson`);
  const collected = collectEvidence(scenario, { corrects: !without.has("clock") });
  const live = finalOnly ? null : createLive(scenario, defaultDetectOptions);
  let records = 0;
  let duplicates = 0;
  const all = readRecords(file, createRecordCheck(scenario), onProgress);
  const sent = sendEveryMs === null ? sendAtOnce(all) : sendEvery(all, sendEveryMs, scenario);
  for (const [record, atMs] of sent) {
    records += 1;
    const log = collected.add(record);
    if (log === null) duplicates += 1;
    else live?.hear(record, log, atMs);
  }
  const evidence = ablateEvidence(collected.evidence(), scenario, without);
  const table = findOutages(evidence, ablateInventory(scenario.inventory, scenario, without), {
    ...defaultDetectOptions,
    poolsEdges: !without.has("edges"),
  });
  return {
    result: { ...toResult(evidence, table, scenario), ...toLiveResult(live, table, scenario) },
    table,
    records,
    duplicates,
  };
}
