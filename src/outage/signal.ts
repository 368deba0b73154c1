import type { Broke, Run, TargetEvidence, Verdict } from "./evidence.ts";
import { touches } from "./gap.ts";
import { joinSteps } from "./steps.ts";
import type { Step } from "./steps.ts";

/** Thresholds of detection, with their units and where they come from. */
export interface DetectOptions {
  /** Consecutive bad rounds that make "down"; a shorter stretch is no event. Default 2 (methods.md §A3). */
  badRounds: number;
  /** Intervals without a round after which a stretch counts as not measured. Default 2.5. */
  gapFactor: number;
  /**
   * Time after its last round, beside one interval, for which an agent counts as heard, ms: until then nobody else's
   * word beats its own.
   * Default 75,000 for agents that report each 60 s (methods.md §A5).
   */
  heardWithinMs: number;
  /** Silence after which a state is no longer carried forward and becomes unknown, ms. Default 195,000 (methods.md §A5). */
  silenceMs: number;
  /** Whether sites that one fault cut off tell together when it began and ended (edges.ts). Default true; false to see what that is worth. */
  poolsEdges: boolean;
}

export const defaultDetectOptions: DetectOptions = {
  badRounds: 2,
  gapFactor: 2.5,
  heardWithinMs: 75_000,
  silenceMs: 195_000,
  poolsEdges: true,
};

/** What a target says over time. */
export interface Signal {
  good: boolean;
  /** Where it broke; null when good, or where echoes were lost on the way. */
  phase: Broke | null;
  /** Not measured but carried on from the last round, at the live end alone. */
  carried: boolean;
  /** Rounds that say so. */
  rounds: number;
}

/** `path`: whether anything came back at all · `service`: whether the check passed. */
export type Question = "path" | "service";

/**
 * One target's signal: where it was measured, in whole seconds. Stretches without rounds are left out.
 *
 * An edge between two rounds that disagree lies midway between them, so it is wrong by half an interval at most. At the
 * live end the last value goes on for `silenceMs` and is marked as carried from one interval after the last round.
 */
export function signalOf(
  target: TargetEvidence,
  question: Question,
  nowMs: number,
  options: DetectOptions,
): Step<Signal>[] {
  const steadied = ignoreBlips(target.runs, question, target.intervalMs, options);
  const steps: Step<Signal>[] = [];
  for (const [index, stretch] of steadied.entries()) {
    const next = steadied[index + 1];
    const startMs =
      steps.length > 0 && steadied[index - 1]!.touchesNext
        ? steps.at(-1)!.endMs
        : wholeSecond(stretch.firstMs);
    const value = { good: stretch.good, phase: stretch.phase, carried: false, rounds: stretch.rounds };
    if (next !== undefined) {
      const endMs = stretch.touchesNext
        ? (stretch.lastMs + next.firstMs) / 2
        : Math.min(stretch.lastMs + target.intervalMs, next.firstMs);
      steps.push({ startMs, endMs: wholeSecond(endMs), value });
      continue;
    }
    const spokenMs = Math.min(wholeSecond(stretch.lastMs + target.intervalMs), wholeSecond(nowMs));
    steps.push({ startMs, endMs: Math.max(spokenMs, startMs), value });
    const carriedMs = Math.max(options.silenceMs, target.intervalMs * options.gapFactor);
    if (nowMs - stretch.lastMs < carriedMs) {
      steps.push({
        startMs: Math.max(spokenMs, startMs),
        endMs: wholeSecond(nowMs),
        value: { ...value, carried: true },
      });
    }
  }
  const joined = joinSteps(
    steps,
    (a, b) => a.good === b.good && a.phase === b.phase && a.carried === b.carried,
  );
  return sinceAnswered(joined, target);
}

/** What has never been seen is not down. */
function sinceAnswered(steps: Step<Signal>[], { answeredMs }: TargetEvidence): Step<Signal>[] {
  if (answeredMs === undefined) return steps;
  if (answeredMs === null) return [];
  const sinceMs = wholeSecond(answeredMs);
  if (steps.length === 0 || steps[0]!.startMs >= sinceMs) return steps;
  return steps.flatMap((step) =>
    step.endMs <= sinceMs ? [] : [{ ...step, startMs: Math.max(step.startMs, sinceMs) }],
  );
}

function isGood(verdict: Verdict, question: Question): boolean {
  return verdict === "ok" || (question === "path" && verdict === "answered");
}

/** Consecutive rounds with the same answer to the question. */
interface Stretch {
  good: boolean;
  phase: Broke | null;
  firstMs: number;
  lastMs: number;
  rounds: number;
  /** Rounds by the phase that they broke in. */
  phases: ReadonlyMap<Broke | null, number>;
  /** No gap lies between this stretch and the next. */
  touchesNext: boolean;
}

/**
 * Merges runs that answer alike, then takes a bad stretch of fewer than `badRounds` as good where it lies between good ones:
 * one lost round is weather. Beside a gap it says too little to count at all: the round that would have told is missing. At
 * the live end that round is still to come, and what was good stays so until then.
 */
function ignoreBlips(
  runs: readonly Run[],
  question: Question,
  intervalMs: number,
  options: DetectOptions,
): Stretch[] {
  const merged = merge(
    runs.map((run, index) => {
      const next = runs[index + 1];
      const good = isGood(run.verdict, question);
      const touchesNext = next !== undefined && touches(run, next, intervalMs, options.gapFactor);
      return {
        good,
        phase: good ? null : run.phase,
        firstMs: run.firstMs,
        lastMs: run.lastMs,
        rounds: run.rounds,
        phases: new Map([[good ? null : run.phase, run.rounds]]),
        touchesNext,
      };
    }),
  );
  const kept: Stretch[] = [];
  for (const [index, stretch] of merged.entries()) {
    const before = merged[index - 1];
    const isAfterGap = before?.touchesNext !== true;
    const isLast = index === merged.length - 1;
    if (stretch.good || stretch.rounds >= options.badRounds) kept.push(stretch);
    else if (!isAfterGap && (stretch.touchesNext || isLast))
      kept.push({ ...stretch, good: true, phase: null, phases: new Map() });
    else if (!isAfterGap) kept.at(-1)!.touchesNext = false;
  }
  return merge(kept);
}

function merge(stretches: readonly Stretch[]): Stretch[] {
  const merged: Stretch[] = [];
  for (const stretch of stretches) {
    const last = merged.at(-1);
    if (last !== undefined && last.touchesNext && last.good === stretch.good) {
      last.lastMs = stretch.lastMs;
      last.phases = addUp(last.phases, stretch.phases);
      last.phase = last.good ? null : commonest(last.phases);
      last.rounds += stretch.rounds;
      last.touchesNext = stretch.touchesNext;
    } else {
      merged.push({ ...stretch });
    }
  }
  return merged;
}

function addUp(a: Stretch["phases"], b: Stretch["phases"]): Stretch["phases"] {
  const sum = new Map(a);
  for (const [phase, rounds] of b) sum.set(phase, (sum.get(phase) ?? 0) + rounds);
  return sum;
}

/** The phase that most rounds broke in; the earlier one when equal. */
function commonest(phases: Stretch["phases"]): Broke | null {
  let most: [Broke | null, number] = [null, 0];
  for (const entry of phases) if (entry[1] > most[1]) most = entry;
  return most[0];
}

export function wholeSecond(ms: number): number {
  return Math.round(ms / 1000) * 1000;
}
