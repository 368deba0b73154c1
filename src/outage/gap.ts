import type { Run } from "./evidence.ts";

/** Longest interval that rounds may be seen to have kept; a longer one is only believed of the inventory, ms. */
const longestSpacingMs = 300_000;

/**
 * Longest time to the next round without a gap, ms. `intervalMs` is what the inventory says today; where the last two
 * rounds came further apart than that, they were taken under an earlier inventory, or by an agent that has not heard of the
 * new one, and their own spacing counts. Looks back alone, so that the answer is the same whatever comes next.
 */
export function allowedGapMs(intervalMs: number, gapFactor: number, spacingMs: number | undefined): number {
  return gapFactor * Math.max(intervalMs, Math.min(spacingMs ?? 0, longestSpacingMs));
}

/** Whether no gap lies between two runs that follow each other. */
export function touches(before: Run, after: Run, intervalMs: number, gapFactor: number): boolean {
  return after.firstMs - before.lastMs <= allowedGapMs(intervalMs, gapFactor, spacingMs(before));
}

/** The spacing that a run had at its end: the shorter of its last two, ms; undefined before its second round. */
export function spacingMs({ stepMs, stepBeforeMs }: Run): number | undefined {
  return stepMs === undefined ? undefined : Math.min(stepMs, stepBeforeMs ?? stepMs);
}
