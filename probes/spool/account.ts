import type { AgentEvent } from "#wire/batch-v1.ts";
import type { SeqUsedV1 } from "#wire/seq-used-v1.ts";
import type { BatchState, Book, Frame } from "./book.ts";

/*
 * The sum stays true at every seq, produced = rounds in batches + thinned + lost: rounds without a batch enter `produced`
 * and `lost` together with the next batch, those that were in a batch move from one side to the other.
 *
 * A summary is one round, and what was merged into it is thinned, from the batch on that carries it. Until then the files
 * alone tell how far the rounds in them were thinned, so that no crash can count it twice or not at all. A summary that is
 * given up is one round lost, and the others stay thinned.
 *
 * A batch that went out may have arrived although nobody said so. What cannot be read of it any more is therefore not
 * lost before the collector has said how many of its rounds it has.
 */

/** Why rounds are given up: no room, bytes that changed, or a write that was not finished. */
export type LossReason = "full" | "corrupt" | "torn";

/** Rounds that are gone. */
export interface Hole {
  boot: number;
  /** As they lay in it; `thinned`: what was merged into them. */
  rounds: number;
  thinned: number;
  /** Of the batch that held them, or 0. */
  seq: number;
  /** Between which monotonic times they lie, where that is known. */
  fromMonoMs: number | null;
  toMonoMs: number | null;
  reason: LossReason;
}

type Loss = Omit<Hole, "thinned" | "reason"> & { thinned?: number };

/** Events of rounds given up that are kept for each boot, beside the one that tells of the loss. */
const maxNotes = 100;

/** Declares rounds lost, in the ledger and in an event. */
export function declareLost(book: Book, hole: Loss, reason: LossReason): void {
  // Of those in a batch the thinned entered the account with it.
  if (hole.seq === 0) book.thinnedWaiting += hole.thinned ?? 0;
  if (hole.rounds === 0) return;
  if (hole.seq === 0) book.lostWaiting += hole.rounds;
  else {
    book.lost += hole.rounds;
    for (const batch of book.batches.values()) {
      if (batch.seq === hole.seq) batch.rounds -= hole.rounds;
      if (batch.seq >= hole.seq) batch.lost += hole.rounds;
    }
  }
  note(book, hole, { type: "spool.lost", counts: { rounds: hole.rounds }, same: { reason } });
}

/** In an event: the account has it from the frames. */
export function declareThinned(
  book: Book,
  range: Pick<Frame, "boot" | "fromMonoMs" | "toMonoMs">,
  { rounds, summaries, stepS }: { rounds: number; summaries: number; stepS: number },
): void {
  if (rounds === 0) return;
  note(book, range, { type: "spool.thinned", counts: { rounds, summaries }, same: { stepS } });
}

/** One event of its sort waits per boot: a spool that stays full for a day would otherwise be full of them. */
function note(
  book: Book,
  { boot, fromMonoMs, toMonoMs }: Pick<Hole, "boot" | "fromMonoMs" | "toMonoMs">,
  { type, counts, same }: { type: string; counts: Record<string, number>; same: AgentEvent["detail"] },
): void {
  const notes = book.notes.get(boot) ?? [];
  const [name, value] = Object.entries(same)[0]!;
  const known = notes.find((event) => event.type === type && event.detail[name] === value);
  const detail: AgentEvent["detail"] = {
    fromMonoMs: known === undefined ? fromMonoMs : widen(known.detail["fromMonoMs"], fromMonoMs, Math.min),
    toMonoMs: known === undefined ? toMonoMs : widen(known.detail["toMonoMs"], toMonoMs, Math.max),
    ...same,
  };
  for (const [count, more] of Object.entries(counts))
    detail[count] = more + Number(known?.detail[count] ?? 0);
  if (known !== undefined) known.detail = detail;
  else {
    const monoMs = book.boots.find(({ row }) => row === boot)?.monoMs ?? 0;
    notes.push({ monoMs, type, detail });
  }
  book.notes.set(boot, notes);
}

function widen(
  known: AgentEvent["detail"][string] | undefined,
  ms: number | null,
  choose: (a: number, b: number) => number,
): number | null {
  return typeof known === "number" && ms !== null ? choose(known, ms) : null;
}

/** Keeps events whose frame is given up: the start of the agent before all, then the newest. */
export function keepEvents(book: Book, boot: number, events: readonly AgentEvent[]): void {
  if (events.length === 0) return;
  const all = [...(book.notes.get(boot) ?? []), ...events];
  const isKey = ({ type }: AgentEvent) =>
    type === "agent.start" || type === "spool.lost" || type === "spool.thinned";
  const others = all.filter((event) => !isKey(event)).slice(-maxNotes);
  book.notes.set(boot, [...all.filter(isKey), ...others]);
}

