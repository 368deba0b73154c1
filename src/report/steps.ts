import { setImmediate } from "node:timers/promises";
import type { Kind } from "#wire/rounds-v1.ts";
import type { Figures } from "../series/figures.ts";
import type { SeriesStore } from "../series/series-store.ts";
import { quantilesUs } from "../series/sketch.ts";
import type { Spread } from "../series/sketch.ts";
import type { SteppedRows, TimeRange } from "./reader.ts";

/** Quantiles, µs → ms, to 1 µs. */
export function quantilesMs(spread: Spread, ratios: readonly number[]): (number | null)[] {
  return quantilesUs(spread, ratios).map((us) => (us === null ? null : Math.round(us) / 1000));
}

export const quantileMs = (spread: Spread, ratio: number): number | null => quantilesMs(spread, [ratio])[0]!;

export interface StepQuery extends TimeRange {
  targets: readonly string[];
  stepMs: number;
  maxRows: number;
  /** No empty rows are made after this. */
  nowMs: number;
}

/**
 * One row per step of each target that has any round in the range, ascending in time. A step without rounds gets its row
 * too, made from null: a gap that is drawn as a gap. The work is bounded by `maxRows`: targets that no longer fit are not
 * read, and of a single target whose steps do not fit the earliest are given. Steps are longer than asked where the store has
 * nothing finer of that time any more.
 */
export async function readSteps<Row extends { timeMs: number }>(
  series: SeriesStore,
  query: StepQuery & { objects?: readonly string[] },
  toRow: (target: string, startMs: number, found: { kind: Kind; figures: Figures } | null) => Row,
): Promise<SteppedRows<Row>> {
  const { fromMs, maxRows } = query;
  const finestMs = series.finestStepMs(query.targets, fromMs);
  const stepMs = Math.ceil(query.stepMs / finestMs) * finestMs;
  const firstMs = Math.floor(fromMs / stepMs) * stepMs;
  const steps = Math.max(0, Math.ceil((Math.min(query.toMs, query.nowMs) - firstMs) / stepMs));
  const given = Math.min(steps, maxRows);
  const toMs = Math.min(query.toMs, firstMs + given * stepMs);
  const objects = query.objects === undefined ? {} : { objects: query.objects };
  const rows: Row[] = [];
  let truncated = given < steps && query.targets.length > 0;
  for (const target of query.targets) {
    if (rows.length + given > maxRows) {
      truncated = true;
      break;
    }
    const found = new Map<number, Row>();
    for (const { kind, steps: own } of await series.steps(target, { fromMs, toMs, stepMs, ...objects })) {
      for (const { startMs, figures } of own) found.set(startMs, toRow(target, startMs, { kind, figures }));
    }
    // Long reads leave room for batches to come in, whether there was anything to read or not.
    await setImmediate();
    if (found.size === 0) continue;
    for (let at = 0; at < given; at++) {
      const startMs = firstMs + at * stepMs;
      rows.push(found.get(startMs) ?? toRow(target, startMs, null));
    }
  }
  return { rows: rows.sort((a, b) => a.timeMs - b.timeMs), truncated, stepMs };
}
