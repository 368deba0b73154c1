import type { Run, TargetEvidence } from "./evidence.ts";
import { touches } from "./gap.ts";
import { wholeSecond } from "./signal.ts";
import type { DetectOptions } from "./signal.ts";
import type { Step } from "./steps.ts";

/*
 * Where a target lost a good part of its echoes: 20 % or more in two of three rounds (methods.md §A2). It is over when three
 * rounds in a row were clean, and then ended with the last poor one. Two lost rounds or more are a cut, which has its own
 * word; before and after it the count begins anew.
 */

/** Most clean rounds between two poor ones where a stretch begins: two of three. */
const betweenAtFirst = 1;
/** Most clean rounds between two poor ones within it. */
const betweenLater = 2;
/**
 * Of five echoes a single one makes a round poor, and then two of three come about by chance: at 1.1 % loss, which is usual for
 * a satellite in low orbit, 16 times a day at a round each 30 s. So a stretch is told only once its rounds are a thousand times
 * likelier on a link of which two rounds in three are poor than on one of which one in seven is: 3 % loss, and the likelihoods
 * below are those two shares'. Five poor rounds in a row are enough, as are seven of ten.
 */
const poorShare = { ailing: 2 / 3, usual: 1 - 0.97 ** 5 };
const leastScore = Math.log(1_000);
const poorScore = Math.log(poorShare.ailing / poorShare.usual);
const cleanScore = Math.log((1 - poorShare.ailing) / (1 - poorShare.usual));

/** Whole seconds, ascending. */
export function poorSteps(target: TargetEvidence, nowMs: number, options: DetectOptions): Step<true>[] {
  const { runs, kind } = target;
  if (kind !== "icmp" || !runs.some(isPoor)) return [];
  const steps: Step<true>[] = [];
  for (const { first, last, isOpen } of findStretches(target, options)) {
    const startMs = borderBefore(runs, first, target, options);
    const endMs = isOpen
      ? Math.min(
          nowMs,
          runs.at(-1)!.lastMs + Math.max(options.silenceMs, options.gapFactor * target.intervalMs),
        )
      : borderAfter(runs, last, target, options);
    if (endMs > startMs)
      steps.push({ startMs: wholeSecond(startMs), endMs: wholeSecond(endMs), value: true });
  }
  return steps;
}

/** From the first to the last poor run, by index. `isOpen`: too few clean rounds came since for it to be over. */
interface Stretch {
  first: number;
  last: number;
  isOpen: boolean;
}

function findStretches({ runs, intervalMs }: TargetEvidence, options: DetectOptions): Stretch[] {
  const found: Stretch[] = [];
  let now: { first: number; last: number; poor: number; score: number; isTold: boolean } | null = null;
  let clean = 0;
  const close = (isOpen: boolean) => {
    if (now?.isTold === true) found.push({ first: now.first, last: now.last, isOpen });
    now = null;
  };
  for (const [index, run] of runs.entries()) {
    const before = runs[index - 1];
    if (before !== undefined && !touches(before, run, intervalMs, options.gapFactor)) close(false);
    if (isCut(runs, index, options)) close(false);
    else if (isPoor(run)) {
      if (now !== null && clean > (now.poor === 1 ? betweenAtFirst : betweenLater)) close(false);
      now ??= { first: index, last: index, poor: 0, score: 0, isTold: false };
      now.last = index;
      now.poor += run.rounds;
      now.score += run.rounds * poorScore + (now.first === index ? 0 : clean * cleanScore);
      now.isTold ||= now.score >= leastScore;
      clean = 0;
    } else {
      clean = run.rounds;
      if (clean > betweenLater) close(false);
    }
  }
  close(true);
  return found;
}

const isPoor = ({ weak, verdict }: Run) => weak === true || verdict === "bad";

/** Lost rounds enough to be a cut, or one without a route, which tried nothing. */
function isCut(runs: readonly Run[], index: number, { badRounds }: DetectOptions): boolean {
  const { verdict, phase, rounds } = runs[index]!;
  if (verdict !== "bad") return false;
  const isBad = (run: Run | undefined) => run?.verdict === "bad";
  return phase === "route" || rounds >= badRounds || isBad(runs[index - 1]) || isBad(runs[index + 1]);
}

/** Midway between two rounds that disagree; beside a cut, the round in which it was seen. */
function borderBefore(
  runs: readonly Run[],
  index: number,
  { intervalMs }: TargetEvidence,
  options: DetectOptions,
): number {
  const run = runs[index]!;
  const before = runs[index - 1];
  if (before === undefined || !touches(before, run, intervalMs, options.gapFactor)) return run.firstMs;
  return isCut(runs, index - 1, options) ? before.lastMs : (before.lastMs + run.firstMs) / 2;
}

function borderAfter(
  runs: readonly Run[],
  index: number,
  { intervalMs }: TargetEvidence,
  options: DetectOptions,
): number {
  const run = runs[index]!;
  const after = runs[index + 1];
  if (after === undefined || !touches(run, after, intervalMs, options.gapFactor))
    return run.lastMs + intervalMs;
  return isCut(runs, index + 1, options) ? after.firstMs : (run.lastMs + after.firstMs) / 2;
}
