import { SeriesTrouble } from "../series/series-trouble.ts";

/*
 * What the disk, or an engine of its own for the rounds, can do to the store. None of it is the fault of whoever asked, and all of it may pass by itself: room is
 * made, a volume is mounted to be written again. Whoever waits and asks again loses nothing.
 */

/** Primary result codes of SQLite (sqlite.org/rescode.html); an extended code has them in its lowest byte. */
const troubles: Readonly<Record<number, string>> = {
  8: "the store can only be read: mount its disk for writing, and give the data folder to this user",
  10: "the disk does not take or give what the store holds: look at its health, and restore a backup on another",
  13: "the disk of the store is full: make room on it, or shorten series.retention in sambung.yaml",
  14: "the store's file cannot be opened: give the data folder to this user, or see data in sambung.yaml",
};

/** Of the file system, where the store is opened. */
const folderTroubles: Readonly<Record<string, string>> = {
  EROFS: "is on a disk that can only be read: mount it for writing, or see data in sambung.yaml",
  EACCES: "cannot be written by this user: give it to them, or see data in sambung.yaml",
  EPERM: "cannot be written by this user: give it to them, or see data in sambung.yaml",
  ENOSPC: "is on a disk that is full: make room there, or see data in sambung.yaml",
  ENOTDIR: "is no folder: see data in sambung.yaml",
  EEXIST: "is no folder: see data in sambung.yaml",
};

/** What is wrong with the store, in words, when that is what made this error; else null. */
export function storeTrouble(error: unknown): string | null {
  if (error instanceof SeriesTrouble) return error.message;
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? (troubles[code & 0xff] ?? null) : null;
}

/** The same error, or one that says which folder is meant and what to do, where it is the folder that is not right. */
export function explainFolder(folder: string, error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  const why = (typeof code === "string" ? folderTroubles[code] : undefined) ?? null;
  if (why !== null) return new Error(`the data folder ${folder} ${why}`, { cause: error });
  const trouble = storeTrouble(error);
  return trouble === null ? error : new Error(`the data folder ${folder}: ${trouble}`, { cause: error });
}
