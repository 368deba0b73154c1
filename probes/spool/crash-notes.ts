import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  realpathSync,
} from "node:fs";
import { statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { AgentEvent } from "#wire/batch-v1.ts";
import type { Round } from "../compose.ts";
import { createRoundCheck } from "../round-check.ts";
import type { SpoolState } from "./book.ts";
import type { Reading } from "./frame.ts";

/*
 * Rounds and events wait in memory for the minute's frame. So that a crash of the program, or a kill, takes none of them,
 * each is also noted at once in a file that lies in memory (tmpfs) and costs the card nothing. A power cut takes both.
 * The state of the spool lies there as well, so that what goes bad on the card while the agent is down is known exactly.
 *
 * First line: which frame is to hold the notes, of which start, and the state; then a line for each note, or newer state.
 */
export interface CrashNote {
  round?: Round;
  event?: AgentEvent;
  reading: Reading;
}

export interface CrashNotes {
  /** `sampleText`: the round's sample as JSON. */
  addRound(round: Pick<Round, "target" | "monoMs">, sampleText: string, reading: Reading): void;
  addEvent(event: AgentEvent, reading: Reading): void;
  /** All that was noted is in the log; what comes now is for the frame after these. */
  restart(written: Written, boot: string): void;
  /** More was written, and what was noted was not in it. */
  addWritten(written: Written): void;
  close(): void;
}

/** How far the log is written. */
export interface Written {
  /** The next frame. */
  frame: number;
  /** Rounds ever written into frames. */
  rounds: number;
  state: SpoolState;
}

export interface FoundNotes {
  frame: number;
  boot: string;
  notes: CrashNote[];
  written: Written;
}

/** Linux's magic number of tmpfs, statfs(2). */
const tmpfs = 0x01021994;

/**
 * Where the notes of this spool lie, or null when the system offers no place: /dev/shm, where it is memory. The name is
 * made of the spool's own path, which a lock keeps to one agent.
 */
export function crashNotesPath(folder: string, memoryFolder = "/dev/shm"): string | null {
  try {
    if (statfsSync(memoryFolder).type !== tmpfs) return null;
    const name = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 20);
    return join(memoryFolder, `sambung-agent-${name}`);
  } catch {
    return null;
  }
}

export function openCrashNotes(path: string | null): { found: FoundNotes | null; notes: CrashNotes } {
  let fd = path === null ? null : openOwn(path);
  const found = fd === null ? null : readNotes(readFileSync(fd, "utf8"));

  /** The notes are a help and no more: where they cannot be written, the agent goes on without. */
  function quietly(work: (file: number) => void): void {
    if (fd === null) return;
    try {
      work(fd);
    } catch {
      closeSync(fd);
      fd = null;
    }
  }

  const notes: CrashNotes = {
    // The sample is text already: a poll of many objects costs as much to write down as to make.
    addRound: ({ target, monoMs }, sampleText, reading) =>
      quietly((file) => {
        const head = `{"round":{"target":${JSON.stringify(target)},"monoMs":${monoMs},"sample":${sampleText}}`;
        writeSync(file, `${head},"reading":${JSON.stringify(reading)}}\n`);
      }),
    addEvent: (event, reading) =>
      quietly((file) => void writeSync(file, `${JSON.stringify({ event, reading })}\n`)),
    restart: (written, boot) =>
      quietly((file) => {
        ftruncateSync(file);
        writeSync(file, `${JSON.stringify({ frame: written.frame, boot, written })}\n`);
      }),
    addWritten: (written) => quietly((file) => void writeSync(file, `${JSON.stringify({ written })}\n`)),
    close: () =>
      quietly((file) => {
        closeSync(file);
        fd = null;
      }),
  };
  return { found, notes };
}

/** The folder may be anybody's to write: a file or a link that another user put there is not touched. */
function openOwn(path: string): number | null {
  try {
    const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
    const { uid, mode, nlink } = fstatSync(fd);
    if (uid === process.geteuid?.() && (mode & 0o177) === 0 && nlink === 1) return fd;
    closeSync(fd);
  } catch {
    // No place for notes: quota, a read-only mount, somebody else's file.
  }
  return null;
}

/** The notes up to the first that is none: a write that found the memory full may have left half of one. */
function readNotes(text: string): FoundNotes | null {
  const [first, ...lines] = text.split("\n").slice(0, -1);
  const begin = readLine(first ?? "") as Partial<FoundNotes> | null;
  if (typeof begin?.boot !== "string" || !Number.isSafeInteger(begin.frame)) return null;
  if (!isWritten(begin.written)) return null;
  let { written } = begin;
  const notes: CrashNote[] = [];
  const check = createRoundCheck();
  for (const line of lines) {
    const found = readLine(line);
    const more = (found as Partial<FoundNotes> | null)?.written;
    const note = readNote(found, check);
    if (isWritten(more)) written = more;
    else if (note === null) break;
    else notes.push(note);
  }
  return { frame: begin.frame!, boot: begin.boot, notes, written };
}

const isWritten = (written: Partial<Written> | undefined): written is Written =>
  Number.isSafeInteger(written?.frame) && Number.isSafeInteger(written?.rounds) && written?.state?.v === 1;

function readLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function readNote(found: unknown, check: (round: Round) => void): CrashNote | null {
  const note = found as Partial<CrashNote> | null;
  const { wallMs, monoMs, uptimeS, synced } = note?.reading ?? ({} as Partial<Reading>);
  if (![wallMs, monoMs, uptimeS].every(Number.isFinite) || typeof synced !== "boolean") return null;
  const { round, event } = note!;
  if (round === undefined) return isEvent(event) ? (note as CrashNote) : null;
  try {
    check(round);
    return note as CrashNote;
  } catch {
    // Also where there is no sample, or not even an object: it is a round that cannot be used.
    return null;
  }
}

const isEvent = (event: Partial<AgentEvent> | null | undefined): boolean =>
  Number.isSafeInteger(event?.monoMs) && typeof event?.type === "string" && typeof event.detail === "object";
