import type { IcmpRounds, Rounds } from "./series-store.ts";

/**
 * Joins pieces of one target's rounds into one, ascending in time. Pieces may overlap, as a backlog does that was
 * delivered newest first; rounds of the same millisecond keep the order of the pieces.
 */
export function joinRounds(pieces: readonly Rounds[]): Rounds | null {
  const first = pieces[0];
  if (first === undefined) return null;
  const inOrder = pieces.every((piece, i) => i === 0 || piece.timeMs[0]! >= pieces[i - 1]!.timeMs.at(-1)!);
  if (pieces.length === 1) return first;
  const joined = concatenate(first, pieces);
  return inOrder ? joined : sortByTime(joined);
}

/** The rounds of [fromMs, toMs) alone. */
export function clipRounds(rounds: Rounds, fromMs: number, toMs: number): Rounds | null {
  const { timeMs } = rounds;
  if (timeMs[0]! >= fromMs && timeMs.at(-1)! < toMs) return rounds;
  const rows: number[] = [];
  for (let row = 0; row < timeMs.length; row++)
    if (timeMs[row]! >= fromMs && timeMs[row]! < toMs) rows.push(row);
  return rows.length === 0 ? null : pick(rounds, rows);
}

/** Cuts rounds into pieces of less than `spanMs` each, in one walk. */
export function* splitRounds(rounds: Rounds, spanMs: number): Generator<Rounds> {
  const { timeMs } = rounds;
  if (timeMs.at(-1)! - timeMs[0]! < spanMs) {
    yield rounds;
    return;
  }
  let rttAt = 0;
  for (let from = 0; from < timeMs.length;) {
    let to = from;
    while (to < timeMs.length && timeMs[to]! - timeMs[from]! < spanMs) to += 1;
    const piece = slice(rounds, from, to, rttAt);
    if (piece.kind === "icmp") rttAt += piece.rttUs.length;
    yield piece;
    from = to;
  }
}

/** Rows [from, to); `rttAt`: where the replies of row `from` begin. */
function slice(rounds: Rounds, from: number, to: number, rttAt: number): Rounds {
  const cut: Record<string, unknown> = { key: rounds.key, kind: rounds.kind };
  for (const [name, cells] of Object.entries(rounds)) {
    if (Array.isArray(cells) && name !== "rttUs") cut[name] = cells.slice(from, to);
  }
  if (rounds.kind === "icmp") {
    const replies = rounds.recv.slice(from, to).reduce((a, b) => a + b, 0);
    cut.rttUs = rounds.rttUs.slice(rttAt, rttAt + replies);
  }
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

/** A column of a piece; one of the optional ones that is not there is null throughout. */
function columnOf(piece: Rounds, name: string): readonly unknown[] {
  return (piece as unknown as Record<string, unknown[] | undefined>)[name] ?? piece.timeMs.map(() => null);
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

function takeRtts({ recv, rttUs }: IcmpRounds, rows: readonly number[]): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const received of recv) {
    starts.push(at);
    at += received;
  }
  return rows.flatMap((row) => rttUs.slice(starts[row], starts[row]! + recv[row]!));
}
