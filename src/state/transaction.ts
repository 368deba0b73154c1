import type { DatabaseSync } from "node:sqlite";

/** Runs synchronous work in one transaction. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite itself ends a transaction for which there was no room; to end it again would hide why.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/**
 * A transaction after which nothing of what it deleted is left in the file's free pages or in the log beside it. Everywhere
 * else the store writes less that way, so that it is asked for where people's data may be deleted, and nowhere else.
 */
export function leavingNothing<T>(db: DatabaseSync, work: () => T): T {
  db.exec("PRAGMA secure_delete = ON");
  try {
    const result = transaction(db, work);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return result;
  } finally {
    db.exec("PRAGMA secure_delete = OFF");
  }
}
