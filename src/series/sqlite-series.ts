import type { DatabaseSync } from "node:sqlite";
import type { Kind } from "#wire/batch-v1.ts";
import { decodeChunk, encodeChunk } from "./chunk.ts";
import { clipRounds, joinRounds } from "./join.ts";
import type { Rounds, RoundsOrigin, SeriesStore } from "./series-store.ts";

/** Longest stretch of time in one chunk. A read looks this far before its range, so it bounds what is read in vain. */
const chunkSpanMs = 2 * 3_600_000;

/** Tables of the rounds; part of the one schema that migrations.ts brings up. */
export const seriesSchema = `
CREATE TABLE series (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL) STRICT;
CREATE TABLE origins (id INTEGER PRIMARY KEY, agent TEXT NOT NULL UNIQUE) STRICT;
-- Rounds of one target from one batch. The primary key is the batch's name: written twice, it is stored once.
CREATE TABLE chunks (
  series INTEGER NOT NULL, first_ms INTEGER NOT NULL, origin INTEGER NOT NULL, seq INTEGER NOT NULL,
  span_ms INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (series, first_ms, origin, seq)
) STRICT, WITHOUT ROWID;
`;

export interface SqliteSeries extends SeriesStore {
  /** Writes within the transaction that is open on the connection; `remember` follows once it is committed. */
  appendNow(origin: RoundsOrigin, rounds: readonly Rounds[]): void;
  remember(origin: RoundsOrigin, rounds: readonly Rounds[]): void;
}

/** Series engine in SQLite: columns of rounds as chunks, one row per target and batch. */
export function createSqliteSeries(db: DatabaseSync): SqliteSeries {
  const insert = db.prepare(
    "INSERT OR IGNORE INTO chunks (series, first_ms, origin, seq, span_ms, data) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const select = db.prepare(
    "SELECT first_ms, data FROM chunks WHERE series = ? AND first_ms >= ? AND first_ms < ? AND first_ms + span_ms >= ? ORDER BY first_ms, origin, seq",
  );
  const addSeries = db.prepare(
    "INSERT INTO series (key, kind) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET kind = kind RETURNING id, kind",
  );
  const addOrigin = db.prepare(
    "INSERT INTO origins (agent) VALUES (?) ON CONFLICT (agent) DO UPDATE SET agent = agent RETURNING id",
  );
  const known = new Map<string, { id: number; kind: Kind }>();
  const origins = new Map<string, number>();
  for (const row of db.prepare("SELECT id, key, kind FROM series").all()) {
    known.set(row.key as string, { id: row.id as number, kind: row.kind as Kind });
  }

  /** Ids are learned inside a transaction that may yet be rolled back, so they are remembered only once it is not. */
  const seriesOf = (key: string, kind: Kind) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const row = addSeries.get(key, kind)!;
    return { id: row.id as number, kind: row.kind as Kind };
  };
  const originOf = (agent: string) => origins.get(agent) ?? (addOrigin.get(agent)!.id as number);

  function appendNow(origin: RoundsOrigin, rounds: readonly Rounds[]): void {
    const originId = originOf(origin.agent);
    for (const columns of rounds) {
      const series = seriesOf(columns.key, columns.kind);
      if (series.kind !== columns.kind) throw new SeriesKindError(columns.key, series.kind, columns.kind);
      for (const piece of split(columns)) {
        const firstMs = piece.timeMs[0]!;
        const spanMs = piece.timeMs.at(-1)! - firstMs;
        insert.run(series.id, firstMs, originId, BigInt(origin.seq), spanMs, encodeChunk(piece));
      }
    }
  }

  function remember(origin: RoundsOrigin, rounds: readonly Rounds[]): void {
    for (const { key, kind } of rounds) if (!known.has(key)) known.set(key, seriesOf(key, kind));
    if (!origins.has(origin.agent)) origins.set(origin.agent, originOf(origin.agent));
  }

  return {
    appendNow,
    remember,
    async append(origin, rounds) {
      db.exec("BEGIN IMMEDIATE");
      try {
        appendNow(origin, rounds);
        db.exec("COMMIT");
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
      remember(origin, rounds);
    },
    async read(keys, fromMs, toMs) {
      const found: Rounds[] = [];
      for (const key of keys) {
        const series = lookUp(db, known, key);
        if (series === null) continue;
        const rows = select.all(series.id, fromMs - chunkSpanMs, toMs, fromMs);
        const pieces = rows.map((row) =>
          decodeChunk(key, series.kind, row.first_ms as number, row.data as Uint8Array),
        );
        const joined = joinRounds(pieces);
        const clipped = joined === null ? null : clipRounds(joined, fromMs, toMs);
        if (clipped !== null) found.push(clipped);
      }
      return found;
    },
    async keys() {
      const rows = db.prepare("SELECT key, kind FROM series ORDER BY key").all();
      return new Map(rows.map((row) => [row.key as string, row.kind as Kind]));
    },
    async sizeBytes() {
      const row = db
        .prepare("SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()")
        .get()!;
      return row.bytes as number;
    },
  };
}

/** A target that once was measured by other means: its old rounds and its new ones do not mix. */
export class SeriesKindError extends Error {
  readonly code = "series.kind";
  constructor(key: string, stored: Kind, given: Kind) {
    super(
      `${key}: its stored rounds are of kind ${stored}, these are ${given}; give the new target another id`,
    );
    this.name = "SeriesKindError";
  }
}

function lookUp(db: DatabaseSync, known: Map<string, { id: number; kind: Kind }>, key: string) {
  const found = known.get(key);
  if (found !== undefined) return found;
  const row = db.prepare("SELECT id, kind FROM series WHERE key = ?").get(key);
  if (row === undefined) return null;
  const series = { id: row.id as number, kind: row.kind as Kind };
  known.set(key, series);
  return series;
}

/** Cuts a long backlog into pieces of at most chunkSpanMs. */
function* split(rounds: Rounds): Generator<Rounds> {
  const { timeMs } = rounds;
  if (timeMs.at(-1)! - timeMs[0]! < chunkSpanMs) {
    yield rounds;
    return;
  }
  for (let fromMs = timeMs[0]!; ;) {
    const piece = clipRounds(rounds, fromMs, fromMs + chunkSpanMs);
    if (piece !== null) yield piece;
    const next = timeMs.find((ms) => ms >= fromMs + chunkSpanMs);
    if (next === undefined) return;
    fromMs = next;
  }
}
