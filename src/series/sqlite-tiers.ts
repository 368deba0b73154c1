import type { DatabaseSync } from "node:sqlite";
import type { Damage } from "./damage.ts";
import { figuresOf } from "./figures.ts";
import { coarsen } from "./join-figures.ts";
import { lastStartMs } from "./join.ts";
import { joinRuns, runsOf } from "./outcome-runs.ts";
import { dayMs, dayOf, tiersOf } from "./retention.ts";
import type { Retention } from "./retention.ts";
import type { Rounds } from "./series-store.ts";
import { decodeTier, encodeTier, encodingTier } from "./tier-block.ts";
import type { TierSeries } from "./tier-block.ts";
import { inTransaction } from "./sqlite-transaction.ts";

/*
 * Rounds are kept for days, what they come to for years: in two tiers, steps of 5 minutes and of an hour. The unit of all
 * work is the day of a shelf (UTC), in one of three states:
 *
 *   due      its rounds changed since it was rolled up, if ever; reading takes the rounds, which are all there
 *   rolled   the tiers say what the rounds come to, and the rounds are there as well
 *   closed   the rounds are gone, or about to be; only a day that is not due is closed, and no day that is closed gets due
 *
 * What comes late for a day that is rolled makes it due again. What comes for a day that is closed is added to its tiers at
 * once, in the transaction that writes the rounds: nothing could be read again.
 */

/** Rounds of one series, as they are about to be written. */
export interface NewRounds {
  series: number;
  rounds: Rounds;
}

/** The last time that a day was written to. Each time is another object. */
export interface Touch {
  atMs: number;
  /** The store knows that the day is due; not so where its rounds are the same and its figures were found damaged. */
  isStored: boolean;
}

export interface Tiers {
  /** These rounds of a shelf were written in the open transaction. `isNew`: false: they were there already. */
  note(shelf: number, parts: readonly NewRounds[], isNew: boolean): void;
  /** The transaction was rolled back: what was noted is not so. */
  forget(): void;
  isDue(shelf: number, day: number): boolean;
  /** By shelf: the days that have to be rolled up. */
  due(): ReadonlyMap<number, ReadonlyMap<number, Touch>>;
  /**
   * Writes what a day comes to, in a transaction of its own, a bite at a time; the day is not due any more. Nothing is written
   * where it was written to since `touch`: it comes again.
   */
  put(shelf: number, day: number, touch: Touch, all: readonly TierSeries[]): Generator<void>;
  /** What a tier has of a series in a day. A row that is damaged is left out; where the rounds are there, the day gets due. */
  read(stepMs: number, shelf: number, day: number, series: number): TierSeries[];
  /** Whether all that both tiers have of a day can be read. Where not, and the rounds are there, the day gets due. */
  isWhole(shelf: number, day: number): boolean;
  /** Midnight before which the rounds of the shelf are gone. */
  closedBeforeMs(shelf: number): number;
  /** Closes the shelf's days before this midnight, in the open transaction. */
  close(shelf: number, beforeMs: number): void;
  /** Gives up what is older than its tier is kept, in a transaction of its own where there is any. */
  prune(shelf: number, nowMs: number): void;
}

/** Days of a tier that are given up at once, for the same reason as days are closed by twos: sqlite-rollup.ts. */
const prunedAtOnce = 2;
/** Parts of a closed day that are left as they came; more are made one. */
const mostParts = 24;
const [fine, coarse] = [300_000, 3_600_000] as const;

