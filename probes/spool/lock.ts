import { chmodSync, closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Holds the folder for this process alone, and returns how to let go: two agents on one spool would both give out the
 * next seq, and the collector would take the second's rounds for a repetition of the first's.
 *
 * The lock is the kernel's own (fcntl), so that it ends with the process however that ends, and holds between containers
 * that share the folder, where a pid says nothing. Node offers no file locks but through SQLite: an open exclusive
 * transaction on an empty file takes one, and writes nothing. Throws when somebody else holds it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, "lock");
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode !== 5) throw error;
    throw new Error("another agent is using it", { cause: error });
  }
  return () => db.close();
}
