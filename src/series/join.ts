import { repliesKept, unmerged } from "#wire/summary-v1.ts";
import type { IcmpRounds, Rounds } from "./series-store.ts";

/**
 * Joins pieces of one target's rounds into one, ascending in time. Pieces may overlap, as a backlog does that was
 * delivered newest first; rounds of the same millisecond keep the order of the pieces.
 */
export function joinRounds(pieces: readonly Rounds[]): Rounds | null {
  const first = pieces[0];
  if (first === undefined) return null;
  if (pieces.length === 1) return first;
  const joined = concatenate(first, pieces);
  return isInOrder(pieces) ? joined : sortByTime(joined);
}

/** Whether each piece begins where the one before has ended, or later. */
export function isInOrder(pieces: readonly Rounds[]): boolean {
  return pieces.every((piece, i) => i === 0 || piece.timeMs[0]! >= pieces[i - 1]!.timeMs.at(-1)!);
}

/** The rounds of [fromMs, toMs) alone, a summary that reaches into it among them. */
export function clipRounds(rounds: Rounds, fromMs: number, toMs: number): Rounds | null {
  const { timeMs, spanMs } = rounds;
  if (timeMs[0]! >= fromMs && timeMs.at(-1)! < toMs) return rounds;
  const rows: number[] = [];
  for (let row = 0; row < timeMs.length; row++)
    if (timeMs[row]! + (spanMs?.[row] ?? 0) >= fromMs && timeMs[row]! < toMs) rows.push(row);
  return rows.length === 0 ? null : pick(rounds, rows);
}

/** When the last round of them began, one that was merged into a summary or not. */
export const lastStartMs = ({ timeMs, spanMs }: Rounds): number => timeMs.at(-1)! + (spanMs?.at(-1) ?? 0);

/** Values in rttUs of each round. */
export const keptReplies = ({ recv, merged }: Pick<IcmpRounds, "recv" | "merged">): readonly number[] =>
  merged === undefined ? recv : recv.map((received, row) => repliesKept(received, merged[row]!));

/** Cuts rounds into pieces of less than `longestMs` each, in one walk. No summary may be as long. */
export function* splitRounds(rounds: Rounds, longestMs: number): Generator<Rounds> {
  const { timeMs, spanMs } = rounds;
  if (lastStartMs(rounds) - timeMs[0]! < longestMs) {
    yield rounds;
    return;
  }
  const replies = rounds.kind === "icmp" ? keptReplies(rounds) : [];
  let rttAt = 0;
  for (let from = 0; from < timeMs.length;) {
    let to = from;
    while (to < timeMs.length && timeMs[to]! + (spanMs?.[to] ?? 0) - timeMs[from]! < longestMs) to += 1;
    const rttTo = replies.slice(from, to).reduce((a, b) => a + b, rttAt);
    yield slice(rounds, { from, to, rttFrom: rttAt, rttTo });
    rttAt = rttTo;
    from = to;
  }
}

/** Rows [from, to), whose replies are [rttFrom, rttTo). */
function slice(
  rounds: Rounds,
  { from, to, rttFrom, rttTo }: { from: number; to: number; rttFrom: number; rttTo: number },
): Rounds {
  const cut: Record<string, unknown> = { key: rounds.key, kind: rounds.kind };
  for (const [name, cells] of Object.entries(rounds)) {
    if (Array.isArray(cells) && name !== "rttUs") cut[name] = cells.slice(from, to);
  }
  if (rounds.kind === "icmp") cut.rttUs = rounds.rttUs.slice(rttFrom, rttTo);
  if (rounds.kind === "snmp") {
    cut.values = Object.fromEntries(
      Object.entries(rounds.values).map(([name, cells]) => [name, cells.slice(from, to)]),
    );
  }
  return cut as unknown as Rounds;
}

function concatenate(first: Rounds, pieces: readonly Rounds[]): Rounds {
  const joined: Record<string, unknown> = { key: first.key, kind: first.kind };
  for (const name of new Set(pieces.flatMap((piece) => Object.keys(piece)))) {
    if (name === "key" || name === "kind") continue;
    if (name === "values") joined.values = concatenateValues(pieces);
    else joined[name] = pieces.flatMap((piece) => columnOf(piece, name));
  }
  return joined as unknown as Rounds;
}

/** A column of a piece; one of the optional ones that is not there is null throughout, and nothing is merged. */
function columnOf(piece: Rounds, name: string): readonly unknown[] {
  const absent = name === "merged" || name === "spanMs" ? unmerged[name] : null;
  return (piece as unknown as Record<string, unknown[] | undefined>)[name] ?? piece.timeMs.map(() => absent);
}

/** SNMP objects come and go with a target's configuration: where a piece lacks one, its cells are null. */
function concatenateValues(pieces: readonly Rounds[]): Record<string, unknown[]> {
  const names = new Set(pieces.flatMap((piece) => (piece.kind === "snmp" ? Object.keys(piece.values) : [])));
  const values: Record<string, unknown[]> = {};
  for (const name of names) {
    values[name] = pieces.flatMap((piece) =>
      piece.kind === "snmp" ? (piece.values[name] ?? piece.timeMs.map(() => null)) : [],
    );
  }
  return values;
}

function sortByTime(rounds: Rounds): Rounds {
  const rows = rounds.timeMs.map((_, row) => row);
  rows.sort((a, b) => rounds.timeMs[a]! - rounds.timeMs[b]! || a - b);
  return pick(rounds, rows);
}

function pick(rounds: Rounds, rows: readonly number[]): Rounds {
  const take = <T>(cells: readonly T[]) => rows.map((row) => cells[row]!);
  const picked: Record<string, unknown> = { key: rounds.key, kind: rounds.kind };
  for (const [name, cells] of Object.entries(rounds)) {
    if (Array.isArray(cells) && name !== "rttUs") picked[name] = take(cells);
  }
  if (rounds.kind === "icmp") picked.rttUs = takeRtts(rounds, rows);
  if (rounds.kind === "snmp") {
    picked.values = Object.fromEntries(
      Object.entries(rounds.values).map(([name, cells]) => [name, take(cells)]),
    );
  }
  return picked as unknown as Rounds;
}

function takeRtts(rounds: IcmpRounds, rows: readonly number[]): number[] {
  const kept = keptReplies(rounds);
  const starts: number[] = [];
  let at = 0;
  for (const replies of kept) {
    starts.push(at);
    at += replies;
  }
  return rows.flatMap((row) => rounds.rttUs.slice(starts[row], starts[row]! + kept[row]!));
}
