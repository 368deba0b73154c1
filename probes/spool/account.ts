import type { AgentEvent } from "#wire/batch-v1.ts";
import type { BatchState, Book } from "./book.ts";
import type { Hole } from "./recover.ts";

/*
 * The sum stays true at every seq, produced = rounds in batches + lost: rounds without a batch enter `produced` and
 * `lost` together with the next batch, those that were in a batch move from one side to the other.
 *
 * A batch that went out may have arrived although nobody said so. What cannot be read of it any more is therefore not
 * lost before the collector has said how many of its rounds it has.
 */

/** Events of rounds given up that are kept for each boot, beside the one that tells of the loss. */
const maxNotes = 100;

/** Declares rounds lost, in the ledger and in an event. */
export function declareLost(book: Book, hole: Hole): void {
  if (hole.rounds === 0) return;
  if (hole.seq === 0) book.lostWaiting += hole.rounds;
  else {
    book.lost += hole.rounds;
    for (const batch of book.batches.values()) {
      if (batch.seq === hole.seq) batch.rounds -= hole.rounds;
      if (batch.seq >= hole.seq) batch.lost += hole.rounds;
    }
  }
  noteLoss(book, hole);
}

/** One `spool.lost` waits per boot: a spool that stays full for a day would otherwise be full of them. */
function noteLoss(book: Book, { boot, rounds, fromMonoMs, toMonoMs }: Hole): void {
  const notes = book.notes.get(boot) ?? [];
  const known = notes.find(({ type }) => type === "spool.lost");
  const detail = {
    fromMonoMs: known === undefined ? fromMonoMs : widen(known.detail["fromMonoMs"], fromMonoMs, Math.min),
    toMonoMs: known === undefined ? toMonoMs : widen(known.detail["toMonoMs"], toMonoMs, Math.max),
    rounds: rounds + Number(known?.detail["rounds"] ?? 0),
  };
  if (known !== undefined) known.detail = detail;
  else {
    const monoMs = book.boots.find(({ row }) => row === boot)?.monoMs ?? 0;
    notes.push({ monoMs, type: "spool.lost", detail });
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
  const isKey = ({ type }: AgentEvent) => type === "agent.start" || type === "spool.lost";
  const others = all.filter((event) => !isKey(event)).slice(-maxNotes);
  book.notes.set(boot, [...all.filter(isKey), ...others]);
}

/** Rounds that cannot be read any more. Of those in a batch the collector's answer tells whether they are lost. */
export function noteGone(book: Book, { boot, seq, rounds, fromMonoMs, toMonoMs }: Hole): void {
  const hole = { boot, seq, rounds, fromMonoMs, toMonoMs };
  const batch = book.batches.get(seq);
  if (batch === undefined) declareLost(book, hole);
  else if (rounds > 0) batch.gone = [...(batch.gone ?? []), hole];
}

/** The batch is done with: the collector has so many of its rounds, and what it has not is lost. */
export function settle(book: Book, batch: BatchState, storedRounds: number): void {
  let missing = batch.rounds - storedRounds;
  if (missing < 0) addFound(book, batch.seq, -missing);
  for (const hole of batch.gone ?? []) {
    const rounds = Math.min(hole.rounds, Math.max(0, missing));
    missing -= rounds;
    declareLost(book, { ...hole, seq: batch.seq, rounds });
  }
  book.batches.delete(batch.seq);
}

/**
 * The seq is that of other rounds, of a time that this spool knows nothing of: those were produced as well. Its own wait
 * for another seq.
 */
export function takeBack(book: Book, batch: BatchState, storedRounds: number): void {
  const { seq, boot, rounds, events, gone = [] } = batch;
  addProduced(book, seq, storedRounds - rounds);
  for (const frame of book.frames) if (frame.seq === seq) frame.seq = 0;
  book.batches.delete(seq);
  for (const hole of gone) declareLost(book, { ...hole, seq: 0 });
  if (events.length > 0) book.notes.set(boot, [...events, ...(book.notes.get(boot) ?? [])]);
}

/** More rounds arrived under a seq than were known to be in it: they are among those gone of another, or known to nobody. */
function addFound(book: Book, seq: number, rounds: number): void {
  let found = rounds;
  for (const other of book.batches.values()) {
    if (other.gone === undefined || other.seq === seq) continue;
    const taken = Math.min(
      found,
      other.gone.reduce((sum, hole) => sum + hole.rounds, 0),
      other.rounds,
    );
    other.rounds -= taken;
    found -= taken;
  }
  addProduced(book, seq, found);
}

function addProduced(book: Book, seq: number, rounds: number): void {
  book.produced += rounds;
  for (const other of book.batches.values()) if (other.seq > seq) other.produced += rounds;
}
