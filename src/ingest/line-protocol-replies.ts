/*
 * The replies of a ping round, from what Telegraf tells of them.
 *
 * Telegraf's ping tells how many requests were sent and answered, and the least, mean and greatest round-trip time; by
 * `method = "native"` also percentiles of choice, by linear interpolation between the replies (R7 of Hyndman and Fan).
 * A round here has each reply. What is made of it:
 *
 *   count, least, greatest   as told
 *   a reply that a percentile lies on, or that follows from one beside a known reply: exact. Percentiles 25, 50 and 75
 *                            pin every reply of a round of up to 5, whatever is lost of it
 *   the others               evenly between the known ones, then moved all alike so that the mean is as told: an estimate.
 *                            Without percentiles that is true of all but the first and last of a round of 4 or more; the
 *                            median of such a round is within [least, greatest] and no more is known
 *
 * So sums and extremes are true, and percentiles of many rounds are true as far as the above is. The order of the
 * replies in time is not told by anyone, and with it neither runs of loss nor jitter from reply to reply.
 */

export interface ToldReplies {
  /** Replies received, 1 or more. */
  count: number;
  minMs: number;
  avgMs: number;
  maxMs: number;
  /** [percentile 0 to 100, ms], in any order. */
  percentiles: readonly (readonly [number, number])[];
}

/** A reply follows from a percentile between it and a known one; nearer to the known one than this it says too little. */
const leastShare = 0.2;
const exactly = 1e-9;

/** Round-trip times in ms, ascending; see above what is known of them. */
export function spreadReplies({ count, minMs, avgMs, maxMs, percentiles }: ToldReplies): number[] {
  if (count === 1) return [avgMs];
  const known: (number | null)[] = Array.from({ length: count }, () => null);
  known[0] = minMs;
  known[count - 1] = maxMs;
  const ascending = percentiles.toSorted(([a], [b]) => a - b);
  while (pinOnce(known, ascending));
  return keepMean(known, avgMs);
}

/** Puts in one reply that follows from what is known; false: none does. */
function pinOnce(known: (number | null)[], percentiles: ToldReplies["percentiles"]): boolean {
  for (const [percentile, ms] of percentiles) {
    const rank = ((known.length - 1) * percentile) / 100;
    const below = Math.floor(rank + exactly);
    const share = Math.max(0, rank - below);
    if (share < exactly) {
      if (pin(known, below, ms)) return true;
      continue;
    }
    const lower = known[below]!;
    const upper = known[below + 1]!;
    if (lower !== null && share >= leastShare && pin(known, below + 1, lower + (ms - lower) / share))
      return true;
    if (upper !== null && 1 - share >= leastShare && pin(known, below, (ms - share * upper) / (1 - share)))
      return true;
  }
  return false;
}

/** Between its known neighbours, whatever rounding on the way did to it. */
function pin(known: (number | null)[], at: number, ms: number): boolean {
  if (known[at] !== null) return false;
  const { lower, upper } = neighbours(known, at);
  known[at] = Math.min(Math.max(ms, lower.ms), upper.ms);
  return true;
}

interface Neighbour {
  at: number;
  ms: number;
}

function neighbours(known: readonly (number | null)[], at: number): { lower: Neighbour; upper: Neighbour } {
  let below = at - 1;
  while (known[below] === null) below -= 1;
  let above = at + 1;
  while (known[above] === null) above += 1;
  return { lower: { at: below, ms: known[below]! }, upper: { at: above, ms: known[above]! } };
}

function keepMean(known: readonly (number | null)[], avgMs: number): number[] {
  const open = known.flatMap((ms, at) => {
    if (ms !== null) return [];
    const { lower, upper } = neighbours(known, at);
    const evenMs = lower.ms + ((upper.ms - lower.ms) * (at - lower.at)) / (upper.at - lower.at);
    return [{ at, lowerMs: lower.ms, upperMs: upper.ms, evenMs }];
  });
  const spread = known.map((ms) => ms ?? 0);
  const missingMs =
    avgMs * known.length - spread.reduce((a, b) => a + b) - open.reduce((sum, { evenMs }) => sum + evenMs, 0);
  // Each moves the same share of its way to its upper or lower neighbour, so that they stay in order.
  const roomMs = open.reduce(
    (sum, { evenMs, lowerMs, upperMs }) => sum + (missingMs > 0 ? upperMs - evenMs : evenMs - lowerMs),
    0,
  );
  const share = roomMs > 0 ? Math.min(1, Math.abs(missingMs) / roomMs) : 0;
  for (const { at, evenMs, lowerMs, upperMs } of open) {
    spread[at] = evenMs + share * ((missingMs > 0 ? upperMs : lowerMs) - evenMs);
  }
  return spread;
}
