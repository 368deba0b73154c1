import type { LevelRun } from "./evidence.ts";

/** By so much less than usual a radio hears in a deep fade, dB (methods.md §B3). */
const fadeDb = 8;

/**
 * Readings of a signal, [epoch ms, dBm] in ascending time, in run-length form: at least 8 dB below their own median, or not.
 * A gap of more than `gapMs` begins a new run.
 */
export function levelRuns(readings: readonly (readonly [number, number])[], gapMs: number): LevelRun[] {
  const usual = readings.map(([, dbm]) => dbm).sort((a, b) => a - b)[readings.length >> 1];
  const runs: LevelRun[] = [];
  for (const [ms, dbm] of readings) {
    const isLow = dbm <= usual! - fadeDb;
    const last = runs.at(-1);
    if (last !== undefined && last.isLow === isLow && ms - last.lastMs <= gapMs) last.lastMs = ms;
    else runs.push({ isLow, firstMs: ms, lastMs: ms });
  }
  return runs;
}
