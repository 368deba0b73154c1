export interface PaceOptions {
  /** Whether there is time for what can wait. */
  isQuiet: () => boolean;
  /** Least time between two, ms. Default: an hour, from a minute. Without quiet it is time after four times that. */
  everyMs?: number;
}

/** When it is time for something dear that can wait: asked often, it says so now and then. */
export function createPace({ isQuiet, everyMs = 3_600_000 }: PaceOptions): (nowMs: number) => boolean {
  let askedMs = -Infinity;
  let dueMs = -Infinity;
  return (nowMs) => {
    // The clock may have been put back meanwhile.
    const isAhead = nowMs >= askedMs;
    if (nowMs < dueMs && isAhead) return false;
    // Whoever waits for quiet for the first time waits from now on.
    if (dueMs === -Infinity) [askedMs, dueMs] = [nowMs, nowMs];
    if (!isQuiet() && nowMs >= askedMs && nowMs < dueMs + 3 * everyMs) return false;
    [askedMs, dueMs] = [nowMs, nowMs + everyMs];
    return true;
  };
}
