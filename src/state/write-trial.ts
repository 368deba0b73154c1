import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import { storeTrouble } from "./store-trouble.ts";

export interface WriteTrial {
  /** Passes the outcome of a write on, and remembers when the disk was what made it fail. */
  watch<T>(write: Promise<T>): Promise<T>;
  /** Throws when the store cannot be written. */
  run(): void;
}

/**
 * What is written as a trial after a write failed for want of room, bytes. A full disk still has corners into which a
 * single row goes while batches do not.
 */
const trialBytes = 1_048_576;

/** Whether the store can be written, found out by writing. `checkRoom` throws where the disk is too full for batches. */
export function createWriteTrial(db: DatabaseSync, checkRoom: () => void): WriteTrial {
  const put = db.prepare(
    "INSERT INTO settings VALUES ('ping', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  );
  let isInTrouble = false;
  return {
    async watch(write) {
      try {
        const outcome = await write;
        isInTrouble = false;
        return outcome;
      } catch (error) {
        if (storeTrouble(error) !== null) isInTrouble = true;
        throw error;
      }
    },
    run() {
      checkRoom();
      if (isInTrouble) inTransaction(db, () => put.run("-".repeat(trialBytes)));
      inTransaction(db, () => put.run(""));
      isInTrouble = false;
    },
  };
}
