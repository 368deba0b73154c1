import type { Hole, LossReason } from "./account.ts";
import { createBook, fromState, measuredIn } from "./book.ts";
import type { Book, Frame, Run } from "./book.ts";
import { decodeBody } from "./frame.ts";
import type { Level } from "./frame.ts";
import type { FoundNotes, Written } from "./crash-notes.ts";
import type { FileEnd, Log, LogFile } from "./log.ts";
import { lastOf, surveyLog } from "./survey.ts";
import type { StatePlace, Survey } from "./survey.ts";
import { stepSOf } from "./thin.ts";

/*
 * What a start makes of the files that it finds. The newest state that can be read, in them or in the notes in memory,
 * says which frames were needed when it was written; frames after it are needed as well. Each of those that is not there, or is not whole, is a hole: how many
 * rounds it held is the difference to what the state, or the counts in the heads of its neighbours, say.
 *
 * Rounds are counted here as they were measured, those merged into summaries as well: thinning does not change that, so
 * that a state from before it agrees with frames from after it. Where both are there, what was thinned further counts.
 */
export interface Recovered {
  book: Book;
  holes: Hole[];
  /** Summaries that the state does not know of yet. */
  thinned: {
    range: Pick<Frame, "boot" | "fromMonoMs" | "toMonoMs">;
    counts: { rounds: number; summaries: number; stepS: number };
  }[];
  /** Seqs that a frame which cannot be read gave out, or was about to. */
  unknownSeqs: number[];
  /** A state was found, in a file or in memory. */
  hasState: boolean;
}

/**
 * `noted`: what its frame and later ones of that boot were to hold is known from the notes, so that none is a hole.
 * `spool`: which spool this is, where no state in the log says so; null: nobody knows.
 */
export function recover(log: Log, noted: FoundNotes | null, spool: string | null): Recovered {
  const survey = surveyLog(log, noted?.frame ?? 0);
  const { newest } = survey;
  const inLog = findState(log, survey.states);
  const inMemory = noted === null ? null : noteState(noted.written);
  const state = newerOf(inLog, inMemory, spool);
  if (state === null) {
    return { book: restOf(survey), holes: [], thinned: [], unknownSeqs: [], hasState: false };
  }
  const { book, runs, at } = state;
  const isNoted = noted !== null && book.boots.at(-1)?.boot === noted.boot;
  const ofRuns = adoptRuns(book, runs, survey);
  const later = adoptLater(book, at, survey, {
    notedFrom: isNoted ? noted.frame : Number.POSITIVE_INFINITY,
    surplus: ofRuns.surplus,
  });
  for (const { file } of book.frames) if (file !== null) file.living++;
  for (const boot of book.boots) {
    const reading = survey.readings.get(boot.row);
    if (reading !== undefined && reading.monoMs >= boot.monoMs) Object.assign(boot, reading);
  }
  const unknown = Math.max(0, survey.lastSeq - book.lastSeq);
  const unknownSeqs = Array.from({ length: unknown }, (_, index) => book.lastSeq + 1 + index);
  book.lastSeq += unknown;
  book.nextFrame = Math.max(at.number, newest === null ? 0 : lastOf(newest)) + 1;
  book.roundsWritten = Math.max(survey.roundsWritten, at.roundsAfter + later.found);
  log.resume(survey.end, inLog?.file ?? null, endsAside(book.frames));
  return {
    book,
    holes: [...ofRuns.holes, ...later.holes],
    thinned: ofRuns.thinned,
    unknownSeqs,
    hasState: true,
  };
}

/** `at`: the last frame that the state knows of, and the rounds written up to it. */
interface FoundState {
  book: Book;
  runs: Run[];
  at: { number: number; roundsAfter: number };
}

function findState(log: Log, states: readonly StatePlace[]): (FoundState & { file: LogFile }) | null {
  for (const { file, number, ...place } of states) {
    const state = decodeBody(log.read({ file, ...place }))?.state;
    if (state === undefined) continue;
    const roundsAfter = place.roundsAfter + state.unwritten;
    return { book: fromState(state), runs: state.runs, at: { number, roundsAfter }, file };
  }
  return null;
}

