import { limits } from "#wire/units.ts";
import { measuredIn } from "./book.ts";
import type { BatchState, Book, Frame } from "./book.ts";
import { addSpans, fitsBefore } from "./join-columns.ts";
import type { Spans } from "./join-columns.ts";
import type { Minute } from "./minute.ts";
import { reservedSeqs } from "./open.ts";
import { isDiskFull } from "./spool-error.ts";
import type { Store } from "./store.ts";
import type { Staged, Writer } from "./writer.ts";

/** Bytes: before compression. */
export interface BatchCaps {
  rounds: number;
  bytes: number;
}

/** Events of one batch; the collector takes 1,000. */
const maxEvents = 800;

export interface ComposerDeps {
  book: Book;
  writer: Writer;
  minute: Minute;
  documents: Pick<Store, "set">;
  caps: BatchCaps;
  reservedThrough: number;
}

export interface Composer {
  compose(scope: "live" | "backlog", maxRounds: number): number | null;
  hasBacklog(): boolean;
}

export function createComposer({ book, writer, minute, documents, caps, ...deps }: ComposerDeps): Composer {
  const current = book.boots.at(-1)!;
  let { reservedThrough } = deps;
  // Frames up to this one were there when the last live batch was composed: what it left of them is backlog.
  let backlogThrough = book.nextFrame - 1;

  function reserveSeqs(): void {
    if (book.lastSeq + 1 < reservedThrough) return;
    const { spool, produced, thinned, lost } = book;
    const seq = book.lastSeq + 1 + reservedSeqs;
    try {
      documents.set("reserve", JSON.stringify({ spool, seq, produced, thinned, lost }));
      reservedThrough = seq;
    } catch (error) {
      // It is for the day on which the log is lost; a full disk must not stop the agent for it.
      if (!isDiskFull(error)) throw error;
    }
  }

  function backlogBoot(): number | null {
    let newest = 0;
    for (const { seq, number, boot } of book.frames)
      if (seq === 0 && number <= backlogThrough && boot > newest) newest = boot;
    for (const boot of book.notes.keys()) if (boot < current.row && boot > newest) newest = boot;
    return newest === 0 ? null : newest;
  }

  function composeOf(boot: number, staged: readonly Staged[], maxRounds: number): number | null {
    const rounds = Math.min(maxRounds, caps.rounds);
    const from = { boot, throughFrame: backlogThrough, caps: { ...caps, rounds } };
    const frames = chooseFrames(book, writer, staged, from);
    if (frames.length === 0 && !book.notes.has(boot)) return null;
    reserveSeqs();
    const given = giveSeq(book, boot, frames);
    try {
      minute.write(staged, true);
      return given.seq;
    } catch (error) {
      given.undo();
      if (isDiskFull(error)) return null;
      throw error;
    }
  }

  return {
    compose(scope, maxRounds) {
      if (scope === "backlog") {
        const boot = backlogBoot();
        return boot === null ? null : composeOf(boot, [], maxRounds);
      }
      const staged = minute.stage(maxRounds);
      backlogThrough = book.nextFrame - 1;
      return composeOf(current.row, staged, maxRounds);
    },
    hasBacklog: () => backlogBoot() !== null,
  };
}

/** The newest frames of a boot that make one batch, none after `throughFrame`. A target has one kind in a batch. */
function chooseFrames(
  book: Book,
  writer: Writer,
  staged: readonly Staged[],
  from: { boot: number; throughFrame: number; caps: BatchCaps },
): Frame[] {
  const bodies = new Map(staged.map(({ frame, body }) => [frame, body]));
  const spans: Spans = new Map();
  const chosen: Frame[] = [];
  let rounds = 0;
  let bytes = 0;
  let events = 0;
  for (const frame of book.frames.toReversed()) {
    if (frame.seq !== 0 || frame.boot !== from.boot || frame.number > from.throughFrame) continue;
    rounds += frame.rounds;
    bytes += frame.rawBytes;
    events += frame.events;
    const isTooMuch = rounds > from.caps.rounds || bytes > from.caps.bytes || events > maxEvents;
    if (chosen.length > 0 && isTooMuch) break;
    const columns = (bodies.get(frame) ?? writer.read(frame))?.rounds;
    if (columns === undefined) continue;
    if (!fitsBefore(columns, spans)) break;
    const newTargets = columns.filter(({ target }) => !spans.has(target)).length;
    if (chosen.length > 0 && spans.size + newTargets > limits.targetsPerBatch) break;
    addSpans(columns, spans);
    chosen.push(frame);
  }
  return chosen;
}

/** Gives the next seq to these frames and to what else waits of their boot. Returns it with how to take it back. */
function giveSeq(book: Book, boot: number, frames: readonly Frame[]): { seq: number; undo(): void } {
  const seq = book.lastSeq + 1;
  const rounds = frames.reduce((sum, frame) => sum + frame.rounds, 0);
  const { lostWaiting, thinnedWaiting } = book;
  const produced = frames.reduce((sum, frame) => sum + measuredIn(frame), lostWaiting + thinnedWaiting);
  const thinned = produced - rounds - lostWaiting;
  const events = book.notes.get(boot) ?? [];
  book.lastSeq = seq;
  book.produced += produced;
  book.thinned += thinned;
  book.lost += lostWaiting;
  Object.assign(book, { lostWaiting: 0, thinnedWaiting: 0 });
  book.notes.delete(boot);
  for (const frame of frames) frame.seq = seq;
  const account = { produced: book.produced, thinned: book.thinned, lost: book.lost };
  book.batches.set(seq, { seq, boot, rounds, ...account, aside: null, events } satisfies BatchState);
  return {
    seq,
    undo() {
      book.lastSeq = seq - 1;
      book.produced -= produced;
      book.thinned -= thinned;
      book.lost -= lostWaiting;
      book.lostWaiting += lostWaiting;
      book.thinnedWaiting += thinnedWaiting;
      const notes = [...events, ...(book.notes.get(boot) ?? [])];
      if (notes.length > 0) book.notes.set(boot, notes);
      for (const frame of frames) frame.seq = 0;
      book.batches.delete(seq);
    },
  };
}
