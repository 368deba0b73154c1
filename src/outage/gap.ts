import type { Run } from "./evidence.ts";

/** Longest interval that rounds may be seen to have kept; a longer one is only believed of the inventory, ms. */
const longestSpacingMs = 300_000;

/**
 * Longest time between two rounds without a gap between them, ms. `intervalMs` is what the inventory says today; where
 * the rounds on either side were further apart than that, they were taken under an earlier inventory, or by an agent that
 * has not heard of the new one, and their own spacing counts. Pass Infinity for a spacing that is not known.
 */
export function allowedGapMs(
  intervalMs: number,
  gapFactor: number,
  beforeMs: number,
  afterMs: number,
): number {
  const seenMs = Math.min(beforeMs, afterMs);
  const spacingMs = seenMs === Infinity ? intervalMs : Math.min(seenMs, longestSpacingMs);
  return gapFactor * Math.max(intervalMs, spacingMs);
}

/** How far apart the rounds of a run are on average, ms; Infinity for a single one. */
export function spacingMs(run: Pick<Run, "firstMs" | "lastMs" | "rounds">): number {
  return run.rounds > 1 ? (run.lastMs - run.firstMs) / (run.rounds - 1) : Infinity;
}

/** Whether no gap lies between two runs that follow each other. */
export function touches(before: Run, after: Run, intervalMs: number, gapFactor: number): boolean {
  const allowedMs = allowedGapMs(intervalMs, gapFactor, spacingMs(before), spacingMs(after));
  return after.firstMs - before.lastMs <= allowedMs;
}
