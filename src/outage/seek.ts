/*
 * Lists in ascending order of time, looked up by halving: of a link that comes and goes all day there are as many outages as
 * runs, and to walk all of the one for each of the other is their product.
 */

/** Index of the first item that is there yet; of the list's length where none is. `isThere`: false, then true for all that follow. */
export function firstThere<T>(list: readonly T[], isThere: (item: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isThere(list[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The steps that share time with [fromMs, toMs). */
export function stepsWithin<T extends { startMs: number; endMs: number }>(
  steps: readonly T[],
  fromMs: number,
  toMs: number,
): readonly T[] {
  const first = firstThere(steps, ({ endMs }) => endMs > fromMs);
  let end = first;
  while (end < steps.length && steps[end]!.startMs < toMs) end += 1;
  return steps.slice(first, end);
}

/** The runs with a round in [fromMs, toMs], or on both sides of it. */
export function runsWithin<T extends { firstMs: number; lastMs: number }>(
  runs: readonly T[],
  fromMs: number,
  toMs: number,
): readonly T[] {
  const first = firstThere(runs, ({ lastMs }) => lastMs >= fromMs);
  let end = first;
  while (end < runs.length && runs[end]!.firstMs <= toMs) end += 1;
  return runs.slice(first, end);
}

/** What was told in [fromMs, toMs). */
export function toldWithin<T extends { timeMs: number }>(
  events: readonly T[],
  fromMs: number,
  toMs: number,
): readonly T[] {
  return events.slice(
    firstThere(events, ({ timeMs }) => timeMs >= fromMs),
    firstThere(events, ({ timeMs }) => timeMs >= toMs),
  );
}
