import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import type { Kind } from "#wire/rounds-v1.ts";
import { firstAnswerMs } from "./answers.ts";
import { readBlock, toBlocks } from "./block.ts";
import type { BlockPart } from "./block.ts";
import { decodeChunk } from "./chunk.ts";
import { clipRounds, joinRounds, splitRounds } from "./join.ts";
import { joinKinds, stepsOfRounds } from "./read-steps.ts";
import { dayMs, dayOf, tiersOf } from "./retention.ts";
import type { Retention } from "./retention.ts";
import type { KindSteps, Rounds, RoundsOrigin, SeriesStore, StepQuery } from "./series-store.ts";
import type { Names } from "./sqlite-names.ts";
import { createRollup } from "./sqlite-rollup.ts";
import { createTidy } from "./sqlite-tidy.ts";
import { createTiers, tiersSchema } from "./sqlite-tiers.ts";
import { inTransaction } from "./sqlite-transaction.ts";

/** Longest stretch of time in one chunk. */
const chunkSpanMs = 2 * 3_600_000;
/** Chunks of a batch that began in the same stretch of this length share a row. */
const rowStartsMs = 3_600_000;
/** Longest stretch of time in one row. A read looks this far before its range, so it bounds what is read in vain. */
const rowSpanMs = rowStartsMs + chunkSpanMs;
/** Stretches that one call of tidy joins: some 10 ms. */
const tidiedAtOnce = 8;
/** Ranges up to this are answered from the rounds, where they are kept: exactly. */
const exactMs = 3 * dayMs;
/** Days of a tier that are read before others get a turn: some 2 ms. */
const daysAtOnce = 4;
/** Series that share rows. A read of one of them passes over the bytes of the others. */
const seriesPerShelf = 16;

/** Tables of the rounds; part of the one schema that migrations.ts brings up. */
export const seriesSchema = `${tiersSchema}
-- A target that came to be measured by other means keeps its old rounds beside the new ones.
-- answered_ms: start of the first round to which anything came back.
-- shelf: a few series of one site, whose rounds come together and are kept together.
CREATE TABLE series (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, shelf INTEGER NOT NULL, first_ms INTEGER NOT NULL,
  answered_ms INTEGER, UNIQUE (key, kind)
) STRICT;
-- Rounds of one shelf from one batch (block.ts). The primary key is the batch's name: written twice, it is stored once.
-- origin: the agent, an id of names.
CREATE TABLE blocks (
  shelf INTEGER NOT NULL, first_ms INTEGER NOT NULL, origin INTEGER NOT NULL, seq INTEGER NOT NULL, part INTEGER NOT NULL,
  span_ms INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (shelf, first_ms, origin, seq, part)
) STRICT, WITHOUT ROWID;
`;

/** What is known of a series by its key and kind. */
interface Known {
  id: number;
  shelf: number;
  /** When its first round of all began. */
  firstMs: number;
  /** The same of those to which anything came back. */
  answeredMs: number | null;
}

export interface SqliteSeries extends SeriesStore {
  /** Writes within the transaction that is open on the connection; `remember` follows once it is committed. */
  appendNow(origin: RoundsOrigin, rounds: readonly Rounds[]): void;
  remember(rounds: readonly Rounds[]): void;
  /** The transaction of `appendNow` was rolled back. */
  forget(): void;
  /** Rolls up, closes and gives up what is old, for some ms. Answers whether there was anything to do. */
  rollUp(budgetMs: number): boolean;
  /** Joins rows of some stretches that are over, in a transaction of its own; what fails is tried again the next time. */
  tidy(): void;
}

