import type { AgentEvent } from "#wire/batch-v1.ts";
import type { Round } from "../compose.ts";
import { declareLost } from "./account.ts";
import { toState } from "./book.ts";
import type { Book } from "./book.ts";
import type { CrashNotes, Written } from "./crash-notes.ts";
import type { Reading } from "./frame.ts";
import type { Opened } from "./open.ts";
import { isDiskFull, SpoolError } from "./spool-error.ts";
import { createWaiting } from "./waiting.ts";
import type { Staged, Writer } from "./writer.ts";

/** What is measured and waits for the next frame; see SpoolOptions.flushS. */
export interface Minute {
  addRound(round: Round): void;
  addEvent(type: string, detail: AgentEvent["detail"]): void;
  /** All that waits as frames, none of more than `maxRounds`, to be given to `write`. */
  stage(maxRounds?: number): Staged[];
  /** Writes frames, and takes out of what waits as much of them as was written. Throws what the disk says. */
  write(staged: readonly Staged[], durable: boolean): void;
  /** Takes over what the start before this one noted and did not write, and writes down that this one began. */
  begin(adopted: Opened["adopted"]): void;
  /** What is in no frame yet, the oldest first. */
  rounds(): readonly Pick<Round, "monoMs">[];
  /** Throws when an earlier write, of which nobody could be told, failed. */
  assertUsable(): void;
  close(): void;
}

export interface MinuteDeps {
  book: Book;
  writer: Writer;
  notes: CrashNotes;
  flushS: number;
  maxBatchRounds: number;
  maxBatchBytes: number;
  /** The clocks, of this boot. */
  reading: () => Reading;
}

/** Rounds of one frame at most. */
const maxFrameRounds = 1_000;
/** Bytes of one frame before compression, about. */
const maxFrameBytes = 262_144;

export function createMinute(deps: MinuteDeps): Minute {
  const { book, writer, notes, reading } = deps;
  const frameRounds = Math.min(maxFrameRounds, deps.maxBatchRounds);
  const waiting = createWaiting(frameRounds, Math.min(maxFrameBytes, deps.maxBatchBytes));
  const current = book.boots.at(-1)!;
  let timer: NodeJS.Timeout | undefined;
  let failure: unknown = null;
  let isStuck = false;

  const stage = (maxRounds = frameRounds) =>
    writer.stage(current.row, waiting.bodies(Math.min(frameRounds, maxRounds)));

  function write(staged: readonly Staged[], durable: boolean): void {
    try {
      writer.write(staged, durable);
      isStuck = false;
    } finally {
      waiting.drop(staged.filter(({ frame }) => frame.file !== null).length);
      writer.unstage(staged);
      noteWritten(durable);
    }
    if (staged.length > 0) writer.prepareRoom();
  }

  const written = (): Written => ({
    frame: book.nextFrame,
    rounds: book.roundsWritten,
    state: toState(book),
  });

  function noteWritten(durable: boolean): void {
    if (waiting.isEmpty()) {
      clearTimeout(timer);
      timer = undefined;
      notes.restart(written(), current.boot);
    } else if (durable && !isStuck) notes.addWritten(written());
  }

  /** A full disk leaves what waits in memory for another time, the newest of it. */
  function flush(): void {
    try {
      write(stage(), false);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      isStuck = true;
      const gone = waiting.giveUp();
      if (gone === null) return;
      declareLost(book, { boot: current.row, seq: 0, ...gone }, "full");
      noteAnew();
    }
  }

  /** The notes hold what waits and no more: a disk that is full for days must not fill the memory as well. */
  function noteAnew(): void {
    const now = reading();
    notes.restart(written(), current.boot);
    for (const event of waiting.events()) notes.addEvent(event, now);
    for (const round of waiting.rounds()) notes.addRound(round, round.sampleText, now);
  }

  function flushLater(): void {
    // A full disk is asked again after a while, not with each round.
    if (waiting.isFull() && !isStuck) flush();
    if (!waiting.isEmpty()) timer ??= setTimeout(onTime, deps.flushS * 1000).unref();
  }

  function onTime(): void {
    timer = undefined;
    try {
      if (!waiting.isEmpty()) flush();
    } catch (error) {
      failure = error;
    }
    if (failure === null) flushLater();
  }

  function assertUsable(): void {
    if (failure === null) return;
    throw new SpoolError(`the spool cannot be written: ${(failure as Error).message}`, failure);
  }

  return {
    addRound(round) {
      assertUsable();
      const sampleText = JSON.stringify(round.sample);
      notes.addRound(round, sampleText, reading());
      waiting.addRound(round, sampleText);
      flushLater();
    },
    addEvent(type, detail) {
      assertUsable();
      const now = reading();
      const event = { monoMs: now.monoMs, type, detail };
      notes.addEvent(event, now);
      waiting.addEvent(event);
      flushLater();
    },
    stage,
    write,
    begin(adopted) {
      for (const { round, event } of adopted?.notes ?? []) {
        if (event !== undefined) waiting.addEvent(event);
        if (round !== undefined) waiting.addRound(round, JSON.stringify(round.sample));
      }
      write(writer.stage(adopted?.boot ?? current.row, waiting.bodies(frameRounds)), true);
    },
    rounds: waiting.rounds,
    assertUsable,
    close() {
      clearTimeout(timer);
      try {
        write(stage(), true);
      } finally {
        notes.close();
      }
    },
  };
}
