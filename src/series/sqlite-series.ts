import type { DatabaseSync } from "node:sqlite";
import type { Kind } from "#wire/rounds-v1.ts";
import { decodeChunk, encodeChunk } from "./chunk.ts";
import { clipRounds, joinRounds, lastStartMs, splitRounds } from "./join.ts";
import type { Rounds, RoundsOrigin, SeriesStore } from "./series-store.ts";

/** Longest stretch of time in one chunk. A read looks this far before its range, so it bounds what is read in vain. */
const chunkSpanMs = 2 * 3_600_000;

/** Tables of the rounds; part of the one schema that migrations.ts brings up. */
export const seriesSchema = `
-- A target that came to be measured by other means keeps its old rounds beside the new ones.
CREATE TABLE series (id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE (key, kind)) STRICT;
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
  const selectFirst = db.prepare("SELECT min(first_ms) AS first_ms FROM chunks WHERE series = ?");
  const addSeries = db.prepare(
    "INSERT INTO series (key, kind) VALUES (?, ?) ON CONFLICT (key, kind) DO UPDATE SET kind = kind RETURNING id",
  );
  const addOrigin = db.prepare(
    "INSERT INTO origins (agent) VALUES (?) ON CONFLICT (agent) DO UPDATE SET agent = agent RETURNING id",
  );
  const known = new Map<string, Map<Kind, number>>();
  const origins = new Map<string, number>();
  const learn = (key: string, kind: Kind, id: number) => {
    const ids = known.get(key);
    if (ids === undefined) known.set(key, new Map([[kind, id]]));
    else ids.set(kind, id);
  };
  for (const row of db.prepare("SELECT id, key, kind FROM series ORDER BY id").all()) {
    learn(row.key as string, row.kind as Kind, row.id as number);
  }

  /** Ids are learned inside a transaction that may yet be rolled back, so they are remembered only once it is not. */
  const seriesOf = (key: string, kind: Kind) =>
    known.get(key)?.get(kind) ?? (addSeries.get(key, kind)!.id as number);
  const originOf = (agent: string) => origins.get(agent) ?? (addOrigin.get(agent)!.id as number);

  function appendNow(origin: RoundsOrigin, rounds: readonly Rounds[]): void {
    const originId = originOf(origin.agent);
    for (const columns of rounds) {
      const series = seriesOf(columns.key, columns.kind);
      for (const piece of splitRounds(columns, chunkSpanMs)) {
        const firstMs = piece.timeMs[0]!;
        const spanMs = lastStartMs(piece) - firstMs;
        insert.run(series, firstMs, originId, BigInt(origin.seq), spanMs, encodeChunk(piece));
      }
    }
  }

  function remember(origin: RoundsOrigin, rounds: readonly Rounds[]): void {
    for (const { key, kind } of rounds)
      if (known.get(key)?.has(kind) !== true) learn(key, kind, seriesOf(key, kind));
    if (!origins.has(origin.agent)) origins.set(origin.agent, originOf(origin.agent));
  }

  function readSeries(key: string, kind: Kind, id: number, fromMs: number, toMs: number): Rounds | null {
    const rows = select.all(id, fromMs - chunkSpanMs, toMs, fromMs);
    const joined = joinRounds(
      rows.map((row) => decodeChunk(key, kind, row.first_ms as number, row.data as Uint8Array)),
    );
    return joined === null ? null : clipRounds(joined, fromMs, toMs);
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
        if (db.isTransaction) db.exec("ROLLBACK");
        throw error;
      }
      remember(origin, rounds);
    },
    async read(keys, fromMs, toMs) {
      return keys
        .flatMap((key) =>
          [...(known.get(key) ?? [])].map(([kind, id]) => readSeries(key, kind, id, fromMs, toMs)),
        )
        .filter((rounds) => rounds !== null);
    },
    async firstMs(key) {
      const ids = [...(known.get(key)?.values() ?? [])];
      const firsts = ids.map((id) => selectFirst.get(id)?.first_ms as number | null | undefined);
      return firsts.reduce<number | null>(
        (least, ms) => (typeof ms === "number" ? Math.min(ms, least ?? ms) : least),
        null,
      );
    },
    async keys() {
      const rows = db.prepare("SELECT key, kind FROM series ORDER BY key, id").all();
      const byKey = Map.groupBy(rows, (row) => row.key as string);
      return new Map([...byKey].map(([key, found]) => [key, found.map((row) => row.kind as Kind)]));
    },
  };
}
