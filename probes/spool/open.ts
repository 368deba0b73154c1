import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ClockWatch, Host } from "../clock.ts";
import { declareThinned, noteGone } from "./account.ts";
import type { Hole } from "./account.ts";
import type { BatchState, Book } from "./book.ts";
import { forgetEmptyBoots, measuredIn } from "./book.ts";
import { openCrashNotes } from "./crash-notes.ts";
import type { CrashNotes, FoundNotes } from "./crash-notes.ts";
import { lockFolder } from "./lock.ts";
import { openLog } from "./log.ts";
import type { Log } from "./log.ts";
import { recover } from "./recover.ts";
import type { Recovered } from "./recover.ts";
import { SpoolError } from "./spool-error.ts";
import { createDocuments } from "./documents.ts";
import { spoolFolder } from "./store.ts";
import type { Store } from "./store.ts";

/** How this start follows the one before it. */
export interface StartFacts {
  /** null when the system gives no boot id. A first start of all counts as unchanged and clean. */
  hostBootChanged: boolean | null;
  cleanStop: boolean;
}

export interface OpenOptions {
  folder: string;
  boot: string;
  host: Host;
  watch: ClockWatch;
  maxBytes: number;
  crashNotes: (folder: string) => string | null;
}

export interface Opened {
  log: Log;
  book: Book;
  documents: Pick<Store, "get" | "set">;
  notes: CrashNotes;
  startFacts: StartFacts;
  /** Seqs below are reserved. */
  reservedThrough: number;
  /** Rounds and events of the start before this one that were in no frame yet. */
  adopted: { boot: number; found: FoundNotes; skipRounds: number } | null;
  unlock: () => void;
}

/** Seqs below the reserve may have been given; above it none was. A small file of its own, for when the log is gone. */
export const reservedSeqs = 1_000;

/** Opens the folder for this process alone and reads what is in it. Throws SpoolError. */
export function openFolder(options: OpenOptions): Opened {
  const folder = join(options.folder, spoolFolder);
  let unlock: (() => void) | null = null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    unlock = lockFolder(folder);
    const log = openLog({ folder, maxBytes: options.maxBytes, fileBytes: fileBytesOf(options.maxBytes) });
    const { found, notes } = openCrashNotes(options.crashNotes(folder));
    const recovered = recover(log, found);
    const documents = createDocuments(folder);
    documents.mend();
    const { book } = recovered;
    const adopted = adopt(book, found);
    const reserve = readReserve(documents);
    const startFacts = beginBoot(recovered, options, { reserve, isAdopting: adopted !== null });
    // One that cannot be read is written anew with the next batch.
    const reservedThrough = reserve === null || reserve === "damaged" ? 0 : reserve.seq;
    return { log, book, documents, notes, startFacts, reservedThrough, adopted, unlock };
  } catch (error) {
    unlock?.();
    throw new SpoolError(`spool ${folder} cannot be used: ${(error as Error).message}`, error);
  }
}

/** 64 files fill the spool, so that little is given up at a time; 4 KiB is what a card writes at least. */
const fileBytesOf = (maxBytes: number) => Math.max(4_096, Math.min(1_048_576, Math.floor(maxBytes / 64)));

function adopt(book: Book, found: FoundNotes | null): Opened["adopted"] {
  const last = book.boots.at(-1);
  if (found === null || last?.boot !== found.boot || found.notes.length === 0) return null;
  const written = book.frames.filter(({ number }) => number >= found.frame);
  const skipRounds = written.reduce((sum, frame) => sum + measuredIn(frame), 0);
  Object.assign(last, found.notes.at(-1)!.reading);
  // Its events went with the first of the frames that were to hold the notes.
  const notes = written.length === 0 ? found.notes : found.notes.filter(({ round }) => round !== undefined);
  return { boot: last.row, found: { ...found, notes }, skipRounds };
}