/** Series engine in SQLite: columns of rounds as chunks, one row per batch for each shelf that it has rounds of. */
export function createSqliteSeries(
  db: DatabaseSync,
  names: Names,
  { retention, now }: { retention: Retention; now: () => number },
): SqliteSeries {
  const insert = db.prepare(
    "INSERT OR IGNORE INTO blocks (shelf, first_ms, origin, seq, part, span_ms, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const select = db.prepare(
    `SELECT first_ms, data FROM blocks WHERE shelf = ? AND first_ms >= ? AND first_ms < ? AND first_ms + span_ms >= ?
     ORDER BY first_ms, origin, seq, part`,
  );
  // '0' is the character after '/': the keys of one site are a range.
  const addSeries = db.prepare(
    `INSERT INTO series (key, kind, shelf, first_ms, answered_ms) VALUES (?1, ?2, coalesce(
       (SELECT shelf FROM series WHERE key >= ?3 || '/' AND key < ?3 || '0' GROUP BY shelf HAVING count(*) < ${seriesPerShelf} LIMIT 1),
       (SELECT coalesce(max(shelf), 0) + 1 FROM series)), ?4, ?5)
     ON CONFLICT (key, kind) DO UPDATE
       SET first_ms = min(first_ms, excluded.first_ms),
         answered_ms = min(coalesce(answered_ms, excluded.answered_ms), coalesce(excluded.answered_ms, answered_ms))
     RETURNING id, shelf, first_ms, answered_ms`,
  );
  const tidy = createTidy(db, rowStartsMs);
  const tiers = createTiers(db, retention, now);
  const known = new Map<string, Map<Kind, Known>>();
  const nameOf = new Map<number, { key: string; kind: Kind }>();
  const rollup = createRollup(db, tiers, {
    retention,
    now,
    rowSpanMs,
    nameOf: (series) => nameOf.get(series),
    shelves: () =>
      new Set([...known.values()].flatMap((kinds) => [...kinds.values()].map(({ shelf }) => shelf))),
  });
  const learn = (key: string, kind: Kind, series: Known) => {
    nameOf.set(series.id, { key, kind });
    const kinds = known.get(key);
    if (kinds === undefined) known.set(key, new Map([[kind, series]]));
    else kinds.set(kind, series);
  };
  for (const row of db.prepare("SELECT * FROM series ORDER BY id").all()) {
    learn(row.key as string, row.kind as Kind, toKnown(row));
  }

  /** Learned inside a transaction that may yet be rolled back, so it is remembered only once it is not. */
  function seriesOf(rounds: Rounds): Known {
    const { key, kind, timeMs } = rounds;
    const series = known.get(key)?.get(kind);
    if (series !== undefined && isWithin(rounds, series)) return series;
    return toKnown(addSeries.get(key, kind, siteOf(key), timeMs[0]!, firstAnswerMs(rounds))!);
  }

  function appendNow(origin: RoundsOrigin, rounds: readonly Rounds[]): void {
    const originId = names.idOf(origin.agent);
    const seq = BigInt(origin.seq);
    for (const [shelf, stretches] of shelve(rounds, seriesOf)) {
      for (const [stretch, parts] of stretches) {
        tidy.note(shelf, stretch);
        let added = 0;
        for (const [part, block] of toBlocks(parts).entries())
          added += Number(
            insert.run(shelf, block.firstMs, originId, seq, part, block.spanMs, block.data).changes,
          );
        tiers.note(shelf, parts, added > 0);
      }
    }
  }

  function remember(rounds: readonly Rounds[]): void {
    for (const columns of rounds) {
      const { key, kind } = columns;
      const series = known.get(key)?.get(kind);
      if (series === undefined || !isWithin(columns, series)) learn(key, kind, seriesOf(columns));
    }
  }

  const forget = () => {
    names.forget();
    tiers.forget();
    rollup.forget();
  };

  const read: SeriesStore["read"] = async (keys, fromMs, toMs) => {
    const wanted = keys.flatMap((key) =>
      [...(known.get(key) ?? [])].map(([kind, series]) => ({ key, kind, ...series })),
    );
    const pieces = new Map(wanted.map(({ id }) => [id, [] as Rounds[]]));
    const byId = new Map(wanted.map((series) => [series.id, series]));
    for (const shelf of new Set(wanted.map((series) => series.shelf))) {
      for (const row of select.all(shelf, fromMs - rowSpanMs, toMs, fromMs)) {
        for (const { series, firstMs, chunk } of readBlock(row.first_ms as number, row.data as Uint8Array)) {
          const { key, kind } = byId.get(series) ?? {};
          if (key === undefined || kind === undefined) continue;
          pieces.get(series)!.push(decodeChunk(key, kind, firstMs, chunk));
        }
      }
    }
    return wanted.flatMap(({ id }) => {
      const joined = joinRounds(pieces.get(id)!.toSorted((a, b) => a.timeMs[0]! - b.timeMs[0]!));
      return (joined === null ? null : clipRounds(joined, fromMs, toMs)) ?? [];
    });
  };

  function finestStepMs(keys: readonly string[], fromMs: number): number {
    const shelves = keys.flatMap((key) => [...(known.get(key)?.values() ?? [])]);
    if (shelves.every(({ shelf }) => tiers.closedBeforeMs(shelf) <= fromMs)) return 1;
    const [fine, coarse] = tiersOf(retention);
    return fromMs >= now() - fine.keptMs ? fine.stepMs : coarse.stepMs;
  }

  /** What a tier has of a day, or where the day is due, what its rounds come to. */
  async function stepsOfDay(key: string, day: number, query: StepQuery): Promise<KindSteps[]> {
    const { fromMs, toMs, stepMs } = query;
    const range = { fromMs: Math.max(fromMs, day * dayMs), toMs: Math.min(toMs, (day + 1) * dayMs) };
    const kinds = [...(known.get(key) ?? [])];
    if (kinds.some(([, { shelf }]) => tiers.isDue(shelf, day)))
      return stepsOfRounds(read, key, { ...query, ...range });
    return kinds.flatMap(([, { id, shelf }]) =>
      tiers.read(stepMs, shelf, day, id).map(({ kind, steps }) => ({
        kind,
        steps: steps.filter(({ startMs }) => startMs + stepMs > fromMs && startMs < toMs),
      })),
    );
  }

  return {
    appendNow,
    remember,
    forget,
    rollUp: rollup.work,
    tidy() {
      if (!tidy.isDue()) return;
      try {
        inTransaction(db, () => tidy.run(tidiedAtOnce));
      } catch (error) {
        tidy.undo();
        throw error;
      }
    },
    async append(origin, rounds) {
      try {
        inTransaction(db, () => appendNow(origin, rounds));
      } catch (error) {
        forget();
        throw error;
      }
      remember(rounds);
    },
    read,
    async steps(key, query) {
      const { fromMs, toMs, stepMs } = query;
      const tier = tiersOf(retention).findLast((each) => stepMs % each.stepMs === 0);
      const keeps = finestStepMs([key], fromMs) === 1;
      if (tier === undefined || (keeps && toMs - fromMs <= exactMs)) return stepsOfRounds(read, key, query);
      const parts: KindSteps[] = [];
      for (let day = dayOf(fromMs); day * dayMs < toMs; day++) {
        parts.push(...(await stepsOfDay(key, day, { ...query, stepMs: tier.stepMs })));
        if (day % daysAtOnce === 0) await setImmediate();
      }
      return joinKinds(parts, stepMs);
    },
    finestStepMs,
    async ping() {},
    async firstMs(key) {
      const firsts = [...(known.get(key)?.values() ?? [])].map(({ firstMs }) => firstMs);
      return firsts.length === 0 ? null : Math.min(...firsts);
    },
    async answeredMs(key, kind) {
      return known.get(key)?.get(kind)?.answeredMs ?? null;
    },
    async keys() {
      return new Map([...known].map(([key, kinds]) => [key, [...kinds.keys()]]));
    },
  };
}

