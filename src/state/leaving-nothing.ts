import { inTransaction } from "../series/sqlite-transaction.ts";
import type { DatabaseSync } from "node:sqlite";

/**
 * A transaction after which nothing of what it deleted is left in the file's free pages or in the log beside it. Everywhere
 * else the store writes less that way, so that it is asked for where people's data may be deleted, and nowhere else.
 */
export function leavingNothing<T>(db: DatabaseSync, work: () => T): T {
  db.exec("PRAGMA secure_delete = ON");
  try {
    const result = inTransaction(db, work);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return result;
  } finally {
    db.exec("PRAGMA secure_delete = OFF");
  }
}
