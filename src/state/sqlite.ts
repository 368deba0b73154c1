import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Rounds, SeriesStore } from "../series/series-store.ts";
import { defaultRetention } from "../series/retention.ts";
import type { Retention } from "../series/retention.ts";
import type { DamagedRow } from "../series/damage.ts";
import { createCatalogue } from "../series/sqlite-catalogue.ts";
import type { Catalogue } from "../series/sqlite-catalogue.ts";
import { createNames } from "../series/sqlite-names.ts";
import { createSqliteSeries } from "../series/sqlite-series.ts";
import type { Actor } from "./audit.ts";
import type { BatchLog } from "./batch-log.ts";
import { lockFile } from "./collector-lock.ts";
import { takeStaged } from "./copies.ts";
import { createLedgerHeads } from "./ledger-heads.ts";
import { checkSchema, migrate, schemaSteps } from "./migrations.ts";
import type { Migrated, SchemaStep } from "./migrations.ts";
import { alertMethods } from "./sqlite-alerts.ts";
import { agentMethods } from "./sqlite-agents.ts";
import { auditMethods } from "./sqlite-audit.ts";
import { blipMethods } from "./sqlite-blips.ts";
import { createSqliteBatchLog } from "./sqlite-batch-log.ts";
import { complaintMethods } from "./sqlite-complaints.ts";
import { keyMethods } from "./sqlite-keys.ts";
import { maintenanceMethods } from "./sqlite-maintenance.ts";
import { ledgerMethods } from "./sqlite-ledger.ts";
import { adoptEngine, checkEngine, noteEmptied, ownEngine } from "./series-engine.ts";
import type { EngineHistory } from "./series-engine.ts";
import { outageMethods } from "./sqlite-outages.ts";
import { outboxMethods } from "./sqlite-outbox.ts";
import { slaMethods } from "./sqlite-sla.ts";
import { partnerActMethods } from "./sqlite-partner-acts.ts";
import { partnerDeliveryMethods } from "./sqlite-partner-deliveries.ts";
import { partnerFollowMethods } from "./sqlite-partner-follow.ts";
import { partnerForgetMethods } from "./sqlite-partner-forget.ts";
import { partnerHookMethods } from "./sqlite-partner-hooks.ts";
import { partnerOutageMethods } from "./sqlite-partner-outages.ts";
import { stateMethods } from "./sqlite-states.ts";
import type { StateStore } from "./state-store.ts";
import { createRoomCheck } from "./disk-room.ts";
import { explainFolder, storeTrouble } from "./store-trouble.ts";
import { createTogether } from "./together.ts";
import { createWriteTrial } from "./write-trial.ts";

export interface SqliteOptions {
  /** Epoch ms, for what is kept how long. Default: the clock. */
  now?: () => number;
  /** Of rounds in this file. */
  retention?: Retention;
  /** Opens another engine for the rounds; what series there are stays in this file. Default: they are in this file. */
  outerSeries?: (catalogue: Catalogue) => SeriesStore;
  /** Name of the engine that has the rounds, and of its database; one that the file does not know is refused. Default: SQLite. */
  engine?: string;
  /** Called once for each row of rounds that is found damaged. Default: what they are is counted alone. */
  onDamage?: (row: DamagedRow, error: unknown) => void;
  /** Called once where a file of an older schema was brought up to this program's. Default: nobody is told. */
  onMigrated?: (done: Migrated) => void;
  /** Schema, as the steps that lead to it. Default: this program's. */
  steps?: readonly SchemaStep[];
}

export interface SqliteStores {
  state: StateStore;
  series: SeriesStore;
  batchLog: BatchLog;
  /** Of the engine that has the rounds, as it was when the file was opened. */
  engine: EngineHistory;
  /** The engine was found without rounds that it had acknowledged: nothing before this moment is judged anew, at later starts either. */
  noteEmptied(nowMs: number): void;
  /** Rows of rounds in this file, or parts of such, that were found damaged since the start. */
  damagedRows(): number;
  close(): void;
}

/**
 * Opens, or makes, the one file that holds everything. WAL with synchronous FULL: an acknowledged batch survives a power
 * cut, not only a crash. Sorting is done in memory, so that reading needs no room on any disk. Throws when another
 * collector has the file.
 */
