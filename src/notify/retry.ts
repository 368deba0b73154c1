const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

/** Wait before the 2nd, 3rd … try: the schedule of Standard Webhooks 1.0.0. */
export const standardWaitsMs: readonly number[] = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

const [firstWaitMs, ...laterWaitsMs] = standardWaitsMs;

/**
 * The same with two more steps between its first two: an alert loses its worth within minutes, and what fails first is most
 * often the collector's own uplink, which is back within seconds.
 */
export const retryWaitsMs: readonly number[] = [firstWaitMs!, 30 * secondMs, 2 * minuteMs, ...laterWaitsMs];

/** Whoever asks for more than a day is asking for the message not to be sent. */
const longestRetryAfterMs = 24 * hourMs;

export interface Failed {
  nowMs: number;
  /** Tries before the one that just failed. */
  attempts: number;
  /** What the other side asked for, seconds. */
  retryAfterS?: number;
  /** From [0, 1): spreads what failed together by ±10 %. */
  random: () => number;
}

/** When to try again; null: it was the last try. Never earlier than the other side asked for. */
export function nextTryMs(failed: Failed): number | null {
  const waitMs = retryWaitsMs[failed.attempts];
  if (waitMs === undefined) return null;
  return failed.nowMs + Math.max(withJitter(waitMs, failed.random), askedMs(failed.retryAfterS));
}

/** ±10 %: what failed together is not tried again together. `random`: from [0, 1). */
export function withJitter(waitMs: number, random: () => number): number {
  return Math.round(waitMs * (0.9 + 0.2 * random()));
}

/** `Retry-After` as ms, with a cap; 0 when nothing was asked for. */
export function askedMs(retryAfterS: number | undefined): number {
  return Math.min((retryAfterS ?? 0) * secondMs, longestRetryAfterMs);
}
