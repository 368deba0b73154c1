import type { DatabaseSync } from "node:sqlite";
import type { Rounds } from "../series/series-store.ts";
import type { SqliteSeries } from "../series/sqlite-series.ts";
import type { BatchLog } from "./batch-log.ts";
import type { BatchEntry, ClockSource, Ledger, LedgerRange, StateStore, StoredEvent } from "./state-store.ts";
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
 * loop share it, and with it the wait for the disk.
 */
export function createSqliteBatchLog(db: DatabaseSync, series: SqliteSeries): BatchLog {
  const write = createBatchWriter(db, series);
  let waiting: Waiting[] = [];

  function flush(): void {
    const group = waiting;
    waiting = [];
    try {
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
    `INSERT OR IGNORE INTO batches (agent, seq, boot, rounds, wall_ms, mono_ms, synced, received_ms, offset_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    );
    if (added.changes === 0) return false;
    series.appendNow({ agent: entry.agent, seq: entry.seq }, rounds);
    writeLedger(entry);
    return true;
  };
}

function createLedgerWriter(db: DatabaseSync): (entry: BatchEntry) => void {
  const before = db.prepare("SELECT from_seq FROM ledger_ranges WHERE agent = ? AND to_seq = ? - 1");
  const after = db.prepare("SELECT to_seq FROM ledger_ranges WHERE agent = ? AND from_seq = ? + 1");
  const dropRange = db.prepare("DELETE FROM ledger_ranges WHERE agent = ? AND from_seq = ?");
  const putRange = db.prepare(
    "INSERT INTO ledger_ranges (agent, from_seq, to_seq) VALUES (?, ?, ?) ON CONFLICT (agent, from_seq) DO UPDATE SET to_seq = excluded.to_seq",
  );
  // The counts are cumulative in seq, so those of the highest seq are the agent's word on everything below it.
  const putLedger = db.prepare(
    `INSERT INTO ledgers (agent, last_seq, produced, thinned, lost, stored) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (agent) DO UPDATE SET
       produced = CASE WHEN ?2 > last_seq THEN ?3 ELSE produced END,
       thinned = CASE WHEN ?2 > last_seq THEN ?4 ELSE thinned END,
       lost = CASE WHEN ?2 > last_seq THEN ?5 ELSE lost END,
       stored = stored + ?6,
       last_seq = max(last_seq, ?2)`,
  );
  const putAnchor = db.prepare(
    `INSERT INTO clock_anchors (agent, host_boot, offset_ms, source, last_seq, last_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (agent, host_boot) DO UPDATE SET
       offset_ms = CASE WHEN ?4 = 'synced' AND ?5 > last_seq OR source <> 'synced' AND ?4 = 'synced' THEN ?3 ELSE offset_ms END,
       source = CASE WHEN ?4 = 'synced' THEN ?4 ELSE source END,
       last_seq = max(last_seq, ?5),
       last_ms = max(last_ms, ?6)`,
  );
  const addTouch = db.prepare("INSERT INTO late_touches (from_ms) VALUES (?)");
  const addEvent = db.prepare(
    "INSERT INTO events (agent, site, time_ms, type, detail) VALUES (?, ?, ?, ?, ?)",
  );
  const seen = db.prepare("UPDATE agents SET last_seen_ms = max(coalesce(last_seen_ms, 0), ?) WHERE id = ?");
  return (entry) => {
    const { agent, seq } = entry;
    const fromSeq = (before.get(agent, seq)?.from_seq as number | undefined) ?? seq;
    const toSeq = (after.get(agent, seq)?.to_seq as number | undefined) ?? seq;
    if (toSeq !== seq) dropRange.run(agent, seq + 1);
    putRange.run(agent, fromSeq, toSeq);
    putLedger.run(agent, seq, entry.producedRounds, entry.thinnedRounds, entry.lostRounds, entry.rounds);
    putAnchor.run(
      agent,
      entry.hostBoot,
      entry.offsetMs,
      entry.clockSource,
      seq,
      entry.monoMs + entry.offsetMs,
    );
    if (entry.lateFromMs !== null) addTouch.run(entry.lateFromMs);
    for (const event of entry.events)
      addEvent.run(agent, event.site, event.timeMs, event.type, JSON.stringify(event.detail));
    seen.run(entry.receivedMs, agent);
  };
}

export function ledgerMethods(
  db: DatabaseSync,
): Pick<StateStore, "batch" | "clockAnchors" | "ledger" | "events"> {
  const batch = db.prepare("SELECT boot, rounds FROM batches WHERE agent = ? AND seq = ?");
  const anchors = db.prepare("SELECT * FROM clock_anchors WHERE agent = ? ORDER BY last_seq");
  return {
    async batch(agent, seq) {
      const row = batch.get(agent, seq);
      return row === undefined ? null : { boot: row.boot as string, rounds: row.rounds as number };
    },
    async clockAnchors(agent) {
      return anchors.all(agent).map((row) => ({
        hostBoot: row.host_boot as string,
        offsetMs: row.offset_ms as number,
        source: row.source as ClockSource,
        lastSeq: row.last_seq as number,
        lastMs: row.last_ms as number,
      }));
    },
    async ledger(agent) {
      const sums = db.prepare("SELECT * FROM ledgers WHERE agent = ?").get(agent);
      if (sums === undefined) return null;
      const ranges = db
        .prepare("SELECT from_seq, to_seq FROM ledger_ranges WHERE agent = ? ORDER BY from_seq")
        .all(agent);
      const stored = ranges.map((row) => ({ fromSeq: row.from_seq as number, toSeq: row.to_seq as number }));
      return toLedger(agent, stored, sums as Record<string, number>);
    },
    async events({ fromMs, toMs, sites }) {
      const rows = db
        .prepare("SELECT * FROM events WHERE time_ms >= ? AND time_ms < ? ORDER BY time_ms, site, type, id")
        .all(fromMs, toMs);
      return rows
        .filter((row) => sites === undefined || sites.includes(row.site as string))
        .map((row) => ({
          agent: row.agent as string,
          site: row.site as string,
          timeMs: row.time_ms as number,
          type: row.type as string,
          detail: JSON.parse(row.detail as string) as StoredEvent["detail"],
        }));
    },
  };
}

function toLedger(agent: string, stored: LedgerRange[], sums: Record<string, number>): Ledger {
  const holes: LedgerRange[] = [];
  let next = 1;
  for (const range of stored) {
    if (range.fromSeq > next) holes.push({ fromSeq: next, toSeq: range.fromSeq - 1 });
    next = range.toSeq + 1;
  }
  const [producedRounds, thinnedRounds, lostRounds, storedRounds] = [
    sums.produced!,
    sums.thinned!,
    sums.lost!,
    sums.stored!,
  ];
  return {
    agent,
    stored,
    holes,
    lastSeq: sums.last_seq!,
    producedRounds,
    thinnedRounds,
    lostRounds,
    storedRounds,
    openRounds: producedRounds - storedRounds - thinnedRounds - lostRounds,
  };
}
