import { arrayAt, integerAt } from "./check.ts";
import type { Fields } from "./check.ts";
import { limits, roundRttUs } from "./units.ts";
import { WireError } from "./wire-error.ts";

/*
 * Summaries: rounds that a full spool merged into one. Two columns, which stand together or not at all, say so in rounds of
 * every kind: `merged`, how many rounds were merged into this one (1: none, it is as measured), and `spanMs`, from the
 * start of the first of them, which is the round's monoMs, to the start of the last.
 *
 * Merged is only what says the same and came at an even pace, so that a summary of n rounds stands for n rounds,
 * spanMs / (n − 1) apart, each with its verdict. What says the same, and what becomes of the other columns:
 *
 *   icmp   nothing was sent · all echoes were lost · `badLossRatio` or more of them · `weakLossRatio` or more · fewer; and the same `unsent`
 *          sent, recv: sums · rttUs: all replies where they are 5 or fewer, else 5 values: their smallest, lower quartile,
 *          median, upper quartile and greatest · lossRun: the longest, wherever an echo was lost
 *   snmp   the same ok and why
 *          values: of the last poll, all of it, since counters and sysUpTime belong together; so they are of the time
 *          monoMs + spanMs
 *   http   the same ok, phase, status and tlsError, and a certificate seen or not
 *          durations: the median of those that were measured · certExpiresS: the least
 *   dns    the same ok and rcode · totalMs: as above
 *   tcp    the same ok and phase · connectMs: as above
 *
 * A median of medians weighs each with its `merged`; quartiles of quartiles are made of the replies as `expandReplies`
 * gives them back.
 */
export interface SummaryColumns {
  /** Optional, with spanMs. Rounds merged into this one, 1 and more. */
  merged?: number[];
  /** Optional, with merged. From the start of the first of them to the start of the last, ms. */
  spanMs?: number[];
}

/**
 * Loss from which a round counts as lost altogether: 0.75 (methods.md §A2; Y.1540's threshold, configurable there too).
 * Rounds on its two sides are never merged, so that it is also a summary's.
 */
export const badLossRatio = 0.75;
/** Loss from which a round counts as poor: something came back, and the link is bad (methods.md §B3). */
export const weakLossRatio = 0.2;

/** Of at least one echo. Not 1 less what came back: 1 - 4 / 5 is a little below 0.2. */
export const lossRatioOf = (sent: number, recv: number): number => (sent - recv) / sent;

/** What a column of a round that was not merged would say. */
export const unmerged = { merged: 1, spanMs: 0 } as const;

/** Values of rttUs in a round. */
export const repliesKept = (recv: number, merged: number): number => (merged > 1 ? Math.min(recv, 5) : recv);

/** A quantile of ascending values by linear interpolation (Hyndman & Fan's R7). At least one value. */
function quantile(ascending: ArrayLike<number>, ratio: number): number {
  const rank = (ascending.length - 1) * ratio;
  const below = Math.floor(rank);
  const low = ascending[below]!;
  return low + ((ascending[below + 1] ?? low) - low) * (rank - below);
}

/** What a summary keeps of its replies, which come in ascending order. */
export function keepReplies(ascending: ArrayLike<number>): number[] {
  if (ascending.length <= 5) return Array.from(ascending);
  return [0, 0.25, 0.5, 0.75, 1].map((ratio) => roundRttUs(quantile(ascending, ratio)));
}

/** Replies, ascending, that spread as the ones whose smallest, quartiles and greatest were kept. */
export function expandReplies(kept: ArrayLike<number>, count: number): number[] {
  if (count === kept.length) return Array.from(kept);
  if (count === 1) return [Math.round(quantile(kept, 0.5))];
  return Array.from({ length: count }, (_, index) => Math.round(quantile(kept, index / (count - 1))));
}

/** Starts of the rounds that a summary stands for. */
export function* startsOf(firstMs: number, merged: number, spanMs: number): Generator<number> {
  for (let index = 0; index < merged; index++)
    yield merged === 1 ? firstMs : firstMs + Math.round((spanMs * index) / (merged - 1));
}

/**
 * Reads the two columns; nothing where no round is merged. `monoMs`: checked already. No round may begin before the end of
 * the one before it, nor any end after `nowMonoMs`.
 */
export function parseSummaries(
  field: string,
  columns: Fields,
  monoMs: readonly number[],
  nowMonoMs: number,
): SummaryColumns {
  if (columns.merged === undefined && columns.spanMs === undefined) return {};
  const merged = column(`${field}.merged`, columns.merged, monoMs.length);
  const spanMs = column(`${field}.spanMs`, columns.spanMs, monoMs.length);
  let endMs = 0;
  for (let i = 0; i < monoMs.length; i++) {
    integerAt(`${field}.merged[${i}]`, merged[i], 1, limits.roundsPerSummary);
    integerAt(`${field}.spanMs[${i}]`, spanMs[i], 0, merged[i] === 1 ? 0 : limits.summarySpanMs);
    if (i > 0 && monoMs[i]! < spanMs[i - 1]!)
      throw new WireError(
        `${field}.spanMs[${i - 1}]`,
        spanMs[i - 1],
        `no more than ${monoMs[i]}, when the next begins`,
      );
    endMs += monoMs[i]!;
  }
  endMs += spanMs.at(-1)!;
  if (endMs > nowMonoMs)
    throw new WireError(`${field}.spanMs`, endMs, `no round after clock.monoMs, ${nowMonoMs}`);
  return merged.every((count) => count === 1) ? {} : { merged, spanMs };
}

function column(field: string, value: unknown, length: number): number[] {
  const cells = arrayAt(field, value, limits.roundsPerTarget);
  if (cells.length !== length)
    throw new WireError(field, `${cells.length} values`, `${length} values, as its neighbours have`);
  return cells as number[];
}
