const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

/**
 * Wait before the 2nd, 3rd … try. From 5 minutes on it is the schedule of Standard Webhooks 1.0.0 (5 s, 5 min, 30 min,
 * 2 h, 5 h, 10 h, 14 h, 20 h, 24 h). Between its first two steps there are two more: an alert loses its worth within
 * minutes, and what fails first is most often the collector's own uplink, which is back within seconds.
 */
export const retryWaitsMs: readonly number[] = [
  5 * secondMs,
  30 * secondMs,
  2 * minuteMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

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
  const jittered = Math.round(waitMs * (0.9 + 0.2 * failed.random()));
  return failed.nowMs + Math.max(jittered, askedMs(failed.retryAfterS));
}

/** `Retry-After` as ms, with a cap; 0 when nothing was asked for. */
export function askedMs(retryAfterS: number | undefined): number {
  return Math.min((retryAfterS ?? 0) * secondMs, longestRetryAfterMs);
}
