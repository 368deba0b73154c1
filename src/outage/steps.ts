/** A stretch of time [startMs, endMs) with one value. Lists of steps are ascending and do not overlap. */
export interface Step<T> {
  startMs: number;
  endMs: number;
  value: T;
}

/** Joins touching steps whose values are alike. */
export function joinSteps<T>(steps: Iterable<Step<T>>, alike: (a: T, b: T) => boolean): Step<T>[] {
  const joined: Step<T>[] = [];
  for (const step of steps) {
    if (step.endMs <= step.startMs) continue;
    const last = joined.at(-1);
    if (last !== undefined && last.endMs === step.startMs && alike(last.value, step.value))
      last.endMs = step.endMs;
    else joined.push({ ...step });
  }
  return joined;
}

/**
 * Lays several lists over [fromMs, toMs) and asks `combine` for the value of every stretch in which none of them
 * changes; `undefined` stands for a list that says nothing there. Touching results that are alike are joined.
 */
export function overlay<T, R>(
  lists: readonly (readonly Step<T>[])[],
  fromMs: number,
  toMs: number,
  combine: (values: (T | undefined)[], startMs: number, endMs: number) => R,
  alike: (a: R, b: R) => boolean,
): Step<R>[] {
  const edges = new Set<number>([fromMs, toMs]);
  for (const list of lists) {
    for (const { startMs, endMs } of list) {
      if (startMs > fromMs && startMs < toMs) edges.add(startMs);
      if (endMs > fromMs && endMs < toMs) edges.add(endMs);
    }
  }
  const sorted = [...edges].sort((a, b) => a - b);
  const places = lists.map(() => 0);
  const pieces: Step<R>[] = [];
  for (let i = 0; i + 1 < sorted.length; i++) {
    const startMs = sorted[i]!;
    const endMs = sorted[i + 1]!;
    const values = lists.map((list, which) => {
      while (places[which]! < list.length && list[places[which]!]!.endMs <= startMs) places[which]! += 1;
      const step = list[places[which]!];
      return step !== undefined && step.startMs <= startMs ? step.value : undefined;
    });
    pieces.push({ startMs, endMs, value: combine(values, startMs, endMs) });
  }
  return joinSteps(pieces, alike);
}

/**
 * Gives pieces shorter than `shortMs` to their longer neighbour, where they touch one and `related` allows it: the edges
 * of two signals of one event differ by up to a round, and the sliver in between is not an event of its own.
 */
export function absorbSlivers<T>(
  steps: readonly Step<T>[],
  shortMs: number,
  related: (sliver: T, neighbour: T) => boolean,
  alike: (a: T, b: T) => boolean,
): Step<T>[] {
  const pieces = joinSteps(steps, alike);
  for (let index = 0; index < pieces.length;) {
    const piece = pieces[index]!;
    const isShort = piece.endMs - piece.startMs < shortMs;
    const neighbour = isShort ? neighbourOf(pieces, index, related) : null;
    if (neighbour === null) {
      index += 1;
      continue;
    }
    const [from, to] = [Math.max(0, index - 1), index + 2];
    const around = pieces
      .slice(from, to)
      .map((one) => (one === piece ? { ...one, value: neighbour.value } : one));
    pieces.splice(from, to - from, ...joinSteps(around, alike));
    // The earliest one comes first, always: of those before it only the next but one has a neighbour that changed.
    index = Math.max(0, index - 2);
  }
  return pieces;
}

/** The longer of the touching, related pieces that are themselves longer than the sliver; the earlier one when equal. */
function neighbourOf<T>(
  pieces: readonly Step<T>[],
  index: number,
  related: (sliver: T, neighbour: T) => boolean,
): Step<T> | null {
  const sliver = pieces[index]!;
  const length = (step: Step<T>) => step.endMs - step.startMs;
  const fits = (step: Step<T> | undefined): step is Step<T> =>
    step !== undefined && length(step) > length(sliver) && related(sliver.value, step.value);
  const before = pieces[index - 1];
  const after = pieces[index + 1];
  const left = fits(before) && before.endMs === sliver.startMs ? before : null;
  const right = fits(after) && after.startMs === sliver.endMs ? after : null;
  if (left === null || right === null) return left ?? right;
  return length(right) > length(left) ? right : left;
}
