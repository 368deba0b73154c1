import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import type { Kind } from "#wire/rounds-v1.ts";
import { readBlock, toBlocks } from "./block.ts";
import type { BlockPart } from "./block.ts";
import { decodeChunk, decodeOutcomes } from "./chunk.ts";
import { clipRounds, isInOrder, joinRounds, splitRounds } from "./join.ts";
import { joinKinds, stepsOfRounds } from "./read-steps.ts";
import { dayMs, dayOf, tiersOf } from "./retention.ts";
import type { Retention } from "./retention.ts";
import type { KindSteps, Outcomes, Rounds, RoundsOrigin, SeriesStore, StepQuery } from "./series-store.ts";
import { outcomesOf } from "./outcome-runs.ts";
import type { Names } from "./sqlite-names.ts";
import { createDamage } from "./damage.ts";
import type { DamagedRow } from "./damage.ts";
import type { Catalogue, Series } from "./sqlite-catalogue.ts";
import { createRollup } from "./sqlite-rollup.ts";
import { createTidy } from "./sqlite-tidy.ts";
import { createTiers } from "./sqlite-tiers.ts";
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

export interface SqliteSeries extends SeriesStore {
  /** Writes within the transaction that is open on the connection; `remember` follows once it is committed. */
  appendNow(origin: RoundsOrigin, rounds: readonly Rounds[]): void;
  remember(rounds: readonly Rounds[]): void;
  /** The transaction of `appendNow` was rolled back. */
  forget(): void;
  /** Rolls up, closes and gives up what is old, for some ms. Answers whether there was anything to do. */
  rollUp(budgetMs: number): boolean;
  /** Rows, or parts of such, that were found damaged since the start; what they had is missing. */
  damagedRows(): number;
  /** Joins rows of some stretches that are over, in a transaction of its own; what fails is tried again the next time. */
  tidy(): void;
}

