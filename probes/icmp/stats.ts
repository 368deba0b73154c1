/*
 * What is said of the echoes of a round, or of many rounds, beyond their number. All functions are pure and take the
 * echoes in the order in which they were sent; an echo that could not be sent is not among them.
 *
 *   outcomes  RTT in µs of each echo, null where no reply came in time: [20113, null, 20240]
 *   rttUs     the RTTs alone, in any order where the text does not say otherwise
 */

/** Round-trip loss (RFC 6673, RFC 7680): lost / sent, 0 to 1; null when nothing was sent. */
export function lossRatio(sent: number, recv: number): number | null {
  return sent === 0 ? null : (sent - recv) / sent;
}

/**
 * The q-quantile, 0 to 1, of values in ascending order, by linear interpolation (method R7 of Hyndman and Fan, as
 * Telegraf and numpy do it). null of nothing.
 */
export function percentile(ascending: readonly number[], q: number): number | null {
  if (ascending.length === 0) return null;
  const at = (ascending.length - 1) * q;
  const low = ascending[Math.floor(at)]!;
  const high = ascending[Math.ceil(at)]!;
  return low + (high - low) * (at - Math.floor(at));
}

/**
 * Jitter as PDV: the 95th percentile of RTT - smallest RTT (RFC 5481 §4.2), which needs no order and so can be had from
 * what travels. µs; null of nothing.
 */
export function pdvUs(rttUs: readonly number[]): number | null {
  const ascending = rttUs.toSorted((a, b) => a - b);
  const p95 = percentile(ascending, 0.95);
  return p95 === null ? null : p95 - ascending[0]!;
}

/** Lengths of the loss periods (RFC 3357 §5.3: runs of consecutive lost echoes), in order. */
export function lossRuns(outcomes: readonly (number | null)[]): number[] {
  const runs: number[] = [];
  let run = 0;
  for (const outcome of outcomes) {
    if (outcome === null) {
      run++;
    } else if (run > 0) {
      runs.push(run);
      run = 0;
    }
  }
  if (run > 0) runs.push(run);
  return runs;
}

/** The longest loss period, 0 when nothing was lost. */
export function longestLossRun(outcomes: readonly (number | null)[]): number {
  return lossRuns(outcomes).reduce((longest, run) => Math.max(longest, run), 0);
}
