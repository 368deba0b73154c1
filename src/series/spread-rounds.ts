import { expandReplies, repliesKept, startsOf } from "#wire/summary-v1.ts";
import type { IcmpRounds, Rounds, SnmpRounds } from "./series-store.ts";

/*
 * A summary covers its span: an hour that a full spool made one round of is drawn as an hour, not as a point with a gap
 * behind it. So it is cut where steps are, each part with its share of the rounds, the echoes and the spread of the
 * replies. The figures of a part are those of the whole, which is all that is known.
 */

/** Rounds in which no row reaches over the edge of a step. */
export type SpreadRounds = Rounds & {
  /** SNMP, where there are summaries: when the values of a row were read, which may be later than the row. Epoch ms. */
  readMs?: number[];
};

interface Part {
  row: number;
  timeMs: number;
  /** Of the rounds of its summary: which ones, [from, to) of `of`. */
  from: number;
  to: number;
  of: number;
}

/** The rounds of [fromMs, toMs), cut at multiples of `stepMs`; null: there is none. Without summaries they stay as they are. */
export function spreadRounds(
  rounds: Rounds,
  { fromMs, toMs, stepMs }: { fromMs: number; toMs: number; stepMs: number },
): SpreadRounds | null {
  if (rounds.merged === undefined) return rounds;
  const parts = partsOf(rounds, stepMs).filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
  if (parts.length === 0) return null;
  const { spanMs: _, ...rest } = rounds;
  const spread: Record<string, unknown> = {
    ...rest,
    timeMs: parts.map(({ timeMs }) => timeMs),
    merged: parts.map(({ from, to }) => to - from),
  };
  for (const [name, cells] of Object.entries(rest)) {
    if (Array.isArray(cells) && !(name in taken)) spread[name] = parts.map(({ row }) => cells[row]);
  }
  if (rounds.kind === "icmp") Object.assign(spread, shareEchoes(rounds, parts));
  if (rounds.kind === "snmp") Object.assign(spread, repeatValues(rounds, parts));
  return spread as unknown as SpreadRounds;
}

/** Columns that are not the same in each part. */
const taken = { timeMs: true, merged: true, sent: true, recv: true, rttUs: true };

function partsOf({ timeMs, merged, spanMs }: Rounds, stepMs: number): Part[] {
  const parts: Part[] = [];
  for (const [row, firstMs] of timeMs.entries()) {
    const of = merged![row]!;
    let stepAt = Number.NaN;
    let index = 0;
    for (const startMs of startsOf(firstMs, of, spanMs![row]!)) {
      const step = Math.floor(startMs / stepMs);
      if (step !== stepAt) parts.push({ row, timeMs: startMs, from: index, to: index, of });
      stepAt = step;
      parts.at(-1)!.to = ++index;
    }
  }
  return parts;
}

/** Whole echoes, whose sum over the parts is that of the summary. */
function shareEchoes(
  rounds: IcmpRounds,
  parts: readonly Part[],
): Pick<IcmpRounds, "sent" | "recv" | "rttUs"> {
  const starts: number[] = [0];
  for (const [row, recv] of rounds.recv.entries())
    starts.push(starts[row]! + repliesKept(recv, rounds.merged![row]!));
  const share = (whole: number, { from, to, of }: Part) =>
    Math.round((whole * to) / of) - Math.round((whole * from) / of);
  const recv = parts.map((part) => share(rounds.recv[part.row]!, part));
  return {
    sent: parts.map((part) => share(rounds.sent[part.row]!, part)),
    recv,
    rttUs: parts.flatMap(({ row }, index) =>
      recv[index] === 0 ? [] : expandReplies(rounds.rttUs.slice(starts[row], starts[row + 1]), recv[index]!),
    ),
  };
}

function repeatValues(
  rounds: SnmpRounds,
  parts: readonly Part[],
): { values: SnmpRounds["values"]; readMs: number[] } {
  return {
    values: Object.fromEntries(
      Object.entries(rounds.values).map(([name, cells]) => [name, parts.map(({ row }) => cells[row]!)]),
    ),
    readMs: parts.map(({ row }) => rounds.timeMs[row]! + rounds.spanMs![row]!),
  };
}