/** Rounds that cannot be read any more. Of those in a batch the collector's answer tells whether they are lost. */
export function noteGone(book: Book, loss: Loss & { thinned: number }, reason: LossReason): void {
  const { boot, seq, rounds, thinned, fromMonoMs, toMonoMs } = loss;
  const batch = book.batches.get(seq);
  if (batch === undefined) return declareLost(book, loss, reason);
  if (rounds === 0) return;
  batch.gone = [...(batch.gone ?? []), { boot, seq, rounds, thinned, fromMonoMs, toMonoMs, reason }];
}

/** The batch is done with: the collector has so many of its rounds, and what it has not is lost. */
export function settle(book: Book, batch: BatchState, storedRounds: number): void {
  let missing = batch.rounds - storedRounds;
  if (missing < 0) addFound(book, batch.seq, -missing);
  for (const hole of batch.gone ?? []) {
    const rounds = Math.min(hole.rounds, Math.max(0, missing));
    missing -= rounds;
    declareLost(book, { ...hole, seq: batch.seq, rounds }, hole.reason);
  }
  book.batches.delete(batch.seq);
}

/**
 * The seq is that of other rounds, of a time that this spool knows nothing of: those were produced as well. Its own wait
 * for another seq, with which they, and what was merged into them, enter the account again.
 */
export function takeBack(book: Book, batch: BatchState, storedRounds: number): void {
  const { seq, boot, rounds, events, gone = [] } = batch;
  const frames = book.frames.filter((frame) => frame.seq === seq);
  const thinned = [...frames, ...gone].reduce((sum, part) => sum + part.thinned, 0);
  addProduced(book, seq, storedRounds - rounds - thinned);
  addThinned(book, seq, -thinned);
  for (const frame of frames) frame.seq = 0;
  book.batches.delete(seq);
  for (const hole of gone) declareLost(book, { ...hole, seq: 0 }, hole.reason);
  if (events.length > 0) book.notes.set(boot, [...events, ...(book.notes.get(boot) ?? [])]);
}

/**
 * Of frames that wait for a seq, those that a spool which went back in time had sent already: batches are made of a
 * start's newest frames, so that the count tells which. Not of the last start before this one, which may have sent
 * rounds as well that were noted in memory alone, and are in no frame here.
 */
export function deliveredMeanwhile(book: Book, { boot, rounds }: SeqUsedV1): Frame[] {
  const lastRow = book.boots.at(-1)!.row - 1;
  const row = book.boots.find((one) => one.boot === boot && one.row < lastRow)?.row;
  const delivered: Frame[] = [];
  let left = rounds;
  for (const frame of book.frames.toReversed()) {
    if (left <= 0) break;
    if (frame.boot !== row || frame.seq !== 0) continue;
    delivered.push(frame);
    left -= frame.rounds;
  }
  return left === 0 ? delivered : [];
}

/** Their rounds were counted with the seq that they have at the collector; what was merged into them was not. */
export function noteDelivered(book: Book, frames: readonly Frame[]): void {
  for (const { thinned } of frames) book.thinnedWaiting += thinned;
}

/** More rounds arrived under a seq than were known to be in it: they are among those gone of another, or known to nobody. */
function addFound(book: Book, seq: number, rounds: number): void {
  let found = rounds;
  for (const other of book.batches.values()) {
    if (other.gone === undefined || other.seq === seq) continue;
    const gone = other.gone.reduce((sum, hole) => sum + hole.rounds, 0);
    const taken = Math.min(found, gone, other.rounds);
    other.rounds -= taken;
    found -= taken;
    moveProduced(book, { from: other.seq, to: seq, rounds: taken });
  }
  addProduced(book, seq, found);
}

/** Rounds were produced with another seq than it seemed: the batches between the two say so. */
function moveProduced(book: Book, { from, to, rounds }: { from: number; to: number; rounds: number }): void {
  for (const batch of book.batches.values()) {
    if (from <= batch.seq && batch.seq < to) batch.produced -= rounds;
    if (to <= batch.seq && batch.seq < from) batch.produced += rounds;
  }
}

function addProduced(book: Book, seq: number, rounds: number): void {
  book.produced += rounds;
  for (const other of book.batches.values()) if (other.seq > seq) other.produced += rounds;
}

function addThinned(book: Book, seq: number, rounds: number): void {
  book.thinned += rounds;
  for (const other of book.batches.values()) if (other.seq > seq) other.thinned += rounds;
}
