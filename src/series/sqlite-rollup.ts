import type { DatabaseSync } from "node:sqlite";
import type { Kind } from "#wire/rounds-v1.ts";
import { readBlock } from "./block.ts";
import { decodeChunk } from "./chunk.ts";
import type { Damage } from "./damage.ts";
import { figuresOf, leadMs } from "./figures.ts";
import type { Step } from "./figures.ts";
import { runsOf } from "./outcome-runs.ts";
import { joinRounds } from "./join.ts";
import { dayMs, dayOf } from "./retention.ts";
import type { Retention } from "./retention.ts";
import type { Tiers, Touch } from "./sqlite-tiers.ts";
import type { TierSeries } from "./tier-block.ts";
import { inTransaction } from "./sqlite-transaction.ts";

/** Rolls days up, closes old ones and gives up what is kept no longer, in bites between which everything else goes on. */
export interface Rollup {
  /** Works for so long, ms, or a bite longer, at whatever can be done now. Answers whether there was anything. */
  work(budgetMs: number): boolean;
  /** What was under way was rolled back, or failed: it is begun again. */
  forget(): void;
}

/** What the roll-up has to know of a series. */
export interface SeriesName {
  key: string;
  kind: Kind;
}

/**
 * A day is rolled up so long after its end, and after the last round that came for it: a spool that drains would have it
 * rolled up again with each of its batches.
 */
const graceMs = 3 * 3_600_000;
const quietMs = 10 * 60_000;
/** Between two looks for what is due, and between two for what is too old. */
const lookEveryMs = 10_000;
const pruneEveryMs = 3_600_000;
/**
 * Days of a shelf that are closed at once, the first of them an hour after the start. A clock that is years in the future, until
 * somebody has set it right, makes everything too old: it takes two days an hour, and not all at a stroke.
 */
const closedAtOnce = 2;
const fiveMinutesMs = 300_000;
const hourMs = 3_600_000;

