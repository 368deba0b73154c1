import type { RoundColumns } from "#wire/rounds-v1.ts";
import { unmerged } from "#wire/summary-v1.ts";

type Cells = unknown[];

/**
 * Puts the columns of several frames, the oldest first, together into those of one batch: one object per target. The
 * frames must not disagree about a target's kind, nor overlap in its time: `fitsBefore`.
 */
export function joinColumns(frames: readonly (readonly RoundColumns[])[]): RoundColumns[] {
  const byTarget = new Map<string, RoundColumns[]>();
  for (const columns of frames.flat()) {
    const parts = byTarget.get(columns.target);
    if (parts === undefined) byTarget.set(columns.target, [columns]);
    else parts.push(columns);
  }
  return [...byTarget.values()].map((parts) => (parts.length === 1 ? parts[0]! : joinParts(parts)));
}

function joinParts(parts: readonly RoundColumns[]): RoundColumns {
  const lengths = parts.map(({ monoMs }) => monoMs.length);
  const joined: Record<string, unknown> = {};
  for (const name of namesOf(parts)) {
    const cells = parts.map((part) => (part as unknown as Record<string, unknown>)[name]);
    if (name === "target" || name === "kind") joined[name] = cells[0];
    else if (name === "monoMs") joined[name] = joinTimes(cells as number[][]);
    else if (name === "values") joined[name] = joinValues(cells as Record<string, Cells>[], lengths);
    else if (name === "merged" || name === "spanMs")
      joined[name] = joinCells(cells as (Cells | undefined)[], lengths, unmerged[name]);
    else joined[name] = joinCells(cells as (Cells | undefined)[], lengths);
  }
  return joined as unknown as RoundColumns;
}

const namesOf = (objects: readonly object[]) => new Set(objects.flatMap((object) => Object.keys(object)));

/** A column that a part leaves out is null there, or says that nothing was merged. */
const joinCells = (
  cells: readonly (Cells | undefined)[],
  lengths: readonly number[],
  absent: number | null = null,
): Cells => cells.flatMap((part, index) => part ?? Array.from({ length: lengths[index]! }, () => absent));

const joinValues = (values: readonly Record<string, Cells>[], lengths: readonly number[]) =>
  Object.fromEntries(
    [...namesOf(values)].map((name) => [
      name,
      joinCells(
        values.map((part) => part[name]),
        lengths,
      ),
    ]),
  );

function joinTimes(parts: readonly number[][]): number[] {
  let lastMs = 0;
  return parts.flatMap((steps) => {
    const first = steps[0]! - lastMs;
    lastMs = lastTime(steps);
    return [first, ...steps.slice(1)];
  });
}

const lastTime = (steps: readonly number[]) => steps.reduce((sum, step) => sum + step, 0);

/** What a batch holds of each target so far, seen from the newest frame backwards. */
export type Spans = Map<string, { kind: string; fromMs: number }>;

/** Whether these columns may stand before those of `spans` in one batch. */
export const fitsBefore = (columns: readonly RoundColumns[], spans: Spans): boolean =>
  columns.every(({ target, kind, monoMs, spanMs }) => {
    const span = spans.get(target);
    const endMs = lastTime(monoMs) + (spanMs?.at(-1) ?? 0);
    return span === undefined || (span.kind === kind && endMs <= span.fromMs);
  });

export function addSpans(columns: readonly RoundColumns[], spans: Spans): void {
  for (const { target, kind, monoMs } of columns) spans.set(target, { kind, fromMs: monoMs[0]! });
}
