import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SeriesStore } from "../series/series-store.ts";
import { createNames } from "../series/sqlite-names.ts";
import { createSqliteSeries } from "../series/sqlite-series.ts";
import type { SqliteSeries } from "../series/sqlite-series.ts";
import type { BatchLog } from "./batch-log.ts";
import { createLedgerHeads } from "./ledger-heads.ts";
import { migrate } from "./migrations.ts";
import { agentMethods } from "./sqlite-agents.ts";
import { auditMethods } from "./sqlite-audit.ts";
import { blipMethods } from "./sqlite-blips.ts";
import { createSqliteBatchLog } from "./sqlite-batch-log.ts";
import { complaintMethods } from "./sqlite-complaints.ts";
import { keyMethods } from "./sqlite-keys.ts";
import { maintenanceMethods } from "./sqlite-maintenance.ts";
import { ledgerMethods } from "./sqlite-ledger.ts";
import { outageMethods } from "./sqlite-outages.ts";
import { outboxMethods } from "./sqlite-outbox.ts";
import { partnerHookMethods } from "./sqlite-partner-hooks.ts";
import { partnerOutageMethods } from "./sqlite-partner-outages.ts";
import { stateMethods } from "./sqlite-states.ts";
import type { StateStore } from "./state-store.ts";
import { createRoomCheck } from "./disk-room.ts";
import { storeTrouble } from "./store-trouble.ts";
import { createWriteTrial } from "./write-trial.ts";

export interface SqliteStores {
  state: StateStore;
  series: SeriesStore;
  batchLog: BatchLog;
  close(): void;
}

/**
 * Opens, or makes, the one file that holds everything. WAL with synchronous FULL: an acknowledged batch survives a power
 * cut, not only a crash. Sorting is done in memory, so that reading needs no room on any disk. Throws when another
 * collector has the file.
 */
export function openSqlite(file: string): SqliteStores {
  // What it makes is its user's alone: hashes of keys, the audit log, what a district measures. SQLite's further files follow
  // the first one's rights. What is there already was made so by somebody.
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
  const db = new DatabaseSync(file, { timeout: 2_000 });
  try {
    // Exclusive: two collectors on one file would each keep half of the truth in memory.
    db.exec(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
    );
    migrate(db);
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode === 5) {
      throw new Error(`${file} is in use: is another collector running on this data folder?`, {
        cause: error,
      });
    }
    throw error;
  }
  const names = createNames(db);
  const heads = createLedgerHeads(db);
  const series = createSqliteSeries(db, names);
  const checkRoom = createRoomCheck(dirname(file));
  const trial = createWriteTrial(db, checkRoom);
  const state: StateStore = {
    ...agentMethods(db),
    ...keyMethods(db),
    ...auditMethods(db),
    ...ledgerMethods(db, heads),
    ...outageMethods(db),
    ...stateMethods(db),
    ...blipMethods(db),
    ...maintenanceMethods(db),
    ...outboxMethods(db),
    ...complaintMethods(db),
    ...partnerOutageMethods(db),
    ...partnerHookMethods(db),
    async setting(name) {
      return (
        (db.prepare("SELECT value FROM settings WHERE name = ?").get(name)?.value as string | undefined) ??
        null
      );
    },
    async setSetting(name, value) {
      db.prepare(
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      ).run(name, value);
    },
    ping: async () => trial.run(),
  };
  const batchLog = createSqliteBatchLog(db, { series, names, heads }, checkRoom);
  const tidying = setInterval(() => tidyUp(series, checkRoom), tidyEveryMs).unref();
  return {
    state,
    series,
    batchLog: { commit: (entry, rounds) => trial.watch(batchLog.commit(entry, rounds)) },
    close() {
      clearInterval(tidying);
      db.close();
    },
  };
}

/** Between two looks for rows that can be joined, ms. */
const tidyEveryMs = 250;

/** A disk that is full stays as untidy as it is until there is room. */
function tidyUp(series: SqliteSeries, checkRoom: () => void): void {
  try {
    checkRoom();
    series.tidy();
  } catch (error) {
    if (storeTrouble(error) === null) throw error;
  }
}
