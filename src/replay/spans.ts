/** Whole seconds from the scenario's beginning: half-open [from, to). Lists are ascending and do not overlap. */
export type Span = readonly [fromS: number, toS: number];

export function intersect(a: readonly Span[], b: readonly Span[]): Span[] {
  const shared: Span[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const from = Math.max(a[i]![0], b[j]![0]);
    const to = Math.min(a[i]![1], b[j]![1]);
    if (from < to) shared.push([from, to]);
    if (a[i]![1] < b[j]![1]) i += 1;
    else j += 1;
  }
  return shared;
}

/** What of `a` none of the others covers; those may come in any order and overlap. */
export function subtract(a: readonly Span[], others: readonly Span[]): Span[] {
  return others.reduce<readonly Span[]>(
    (left, [from, to]) =>
      left.flatMap(([start, end]): Span[] => {
        const pieces: Span[] = [
          [start, Math.min(end, from)],
          [Math.max(start, to), end],
        ];
        return pieces.filter(([pieceStart, pieceEnd]) => pieceStart < pieceEnd);
      }),
    a,
  ) as Span[];
}

export const lengthOf = (spans: readonly Span[]) => spans.reduce((sum, [from, to]) => sum + to - from, 0);