/** Rounds by shelf and by the stretch of time in which they began, in chunks. */
function shelve(
  rounds: readonly Rounds[],
  seriesOf: (rounds: Rounds) => Known,
): Map<number, Map<number, BlockPart[]>> {
  const shelves = new Map<number, Map<number, BlockPart[]>>();
  for (const columns of rounds) {
    const { id, shelf } = seriesOf(columns);
    let stretches = shelves.get(shelf);
    if (stretches === undefined) shelves.set(shelf, (stretches = new Map<number, BlockPart[]>()));
    for (const piece of splitRounds(columns, chunkSpanMs)) {
      const stretch = Math.floor(piece.timeMs[0]! / rowStartsMs);
      const parts = stretches.get(stretch);
      if (parts === undefined) stretches.set(stretch, [{ series: id, rounds: piece }]);
      else parts.push({ series: id, rounds: piece });
    }
  }
  return shelves;
}

/** Whether these rounds leave it as it is when the series began, and when it first answered. */
function isWithin(rounds: Rounds, { firstMs, answeredMs }: Known): boolean {
  if (firstMs > rounds.timeMs[0]!) return false;
  if (answeredMs !== null && answeredMs <= rounds.timeMs[0]!) return true;
  const firstAnswer = firstAnswerMs(rounds);
  return firstAnswer === null || (answeredMs !== null && answeredMs <= firstAnswer);
}

const siteOf = (key: string) => key.slice(0, key.indexOf("/"));

function toKnown(row: Record<string, unknown>): Known {
  return {
    id: row.id as number,
    shelf: row.shelf as number,
    firstMs: row.first_ms as number,
    answeredMs: row.answered_ms as number | null,
  };
}
