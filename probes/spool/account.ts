import type { AgentEvent } from "#wire/batch-v1.ts";
import type { Book } from "./book.ts";
import type { Hole } from "./recover.ts";

/*
 * The sum stays true at every seq, produced = rounds in batches + lost: rounds without a batch enter `produced` and
 * `lost` together with the next batch, those that were in a batch move from one side to the other.
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
