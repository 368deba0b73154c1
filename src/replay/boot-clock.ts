import { maxDrift } from "#wire/clock-fixes.ts";
import type { ClockFix } from "#wire/clock-fixes.ts";
import { straightTrack, trackOf } from "../ingest/track.ts";
import type { Track } from "../ingest/track.ts";

/*
 * Where the monotonic clock of one start of a machine lies in time. A recorded scenario has no exchanges, from which the
 * collector has its fixes (ingest/clock.ts); it has the arrival of each round. The lower convex hull of (monotonic time,
 * arrival − monotonic time) stands for them: what was delivered at once lies on it, what waited in a spool above it, and
 * a crystal that drifts bends it (methods.md §A7). A start of which everything came late is placed by its own wall clock,
 * as a synced batch without fixes is.
 */

/** Rounds of one start of a machine, s; ascending in monoS. */
export interface Arrivals {
  monoS: ArrayLike<number>;
  /** Epoch s. */
  arrivedS: ArrayLike<number>;
  /** The machine's wall clock at the round, epoch s; NaN where it was not synchronised. */
  wallS: ArrayLike<number>;
}

/** Time that a round needs on the way when nothing holds it up, s (methods.md §A7). */
export const wayS = 0.3;
/** Of so much only the earliest arrival counts, s. */
const binS = 3_600;
/** A whole start that came later than this is placed by its wall clock, s. */
const lateS = 60;
/** How wrong an arrival on the hull may be, ms. */
const errorMs = 1_000;

export function bootTrack({ monoS, arrivedS, wallS }: Arrivals): Track {
  const track = trackOf(lowerHull(withinDrift(earliest(monoS, arrivedS))));
  const behind: number[] = [];
  for (let index = 0; index < monoS.length; index++) {
    const behindS = wallS[index]! - track.at(monoS[index]! * 1000) / 1000;
    if (!Number.isNaN(behindS)) behind.push(behindS);
  }
  const shiftS = median(behind);
  if (shiftS === null || shiftS >= -lateS) return track;
  const firstMs = monoS[0]! * 1000;
  return straightTrack(track.at(firstMs) + shiftS * 1000 - firstMs, firstMs, errorMs);
}

/** The earliest arrival of each hour. */
function earliest(monoS: ArrayLike<number>, arrivedS: ArrayLike<number>): ClockFix[] {
  const bins = new Map<number, ClockFix>();
  for (let index = 0; index < monoS.length; index++) {
    const bin = Math.floor(monoS[index]! / binS);
    const fix: ClockFix = [monoS[index]! * 1000, (arrivedS[index]! - wayS) * 1000, errorMs];
    const known = bins.get(bin);
    if (known === undefined || offset(fix) < offset(known)) bins.set(bin, fix);
  }
  return [...bins.values()].sort((a, b) => a[0] - b[0]);
}

/**
 * Without those that waited: no crystal drifts so fast as it would take for them and the earlier ones both to have come at
 * once.
 */
function withinDrift(fixes: readonly ClockFix[]): ClockFix[] {
  const kept = new Set<ClockFix>(fixes);
  for (const ordered of [fixes, fixes.toReversed()]) {
    let [leastMs, atMs] = [Infinity, 0];
    for (const fix of ordered) {
      const allowedMs = leastMs + Math.abs(fix[0] - atMs) * maxDrift;
      if (offset(fix) > allowedMs) kept.delete(fix);
      else [leastMs, atMs] = [offset(fix), fix[0]];
    }
  }
  return fixes.filter((fix) => kept.has(fix));
}

function lowerHull(fixes: readonly ClockFix[]): ClockFix[] {
  const hull: ClockFix[] = [];
  for (const fix of fixes) {
    while (hull.length >= 2 && !turnsLeft(hull.at(-2)!, hull.at(-1)!, fix)) hull.pop();
    hull.push(fix);
  }
  return hull;
}

const offset = ([monoMs, serverMs]: ClockFix) => serverMs - monoMs;

function turnsLeft(a: ClockFix, b: ClockFix, c: ClockFix): boolean {
  return (b[0] - a[0]) * (offset(c) - offset(a)) - (offset(b) - offset(a)) * (c[0] - a[0]) > 0;
}

function median(values: number[]): number | null {
  values.sort((a, b) => a - b);
  return values.length === 0 ? null : values[values.length >> 1]!;
}
