import { createBook, fromState } from "./book.ts";
import type { Book, Frame, Run } from "./book.ts";
import { decodeBody } from "./frame.ts";
import type { Log } from "./log.ts";
import { surveyLog } from "./survey.ts";
import type { StatePlace, Survey } from "./survey.ts";

/*
 * What a start makes of the files that it finds. The newest state that can be read says which frames were needed when it
 * was written; frames after it are needed as well. Each of those that is not there, or is not whole, is a hole: how many
 * rounds it held is the difference to what the state, or the counts in the heads of its neighbours, say.
 */
export interface Hole {
  boot: number;
  rounds: number;
  /** Of the batch that held them, or 0. */
  seq: number;
  /** Between which monotonic times they lie, where that is known. */
  fromMonoMs: number | null;
  toMonoMs: number | null;
}

export interface Recovered {
  book: Book;
  holes: Hole[];
  /** Seqs that a frame which cannot be read gave out, or was about to. */
  unknownSeqs: number[];
  /** Files were there, but no state in them. */
  isLost: boolean;
}

/** `noted`: what this frame and later ones of that boot were to hold is known from elsewhere, so that none is a hole. */
export function recover(log: Log, noted: { boot: string; frame: number } | null): Recovered {
  const survey = surveyLog(log, noted?.frame ?? 0);
  const { newest } = survey;
  const state = findState(log, survey.states);
  if (newest === null || state === null) {
    return { book: restOf(survey), holes: [], unknownSeqs: [], isLost: newest !== null };
  }
  const { book, runs, at } = state;
  const isNoted = noted !== null && book.boots.at(-1)?.boot === noted.boot;
  const holes = [
    ...adoptRuns(book, runs, survey),
    ...adoptLater(book, at, survey, isNoted ? noted.frame : Number.POSITIVE_INFINITY),
  ];
  for (const { file } of book.frames) if (file !== null) file.living++;
  for (const boot of book.boots) {
    const reading = survey.readings.get(boot.row);
    if (reading !== undefined && reading.monoMs >= boot.monoMs) Object.assign(boot, reading);
  }
  const unknown = Math.max(0, survey.lastSeq - book.lastSeq);
  const unknownSeqs = Array.from({ length: unknown }, (_, index) => book.lastSeq + 1 + index);
  book.lastSeq += unknown;
  book.nextFrame = newest.number + 1;
  book.roundsWritten = survey.roundsWritten;
  log.resume(survey.end, at.file);
  return { book, holes, unknownSeqs, isLost: false };
}

function findState(
  log: Log,
  states: readonly StatePlace[],
): { book: Book; runs: Run[]; at: StatePlace } | null {
  for (const at of states) {
    const state = decodeBody(log.read(at))?.state;
    if (state !== undefined) return { book: fromState(state), runs: state.runs, at };
  }
  return null;
}

/** Without any state nothing of the frames can be dated or told from what was delivered; only the numbers go on. */
function restOf({ newest, roundsWritten, lastSeq }: Survey): Book {
  return { ...createBook(), nextFrame: (newest?.number ?? 0) + 1, roundsWritten, lastSeq };
}

/** The frames that the state names. */
function adoptRuns(book: Book, runs: readonly Run[], survey: Survey): Hole[] {
  const holes: Hole[] = [];
  let at = 0;
  for (const run of runs) {
    const [from, to, rounds, boot, seq] = run;
    while (at < survey.frames.length && survey.frames[at]!.number < from) at++;
    const first = at;
    let found = 0;
    for (; at < survey.frames.length && survey.frames[at]!.number <= to; at++) {
      const frame = survey.frames[at]!;
      frame.seq = seq;
      found += frame.rounds;
      book.frames.push(frame);
    }
    if (found === rounds) continue;
    const present = survey.frames.slice(first, at);
    holes.push({ boot, seq, rounds: rounds - found, ...spanOf(survey, { from, to, boot }, present) });
  }
  return holes;
}

/** The frames after the state, in no batch yet. */
function adoptLater(book: Book, at: StatePlace, survey: Survey, notedFrom: number): Hole[] {
  const known = new Set(book.boots.map(({ row }) => row));
  const later = survey.frames.filter(({ number, boot }) => number > at.number && known.has(boot));
  for (const frame of later) book.frames.push(frame);
  const expected = Number.isFinite(notedFrom) ? survey.roundsWrittenBelow : survey.roundsWritten;
  const found = later.reduce((sum, { number, rounds }) => sum + (number < notedFrom ? rounds : 0), 0);
  const missing = Math.max(0, expected - at.roundsAfter) - found;
  if (missing <= 0) return [];
  const newest = survey.newest!;
  const boot = known.has(newest.boot) ? newest.boot : book.boots.at(-1)!.row;
  const range = { from: at.number + 1, to: newest.number, boot };
  return [{ boot, seq: 0, rounds: missing, ...spanOf(survey, range, later) }];
}

/** The time of what is missing: as its own damaged heads say, or else between its neighbours of the same boot. */
function spanOf(
  { frames, damaged }: Survey,
  { from, to, boot }: { from: number; to: number; boot: number },
  present: readonly Frame[],
): { fromMonoMs: number | null; toMonoMs: number | null } {
  const there = new Set(present.map(({ number }) => number));
  let first = from;
  let last = to;
  while (there.has(first)) first++;
  while (there.has(last)) last--;
  const inHole = damaged.filter((head) => head.boot === boot && head.number >= first && head.number <= last);
  const ofBoot = (frame: Frame) => frame.boot === boot && frame.rounds > 0;
  const before = frames.findLast((frame) => ofBoot(frame) && frame.number < first);
  const after = frames.find((frame) => ofBoot(frame) && frame.number > last);
  const [head, tail] = [inHole[0], inHole.at(-1)];
  return {
    fromMonoMs: (head?.number === first ? head.fromMonoMs : before?.toMonoMs) ?? null,
    toMonoMs: (tail?.number === last ? tail.toMonoMs : after?.fromMonoMs) ?? null,
  };
}