const noteState = ({ frame, rounds, state }: Written): FoundState => ({
  book: fromState(state),
  runs: state.runs,
  at: { number: frame - 1, roundsAfter: rounds },
});

/** The notes lie outside of the folder: they may be older than a card that was elsewhere, or of a spool that was removed. */
function newerOf(
  inLog: FoundState | null,
  inMemory: FoundState | null,
  spool: string | null,
): FoundState | null {
  if (inMemory === null || inMemory.book.spool !== (inLog?.book.spool ?? spool)) return inLog;
  return inLog !== null && inLog.at.number > inMemory.at.number ? inLog : inMemory;
}

/** Without any state nothing of the frames can be dated or told from what was delivered; only the numbers go on. */
function restOf({ newest, roundsWritten, lastSeq }: Survey): Book {
  return { ...createBook(), nextFrame: newest === null ? 1 : lastOf(newest) + 1, roundsWritten, lastSeq };
}

/** Takes over the frames of a range of numbers, but for those that another one stands for. */
function adopt(book: Book, frames: Iterable<Frame>, isWanted: (frame: Frame) => boolean): Frame[] {
  const adopted: Frame[] = [];
  const before = book.frames.at(-1);
  let through = before === undefined ? 0 : lastOf(before);
  for (const frame of frames) {
    if (frame.number <= through || !isWanted(frame)) continue;
    adopted.push(frame);
    through = lastOf(frame);
  }
  for (const frame of adopted) book.frames.push(frame);
  return adopted;
}

const sumOf = (frames: readonly Frame[], count: (frame: Frame) => number) =>
  frames.reduce((sum, frame) => sum + count(frame), 0);

/** The frames that the state names. `surplus`: rounds found in them beyond those that it speaks of. */
function adoptRuns(
  book: Book,
  runs: readonly Run[],
  survey: Survey,
): Pick<Recovered, "holes" | "thinned"> & { surplus: number } {
  const holes: Hole[] = [];
  const thinned: Recovered["thinned"] = [];
  let at = 0;
  let surplus = 0;
  for (const [from, to, rounds, boot, seq, thinnedThen, level] of runs) {
    while (at < survey.frames.length && survey.frames[at]!.number < from) at++;
    const first = at;
    while (at < survey.frames.length && survey.frames[at]!.number <= to) at++;
    // A frame in a batch is as it was sent, and no left-over of what it was made of stands in for it.
    const isWanted = (frame: Frame) => (seq === 0 ? frame.level >= level : frame.level === level);
    const present = adopt(book, survey.frames.slice(first, at), isWanted);
    for (const frame of present) frame.seq = seq;
    thinned.push(...thinnedSince(present, thinnedThen, level));
    const missing = rounds + thinnedThen - sumOf(present, measuredIn) - surplus;
    // Summaries may also hold what the next run, or the frames after the state, are looked through for.
    surplus = Math.max(0, -missing);
    if (missing <= 0) continue;
    const thinnedGone = Math.min(
      missing,
      Math.max(0, thinnedThen - sumOf(present, (frame) => frame.thinned)),
    );
    const place = placeOf(survey, { from, to, boot }, present, "corrupt");
    holes.push({ boot, seq, rounds: missing - thinnedGone, thinned: thinnedGone, ...place });
  }
  return { holes, thinned, surplus };
}

/** What was merged after the state was written and before anything told of it. */
function thinnedSince(present: readonly Frame[], thinnedThen: number, level: Level): Recovered["thinned"] {
  const merged = present.filter((frame) => frame.level > level);
  const last = merged.at(-1);
  if (last === undefined) return [];
  const rounds = Math.max(0, sumOf(present, (frame) => frame.thinned) - thinnedThen);
  const range = { boot: last.boot, fromMonoMs: merged[0]!.fromMonoMs, toMonoMs: last.toMonoMs };
  const summaries = sumOf(merged, (frame) => frame.rounds);
  return [{ range, counts: { rounds, summaries, stepS: stepSOf(last.level) } }];
}

