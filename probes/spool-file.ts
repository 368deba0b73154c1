import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The spool cannot be used, and the operator can do something about it. */
export class SpoolError extends Error {
  readonly code = "spool.unusable";
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "SpoolError";
  }
}

const spoolFileName = "spool.sqlite";

/*
 * boots    one row per start of the agent, with the last reading of its clocks: that is what dates its rounds later
 * batches  a seq, once given, and what its ledger says; the rounds and events with that seq are its contents, for ever.
 *          producedThrough and lostThrough count up to and including the seq. aside: why the collector refused it
 * rounds   seq null: not in any batch yet. Ids are never used again, so that an id can mark a place in time
 * events   likewise
 * meta     name → value: identity, configuration, counters
 */
const schema = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE boots (
    id INTEGER PRIMARY KEY, boot TEXT NOT NULL UNIQUE, hostBootId TEXT NOT NULL, uptimeS INTEGER NOT NULL,
    wallMs INTEGER NOT NULL, monoMs INTEGER NOT NULL, synced INTEGER NOT NULL, cleanStop INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE batches (
    seq INTEGER PRIMARY KEY, bootRow INTEGER NOT NULL, rounds INTEGER NOT NULL,
    producedThrough INTEGER NOT NULL, lostThrough INTEGER NOT NULL, aside TEXT
  ) STRICT;
  CREATE TABLE rounds (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bootRow INTEGER NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL,
    monoMs INTEGER NOT NULL, sample TEXT NOT NULL, bytes INTEGER NOT NULL, seq INTEGER
  ) STRICT;
  CREATE INDEX roundsBySeq ON rounds (seq, bootRow);
  CREATE TABLE events (
    id INTEGER PRIMARY KEY, bootRow INTEGER NOT NULL, monoMs INTEGER NOT NULL, type TEXT NOT NULL,
    detail TEXT NOT NULL, seq INTEGER
  ) STRICT;
  CREATE INDEX eventsBySeq ON events (seq, bootRow);
  PRAGMA user_version = 1;
`;

export interface SpoolFile {
  readonly db: DatabaseSync;
  /** Runs `work` in one transaction. Durable against a crash of the program, not against a power cut. */
  transaction<T>(work: () => T): T;
  /** The same, and on the disk before it returns. */
  durably<T>(work: () => T): T;
  getMeta(name: string): string | null;
  setMeta(name: string, value: string): void;
  /** A whole number of the meta table, 0 when it was never set. */
  count(name: string): number;
  close(): void;
}

/**
 * Opens the spool, mode 0600, since it holds the agent's key. EXCLUSIVE: two agents on one spool would both give out
 * the next seq, and the collector would take the second's rounds for a repetition of the first's.
 *
 * synchronous is NORMAL for rounds: a flash card dies of one fsync per round, and what a power cut can then take is
 * what came since the last batch was composed. It is FULL while a seq is given out: a seq used again after a power cut
 * would have new rounds ignored as duplicates. That fsync also makes the rounds written before it durable, since all
 * of them stand in the same log.
 */
export function openSpoolFile(folder: string): SpoolFile {
  const path = join(folder, spoolFileName);
  const db = openDatabase(folder, path);
  const getStatement = db.prepare("SELECT value FROM meta WHERE name = ?");
  const setStatement = db.prepare(
    "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  );
  const getMeta = (name: string) => (getStatement.get(name)?.["value"] as string | undefined) ?? null;
  const transaction = <T>(work: () => T): T => {
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  };
  return {
    db,
    transaction,
    durably(work) {
      db.exec("PRAGMA synchronous = FULL");
      try {
        return transaction(work);
      } finally {
        db.exec("PRAGMA synchronous = NORMAL");
      }
    },
    getMeta,
    setMeta: (name, value) => void setStatement.run(name, value),
    count: (name) => Number(getMeta(name) ?? 0),
    close: () => db.close(),
  };
}

function openDatabase(folder: string, path: string): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // SQLite gives the log beside the file the file's own mode, so it has to be right before the file is opened.
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 4194304",
    );
    db.exec("PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY");
    const version = db.prepare("PRAGMA user_version").get()?.["user_version"];
    if (version === 0) db.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`);
    else if (version !== 1) throw new Error(`it has layout ${String(version)}, this program knows layout 1`);
    return db;
  } catch (error) {
    db?.close();
    const busy = (error as { errcode?: number }).errcode === 5;
    const reason = busy ? "another agent is using it" : (error as Error).message;
    throw new SpoolError(`spool ${path} cannot be used: ${reason}`, error);
  }
}