export function createTiers(
  db: DatabaseSync,
  { retention, now, damage }: { retention: Retention; now: () => number; damage: Damage },
): Tiers {
  const addDue = db.prepare("INSERT OR IGNORE INTO rollups_due (shelf, day) VALUES (?, ?)");
  const dropDue = db.prepare("DELETE FROM rollups_due WHERE shelf = ? AND day = ?");
  const putPart = db.prepare("INSERT INTO tiers (step_ms, shelf, day, part, data) VALUES (?, ?, ?, ?, ?)");
  const parts = db.prepare(
    "SELECT part, data FROM tiers WHERE step_ms = ? AND shelf = ? AND day = ? ORDER BY part",
  );
  const dropDay = db.prepare("DELETE FROM tiers WHERE step_ms = ? AND shelf = ? AND day = ?");
  const dropPart = db.prepare("DELETE FROM tiers WHERE step_ms = ? AND shelf = ? AND day = ? AND part = ?");
  const dropOld = db.prepare("DELETE FROM tiers WHERE step_ms = ? AND shelf = ? AND day < ?");
  const firstDay = db.prepare("SELECT min(day) AS day FROM tiers WHERE step_ms = ? AND shelf = ?");
  const setClosed = db.prepare(
    "INSERT INTO closed_shelves (shelf, before_ms) VALUES (?, ?) ON CONFLICT (shelf) DO UPDATE SET before_ms = excluded.before_ms",
  );
  /** By shelf and day: when it was last written to. */
  let due = new Map<number, Map<number, Touch>>();
  let closed = new Map<number, number>();

  function load(): void {
    due = new Map();
    for (const row of db.prepare("SELECT shelf, day FROM rollups_due").all())
      touch(row.shelf as number, row.day as number, { atMs: now(), isStored: true });
    closed = new Map(
      db
        .prepare("SELECT shelf, before_ms FROM closed_shelves")
        .all()
        .map((row) => [row.shelf as number, row.before_ms as number]),
    );
  }

  /** Answers whether the store knew before that the day is due. */
  function touch(shelf: number, day: number, { atMs, isStored }: Touch): boolean {
    let days = due.get(shelf);
    if (days === undefined) due.set(shelf, (days = new Map<number, Touch>()));
    const wasStored = days.get(day)?.isStored === true;
    days.set(day, { atMs, isStored: isStored || wasStored });
    return wasStored;
  }

  const closedBeforeMs = (shelf: number) => closed.get(shelf) ?? -Infinity;

  /** The parts of a day that can be read. One that cannot makes the day due, if its rounds are there to make it anew. */
  function readParts(
    stepMs: number,
    shelf: number,
    day: number,
    wanted: (series: number) => boolean,
  ): { parts: { part: number; all: TierSeries[] }[]; isWhole: boolean } {
    const rows = parts.all(stepMs, shelf, day);
    const found = rows.flatMap((row) => {
      const part = row.part as number;
      const all = damage.read({ shelf, firstMs: day * dayMs, series: null, tier: { stepMs, part } }, () =>
        decodeTier(row.data as Uint8Array, day * dayMs, stepMs, wanted),
      );
      return all === null ? [] : [{ part, all }];
    });
    const isWhole = found.length === rows.length;
    // In memory alone, since a read writes nothing: after a restart the next read finds it, or closing the day does.
    if (!isWhole && day * dayMs >= closedBeforeMs(shelf)) touch(shelf, day, { atMs: now(), isStored: false });
    return { parts: found, isWhole };
  }

  /** What came for a closed day, as a part of its own of both tiers. */
  function addLate(shelf: number, day: number, late: readonly NewRounds[]): void {
    const range = { fromMs: day * dayMs, toMs: (day + 1) * dayMs };
    const steps = late
      .map(({ series, rounds }) => ({
        series,
        kind: rounds.kind,
        steps: [...figuresOf(rounds, { ...range, stepMs: fine })],
        runs: runsOf(rounds, range),
      }))
      .filter((each) => each.steps.length > 0);
    if (steps.length === 0) return;
    for (const stepMs of [fine, coarse]) {
      const own = steps.map((each) => ofTier(each, stepMs));
      const rows = parts.all(stepMs, shelf, day);
      const part = rows.length === 0 ? 0 : (rows.at(-1)!.part as number) + 1;
      if (rows.length < mostParts) {
        putPart.run(stepMs, shelf, day, part, encodeTier(own, range.fromMs, stepMs));
        continue;
      }
      // A part that is damaged stays as it is.
      const whole = readParts(stepMs, shelf, day, () => true).parts;
      for (const { part: old } of whole) dropPart.run(stepMs, shelf, day, old);
      const all = joinSeries([...whole.flatMap((each) => each.all), ...own], stepMs);
      putPart.run(stepMs, shelf, day, whole[0]?.part ?? part, encodeTier(all, range.fromMs, stepMs));
    }
  }

  load();
  return {
    note(shelf, noted, isNew) {
      const atMs = now();
      const closedMs = closedBeforeMs(shelf);
      const late = new Set<number>();
      for (const { rounds } of noted) {
        const lastDay = dayOf(lastStartMs(rounds));
        for (let day = dayOf(rounds.timeMs[0]!); day <= lastDay; day++) {
          if (day * dayMs < closedMs) late.add(day);
          else if (!touch(shelf, day, { atMs, isStored: true })) addDue.run(shelf, day);
        }
      }
      if (isNew) for (const day of late) addLate(shelf, day, noted);
    },
    forget: load,
    isDue: (shelf, day) => due.get(shelf)?.has(day) === true,
    due: () => due,
    *put(shelf, day, noted, all) {
      const known = all.filter(({ steps }) => steps.length > 0);
      const blocks: { stepMs: number; data: Uint8Array }[] = [];
      for (const stepMs of known.length === 0 ? [] : [fine, coarse]) {
        const own: TierSeries[] = [];
        for (const each of known) {
          own.push(ofTier(each, stepMs));
          yield;
        }
        blocks.push({ stepMs, data: yield* encodingTier(own, day * dayMs, stepMs) });
      }
      if (due.get(shelf)?.get(day) !== noted) return;
      inTransaction(db, () => {
        for (const stepMs of [fine, coarse]) dropDay.run(stepMs, shelf, day);
        for (const { stepMs, data } of blocks) putPart.run(stepMs, shelf, day, 0, data);
        dropDue.run(shelf, day);
      });
      due.get(shelf)!.delete(day);
    },
    read(stepMs, shelf, day, series) {
      const { parts: found } = readParts(stepMs, shelf, day, (each) => each === series);
      return joinSeries(
        found.flatMap(({ all }) => all),
        stepMs,
      );
    },
    isWhole: (shelf, day) =>
      [fine, coarse].every((stepMs) => readParts(stepMs, shelf, day, () => false).isWhole),
    closedBeforeMs,
    close(shelf, beforeMs) {
      setClosed.run(shelf, beforeMs);
      closed.set(shelf, beforeMs);
    },
    prune(shelf, nowMs) {
      for (const { stepMs, keptMs } of tiersOf(retention)) {
        const first = firstDay.get(stepMs, shelf)!.day as number | null;
        if (first === null) continue;
        const before = Math.min(dayOf(nowMs - keptMs), first + prunedAtOnce);
        if (first < before) inTransaction(db, () => void dropOld.run(stepMs, shelf, before));
      }
    },
  };
}

/** What a tier has of the figures of 5 minutes: runs of checks are in the one that is kept longer. */
const ofTier = (each: TierSeries, stepMs: number): TierSeries =>
  stepMs === fine ? { ...each, runs: [] } : { ...each, steps: coarsen(each.steps, stepMs) };

/** Parts of the same series as one. */
function joinSeries(parts: readonly TierSeries[], stepMs: number): TierSeries[] {
  const bySeries = Map.groupBy(parts, ({ series }) => series);
  return [...bySeries.values()].map((own) =>
    own.length === 1
      ? own[0]!
      : {
          ...own[0]!,
          steps: coarsen(
            own.flatMap(({ steps }) => steps),
            stepMs,
          ),
          runs: joinRuns(own.map(({ runs }) => runs)),
        },
  );
}
