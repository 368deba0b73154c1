import type { Usual } from "./baseline.ts";

/*
 * Where a target's round-trip time is longer than usual: a cumulative sum of how much longer each round is, in units of the
 * usual spread (methods.md §A2). It grows by what exceeds half a unit and is held between 0 and 5; full it tells a shift, and
 * empty again it tells that the shift is over: one figure for both, so that what lies between changes nothing. A shift is
 * told to have begun where the sum last was empty and to have ended where it last was full.
 */

/** What a round may exceed the usual by without counting, in units of the spread (methods.md §A2). */
const allowance = 0.5;
/** The sum that tells a shift (methods.md §A2). */
const full = 5;
/** The most that one round adds, in units of the spread: a single late reply is no shift. */
const mostUnits = 3;

/** Consecutive rounds that took longer than usual. */
export interface SlowRun {
  /** Start of the first and of the last of them, epoch ms. */
  firstMs: number;
  lastMs: number;
  /** How many times longer than usual, by their geometric mean. */
  ratio: number;
}

/** The rounds since the sum was last empty. */
interface Rise extends Rounds {
  sum: number;
  firstMs: number;
  /** Those up to where it last was full, and the run that they make; null: it has not been. */
  full: Rounds | null;
  run: SlowRun | null;
}

interface Rounds {
  lastMs: number;
  count: number;
  /** Logarithms of how many times longer each took, added up. */
  excess: number;
}

/** What the rounds of one target told so far, in ascending time. */
export interface SlowTrack {
  /** The last one may still grow, or end earlier than it seems. */
  runs: SlowRun[];
  rise: Rise | null;
}

export const createSlowTrack = (): SlowTrack => ({ runs: [], rise: null });

/** `ln`: natural logarithm of the round's median round-trip time, µs. `usual` null: nobody knows what is usual there. */
export function addRoundTrip(track: SlowTrack, ms: number, ln: number, usual: Usual | null): void {
  if (usual === null) return endRise(track);
  const excess = ln - usual.ln;
  const step = Math.min(excess / usual.spread, mostUnits) - allowance;
  const sum = Math.min((track.rise?.sum ?? 0) + step, full);
  if (sum <= 0) return endRise(track);
  const rise = (track.rise ??= { sum, firstMs: ms, lastMs: ms, count: 0, excess: 0, full: null, run: null });
  rise.sum = sum;
  rise.lastMs = ms;
  rise.count += 1;
  rise.excess += excess;
  if (sum === full) rise.full = { lastMs: ms, count: rise.count, excess: rise.excess };
  if (rise.full === null) return;
  if (rise.run === null) track.runs.push((rise.run = toRun(rise, rise)));
  else Object.assign(rise.run, toRun(rise, rise));
}

/** The sum is empty, or rounds are missing: what comes is judged anew. */
export function endRise(track: SlowTrack): void {
  const { rise } = track;
  if (rise !== null && rise.run !== null) Object.assign(rise.run, toRun(rise, rise.full!));
  track.rise = null;
}

const toRun = ({ firstMs }: Rise, { lastMs, count, excess }: Rounds): SlowRun => ({
  firstMs,
  lastMs,
  ratio: Math.exp(excess / count),
});
