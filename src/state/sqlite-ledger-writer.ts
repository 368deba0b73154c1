import type { DatabaseSync } from "node:sqlite";
import { enterBatch } from "./account.ts";
import type { LedgerHead, LedgerHeads } from "./ledger-heads.ts";
import { monthOf } from "./month.ts";
import type { BatchEntry } from "./state-store.ts";

/** Writes what a stored batch changes beside its rounds, within the open transaction. */
export function createLedgerWriter(db: DatabaseSync, heads: LedgerHeads): (entry: BatchEntry) => void {
  const putRange = createRangeWriter(db, heads);
  const putLedger = createSumsWriter(db);
  const putSentBytes = createSentBytesWriter(db);
  const putAnchor = createAnchorWriter(db);
  const addTouch = db.prepare("INSERT INTO late_touches (from_ms) VALUES (?)");
  const addEvent = db.prepare(
    "INSERT INTO events (agent, site, time_ms, type, detail) VALUES (?, ?, ?, ?, ?)",
  );
  return (entry) => {
    const { agent, seq } = entry;
    const head = heads.of(agent);
    putRange(agent, seq, head);
    putLedger(entry, head);
    putSentBytes(entry);
    putAnchor(entry);
    if (entry.lateFromMs !== null) addTouch.run(entry.lateFromMs);
    for (const event of entry.events)
      addEvent.run(agent, event.site, event.timeMs, event.type, JSON.stringify(event.detail));
  };
}

/** Seqs as merged ranges. Nearly every batch follows on the highest of them. */
function createRangeWriter(
  db: DatabaseSync,
  heads: LedgerHeads,
): (agent: string, seq: number, head: LedgerHead) => void {
  const before = db.prepare("SELECT from_seq FROM ledger_ranges WHERE agent = ? AND to_seq = ? - 1");
  const after = db.prepare("SELECT to_seq FROM ledger_ranges WHERE agent = ? AND from_seq = ? + 1");
  const drop = db.prepare("DELETE FROM ledger_ranges WHERE agent = ? AND from_seq = ?");
  const extend = db.prepare("UPDATE ledger_ranges SET to_seq = ? WHERE agent = ? AND from_seq = ?");
  const put = db.prepare(
    "INSERT INTO ledger_ranges (agent, from_seq, to_seq) VALUES (?, ?, ?) ON CONFLICT (agent, from_seq) DO UPDATE SET to_seq = excluded.to_seq",
  );
  return (agent, seq, head) => {
    const { tail } = head;
    if (tail?.toSeq === seq - 1) {
      extend.run(seq, agent, tail.fromSeq);
      head.tail = { fromSeq: tail.fromSeq, toSeq: seq };
      return;
    }
    const fromSeq = (before.get(agent, seq)?.from_seq as number | undefined) ?? seq;
    const toSeq = (after.get(agent, seq)?.to_seq as number | undefined) ?? seq;
    if (toSeq !== seq) drop.run(agent, seq + 1);
    put.run(agent, fromSeq, toSeq);
    head.tail = heads.readTail(agent);
  };
}

function createSumsWriter(db: DatabaseSync): (entry: BatchEntry, head: LedgerHead) => void {
  const put = db.prepare(
    `INSERT INTO ledgers (agent, last_seq, produced, thinned, lost, stored, seen_ms, waiting, oldest_ms, said_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (agent) DO UPDATE SET last_seq = excluded.last_seq, produced = excluded.produced,
       thinned = excluded.thinned, lost = excluded.lost, stored = excluded.stored, seen_ms = excluded.seen_ms,
       waiting = excluded.waiting, oldest_ms = excluded.oldest_ms, said_ms = excluded.said_ms`,
  );
  const note = db.prepare("UPDATE ledgers SET contradiction = ?, contradicted_ms = ? WHERE agent = ?");
  return (entry, head) => {
    const { agent, waitingRounds, oldestMs = null, receivedMs } = entry;
    const { account, contradiction } = enterBatch(head.account, entry);
    head.account = account;
    head.seenMs = Math.max(head.seenMs, receivedMs);
    if (waitingRounds !== undefined && (head.said?.atMs ?? 0) <= receivedMs)
      head.said = { waitingRounds, oldestMs, atMs: receivedMs };
    const { lastSeq, producedRounds, thinnedRounds, lostRounds, storedRounds } = account;
    put.run(
      agent,
      lastSeq,
      producedRounds,
      thinnedRounds,
      lostRounds,
      storedRounds,
      head.seenMs,
      head.said?.waitingRounds ?? null,
      head.said?.oldestMs ?? null,
      head.said?.atMs ?? null,
    );
    if (contradiction !== null) note.run(JSON.stringify(contradiction), receivedMs, agent);
  };
}