/** Series engine in SQLite: columns of rounds as chunks, one row per batch for each shelf that it has rounds of. */
export function createSqliteSeries(
  db: DatabaseSync,
  { names, catalogue }: { names: Names; catalogue: Catalogue },
  {
    retention,
    now,
    onDamage,
  }: {
    retention: Retention;
    now: () => number;
    /** Called once for each row that is found damaged. */
    onDamage: (row: DamagedRow, error: unknown) => void;
  },
): SqliteSeries {
  const insert = db.prepare(
    "INSERT OR IGNORE INTO blocks (shelf, first_ms, origin, seq, part, span_ms, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const select = db.prepare(
    `SELECT first_ms, data FROM blocks WHERE shelf = ? AND first_ms >= ? AND first_ms < ? AND first_ms + span_ms >= ?
     ORDER BY first_ms, origin, seq, part`,
  );
  const damage = createDamage(onDamage);
  const tidy = createTidy(db, rowStartsMs, damage);
  const tiers = createTiers(db, { retention, now, damage });
  const rollup = createRollup(db, tiers, {
    retention,
    now,
    damage,
    rowSpanMs,
    nameOf: catalogue.byId,
    shelves: catalogue.shelves,
  });

  function appendNow(origin: RoundsOrigin, rounds: readonly Rounds[]): void {
    const originId = names.idOf(origin.agent);
    const seq = BigInt(origin.seq);
    for (const [shelf, stretches] of shelve(rounds, catalogue.enter)) {
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

  const forget = () => {
    names.forget();
    tiers.forget();
    rollup.forget();
  };

  const read: SeriesStore["read"] = async (keys, fromMs, toMs) =>
    readPieces(keys.flatMap(catalogue.ofKey), fromMs, toMs, decodeChunk).flatMap((pieces) => {
      const joined = joinRounds(pieces);
      return (joined === null ? null : clipRounds(joined, fromMs, toMs)) ?? [];
    });

  function finestStepMs(keys: readonly string[], fromMs: number): number {
    const shelves = keys.flatMap(catalogue.ofKey);
    if (shelves.every(({ shelf }) => tiers.closedBeforeMs(shelf) <= fromMs)) return 1;
    const [fine, coarse] = tiersOf(retention);
    return fromMs >= now() - fine.keptMs ? fine.stepMs : coarse.stepMs;
  }

  /** What a tier has of a day, or where the day is due, what its rounds come to. */
  async function stepsOfDay(key: string, day: number, query: StepQuery): Promise<KindSteps[]> {
    const { fromMs, toMs, stepMs } = query;
    const range = { fromMs: Math.max(fromMs, day * dayMs), toMs: Math.min(toMs, (day + 1) * dayMs) };
    const series = catalogue.ofKey(key);
    const isDue = () => series.some(({ shelf }) => tiers.isDue(shelf, day));
    if (!isDue()) {
      const found = series.flatMap(({ id, shelf }) =>
        tiers.read(stepMs, shelf, day, id).map(({ kind, steps }) => ({
          kind,
          steps: steps.filter(({ startMs }) => startMs + stepMs > fromMs && startMs < toMs),
        })),
      );
      // A row that is damaged makes the day due where its rounds are there.
      if (!isDue()) return found;
    }
    return stepsOfRounds(read, key, { ...query, ...range });
  }

  function readPieces(
    wanted: readonly Series[],
    fromMs: number,
    toMs: number,
    decode: (key: string, kind: Kind, firstMs: number, chunk: Uint8Array) => Rounds,
  ): Rounds[][] {
    const pieces = new Map(wanted.map(({ id }) => [id, [] as Rounds[]]));
    const byId = new Map(wanted.map((series) => [series.id, series]));
    for (const shelf of new Set(wanted.map((series) => series.shelf))) {
      for (const row of select.all(shelf, fromMs - rowSpanMs, toMs, fromMs)) {
        const startMs = row.first_ms as number;
        const parts = damage.read({ shelf, firstMs: startMs, series: null }, () => [
          ...readBlock(startMs, row.data as Uint8Array),
        ]);
        for (const { series, firstMs, chunk } of parts ?? []) {
          const { key, kind } = byId.get(series) ?? {};
          if (key === undefined || kind === undefined) continue;
          const piece = damage.read({ shelf, firstMs, series }, () => decode(key, kind, firstMs, chunk));
          if (piece !== null) pieces.get(series)!.push(piece);
        }
      }
    }
    return wanted.map(({ id }) => pieces.get(id)!.toSorted((a, b) => a.timeMs[0]! - b.timeMs[0]!));
  }

  /** Of checks whose rounds are gone: their runs, which are in the tier that is kept longest. */
  function closedOutcomes(series: Series, fromMs: number, toMs: number): Outcomes[] {
    const endMs = Math.min(toMs, tiers.closedBeforeMs(series.shelf));
    const found: Outcomes[] = [];
    const { stepMs } = tiersOf(retention)[1];
    const name = { key: series.key, kind: series.kind as Outcomes["kind"] };
    for (let day = dayOf(Math.max(fromMs, series.firstMs)); day * dayMs < endMs; day++)
      for (const { runs } of tiers.read(stepMs, series.shelf, day, series.id))
        found.push(outcomesOf(name, runs));
    return found.flatMap((piece) => (clipRounds(piece as Rounds, fromMs, endMs) ?? []) as Outcomes[]);
  }

  return {
    appendNow,
    remember: catalogue.remember,
    forget,
    rollUp: rollup.work,
    damagedRows: damage.count,
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
      catalogue.remember(rounds);
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
    async outcomes(keys, fromMs, toMs) {
      const wanted = keys.flatMap(catalogue.ofKey).filter(({ kind }) => kind !== "icmp" && kind !== "snmp");
      // Joining and clipping go by the columns that are there, so that they take outcomes for rounds of few columns.
      const found = readPieces(
        wanted,
        fromMs,
        toMs,
        (key, kind, firstMs, chunk) =>
          decodeOutcomes(key, kind as Outcomes["kind"], firstMs, chunk) as Rounds,
      );
      return wanted.flatMap((series, at) => {
        const openMs = Math.max(fromMs, tiers.closedBeforeMs(series.shelf));
        const pieces = found[at]!;
        const ready = isInOrder(pieces) ? pieces : [joinRounds(pieces)!];
        return [
          ...closedOutcomes(series, fromMs, toMs),
          ...(ready.flatMap((piece) => clipRounds(piece, openMs, toMs) ?? []) as Outcomes[]),
        ];
      });
    },
    finestStepMs,
    async ping() {
      select.all(0, 0, 1, 0);
    },
    firstMs: async (key) => catalogue.firstMs(key),
    answeredMs: async (key, kind) => catalogue.answeredMs(key, kind),
    keys: async () => catalogue.keys(),
  };
}

/** Rounds by shelf and by the stretch of time in which they began, in chunks. */
function shelve(
  rounds: readonly Rounds[],
  seriesOf: (rounds: Rounds) => Series,
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