export function createRollup(
  db: DatabaseSync,
  tiers: Tiers,
  options: {
    retention: Retention;
    now: () => number;
    damage: Damage;
    nameOf: (series: number) => SeriesName | undefined;
    shelves: () => Iterable<number>;
    /** Longest stretch of time in one row of rounds, ms. */
    rowSpanMs: number;
  },
): Rollup {
  const { retention, now, damage, rowSpanMs } = options;
  const rowsOfHour = db.prepare(
    "SELECT first_ms, data FROM blocks WHERE shelf = ? AND first_ms >= ? AND first_ms < ? AND first_ms + span_ms >= ? ORDER BY first_ms, origin, seq, part",
  );
  const firstRow = db.prepare("SELECT min(first_ms) AS first_ms FROM blocks WHERE shelf = ?");
  const dropRows = db.prepare(
    "DELETE FROM blocks WHERE shelf = ? AND first_ms < ? AND first_ms + span_ms < ?",
  );
  let task: Generator<void> | null = null;
  let nextLookMs = -Infinity;
  let nextPruneMs = now() + pruneEveryMs;

  function* rollUp(shelf: number, day: number, touch: Touch): Generator<void> {
    const range = { fromMs: day * dayMs, toMs: (day + 1) * dayMs };
    const chunks = new Map<number, { firstMs: number; chunk: Uint8Array }[]>();
    for (let atMs = range.fromMs - rowSpanMs; atMs < range.toMs; atMs += hourMs) {
      for (const row of rowsOfHour.all(
        shelf,
        atMs,
        Math.min(atMs + hourMs, range.toMs),
        range.fromMs - leadMs,
      )) {
        const firstMs = row.first_ms as number;
        const parts = damage.read({ shelf, firstMs, series: null }, () => [
          ...readBlock(firstMs, row.data as Uint8Array),
        ]);
        for (const { series, ...rest } of parts ?? []) {
          const own = chunks.get(series);
          if (own === undefined) chunks.set(series, [rest]);
          else own.push(rest);
        }
      }
      yield;
    }
    const all: TierSeries[] = [];
    for (const [series, own] of [...chunks].sort(([a], [b]) => a - b)) {
      const decode = (firstMs: number, chunk: Uint8Array) => {
        const name = options.nameOf(series);
        if (name === undefined)
          throw new Error(`shelf ${shelf} holds rounds of series ${series}, which is not known`);
        return decodeChunk(name.key, name.kind, firstMs, chunk);
      };
      own.sort((a, b) => a.firstMs - b.firstMs);
      const pieces = own.flatMap(
        ({ firstMs, chunk }) => damage.read({ shelf, firstMs, series }, () => decode(firstMs, chunk)) ?? [],
      );
      yield;
      if (pieces.length === 0) continue;
      const steps: Step[] = [];
      const rounds = joinRounds(pieces)!;
      for (const step of figuresOf(rounds, { ...range, stepMs: fiveMinutesMs })) {
        steps.push(step);
        if (steps.length % stepsABite === 0) yield;
      }
      all.push({ series, kind: rounds.kind, steps, runs: runsOf(rounds, range) });
      yield;
    }
    yield* tiers.put(shelf, day, touch, all);
  }

  /** Closes the days of a shelf that are older than rounds are kept, up to the first that is due. */
  function* close(shelf: number): Generator<void> {
    const dueMs =
      [...(tiers.due().get(shelf)?.keys() ?? [])].reduce((a, b) => Math.min(a, b), Infinity) * dayMs;
    const untilMs = Math.min(dayOf(now() - retention.rawMs) * dayMs, dueMs);
    const firstMs = () => (firstRow.get(shelf)!.first_ms as number | null) ?? Infinity;
    let beforeMs = tiers.closedBeforeMs(shelf);
    // What came late for days that are closed.
    if (firstMs() < beforeMs) inTransaction(db, () => void dropRows.run(shelf, beforeMs, beforeMs));
    for (let days = 0; beforeMs < untilMs && days < closedAtOnce; days++) {
      yield;
      // Over days of which there is nothing, at once.
      const nextMs = Math.min(untilMs, Math.max(beforeMs, dayOf(firstMs()) * dayMs) + dayMs);
      // Rounds are given up for figures that can be read, and not for a row that the disk has spoilt since.
      if (!tiers.isWhole(shelf, dayOf(nextMs) - 1)) return;
      beforeMs = nextMs;
      inTransaction(db, () => {
        // A row that reaches over midnight goes with the next day.
        dropRows.run(shelf, beforeMs, beforeMs);
        tiers.close(shelf, beforeMs);
      });
    }
  }

  function* prune(): Generator<void> {
    for (const shelf of options.shelves()) {
      yield* close(shelf);
      tiers.prune(shelf, now());
      yield;
    }
  }

  /** What can be done now; null: nothing. */
  function next(): Generator<void> | null {
    const atMs = now();
    if (atMs >= nextLookMs || atMs < nextLookMs - lookEveryMs) {
      for (const [shelf, days] of tiers.due()) {
        for (const [day, touch] of days) {
          // A touch of a clock that was ahead, and has been set right since, counts as of now: it waits no longer than others.
          if (touch.atMs > atMs) touch.atMs = atMs;
          if (atMs >= (day + 1) * dayMs + graceMs && atMs >= touch.atMs + quietMs)
            return rollUp(shelf, day, touch);
        }
      }
      nextLookMs = atMs + lookEveryMs;
    }
    if (atMs < nextPruneMs && atMs >= nextPruneMs - pruneEveryMs) return null;
    nextPruneMs = atMs + pruneEveryMs;
    return prune();
  }

  return {
    work(budgetMs) {
      const endMs = performance.now() + budgetMs;
      task ??= next();
      if (task === null) return false;
      try {
        do {
          if (task.next().done === true) task = next();
        } while (task !== null && performance.now() < endMs);
      } catch (error) {
        // What was closed in a transaction that failed is not.
        tiers.forget();
        throw error;
      }
      return true;
    },
    forget() {
      task = null;
      nextLookMs = -Infinity;
    },
  };
}

/** Steps of a series after which others get a turn: some 1 ms. */
const stepsABite = 96;
