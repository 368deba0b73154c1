import type { AgentEvent, BatchV1 } from "#wire/batch-v1.ts";
import type { SeqUsedV1 } from "#wire/seq-used-v1.ts";
import type { ClockWatch, Host } from "../clock.ts";
import type { Round } from "../compose.ts";
import { deliveredMeanwhile, noteDelivered, settle, takeBack } from "./account.ts";
import { forgetEmptyBoots } from "./book.ts";
import type { BatchState } from "./book.ts";
import { createComposer } from "./compose-batch.ts";
import { crashNotesPath } from "./crash-notes.ts";
import type { Reading } from "./frame.ts";
import { createMinute } from "./minute.ts";
import { openFolder } from "./open.ts";
import type { StartFacts } from "./open.ts";
import { readBatch } from "./read-batch.ts";
import { isDiskFull, SpoolError } from "./spool-error.ts";
import type { Store } from "./store.ts";
import { createWriter } from "./writer.ts";

export interface SpoolOptions {
  /** Folder of the agent's data; the spool is the folder `spool` in it, made when missing. */
  folder: string;
  /** Random id of this start of the agent. */
  boot: string;
  host: Host;
  watch: ClockWatch;
  /**
   * Bytes of the log's files. Above it the oldest rounds are merged to 5-minute summaries, the oldest of those to hourly
   * ones, and only then given up. Default 64 MB, at least 32 kB.
   */
  maxBytes?: number | undefined;
  /** Rounds of one batch, 1 to 20,000. Default 5,000: some 50 kB on the wire, which a 16 kbit/s link still carries. */
  maxBatchRounds?: number | undefined;
  /** Bytes of one batch before compression. Default 4 MiB, a quarter of what the collector takes. */
  maxBatchBytes?: number | undefined;
  /**
   * How long rounds wait in memory for the frame that they are written in, s. Default 75: longer than the minute between
   * two reports, whose batch writes them anyway, so that a connected agent writes once a minute. A power cut takes them.
   */
  flushS?: number | undefined;
  /** The file in memory where they are noted meanwhile, against a crash. Default: in /dev/shm; null: nowhere. */
  crashNotes?: string | null | undefined;
  /** Folder in memory (tmpfs) for the default of crashNotes. Default /dev/shm. */
  memoryFolder?: string | undefined;
}

export interface Spool {
  /** Identity, configuration, counters: what the agent keeps beside its rounds. */
  readonly store: Store;
  readonly startFacts: StartFacts;
  addRound(round: Round): void;
  addEvent(type: string, detail: AgentEvent["detail"]): void;
  /**
   * Gives the next seq to rounds and events that have none, newest first, and returns it, or null when there is nothing,
   * or when the disk takes nothing. `live`: this boot's newest. `backlog`: what the last live batch left over, and
   * earlier boots, one boot at a time. From here on the batch counts as sent: it may reach the collector, so its rounds
   * are never merged or given up for room.
   */
  compose(scope: "live" | "backlog", maxRounds?: number): number | null;
  /** Composed, not acknowledged, not moved aside; newest first. */
  pending(): number[];
  hasBacklog(): boolean;
  /** The batch as it is to be sent now: rounds as composed, clock and ledger as they stand. */
  batch(seq: number, agentId: string): BatchV1;
  acknowledge(seq: number): void;
  /**
   * The collector has other rounds under this seq. True: what it has is all that there is of this batch, which is done
   * with. False: this spool went back in time, and the rounds wait for another seq.
   */
  seqWasUsed(seq: number, stored: SeqUsedV1): boolean;
  /** The collector will not have this batch: it stays in the spool, out of the way. */
  moveAside(seq: number, detail: string): void;
  /** Gives the batches that were moved aside another try. Returns how many. */
  retryAside(): number;
  /** Bytes of the log's files. */
  usedBytes(): number;
  close(cleanStop: boolean): void;
}

/**
 * The spool: a log of frames, each with a minute's rounds, written when a batch gets its seq. That frame is on the disk
 * (fsync) before the batch goes out, since a seq used again after a power cut would have new rounds taken for a
 * repetition. An acknowledgement is written with the next frame: a batch that is sent again is answered as known.
 */
