import { noteGone } from "./account.ts";
import { toState } from "./book.ts";
import type { Book, Frame } from "./book.ts";
import { decodeBody, encodeFrame } from "./frame.ts";
import type { FrameBody, Reading } from "./frame.ts";
import type { Log } from "./log.ts";
import { createRoomMaker } from "./room.ts";
import { isDiskFull } from "./spool-error.ts";
import { createThinner } from "./thin.ts";
import type { WaitingBody } from "./waiting.ts";

/** A frame that has its number and place in the book, and is yet to be written. */
export interface Staged {
  frame: Frame;
  body: FrameBody;
}

export interface Writer {
  stage(boot: number, bodies: readonly WaitingBody[]): Staged[];
  unstage(staged: readonly Staged[]): void;
  /**
   * Writes the frames, the last with the state where that says more than the frames do. `durable`: with the state, and
   * on the disk when it returns; without frames the state alone. Throws what the disk says.
   */
  write(staged: readonly Staged[], durable: boolean): void;
  /** Does some of the work that the next file will need before it can be written. Throws what the disk says. */
  prepareRoom(): void;
  /** A frame's contents, or null when it cannot be read any more; the account has that then. */
  read(frame: Frame): FrameBody | null;
  /** Frames that are needed no more; `acknowledged`: the collector has them. */
  release(frames: ReadonlySet<Frame>, acknowledged: boolean): void;
  /** Something changed that only a state tells. */
  touch(): void;
}

/** What a frame is that was not thinned. */
const asMeasured = { covers: 0, level: 0, thinned: 0 } as const;
/** Share of the spool that rounds as measured keep before hourly summaries are made of the older ones. */
const rawShare = 1 / 4;

export interface WriterDeps {
  log: Log;
  book: Book;
  /** The clocks, of this boot as they stand. */
  readingOf: (boot: number) => Reading;
  /** Of the spool, and of one batch. */
  maxBytes: number;
  maxBatchRounds: number;
  maxBatchBytes: number;
}

export function createWriter({ log, book, readingOf, ...caps }: WriterDeps): Writer {
  let isTouched = true;

  function stage(boot: number, bodies: readonly WaitingBody[]): Staged[] {
    return bodies.map(({ count, rawBytes, fromMonoMs, toMonoMs, rounds, events }) => {
      const place = { file: null, offset: 0, bytes: 0 };
      const number = book.nextFrame++;
      const size = { rounds: count, ...asMeasured, events: events.length, rawBytes, fromMonoMs, toMonoMs };
      const frame: Frame = { number, ...place, ...size, boot, seq: 0 };
      book.frames.push(frame);
      return { frame, body: { rounds, events } };
    });
  }

  function encode(frame: Frame, body: FrameBody, hasState: boolean): Buffer {
    const { lastSeq } = book;
    const roundsBefore = frame.level === 0 ? book.roundsWritten : 0;
    return encodeFrame(
      { ...frame, roundsBefore, lastSeq, hasState, reading: readingOf(frame.boot) },
      hasState ? { ...body, state: toState(book, frame.number) } : body,
    );
  }

  function append(frame: Frame, body: FrameBody, wants: { durable: boolean; state: boolean }): void {
    const anew = log.isFull() || (wants.durable && log.mayRestart());
    // Each file has a state, so that no single damage takes them all.
    const hasState = wants.state || (wants.durable && anew);
    const durable = wants.durable || (hasState && anew);
    if (anew && !log.hasRoom()) room.make(log.hasRoom);
    const { place, bytes } = appendOrMakeRoom(() => encode(frame, body, hasState), { durable, anew });
    Object.assign(frame, place, { bytes: bytes.length });
    book.roundsWritten += frame.rounds;
    if (frame.rounds + frame.events > 0) place.file.living++;
    if (hasState) isTouched = false;
    if (hasState && durable) log.settle();
  }

  /** `encoded` anew for each try: what was given up for the last one is in the state. */
  function appendOrMakeRoom(encoded: () => Buffer, { durable, anew }: { durable: boolean; anew: boolean }) {
    for (let tries = 0; ; tries++) {
      const bytes = encoded();
      try {
        return { place: log.append(bytes, { durable, anew: anew || tries > 0 }), bytes };
      } catch (error) {
        if (!isDiskFull(error) || tries === 3) throw error;
        // A file that could be written over was too short, and there was no room behind it.
        if (tries > 0) log.removeSpares();
        if (!room.make(log.hasSpare)) throw error;
      }
    }
  }

  function write(staged: readonly Staged[], durable: boolean): void {
    for (const [index, { frame, body }] of staged.entries()) {
      const isLast = index === staged.length - 1;
      append(frame, body, {
        durable: isLast && durable,
        state: isLast && (durable || isTouched || log.isFull()),
      });
    }
    if (staged.length === 0 && durable) writeState(false);
  }

  /** `stay`: in the tail, however full it is. */
  function writeState(stay: boolean): void {
    const place = { file: null, offset: 0, bytes: 0 };
    const nothing = { rounds: 0, ...asMeasured, events: 0, rawBytes: 0, fromMonoMs: 0, toMonoMs: 0 };
    const frame = { number: book.nextFrame++, ...place, ...nothing, boot: book.boots.at(-1)!.row, seq: 0 };
    const body = { rounds: [], events: [] };
    if (!stay) return append(frame, body, { durable: true, state: true });
    log.append(encode(frame, body, true), { durable: true, anew: false });
    log.settle();
  }

  function release(frames: ReadonlySet<Frame>, acknowledged: boolean): void {
    book.frames = book.frames.filter((frame) => !frames.has(frame));
    for (const { file } of frames) {
      if (file === null) continue;
      file.living--;
      if (acknowledged) file.isSettled = false;
    }
    isTouched = true;
  }

  const peek = ({ file, offset, bytes }: Frame) => decodeBody(log.read({ file: file!, offset, bytes }));

  function read(frame: Frame): FrameBody | null {
    const body = peek(frame);
    if (body !== null) return body;
    release(new Set([frame]), false);
    noteGone(book, frame, "corrupt");
    return null;
  }

  const giveUp = (frames: ReadonlySet<Frame>) => release(frames, false);
  const thin = createThinner({
    log,
    book,
    read,
    encode: (frame, body) => encode(frame, body, false),
    release: giveUp,
    maxRounds: caps.maxBatchRounds,
    maxBytes: caps.maxBatchBytes,
  });
  const room = createRoomMaker({
    log,
    book,
    peek,
    release: giveUp,
    thin,
    saveLoss,
    rawBytes: caps.maxBytes * rawShare,
  });

  /** An emptied batch may reach the collector, and what was declared lost must not come back after that. */
  function saveLoss(): void {
    try {
      writeState(true);
    } catch (error) {
      // A start that finds the rounds of the state before it gone declares them lost as well.
      if (!isDiskFull(error)) throw error;
    }
  }

  return {
    stage,
    unstage(staged) {
      const gone = new Set(staged.map(({ frame }) => frame));
      book.frames = book.frames.filter((frame) => !gone.has(frame) || frame.file !== null);
    },
    write,
    prepareRoom: room.prepare,
    read,
    release,
    touch() {
      isTouched = true;
    },
  };
}
