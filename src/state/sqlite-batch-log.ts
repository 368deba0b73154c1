import type { DatabaseSync } from "node:sqlite";
import type { Rounds } from "../series/series-store.ts";
import type { SqliteSeries } from "../series/sqlite-series.ts";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { BatchLog } from "./batch-log.ts";
import type { Names } from "../series/sqlite-names.ts";
import type { LedgerHeads } from "./ledger-heads.ts";
import { createLedgerWriter } from "./sqlite-ledger-writer.ts";
import type { BatchEntry } from "./state-store.ts";
import { storeTrouble } from "./store-trouble.ts";

/** `lastMs`: when the last of its rounds began, also of those that lie in an engine of their own; null: it has none. */
type PlacedEntry = BatchEntry & { lastMs: number | null };

export interface SqliteBatchLog {
  commit(entry: PlacedEntry, rounds: readonly Rounds[]): ReturnType<BatchLog["commit"]>;
}

interface Waiting {
  entry: PlacedEntry;
  rounds: readonly Rounds[];
  resolve: (outcome: "stored" | "duplicate") => void;
  reject: (error: unknown) => void;
}

/**
 * How long the first batch of a group waits for others, ms, where others came lately. Small against the way to any agent; a
 * lone agent does not wait at all.
 */
const gatherMs = 5;
/** A group of so many is not waited for any longer: their rounds are held in memory. */
const largestGroup = 128;

/**
 * Rounds, ledger, clock anchor and events of a batch in one transaction. Batches that arrive together share it, and with
 * it the wait for the disk, and the pages that all of them write to. `checkRoom` throws where the disk is too full for batches.
 */
export function createSqliteBatchLog(
  db: DatabaseSync,
  { series, names, heads }: { series: SqliteSeries; names: Names; heads: LedgerHeads },
  checkRoom: () => void,
): SqliteBatchLog {
  const write = createBatchWriter(db, { series, names, heads });
  /** What memory knows of the store was changed along with it: after a failure it is read anew. */
  const together = <T>(work: () => T): T => {
    try {
      return inTransaction(db, work);
    } catch (error) {
      series.forget();
      heads.forget();
      throw error;
    }
  };
  let waiting: Waiting[] = [];
  let isShared = false;
  let timer: NodeJS.Timeout | NodeJS.Immediate | null = null;

  function flush(): void {
    const group = waiting;
    waiting = [];
    timer = null;
    // A group that was large enough went before its timer.
    if (group.length === 0) return;
    isShared = group.length > 1;
    try {
      checkRoom();
      const outcomes = together(() => group.map(write));
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
        together(() => write(one)),
      );
    } catch (error) {
      one.reject(error);
    }
  }

  function settle({ rounds, resolve }: Waiting, stored: boolean): void {
    if (stored) series.remember(rounds);
    resolve(stored ? "stored" : "duplicate");
  }

  return {
    commit: (entry, rounds) =>
      new Promise((resolve, reject) => {
        waiting.push({ entry, rounds, resolve, reject });
        timer ??= isShared ? setTimeout(flush, gatherMs) : setImmediate(flush);
        if (waiting.length === largestGroup) setImmediate(flush);
      }),
  };
}

/** Writes one batch within the open transaction; false: it is stored already. */
function createBatchWriter(
  db: DatabaseSync,
  { series, names, heads }: { series: SqliteSeries; names: Names; heads: LedgerHeads },
): (one: Pick<Waiting, "entry" | "rounds">) => boolean {
  const addBatch = db.prepare(
    `INSERT OR IGNORE INTO batches (agent, seq, boot, rounds, wall_ms, mono_ms, synced, received_ms, offset_ms, uncertainty_ms,
       last_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const writeLedger = createLedgerWriter(db, heads);
  return ({ entry, rounds }) => {
    const added = addBatch.run(
      names.idOf(entry.agent),
      entry.seq,
      names.idOf(entry.boot),
      entry.rounds,
      entry.wallMs,
      entry.monoMs,
      entry.synced ? 1 : 0,
      entry.receivedMs,
      entry.offsetMs,
      entry.uncertaintyMs,
      entry.lastMs,
    );
    if (added.changes === 0) return false;
    series.appendNow({ agent: entry.agent, seq: entry.seq }, rounds);
    writeLedger(entry);
    return true;
  };
}
