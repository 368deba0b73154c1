import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { schemaOf, schemaSteps } from "./migrations.ts";

/*
 * Copies of the one file, made and put back by SQLite's online backup while a collector may be at work on it. What is put back
 * lies beside the file until the collector starts the next time: what a running one knows in memory is of the file that it
 * has. The file that was there before is kept under another name.
 */

export interface CopyResult {
  bytes: number;
}

/** Pages copied at once, 4 MB; others get a turn in between. */
const pagesAtOnce = 1_000;

const stagedName = (file: string) => `${file}.restore`;
export const replacedName = (file: string): string => `${file}.before-restore`;

/** Copies the collector's file as it is at this moment to `target`, which must not be there. Throws an Error that says why not. */
export async function backupTo(
  file: string,
  target: string,
  onProgress: (share: number) => void,
): Promise<CopyResult> {
  if (!existsSync(file)) throw new Error(`${file} is not there: no collector ever ran on this data folder`);
  if (existsSync(target)) throw new Error(`${target} is there already, and is not overwritten`);
  return copy(file, target, onProgress);
}

/**
 * Checks a copy and lays it beside the collector's file, to be taken at its next start, which brings one of an older schema up
 * to its own. `newest`: the last schema that is known. Throws an Error that says why not.
 */
export async function stageRestore(
  source: string,
  file: string,
  onProgress: (share: number) => void,
  newest: number = schemaSteps.length,
): Promise<CopyResult> {
  if (!existsSync(source)) throw new Error(`${source} is not there`);
  checkCopy(source, newest);
  const unfinished = `${stagedName(file)}.part`;
  rmSync(unfinished, { force: true });
  const result = await copy(source, unfinished, onProgress);
  renameSync(unfinished, stagedName(file));
  return result;
}

/** Takes what was laid beside the file, if anything; nobody has the file open. */
export function takeStaged(file: string): void {
  if (!existsSync(stagedName(file))) return;
  for (const suffix of ["-wal", "-shm", ""]) {
    rmSync(replacedName(file) + suffix, { force: true });
    if (existsSync(file + suffix)) renameSync(file + suffix, replacedName(file) + suffix);
  }
  renameSync(stagedName(file), file);
}

function checkCopy(source: string, newest: number): void {
  let found: unknown;
  try {
    using db = new DatabaseSync(source, { readOnly: true });
    const schema = schemaOf(db);
    if (schema < 1 || schema > newest)
      throw new Error(
        `${source} is no copy of this version of the program or an older one: its schema is ${schema}; expected 1 to ${newest}`,
      );
    found = db.prepare("PRAGMA quick_check(1)").get()!.quick_check;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === undefined) throw error;
    found = (error as Error).message;
  }
  if (found !== "ok") throw new Error(`${source} is no whole copy of a collector's file: ${String(found)}`);
}

async function copy(from: string, to: string, onProgress: (share: number) => void): Promise<CopyResult> {
  using source = new DatabaseSync(from, { readOnly: true });
  // What is written from here on is not seen: without this each batch in between would have the copy begin again.
  source.exec("BEGIN; SELECT count(*) FROM sqlite_schema;");
  closeSync(openSync(to, "wx", 0o600));
  try {
    const pages = await backup(source, to, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => onProgress(1 - remainingPages / totalPages),
    });
    chmodSync(to, 0o600);
    const { page_size: pageBytes } = source.prepare("PRAGMA page_size").get()!;
    return { bytes: pages * (pageBytes as number) };
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  }
}
