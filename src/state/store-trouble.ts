import { SeriesTrouble } from "../series/series-trouble.ts";

/*
 * What the disk, or an engine of its own for the rounds, can do to the store. None of it is the fault of whoever asked, and all of it may pass by itself: room is
 * made, a volume is mounted to be written again. Whoever waits and asks again loses nothing.
 */

/** Primary result codes of SQLite (sqlite.org/rescode.html); an extended code has them in its lowest byte. */
const troubles: Readonly<Record<number, string>> = {
  8: "the store can only be read",
  10: "the disk does not take or give what the store holds",
  13: "the disk of the store is full",
  14: "the store's file cannot be opened",
};

/** What is wrong with the store, in words, when that is what made this error; else null. */
export function storeTrouble(error: unknown): string | null {
  if (error instanceof SeriesTrouble) return error.message;
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? (troubles[code & 0xff] ?? null) : null;
}
