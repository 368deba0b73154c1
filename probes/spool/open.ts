import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ClockWatch, Host } from "../clock.ts";
import { declareThinned, noteGone } from "./account.ts";
import type { Hole } from "./account.ts";
import type { Round } from "../compose.ts";
import type { BatchState, Book, Frame } from "./book.ts";
import { forgetEmptyBoots } from "./book.ts";
import { openCrashNotes } from "./crash-notes.ts";
import type { CrashNote, CrashNotes, FoundNotes } from "./crash-notes.ts";
import { decodeBody } from "./frame.ts";
import type { FrameBody } from "./frame.ts";
import { lockFolder } from "./lock.ts";
import { openLog } from "./log.ts";
import type { Log } from "./log.ts";
import { recover } from "./recover.ts";
import type { Recovered } from "./recover.ts";
import { SpoolError } from "./spool-error.ts";
import { lastOf } from "./survey.ts";
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
  adopted: { boot: number; notes: readonly CrashNote[] } | null;
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
    const documents = createDocuments(folder);
    documents.mend();
    const reserve = readReserve(documents);
    const recovered = recover(log, found, spoolBeside(log, found, reserve));
    const { book } = recovered;
    const adopted = adopt(log, book, found);
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

/** Which spool this is as far as the files say beside the log's states. Notes beside an empty folder are of a removed one. */
function spoolBeside(log: Log, found: FoundNotes | null, reserve: Reserve | "damaged" | null): string | null {
  if (reserve !== null && reserve !== "damaged") return reserve.spool;
  return reserve === "damaged" || log.hasFiles() ? (found?.written.state.spool ?? null) : null;
}

function adopt(log: Log, book: Book, found: FoundNotes | null): Opened["adopted"] {
  const last = book.boots.at(-1);
  if (found === null || last?.boot !== found.boot || found.notes.length === 0) return null;
  const written = book.frames.filter((frame) => frame.boot === last.row && lastOf(frame) >= found.frame);
  const isWritten = findRounds(written.map((frame) => readFrame(log, frame)));
  Object.assign(last, found.notes.at(-1)!.reading);
  // Its events went with the first of the frames that were to hold the notes.
  const notes = found.notes.filter(({ round }) =>
    round === undefined ? written.length === 0 : !isWritten(round),
  );
  return { boot: last.row, notes };
}

const readFrame = (log: Log, { file, offset, bytes }: Frame) =>
  decodeBody(log.read({ file: file!, offset, bytes }));

/** Whether a round is in these bodies, by itself or merged into another. */
function findRounds(
  bodies: readonly (FrameBody | null)[],
): (round: Pick<Round, "target" | "monoMs">) => boolean {
  const spans = new Map<string, [fromMs: number, toMs: number][]>();
  for (const { target, monoMs, spanMs } of bodies.flatMap((body) => body?.rounds ?? [])) {
    const own = spans.get(target) ?? [];
    let atMs = 0;
    for (const [index, step] of monoMs.entries()) {
      atMs += step;
      own.push([atMs, atMs + (spanMs?.[index] ?? 0)]);
    }
    spans.set(target, own);
  }
  return ({ target, monoMs }) =>
    spans.get(target)?.some(([fromMs, toMs]) => fromMs <= monoMs && monoMs <= toMs) ?? false;
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
  if (book.spool === "") book.spool = reserve === null || reserve === "damaged" ? boot : reserve.spool;
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
  goOnBehindReserve(book, reserve, recovered.hasState);
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
  /** Which spool this is; see SpoolState. */
  spool: string;
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
    const isWhole = counts.every((count) => Number.isSafeInteger(count) && count! >= 0);
    return isWhole && typeof reserve?.spool === "string" ? (reserve as Reserve) : "damaged";
  } catch {
    return "damaged";
  }
}

/** The newest part of the log is gone: which seqs it gave out is not known, so that numbering goes on behind them all. */
function goOnBehindReserve(book: Book, reserve: Reserve | "damaged" | null, hasState: boolean): void {
  if (reserve === null) return;
  if (reserve === "damaged") {
    // The log knows all that it says. Without the log, a seq used again is worse than an agent that does not start.
    if (!hasState) throw new Error("neither the log nor reserve.json says which seqs were given");
    return;
  }
  if (hasState && book.lastSeq >= reserve.seq - reservedSeqs - 1) return;
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
