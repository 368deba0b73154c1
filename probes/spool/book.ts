import type { AgentEvent } from "#wire/batch-v1.ts";
import type { ClockFix } from "#wire/clock-fixes.ts";
import type { Hole } from "./account.ts";
import type { Level } from "./frame.ts";
import type { LogFile } from "./log.ts";

/*
 * What the spool knows about what lies in its log. In memory it is the Book; with every frame that gives a seq, and
 * whenever something changed that the frames do not tell by themselves, a copy of it, the SpoolState, goes into the log;
 * and one into the notes in memory behind each of these writes, since a frame that goes bad may have held the newest.
 * The newest one found at a start is the truth: acknowledged is what it no longer names.
 */

/** A start of the agent, with the last reading of its clocks: that is what dates its rounds later. */
export interface BootState {
  /** 1, 2, 3 … in the order of the starts. */
  row: number;
  boot: string;
  hostBootId: string;
  uptimeS: number;
  wallMs: number;
  monoMs: number;
  synced: boolean;
  cleanStop: boolean;
  fixes?: readonly ClockFix[];
}

/** A seq, once given, and what its ledger says: produced, thinned and lost count up to and including it. */
export interface BatchState {
  seq: number;
  boot: number;
  rounds: number;
  produced: number;
  thinned: number;
  lost: number;
  /** Why the collector refused it, or null. */
  aside: string | null;
  /** Events that lie in no frame: of rounds given up. */
  events: AgentEvent[];
  /** Of its `rounds`, those that cannot be read any more, and that the collector may have all the same. */
  gone?: Hole[];
}

/**
 * Neighbouring frames that share a fate: first and last number, rounds in all, boot, seq (0: in no batch yet), the rounds
 * merged away in them and their level.
 */
export type Run = [
  from: number,
  to: number,
  rounds: number,
  boot: number,
  seq: number,
  thinned: number,
  level: Level,
];

export interface SpoolState {
  v: 1;
  /** Id of the first start of all: which spool this is, wherever a copy of the state turns up. */
  spool: string;
  lastSeq: number;
  produced: number;
  thinned: number;
  lost: number;
  /** Rounds given up that were in no batch; they enter `produced` and `lost` with the next one. */
  lostWaiting: number;
  /** The same of rounds that were merged into those, and `thinned`. */
  thinnedWaiting: number;
  boots: BootState[];
  batches: BatchState[];
  /** Events, by boot, that lie in no frame and wait for a batch. */
  notes: Record<string, AgentEvent[]>;
  runs: Run[];
  /** Rounds of `runs` in frames that were still to be written behind the one with this state. */
  unwritten: number;
  counts: Record<string, number>;
}

/** A frame of the log that is still needed. Some 35,000 of them in a spool of 30 days, so it holds little. */
export interface Frame {
  number: number;
  /** As in its head. */
  covers: number;
  level: Level;
  thinned: number;
  /** null: not written yet. */
  file: LogFile | null;
  offset: number;
  bytes: number;
  rounds: number;
  events: number;
  /** Bytes of its rounds before compression. */
  rawBytes: number;
  boot: number;
  /** 0: in no batch yet. */
  seq: number;
  fromMonoMs: number;
  toMonoMs: number;
}

export interface Book extends Omit<SpoolState, "v" | "batches" | "notes" | "runs" | "unwritten" | "counts"> {
  batches: Map<number, BatchState>;
  notes: Map<number, AgentEvent[]>;
  counts: Map<string, number>;
  /** Ascending by number. */
  frames: Frame[];
  nextFrame: number;
  /** Rounds ever written into frames: what a hole in the log is measured by. */
  roundsWritten: number;
}

export function createBook(): Book {
  return {
    spool: "",
    lastSeq: 0,
    produced: 0,
    thinned: 0,
    lost: 0,
    lostWaiting: 0,
    thinnedWaiting: 0,
    boots: [],
    batches: new Map(),
    notes: new Map(),
    counts: new Map(),
    frames: [],
    nextFrame: 1,
    roundsWritten: 0,
  };
}

/** `carrier`: the number of the frame that the state goes into; none: it goes into no frame. */
export function toState(book: Book, carrier?: number): SpoolState {
  const unwritten = book.frames.filter(({ file, number }) => file === null && number !== carrier);
  return {
    v: 1,
    spool: book.spool,
    lastSeq: book.lastSeq,
    produced: book.produced,
    thinned: book.thinned,
    lost: book.lost,
    lostWaiting: book.lostWaiting,
    thinnedWaiting: book.thinnedWaiting,
    boots: book.boots,
    batches: [...book.batches.values()],
    notes: Object.fromEntries(book.notes),
    runs: toRuns(book.frames),
    unwritten: unwritten.reduce((sum, { rounds }) => sum + rounds, 0),
    counts: Object.fromEntries(book.counts),
  };
}

/** The book as it was when the state was written; the frames are for the caller to find. */
export function fromState(state: SpoolState): Book {
  return {
    ...createBook(),
    spool: state.spool,
    lastSeq: state.lastSeq,
    produced: state.produced,
    thinned: state.thinned,
    lost: state.lost,
    lostWaiting: state.lostWaiting,
    thinnedWaiting: state.thinnedWaiting,
    boots: state.boots,
    batches: new Map(state.batches.map((batch) => [batch.seq, batch])),
    notes: new Map(Object.entries(state.notes).map(([row, events]) => [Number(row), events])),
    counts: new Map(Object.entries(state.counts)),
  };
}

function toRuns(frames: readonly Frame[]): Run[] {
  const runs: Run[] = [];
  let last: Run | undefined;
  for (const frame of frames) {
    const { number, covers, rounds, boot, seq, thinned, level } = frame;
    const isAlike = last?.[3] === boot && last[4] === seq && last[6] === level;
    if (last !== undefined && isAlike && last[1] === number - 1) {
      last[1] = number + covers;
      last[2] += rounds;
      last[5] += thinned;
    } else {
      last = [number, number + covers, rounds, boot, seq, thinned, level];
      runs.push(last);
    }
  }
  return runs;
}

/** Rounds that were measured and are in it, or were merged into those. */
export const measuredIn = ({ rounds, thinned }: Pick<Frame, "rounds" | "thinned">): number =>
  rounds + thinned;

/** A boot is kept as long as something waits that its clock reading has to date; the newest always. */
export function forgetEmptyBoots(book: Book): void {
  if (book.boots.length < 2) return;
  const needed = new Set<number>([book.boots.at(-1)!.row, ...book.notes.keys()]);
  for (const { boot } of book.frames) needed.add(boot);
  for (const { boot, gone = [] } of book.batches.values())
    for (const row of [boot, ...gone.map((hole) => hole.boot)]) needed.add(row);
  book.boots = book.boots.filter(({ row }) => needed.has(row));
}
