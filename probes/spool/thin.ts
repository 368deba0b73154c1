import type { AgentEvent } from "#wire/batch-v1.ts";
import { declareThinned } from "./account.ts";
import type { Book, Frame } from "./book.ts";
import type { FrameBody, Level } from "./frame.ts";
import type { Log } from "./log.ts";
import { createMerger } from "./merge-rounds.ts";
import type { Merger } from "./merge-rounds.ts";
import { isDiskFull } from "./spool-error.ts";
import { lastOf } from "./survey.ts";

/*
 * Thinning: the frames of a file are read one after another and written as summaries, a few windows' worth in each frame,
 * into the file that takes summaries of that level. Once these are on the disk the old frames are needed no more. No crash
 * in between loses or doubles a round: a frame of summaries has the numbers of those that it was made of, and where both
 * are found it counts alone (recover.ts).
 */

/** Length of the windows that rounds are merged in, s. */
const stepsS = [0, 300, 3_600] as const;
export const stepSOf = (level: Level): number => stepsS[level];

/** Windows in a frame: each cut between two frames cuts windows, and each damaged frame takes them all. */
const windowsPerFrame = 24;
/** Events of the frames that it was made of; each of those has 100 at most. */
const maxFrameEvents = 100;
/** Of one frame before compression. Its rounds are in memory at once. */
const maxFrameBytes = 1_048_576;

export interface ThinnerDeps {
  log: Log;
  book: Book;
  read: (frame: Frame) => FrameBody | null;
  encode: (frame: Frame, body: FrameBody) => Buffer;
  release: (frames: ReadonlySet<Frame>) => void;
  maxRounds: number;
  maxBytes: number;
}

/** What becomes one frame. */
interface Pile {
  merger: Merger;
  sources: Frame[];
  events: AgentEvent[];
  rounds: number;
  rawBytes: number;
}

/**
 * Makes summaries of the frames of one file, which are of one level and in no batch, ascending; of the first of them only,
 * where no more than `mostFrames` are to be written. Returns the frames that were replaced, or null when
 * the disk takes no more summaries; what was written counts.
 */
export type Thinner = (victims: readonly Frame[], mostFrames?: number) => Frame[] | null;

export function createThinner(deps: ThinnerDeps): Thinner {
  const { log, book } = deps;
  const maxBytes = Math.min(maxFrameBytes, deps.maxBytes);

  function fits(pile: Pile, frame: Frame, { rounds: columns }: FrameBody): boolean {
    const last = pile.sources.at(-1)!;
    const frameMs = windowsPerFrame * 1000 * stepSOf((frame.level + 1) as Level);
    const stored = pile.merger.stored();
    const bytes = stored * (pile.rawBytes / Math.max(1, pile.rounds));
    return (
      lastOf(last) === frame.number - 1 &&
      last.boot === frame.boot &&
      Math.floor(pile.sources[0]!.fromMonoMs / frameMs) === Math.floor(frame.fromMonoMs / frameMs) &&
      stored + frame.rounds <= deps.maxRounds &&
      bytes + frame.rawBytes <= maxBytes &&
      pile.events.length < maxFrameEvents &&
      !pile.merger.clashes(columns)
    );
  }

  /** The frame in place of the pile's, written and not yet on the disk. */
  function write({ merger, sources, events }: Pile): () => void {
    const first = sources[0]!;
    const level = (first.level + 1) as Level;
    const { rounds, stored, thinned, summaries } = merger.finish();
    const frame: Frame = {
      ...first,
      covers: lastOf(sources.at(-1)!) - first.number,
      level,
      rounds: stored,
      thinned: sources.reduce((sum, source) => sum + source.thinned, thinned),
      events: events.length,
      rawBytes: JSON.stringify(rounds).length,
      fromMonoMs: sources.map(({ fromMonoMs }) => fromMonoMs).reduce((a, b) => Math.min(a, b)),
      toMonoMs: sources.map(({ toMonoMs }) => toMonoMs).reduce((a, b) => Math.max(a, b)),
    };
    const encoded = deps.encode(frame, { rounds, events });
    Object.assign(frame, log.appendAside(encoded, level), { bytes: encoded.length });
    frame.file!.living++;
    return () => {
      book.frames[book.frames.indexOf(first)] = frame;
      first.file!.living--;
      deps.release(new Set(sources.slice(1)));
      declareThinned(book, frame, { rounds: thinned, summaries, stepS: stepSOf(level) });
    };
  }

  function* pilesOf(victims: readonly Frame[]): Generator<Pile> {
    let pile: Pile | null = null;
    for (const frame of victims) {
      const body = deps.read(frame);
      if (body === null) continue;
      if (pile !== null && !fits(pile, frame, body)) {
        yield pile;
        pile = null;
      }
      const merger = createMerger(1000 * stepSOf((frame.level + 1) as Level));
      pile ??= { merger, sources: [], events: [], rounds: 0, rawBytes: 0 };
      pile.merger.add(body.rounds);
      pile.sources.push(frame);
      for (const event of body.events) pile.events.push(event);
      pile.rounds += frame.rounds;
      pile.rawBytes += frame.rawBytes;
    }
    if (pile !== null) yield pile;
  }

  return (victims, mostFrames = Number.POSITIVE_INFINITY) => {
    const done: (() => void)[] = [];
    const sources: Frame[] = [];
    let isFull = false;
    try {
      for (const pile of pilesOf(victims)) {
        done.push(write(pile));
        for (const source of pile.sources) sources.push(source);
        if (done.length >= mostFrames) break;
      }
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      isFull = true;
    }
    log.syncAside();
    for (const replace of done) replace();
    return isFull ? null : sources;
  };
}
