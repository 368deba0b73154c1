import { closeSync, fdatasyncSync, fstatSync, fsyncSync, openSync, readdirSync, readSync } from "node:fs";
import { unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { findFrames } from "./frame.ts";
import type { FoundFrame, Level } from "./frame.ts";

/*
 * The files of the log, 00000001.log and so on. Frames are appended to one of them, the tail, until it is full. A file in
 * which nothing is needed any more is not deleted but written anew from its beginning, and as long as everything is
 * acknowledged within the minute, each minute's frame goes to the beginning of the other of two such files. So a
 * connected agent rewrites the same few pages of its card, in place: no file grows, and a full disk does not stop it.
 *
 * Frames of summaries go into files of their own, one at a time for each level, beside the tail; what they replace is
 * needed no more once they are on the disk.
 *
 * A file is written anew only when no state that may be found after a power cut speaks of its frames: `isSettled`.
 */
export interface LogFile {
  readonly name: string;
  readonly fd: number;
  /** As it lies on the disk. */
  sizeBytes: number;
  /** Where the next frame goes. */
  endBytes: number;
  /** Frames in it that are still needed. */
  living: number;
  /** False: the newest durable state still names frames in it that were acknowledged since. */
  isSettled: boolean;
}

export interface LogOptions {
  folder: string;
  /** A file beyond this is full. */
  fileBytes: number;
  /** Bound of all files together. */
  maxBytes: number;
}

export interface Log {
  /** Every frame in the files, in no order. One file is in memory at a time. */
  scan(): Iterable<FoundFrame & { file: LogFile }>;
  /**
   * After a start: goes on behind the newest frame, and keeps the file of the state found until a newer one is written.
   * `aside`: where summaries of each level go on.
   */
  resume(last: FileEnd | null, stateFile: LogFile | null, aside: ReadonlyMap<Level, FileEnd>): void;
  /** There are files, whatever is in them. */
  hasFiles(): boolean;
  isTail(file: LogFile): boolean;
  /** The tail takes no more frames, or there is none yet. */
  isFull(): boolean;
  /** Nothing in the tail is needed but the state, and there is another file to begin with. */
  mayRestart(): boolean;
  /** Another file than the tail can be had within the bound, and one for summaries beside it. */
  hasRoom(): boolean;
  /** A file that nobody needs can be written from its beginning. */
  hasSpare(): boolean;
  /**
   * Writes a frame, at the end of the tail or at the beginning of another file. `durable`: on the disk when it returns.
   * Throws what the disk says; nothing has changed then.
   */
  append(frame: Buffer, where: { durable: boolean; anew: boolean }): { file: LogFile; offset: number };
  /** Writes a frame of summaries. Throws what the disk says; nothing has changed then. */
  appendAside(frame: Buffer, level: Level): { file: LogFile; offset: number };
  /** What was written aside is on the disk when it returns. */
  syncAside(): void;
  read(place: { file: LogFile; offset: number; bytes: number }): Buffer;
  /** The newest state is on the disk, in the tail: what died before it may be written over. */
  settle(): void;
  /** Gives the disk back what is not needed. */
  removeSpares(): void;
  usedBytes(): number;
  close(): void;
}

export interface FileEnd {
  file: LogFile;
  endBytes: number;
}

/** What the first two files are given at once, so that a connected agent needs no more disk from then on. */
const reservedBytes = 16_384;
const pageBytes = 4_096;

export function openLog({ folder, fileBytes, maxBytes }: LogOptions): Log {
  const files = readdirSync(folder)
    .filter((name) => /^\d{8}\.log$/.test(name))
    .sort()
    .map((name) => openFile(name));
  let tail: LogFile | null = null;
  let stateFile: LogFile | null = null;
  const aside = new Map<Level, LogFile>();
  const unsynced = new Set<LogFile>();

  function openFile(name: string): LogFile {
    const fd = openSync(join(folder, name), "r+");
    const sizeBytes = fstatSync(fd).size;
    return { name, fd, sizeBytes, endBytes: sizeBytes, living: 0, isSettled: true };
  }

  function createFile(): LogFile {
    const last = Number(files.at(-1)?.name.slice(0, 8) ?? 0);
    const name = `${String(last + 1).padStart(8, "0")}.log`;
    const fd = openSync(join(folder, name), "wx+", 0o600);
    const file: LogFile = { name, fd, sizeBytes: 0, endBytes: 0, living: 0, isSettled: true };
    try {
      if (files.length < 2) reserve(file);
      fsyncSync(fd);
      const dir = openSync(folder, "r");
      fsyncSync(dir);
      closeSync(dir);
    } catch (error) {
      closeSync(fd);
      unlinkSync(join(folder, name));
      throw error;
    }
    files.push(file);
    return file;
  }

  /** Page by page: a kernel that was given several at once keeps them together, and writes them all for a byte in one. */
  function reserve(file: LogFile): void {
    const page = Buffer.alloc(pageBytes);
    while (file.sizeBytes < Math.min(reservedBytes, fileBytes)) writeAll(file, page, file.sizeBytes);
  }

  function writeAll(file: LogFile, bytes: Buffer, offset: number): void {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(file.fd, bytes, done, bytes.length - done, offset + done);
    }
    file.sizeBytes = Math.max(file.sizeBytes, offset + bytes.length);
  }

  const bytesOf = (some: readonly LogFile[]) => some.reduce((sum, file) => sum + file.sizeBytes, 0);
  const usedBytes = () => bytesOf(files);
  const isSpare = (file: LogFile) =>
    file.living === 0 && file.isSettled && file !== tail && file !== stateFile;

  function remove(file: LogFile): void {
    leaveAside(file);
    closeSync(file.fd);
    unlinkSync(join(folder, file.name));
    files.splice(files.indexOf(file), 1);
  }

  function leaveAside(file: LogFile): void {
    for (const [level, other] of aside) if (other === file) aside.delete(level);
    unsynced.delete(file);
  }

  function appendTo(file: LogFile, offset: number, frame: Buffer, durable: boolean) {
    // What the file before it holds must not come later to the disk than what follows it.
    if (tail !== null && tail !== file && tail.living > 0) fdatasyncSync(tail.fd);
    writeAll(file, frame, offset);
    if (durable) fdatasyncSync(file.fd);
    leaveAside(file);
    tail = file;
    file.endBytes = offset + frame.length;
    return { file, offset };
  }

  return {
    *scan() {
      const buffer = Buffer.allocUnsafe(files.reduce((most, { sizeBytes }) => Math.max(most, sizeBytes), 0));
      for (const file of files) {
        const length = readSync(file.fd, buffer, 0, file.sizeBytes, 0);
        for (const found of findFrames(buffer.subarray(0, length))) yield { ...found, file };
      }
    },
    resume(last, found, ends) {
      for (const [level, { file, endBytes }] of ends) {
        file.endBytes = endBytes;
        if (file !== last?.file) aside.set(level, file);
      }
      tail = last?.file ?? null;
      if (last !== null) last.file.endBytes = last.endBytes;
      stateFile = found;
    },
    hasFiles: () => files.length > 0,
    isTail: (file) => file === tail,
    isFull: () => tail === null || tail.endBytes >= fileBytes,
    mayRestart: () => tail !== null && tail.living === 0 && (files.some(isSpare) || files.length < 2),
    hasRoom: () =>
      files.length < 2 || bytesOf(files.filter((file) => !isSpare(file))) + 2 * fileBytes <= maxBytes,
    hasSpare: () => files.some(isSpare),
    append(frame, { durable, anew }) {
      if (!anew && tail !== null) return appendTo(tail, tail.endBytes, frame, durable);
      const spare = files.find(isSpare);
      if (spare !== undefined) return appendTo(spare, 0, frame, durable);
      const made = createFile();
      try {
        return appendTo(made, 0, frame, durable);
      } catch (error) {
        remove(made);
        throw error;
      }
    },
    appendAside(frame, level) {
      let file = aside.get(level);
      let made: LogFile | null = null;
      if (file === undefined || file.living === 0 || file.endBytes >= fileBytes) {
        file = files.find(isSpare) ?? (made = createFile());
        leaveAside(file);
        file.endBytes = 0;
      }
      const offset = file.endBytes;
      try {
        writeAll(file, frame, offset);
      } catch (error) {
        if (made !== null) remove(made);
        throw error;
      }
      file.endBytes = offset + frame.length;
      aside.set(level, file);
      unsynced.add(file);
      return { file, offset };
    },
    syncAside() {
      for (const { fd } of unsynced) fdatasyncSync(fd);
      unsynced.clear();
    },
    read({ file, offset, bytes }) {
      const frame = Buffer.allocUnsafe(bytes);
      return frame.subarray(0, readSync(file.fd, frame, 0, bytes, offset));
    },
    settle() {
      stateFile = tail;
      for (const file of files) file.isSettled = true;
      for (const file of files.filter(isSpare).slice(1)) remove(file);
    },
    removeSpares() {
      for (const file of files.filter(isSpare)) remove(file);
    },
    usedBytes,
    close() {
      for (const { fd } of files) closeSync(fd);
    },
  };
}
