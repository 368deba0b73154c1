import { inTransaction } from "../series/sqlite-transaction.ts";
import type { DatabaseSync } from "node:sqlite";

interface Waiting {
  work: () => void;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Writes that come while the disk is waited for go into one transaction, so that it is waited for once and not for each. Each
 * resolves when it is durable; when the transaction fails, all of it does, and nothing is written.
 */
export type Together = (work: () => void) => Promise<void>;

export function createTogether(db: DatabaseSync): Together {
  let waiting: Waiting[] = [];
  function write(): void {
    const group = waiting;
    waiting = [];
    try {
      inTransaction(db, () => {
        for (const { work } of group) work();
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { resolve } of group) resolve();
  }
  return (work) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ work, resolve, reject }) === 1) setImmediate(write);
    });
}
