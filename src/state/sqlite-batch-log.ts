import type { DatabaseSync } from "node:sqlite";
import type { Rounds } from "../series/series-store.ts";
import type { SqliteSeries } from "../series/sqlite-series.ts";
import type { BatchLog } from "./batch-log.ts";
import { createLedgerWriter } from "./sqlite-ledger-writer.ts";
import type { BatchEntry } from "./state-store.ts";
import { storeTrouble } from "./store-trouble.ts";
import { transaction } from "./transaction.ts";

interface Waiting {
  entry: BatchEntry;
  rounds: readonly Rounds[];
  resolve: (outcome: "stored" | "duplicate") => void;
  reject: (error: unknown) => void;
}

/**
 * Rounds, ledger, clock anchor and events of a batch in one transaction. Batches that arrive in the same turn of the event
 * loop share it, and with it the wait for the disk. `checkRoom` throws where the disk is too full for batches.
 */
export function createSqliteBatchLog(
  db: DatabaseSync,
  series: SqliteSeries,
  checkRoom: () => void,
): BatchLog {
  const write = createBatchWriter(db, series);
  let waiting: Waiting[] = [];

  function flush(): void {
    const group = waiting;
    waiting = [];
    try {
      checkRoom();
      const outcomes = transaction(db, () => group.map(write));
      for (const [index, one] of group.entries()) settle(one, outcomes[index]!);
    } catch (error) {
      // Where the disk is to blame, each alone would only ask it once more.
      if (group.length === 1 || storeTrouble(error) !== null) for (const one of group) one.reject(error);
      else for (const one of group) writeAlone(one);
    }
  }

  /** One batch of a group cannot be written: it alone is refused, its neighbours are not to blame. */
  function writeAlone(one: Waiting): void {
    try {
      settle(
        one,
        transaction(db, () => write(one)),
      );
    } catch (error) {
      one.reject(error);
    }
  }

  function settle({ entry, rounds, resolve }: Waiting, stored: boolean): void {
    if (stored) series.remember(entry, rounds);
    resolve(stored ? "stored" : "duplicate");
  }

  return {
    commit: (entry, rounds) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ entry, rounds, resolve, reject });
      }),
  };
}

/** Writes one batch within the open transaction; false: it is stored already. */
function createBatchWriter(
  db: DatabaseSync,
  series: SqliteSeries,
): (one: Pick<Waiting, "entry" | "rounds">) => boolean {
  const addBatch = db.prepare(
    `INSERT OR IGNORE INTO batches (agent, seq, boot, rounds, wall_ms, mono_ms, synced, received_ms, offset_ms, uncertainty_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const writeLedger = createLedgerWriter(db);
  return ({ entry, rounds }) => {
    const added = addBatch.run(
      entry.agent,
      entry.seq,
      entry.boot,
      entry.rounds,
      entry.wallMs,
      entry.monoMs,
      entry.synced ? 1 : 0,
      entry.receivedMs,
      entry.offsetMs,
      entry.uncertaintyMs,
    );
    if (added.changes === 0) return false;
    series.appendNow({ agent: entry.agent, seq: entry.seq }, rounds);
    writeLedger(entry);
    return true;
  };
}