/**
 * Boots of a machine that are remembered: two a day for nine months, 20 a day for a month. Each batch that does not date
 * itself is placed among all of them, so that a machine that says that it booted with each batch must not make it dearer
 * and dearer.
 */
const mostAnchors = 600;

/**
 * The clock of the host boot: of what was placed by itself (exchange, synced) the latest, else the first, so that what
 * follows it stays in order; and the narrowest of what the batches say of when the host booted.
 */
function createAnchorWriter(db: DatabaseSync): (entry: BatchEntry) => void {
  const takesOver =
    "(excluded.source IN ('exchange', 'synced') AND (source NOT IN ('exchange', 'synced') OR excluded.last_seq > last_seq))";
  const put = db.prepare(
    `INSERT INTO clock_anchors (agent, host_boot, offset_ms, uncertainty_ms, source, boot_ms, boot_uncertainty_ms,
       first_start, last_start, last_seq, last_mono_ms, last_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (agent, host_boot) DO UPDATE SET
       offset_ms = iif(${takesOver}, excluded.offset_ms, offset_ms),
       uncertainty_ms = iif(${takesOver}, excluded.uncertainty_ms, uncertainty_ms),
       boot_ms = iif(excluded.boot_uncertainty_ms < boot_uncertainty_ms, excluded.boot_ms, boot_ms),
       boot_uncertainty_ms = min(boot_uncertainty_ms, excluded.boot_uncertainty_ms),
       first_start = min(first_start, excluded.first_start),
       last_start = max(last_start, excluded.last_start),
       source = iif(${takesOver}, excluded.source, source),
       last_seq = max(last_seq, excluded.last_seq),
       last_mono_ms = max(last_mono_ms, excluded.last_mono_ms),
       last_ms = max(last_ms, excluded.last_ms)`,
  );
  const isKnown = db.prepare("SELECT 1 FROM clock_anchors WHERE agent = ? AND host_boot = ?");
  const forget = db.prepare(
    `DELETE FROM clock_anchors WHERE agent = ?1 AND host_boot <> ?2 AND host_boot IN (
       SELECT host_boot FROM clock_anchors WHERE agent = ?1 ORDER BY boot_ms DESC, host_boot LIMIT -1 OFFSET ${mostAnchors})`,
  );
  return (entry) => {
    const isNew = isKnown.get(entry.agent, entry.hostBoot) === undefined;
    const { offsetMs, uncertaintyMs, start = null, bootMs = offsetMs, monoMs } = entry;
    const { bootUncertaintyMs = uncertaintyMs } = entry;
    put.run(
      entry.agent,
      entry.hostBoot,
      offsetMs,
      uncertaintyMs,
      entry.clockSource,
      bootMs,
      bootUncertaintyMs,
      start,
      start,
      entry.seq,
      monoMs,
      monoMs + offsetMs,
    );
    if (isNew) forget.run(entry.agent, entry.hostBoot);
  };
}

/** The counter of an agent's uplink as it stood last in each month, UTC: the difference to the month before is its own. */
function createSentBytesWriter(db: DatabaseSync): (entry: BatchEntry) => void {
  const put = db.prepare(
    `INSERT INTO sent_bytes (agent, month, bytes) VALUES (?, ?, ?)
     ON CONFLICT (agent, month) DO UPDATE SET bytes = max(bytes, excluded.bytes)`,
  );
  return ({ agent, sentBytes, receivedMs }) => {
    if (sentBytes !== undefined) put.run(agent, monthOf(receivedMs), sentBytes);
  };
}