export function openSqlite(file: string, options: SqliteOptions = {}): SqliteStores {
  const {
    now = Date.now,
    retention = defaultRetention,
    outerSeries,
    engine = ownEngine,
    onDamage = () => {},
  } = options;
  const { db, release, found: history } = tryOpen(file, options, (opened) => checkEngine(opened, engine));
  const names = createNames(db);
  const heads = createLedgerHeads(db);
  const catalogue = createCatalogue(db);
  const own = createSqliteSeries(db, { names, catalogue }, { retention, now, onDamage });
  const outer = outerSeries?.(catalogue);
  const series = outer ?? own;
  const checkRoom = createRoomCheck(dirname(file));
  const trial = createWriteTrial(db, checkRoom);
  const together = createTogether(db);
  const state: StateStore = {
    ...agentMethods(db),
    ...keyMethods(db),
    ...auditMethods(db),
    ...ledgerMethods(db, heads),
    ...outageMethods(db),
    ...stateMethods(db),
    ...blipMethods(db),
    ...maintenanceMethods(db),
    ...outboxMethods(db, together),
    ...alertMethods(db, together),
    ...complaintMethods(db),
    ...slaMethods(db),
    ...partnerOutageMethods(db),
    ...partnerFollowMethods(db),
    ...partnerActMethods(db),
    ...partnerForgetMethods(db),
    ...partnerHookMethods(db),
    ...partnerDeliveryMethods(db),
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
  const batchLog = createSqliteBatchLog(db, { series: own, names, heads }, checkRoom);
  const works = [
    setInterval(() => inTheMeantime(() => own.tidy(), checkRoom), tidyEveryMs).unref(),
    setInterval(() => inTheMeantime(() => own.rollUp(rollUpMs), checkRoom), rollUpEveryMs).unref(),
  ];
  return {
    state,
    series,
    engine: history,
    noteEmptied: (nowMs) => noteEmptied(db, nowMs),
    damagedRows: own.damagedRows,
    batchLog: {
      async commit(entry, rounds) {
        const placed = { ...entry, lastMs: lastOf(rounds) };
        if (outer === undefined) return trial.watch(batchLog.commit(placed, rounds));
        await outer.append({ agent: entry.agent, seq: entry.seq }, rounds);
        return trial.watch(batchLog.commit(placed, []));
      },
    },
    close() {
      for (const work of works) clearInterval(work);
      db.close();
      release();
    },
  };
}

/** When the last of them began, whole ms; null: there are none. */
const lastOf = (rounds: readonly Rounds[]): number | null =>
  rounds.reduce<number | null>((last, { timeMs }) => Math.max(last ?? 0, Math.floor(timeMs.at(-1)!)), null);

/** Accepts the engine in place of the one that the file knows. Answers that one; null: it is the same. Throws as `openSqlite`. */
export async function adoptSeriesEngine(
  file: string,
  engine: string,
  { nowMs, by }: { nowMs: number; by: Actor },
): Promise<string | null> {
  const { db, release, found: former } = tryOpen(file, {}, (opened) => adoptEngine(opened, engine, nowMs));
  try {
    if (former !== null)
      await auditMethods(db).addAudit({
        timeMs: nowMs,
        by,
        action: "series.adopted",
        subject: engine,
        result: "done",
        detail: { former },
      });
    return former;
  } finally {
    db.close();
    release();
  }
}

type Opening = Pick<SqliteOptions, "steps" | "onMigrated">;

interface Opened<T> {
  db: DatabaseSync;
  release: () => void;
  found: T;
}

/** Opens the file, with what `first` finds in it. Throws an Error that says what is the matter with the folder, where it is that. */
function tryOpen<T>(file: string, opening: Opening, first: (db: DatabaseSync) => T): Opened<T> {
  try {
    // What it makes is its user's alone: hashes of keys, the audit log, what a district measures. SQLite's further files follow
    // the first one's rights. What is there already was made so by somebody.
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return open(file, opening, first);
  } catch (error) {
    throw explainFolder(dirname(file), error);
  }
}

function open<T>(
  file: string,
  { steps = schemaSteps, onMigrated = () => {} }: Opening,
  first: (db: DatabaseSync) => T,
): Opened<T> {
  closeSync(openSync(`${file}.lock`, "a", 0o600));
  const { release } = lockFile(file);
  let db: DatabaseSync | null = null;
  try {
    takeStaged(file);
    closeSync(openSync(file, "a", 0o600));
    db = new DatabaseSync(file, { timeout: 2_000 });
    // Before anything is set, which would be written into the file of a newer program.
    checkSchema(db, steps);
    db.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
    );
    const migrated = migrate(db, steps);
    if (migrated !== null) onMigrated(migrated);
    return { db, release, found: first(db) };
  } catch (error) {
    db?.close();
    release();
    throw error;
  }
}

/** Between two looks for rows that can be joined, ms. */
const tidyEveryMs = 250;
/**
 * Between two bites of the roll-up, ms, and how long one may take, or a step of it longer. A batch that comes meanwhile waits: of
 * a hundred less than one, so that the 99th percentile of ingest knows nothing of it. At 7 s of a processor for a day of 160 sites
 * it keeps up with 6,000.
 */
export const rollUpEveryMs = 500;
export const rollUpMs = 1;

/** A disk that is full stays as untidy as it is until there is room. */
function inTheMeantime(work: () => void, checkRoom: () => void): void {
  try {
    checkRoom();
    work();
  } catch (error) {
    if (storeTrouble(error) === null) throw error;
  }
}
