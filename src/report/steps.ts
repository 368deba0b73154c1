import { setImmediate } from "node:timers/promises";
import type { IcmpRounds, SeriesStore } from "../series/series-store.ts";
import { percentile } from "./percentile.ts";
import type { Rows, TimeRange } from "./reader.ts";
import { spreadRounds } from "./spread.ts";
import type { SpreadRounds } from "./spread.ts";

/*
 * Rounds cut into steps. A step is [n × stepMs, (n + 1) × stepMs) of epoch time, whatever range is asked for, so that
 * the same step has the same rounds in every picture; only the first and the last one of a range may be cut off.
 */

/** Rounds [from, to) of one target that began in one step, with their replies [repliesFrom, repliesTo) where it is ICMP. */
export interface Step {
  startMs: number;
  from: number;
  to: number;
  repliesFrom: number;
  repliesTo: number;
}

function* stepsOf(rounds: SpreadRounds, stepMs: number): Generator<Step> {
  const { timeMs } = rounds;
  const recv = rounds.kind === "icmp" ? rounds.recv : null;
  let replies = 0;
  for (let from = 0; from < timeMs.length;) {
    const startMs = Math.floor(timeMs[from]! / stepMs) * stepMs;
    const step: Step = { startMs, from, to: from, repliesFrom: replies, repliesTo: replies };
    while (step.to < timeMs.length && timeMs[step.to]! < startMs + stepMs) {
      replies += recv?.[step.to] ?? 0;
      step.to++;
    }
    step.repliesTo = replies;
    from = step.to;
    yield step;
  }
}

/** The step's round-trip times, µs, ascending. */
export function repliesOf(rounds: IcmpRounds, step: Step): Uint32Array {
  return Uint32Array.from(rounds.rttUs.slice(step.repliesFrom, step.repliesTo)).sort();
}

/** µs → ms, to 1 µs. */
export function quantileMs(repliesUs: Uint32Array, ratio: number): number | null {
  const us = percentile(repliesUs, ratio);
  return us === null ? null : Math.round(us) / 1000;
}

export interface StepQuery extends TimeRange {
  targets: readonly string[];
  stepMs: number;
  maxRows: number;
  /** No empty rows are made after this. */
  nowMs: number;
}

/**
 * Rounds of one target that are held in memory, and hold up everything else, at once; a single step may be longer. A
 * target with a round each 10 s has 26,000 in that time.
 */
const sliceMs = 3 * 86_400_000;

/**
 * One row per step of each target that has any round in the range, ascending in time. A step without rounds gets its row
 * too, made from null: a gap that is drawn as a gap. The work is bounded by `maxRows`: targets that no longer fit are not
 * read, and of a single target whose steps do not fit the earliest are given.
 */
export async function readSteps<Row extends { timeMs: number }>(
  series: SeriesStore,
  query: StepQuery,
  toRow: (target: string, startMs: number, found: { rounds: SpreadRounds; step: Step } | null) => Row,
): Promise<Rows<Row>> {
  const { stepMs, fromMs, maxRows } = query;
  const firstMs = Math.floor(fromMs / stepMs) * stepMs;
  const steps = Math.max(0, Math.ceil((Math.min(query.toMs, query.nowMs) - firstMs) / stepMs));
  const given = Math.min(steps, maxRows);
  const toMs = Math.min(query.toMs, firstMs + given * stepMs);
  const rows: Row[] = [];
  let truncated = given < steps && query.targets.length > 0;
  for (const target of query.targets) {
    if (rows.length + given > maxRows) {
      truncated = true;
      break;
    }
    const found = await rowsOfTarget(series, target, { fromMs, toMs, stepMs }, toRow);
    if (found.size === 0) continue;
    for (let at = 0; at < given; at++) {
      const startMs = firstMs + at * stepMs;
      rows.push(found.get(startMs) ?? toRow(target, startMs, null));
    }
  }
  return { rows: rows.sort((a, b) => a.timeMs - b.timeMs), truncated };
}

async function rowsOfTarget<Row>(
  series: SeriesStore,
  target: string,
  range: TimeRange & { stepMs: number },
  toRow: (target: string, startMs: number, found: { rounds: SpreadRounds; step: Step }) => Row,
): Promise<Map<number, Row>> {
  const rows = new Map<number, Row>();
  const span = Math.max(1, Math.floor(sliceMs / range.stepMs)) * range.stepMs;
  let fromMs = range.fromMs;
  while (fromMs < range.toMs) {
    const toMs = Math.min(range.toMs, (Math.floor(fromMs / span) + 1) * span);
    for (const rounds of await series.read([target], fromMs, toMs)) {
      const spread = spreadRounds(rounds, { fromMs, toMs, stepMs: range.stepMs });
      if (spread === null) continue;
      for (const step of stepsOf(spread, range.stepMs)) {
        rows.set(step.startMs, toRow(target, step.startMs, { rounds: spread, step }));
      }
    }
    fromMs = toMs;
    // Long reads leave room for batches to come in, whether there was anything to read or not.
    await setImmediate();
  }
  return rows;
}
