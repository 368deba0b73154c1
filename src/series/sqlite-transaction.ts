import type { DatabaseSync } from "node:sqlite";

/** Runs synchronous work in one transaction. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
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
