import type { Rounds } from "../series/series-store.ts";
import type { BatchEntry } from "./state-store.ts";

/**
 * The commit point of a batch: its rounds and its ledger entry become durable together, or neither does. The engine
 * that holds both in one file does it in one transaction; where rounds live elsewhere they are written first, under
 * the batch's own name, so that a crash in between repeats them without effect.
 */
export interface BatchLog {
  commit(entry: BatchEntry, rounds: readonly Rounds[]): Promise<"stored" | "duplicate">;
}
