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
  // Without this test the infinite RTT of a lost echo would give NaN: Infinity - Infinity.
  return low === high ? low : low + (high - low) * (at - Math.floor(at));
}

/**
 * The same over all echoes, a lost one counting as infinitely late (RFC 2681 §2.5): the median of a round that lost more
 * than half of its echoes is Infinity and not the RTT of the few that came through.
 */
export function percentileWithLost(rttUs: readonly number[], lost: number, q: number): number | null {
  const ascending = rttUs.toSorted((a, b) => a - b);
  for (let i = 0; i < lost; i++) ascending.push(Infinity);
  return percentile(ascending, q);
}

/**
 * Jitter as IPDV: the mean of |RTT(i) - RTT(i-1)| over pairs of successive echoes that were both answered (RFC 3393 with
 * the selection of RFC 5481 §4.1, on round trips). µs; null where there is no such pair.
 */
export function ipdvUs(outcomes: readonly (number | null)[]): number | null {
  let sumUs = 0;
  let pairs = 0;
  for (let i = 1; i < outcomes.length; i++) {
    const before = outcomes[i - 1] ?? null;
    const after = outcomes[i] ?? null;
    if (before === null || after === null) continue;
    sumUs += Math.abs(after - before);
    pairs++;
  }
  return pairs === 0 ? null : sumUs / pairs;
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