export function openSpool(options: SpoolOptions): Spool {
  const { boot, host, watch, folder, maxBytes = 64_000_000, flushS = 75 } = options;
  const { maxBatchRounds = 5_000, maxBatchBytes = 4_194_304, crashNotes, memoryFolder } = options;
  const notesPath = (path: string) =>
    crashNotes === undefined ? crashNotesPath(path, memoryFolder) : crashNotes;
  const opened = openFolder({ folder, boot, host, watch, maxBytes, crashNotes: notesPath });
  const { log, book, notes, documents, startFacts, reservedThrough } = opened;
  const current = book.boots.at(-1)!;

  function readingOf(row: number): Reading {
    if (row === current.row) Object.assign(current, watch.read(), { uptimeS: host.uptimeS() });
    const { wallMs, monoMs, synced, uptimeS } = book.boots.find((other) => other.row === row)!;
    return { wallMs, monoMs, synced, uptimeS };
  }

  function release(): void {
    log.close();
    opened.unlock();
  }

  const writer = createWriter({ log, book, readingOf, maxBytes, maxBatchRounds, maxBatchBytes });
  const reading = () => readingOf(current.row);
  const minute = createMinute({ book, writer, notes, flushS, maxBatchRounds, maxBatchBytes, reading });
  try {
    minute.begin(opened.adopted);
  } catch (error) {
    notes.close();
    release();
    throw new SpoolError(`the spool cannot be written: ${(error as Error).message}`, error);
  }
  const caps = { rounds: maxBatchRounds, bytes: maxBatchBytes };
  const composer = createComposer({ book, writer, minute, documents, caps, reservedThrough });
  const store: Store = {
    ...documents,
    count: (name) => book.counts.get(name) ?? 0,
    setCount(name, value) {
      book.counts.set(name, value);
      writer.touch();
    },
  };
  const framesOf = (seq: number) => book.frames.filter((frame) => frame.seq === seq);
  const roundsOf = (seq: number) => framesOf(seq).reduce((sum, frame) => sum + frame.rounds, 0);
  const bootOf = (batch: BatchState) => book.boots.find(({ row }) => row === batch.boot)?.boot;

  function finish(batch: BatchState, storedRounds: number): void {
    const frames = framesOf(batch.seq);
    settle(book, batch, storedRounds);
    writer.release(new Set(frames), true);
    forgetEmptyBoots(book);
  }

  /** What is in no batch any more may be merged, and no state may say after that that it is in one. */
  function saveState(): void {
    try {
      minute.write([], true);
    } catch (error) {
      // A disk that is full takes no summaries either.
      if (!isDiskFull(error)) throw error;
    }
  }

  const pending = () => [...book.batches.values()].filter(({ aside }) => aside === null);

  return {
    store,
    startFacts,
    addRound: minute.addRound,
    addEvent: minute.addEvent,
    compose(scope, maxRounds = maxBatchRounds) {
      minute.assertUsable();
      return composer.compose(scope, maxRounds);
    },
    pending: () =>
      pending()
        .map(({ seq }) => seq)
        .sort((a, b) => b - a),
    hasBacklog: () => pending().length > 0 || composer.hasBacklog(),
    batch: (seq, agentId) => readBatch({ book, writer, minute, watch, host }, seq, agentId),
    acknowledge(seq) {
      const batch = book.batches.get(seq);
      if (batch === undefined) return;
      finish(batch, roundsOf(seq));
    },
    seqWasUsed(seq, stored) {
      const batch = book.batches.get(seq);
      if (batch === undefined) return true;
      const left = roundsOf(seq);
      // As it was sent at some time: with what went bad of it since then, and without what went bad before.
      const isOurs = stored.boot === bootOf(batch) && left <= stored.rounds && stored.rounds <= batch.rounds;
      // What is gone of a batch that was composed is of its own start; of a seq found by number alone it is of another.
      const isComposed = batch.gone?.some((hole) => hole.boot === batch.boot) ?? false;
      const isOthers = isComposed && stored.boot !== bootOf(batch);
      const isDone = isOurs || (framesOf(seq).length === 0 && !isOthers);
      if (isDone) finish(batch, stored.rounds);
      else {
        takeBack(book, batch, stored.rounds);
        const delivered = deliveredMeanwhile(book, stored);
        noteDelivered(book, delivered);
        writer.release(new Set(delivered), true);
        forgetEmptyBoots(book);
        saveState();
      }
      writer.touch();
      return isDone;
    },
    moveAside(seq, detail) {
      const batch = book.batches.get(seq);
      if (batch !== undefined) batch.aside = detail;
      store.setCount("movedAside", store.count("movedAside") + 1);
    },
    retryAside() {
      const aside = [...book.batches.values()].filter((batch) => batch.aside !== null);
      for (const batch of aside) batch.aside = null;
      writer.touch();
      return aside.length;
    },
    usedBytes: () => log.usedBytes(),
    close(cleanStop) {
      current.cleanStop = cleanStop;
      try {
        minute.close();
      } finally {
        release();
      }
    },
  };
}