/** The frames after the state, in no batch yet. */
function adoptLater(
  book: Book,
  at: FoundState["at"],
  survey: Survey,
  { notedFrom, surplus }: { notedFrom: number; surplus: number },
): { holes: Hole[]; found: number } {
  const known = new Set(book.boots.map(({ row }) => row));
  const isLater = ({ number, boot }: Frame) => number > at.number && known.has(boot);
  const later = adopt(book, survey.frames, isLater);
  const all = sumOf(later, measuredIn);
  const expected = Number.isFinite(notedFrom) ? survey.roundsWrittenBelow : survey.roundsWritten;
  const found = sumOf(later, (frame) => (frame.number < notedFrom ? measuredIn(frame) : 0));
  const missing = Math.max(0, expected - at.roundsAfter) - found - surplus;
  if (missing <= 0) return { holes: [], found: all };
  const newest = survey.newest!;
  const boot = known.has(newest.boot) ? newest.boot : book.boots.at(-1)!.row;
  const place = placeOf(survey, { from: at.number + 1, to: lastOf(newest), boot }, later, "torn");
  // Of a start that nothing names the clock is not known either: the machine may have started anew before it.
  const time = known.has(newest.boot) ? {} : { fromMonoMs: null, toMonoMs: null };
  return { holes: [{ boot, seq: 0, rounds: missing, thinned: 0, ...place, ...time }], found: all };
}

/**
 * The time of what is missing: as its own damaged heads say, or else between its neighbours of the same boot. And why it
 * is missing: a write that was not finished leaves the newest frame, or one that the file ends in; `otherwise`: where no
 * head tells.
 */
function placeOf(
  { frames, damaged, newest }: Survey,
  { from, to, boot }: { from: number; to: number; boot: number },
  present: readonly Frame[],
  otherwise: LossReason,
): Pick<Hole, "fromMonoMs" | "toMonoMs" | "reason"> {
  const inRange = damaged.filter((head) => head.boot === boot && head.number >= from && head.number <= to);
  // A head that counts no rounds says that none are missing there, and knows of no time.
  const empty = inRange.filter(({ rounds }) => rounds === 0);
  const there = new Set([...present, ...empty].flatMap((frame) => numbersOf(frame)));
  let first = from;
  let last = to;
  while (there.has(first)) first++;
  while (there.has(last)) last--;
  const inHole = inRange.filter(({ number, rounds }) => rounds > 0 && number >= first && number <= last);
  const ofBoot = (frame: Frame) => frame.boot === boot && frame.rounds > 0;
  const before = frames.findLast((frame) => ofBoot(frame) && frame.number < first);
  const after = frames.find((frame) => ofBoot(frame) && frame.number > last);
  const [head, tail] = [inHole[0], inHole.at(-1)];
  const isTorn = inHole.every(({ isCut, number }) => isCut || number === newest?.number);
  return {
    fromMonoMs: (head?.number === first ? head.fromMonoMs : before?.toMonoMs) ?? null,
    toMonoMs: (tail !== undefined && lastOf(tail) === last ? tail.toMonoMs : after?.fromMonoMs) ?? null,
    reason: inHole.length === 0 ? otherwise : isTorn ? "torn" : "corrupt",
  };
}

const numbersOf = ({ number, covers }: Pick<Frame, "number" | "covers">) =>
  Array.from({ length: covers + 1 }, (_, index) => number + index);

/** Where the summaries of each level go on: behind the newest of them. */
function endsAside(frames: readonly Frame[]): Map<Level, FileEnd> {
  const ends = new Map<Level, FileEnd>();
  for (const { level, file, offset, bytes } of frames)
    if (level > 0 && file !== null) ends.set(level, { file, endBytes: offset + bytes });
  for (const end of ends.values())
    for (const { file, offset, bytes } of frames)
      if (file === end.file) end.endBytes = Math.max(end.endBytes, offset + bytes);
  return ends;
}
