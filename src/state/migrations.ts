import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import { schema1 } from "./schema-1.ts";
import { schema2 } from "./schema-2.ts";
import { schema3 } from "./schema-3.ts";
import { schema4 } from "./schema-4.ts";
import { schema5 } from "./schema-5.ts";
import { storeTrouble } from "./store-trouble.ts";

/*
 * The schema is a list of steps, and a file says by a number (`PRAGMA user_version`) how many of them it has been through. A
 * step that was released changes no more, but for its comments: there are files that went through it. Whatever is to be another
 * way from then on is one more step at the end of the list, in a file of its own (schema-2.ts).
 */

export interface SchemaStep {
  /** What it is for, in a few words, for the log. */
  name: string;
  /** SQL, of which nothing begins or ends a transaction: all steps of a start are done in one. */
  sql: string;
}

/** Step 1 first: the number of a step is its place, counted from 1. */
export const schemaSteps: readonly SchemaStep[] = [
  { name: "the first schema", sql: schema1 },
  { name: "what issued months rest on", sql: schema2 },
  { name: "whose links were, and whose webhooks are", sql: schema3 },
  { name: "messages have numbers", sql: schema4 },
  { name: "where the rounds of a batch end", sql: schema5 },
];

/** What was done to a file that had data. */
export interface Migrated {
  fromSchema: number;
  toSchema: number;
  steps: { number: number; name: string; tookMs: number }[];
}

/** How many steps a file has been through; 0: it is new. */
export function schemaOf(db: DatabaseSync): number {
  return db.prepare("PRAGMA user_version").get()!.user_version as number;
}

/** Throws an Error where the file has been through steps that this program does not know: a newer one had it. Changes nothing. */
export function checkSchema(db: DatabaseSync, steps: readonly SchemaStep[] = schemaSteps): void {
  const found = schemaOf(db);
  if (found < 0 || found > steps.length)
    throw new Error(
      `the data folder is of a newer version of the program, or of one that was never released: its schema is ${found}, and this program knows ${steps.length} and what came before; start that version again, or this one on a copy from before it (sambung restore) or on a new data folder`,
    );
}

/**
 * Does the steps that the file has not been through, all or none. Answers what they were; null: the file was new, or had been
 * through all. Throws an Error that says which step failed, why, and what to do; then the file is as it was.
 */
export function migrate(db: DatabaseSync, steps: readonly SchemaStep[] = schemaSteps): Migrated | null {
  checkSchema(db, steps);
  const found = schemaOf(db);
  if (found === steps.length) return null;
  const done: Migrated["steps"] = [];
  let doing = "";
  try {
    inTransaction(db, () => {
      for (const [at, { name, sql }] of steps.entries()) {
        if (at < found) continue;
        const number = at + 1;
        doing = `step ${number} (${name})`;
        const startMs = performance.now();
        db.exec(sql);
        done.push({ number, name, tookMs: Math.round(performance.now() - startMs) });
      }
      doing = "writing it down";
      db.exec(`PRAGMA user_version = ${steps.length}`);
    });
  } catch (error) {
    if (found === 0) throw error;
    const reason = storeTrouble(error) ?? (error as Error).message;
    throw new Error(
      `the data folder could not be brought from schema ${found} to ${steps.length}: ${doing} failed: ${reason}. Nothing was changed, and the former version of the program runs on it as before: start that one again`,
      { cause: error },
    );
  }
  return found === 0 ? null : { fromSchema: found, toSchema: steps.length, steps: done };
}