/** Notes this start, how the one before it ended, and what of the log could not be read. */
function beginBoot(
  recovered: Recovered,
  options: OpenOptions,
  { reserve, isAdopting }: { reserve: Reserve | "damaged" | null; isAdopting: boolean },
): StartFacts {
  const { book, holes, unknownSeqs } = recovered;
  const { boot, host, watch } = options;
  const before = book.boots.at(-1);
  const row = (before?.row ?? 0) + 1;
  // What was in no batch as far as is known may have been in one whose seq alone is known.
  const inDoubt = unknownSeqs.length === 0 ? [] : holes.filter(({ seq }) => seq === 0);
  for (const hole of holes) if (!inDoubt.includes(hole)) noteGone(book, hole, hole.reason);
  for (const { range, counts } of recovered.thinned) declareThinned(book, range, counts);
  book.boots.push({
    row,
    boot,
    hostBootId: host.bootId,
    uptimeS: host.uptimeS(),
    ...watch.read(),
    cleanStop: false,
  });
  for (const [index, seq] of unknownSeqs.entries())
    book.batches.set(seq, batchInDoubt(book, { seq, boot: row }, index === 0 ? inDoubt : []));
  // What is adopted is in no frame yet, and its start may have nothing else that speaks of it.
  if (!isAdopting) forgetEmptyBoots(book);
  goOnBehindReserve(book, reserve, recovered.isLost);
  const changed = before !== undefined && before.hostBootId !== host.bootId;
  return {
    hostBootChanged: host.bootIdKnown ? changed : null,
    cleanStop: before?.cleanStop ?? true,
  };
}

/** A batch of which the seq is known, and what may have been in it: that much was produced, and the collector may have it. */
function batchInDoubt(
  book: Book,
  { seq, boot }: Pick<BatchState, "seq" | "boot">,
  holes: readonly Hole[],
): BatchState {
  const gone = holes.map((hole) => ({ ...hole, seq }));
  const rounds = gone.reduce((sum, hole) => sum + hole.rounds, 0);
  const thinned = gone.reduce((sum, hole) => sum + hole.thinned, 0);
  book.produced += rounds + thinned;
  book.thinned += thinned;
  const account = { produced: book.produced, thinned: book.thinned, lost: book.lost };
  return { seq, boot, rounds, ...account, aside: null, events: [], gone };
}

interface Reserve {
  seq: number;
  produced: number;
  thinned: number;
  lost: number;
}

function readReserve(documents: Opened["documents"]): Reserve | "damaged" | null {
  try {
    const text = documents.get("reserve");
    if (text === null) return null;
    const reserve = JSON.parse(text) as Partial<Reserve> | null;
    const counts = [reserve?.seq, reserve?.produced, reserve?.thinned, reserve?.lost];
    return counts.every((count) => Number.isSafeInteger(count) && count! >= 0)
      ? (reserve as Reserve)
      : "damaged";
  } catch {
    return "damaged";
  }
}

/** The newest part of the log is gone: which seqs it gave out is not known, so that numbering goes on behind them all. */
function goOnBehindReserve(book: Book, reserve: Reserve | "damaged" | null, isLost: boolean): void {
  if (reserve === null) return;
  const isEmpty = book.lastSeq === 0 && book.produced === 0;
  if (reserve === "damaged") {
    // The log knows all that it says. Without the log, a seq used again is worse than an agent that does not start.
    if (isLost || isEmpty) throw new Error("neither the log nor reserve.json says which seqs were given");
    return;
  }
  if (!isLost && !isEmpty && book.lastSeq >= reserve.seq - reservedSeqs - 1) return;
  const { row, monoMs } = book.boots.at(-1)!;
  Object.assign(book, {
    lastSeq: Math.max(book.lastSeq, reserve.seq),
    produced: Math.max(book.produced, reserve.produced),
    thinned: Math.max(book.thinned, reserve.thinned),
    lost: Math.max(book.lost, reserve.lost),
  });
  const detail = { lastSeq: book.lastSeq, produced: book.produced };
  book.notes.set(row, [...(book.notes.get(row) ?? []), { monoMs, type: "spool.reset", detail }]);
}
