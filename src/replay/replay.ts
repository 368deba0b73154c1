import { statSync } from "node:fs";
import { join } from "node:path";
import { findOutages } from "../outage/find-outages.ts";
import { defaultDetectOptions } from "../outage/signal.ts";
import { ablateEvidence, ablateInventory } from "./ablation.ts";
import type { Ablation } from "./ablation.ts";
import { collectEvidence } from "./evidence.ts";
import { createLive } from "./live.ts";
import { readRecords } from "./read-records.ts";
import { toLiveResult, toResult } from "./result.ts";
import type { LiveResult, ReplayResult } from "./result.ts";
import { createRecordCheck } from "./sayings.ts";
import { readScenario } from "./scenario.ts";

export interface ReplayOptions {
  /** Without what was known while it happened. */
  finalOnly: boolean;
  without: ReadonlySet<Ablation>;
  /** Told the share of the records that was read. */
  onProgress: (share: number) => void;
}

export interface Replay {
  result: ReplayResult & LiveResult;
  records: number;
  duplicates: number;
}

/**
 * A recorded scenario through detection, in the order in which its records arrived. Throws an Error that names the file,
 * the line and what is wrong there.
 */
export function replay(folder: string, { finalOnly, without, onProgress }: ReplayOptions): Replay {
  const scenario = readScenario(folder);
  const file = join(folder, "records.ndjson");
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new Error(`${folder}: not a scenario: it has no records.ndjson`);
  const collected = collectEvidence(scenario, { corrects: !without.has("clock") });
  const live = finalOnly ? null : createLive(scenario, defaultDetectOptions);
  let records = 0;
  let duplicates = 0;
  for (const record of readRecords(file, createRecordCheck(scenario), onProgress)) {
    records += 1;
    const log = collected.add(record);
    if (log === null) duplicates += 1;
    else live?.hear(record, log, record.arr * 1000);
  }
  const evidence = ablateEvidence(collected.evidence(), scenario, without);
  const table = findOutages(evidence, ablateInventory(scenario.inventory, scenario, without), {
    ...defaultDetectOptions,
    poolsEdges: !without.has("edges"),
  });
  return {
    result: { ...toResult(evidence, table, scenario), ...toLiveResult(live, scenario) },
    records,
    duplicates,
  };
}
