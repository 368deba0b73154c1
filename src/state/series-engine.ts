import { inTransaction } from "../series/sqlite-transaction.ts";
import type { DatabaseSync } from "node:sqlite";

/*
 * The outages on record were found in rounds, and a watch that finds other rounds, or none, would withdraw them. So the file
 * says which engine has the rounds, from the first start on, and another one is taken only when somebody said so.
 */

const engineName = "series.engine";
const judgedFromName = "series.judgedFromMs";
const emptiedName = "series.emptiedMs";

/** As the file names the engine of its own rounds. */
export const ownEngine = "SQLite";

export interface EngineHistory {
  /** Nothing before this is judged anew, epoch ms: when an engine took another's place, or was found empty; -Infinity: never. */
  judgedFromMs: number;
  /** When the engine was found without rounds that it had acknowledged, epoch ms; null: never. */
  emptiedMs: number | null;
}

/** Writes the engine down at the first start, and throws an Error at a later one with another. Answers what is known of it. */
export function checkEngine(db: DatabaseSync, engine: string): EngineHistory {
  const known = read(db, engineName);
  if (known === null) write(db, engineName, engine);
  else if (known !== engine)
    throw new Error(
      `series in sambung.yaml: the rounds behind the outages on record are in ${known}, and it names ${engine}; expected the former, or \`sambung series adopt\` once, after which nothing before that moment is judged anew`,
    );
  const judgedFrom = read(db, judgedFromName);
  const emptied = read(db, emptiedName);
  return {
    judgedFromMs: judgedFrom === null ? -Infinity : Number(judgedFrom),
    emptiedMs: emptied === null ? null : Number(emptied),
  };
}

/** Writes down that the engine was found without what it had acknowledged. */
export function noteEmptied(db: DatabaseSync, nowMs: number): void {
  inTransaction(db, () => {
    write(db, emptiedName, String(nowMs));
    write(db, judgedFromName, String(nowMs));
  });
}

/** Accepts an engine from now on. Answers which one had the rounds before; null where nothing changed. */
export function adoptEngine(db: DatabaseSync, engine: string, nowMs: number): string | null {
  const known = read(db, engineName);
  if (known === engine) return null;
  inTransaction(db, () => {
    write(db, engineName, engine);
    if (known !== null) write(db, judgedFromName, String(nowMs));
  });
  return known;
}

function read(db: DatabaseSync, name: string): string | null {
  return (
    (db.prepare("SELECT value FROM settings WHERE name = ?").get(name)?.value as string | undefined) ?? null
  );
}

function write(db: DatabaseSync, name: string, value: string): void {
  db.prepare(
    "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  ).run(name, value);
}
