import type { Run, TargetEvidence } from "./evidence.ts";
import { wholeSecond } from "./signal.ts";
import type { Signal } from "./signal.ts";
import { joinSteps, overlay } from "./steps.ts";
import type { Step } from "./steps.ts";

/*
 * A place whose check of a service passes is not cut off, whatever becomes of its echoes: they are filtered, or the first
 * to be dropped by a link that is full (methods.md §C1: hardly a second may pass in which a service is reached from a
 * place that is cut off). A check that fails says nothing here: the service may be down.
 */

/** Services that have to pass at the root of the tree, each of them: one may stand in the same house. */
const leastAtRoot = 2;

/** Of what a site's agent measures beside `outside`, what proves by passing that it reaches the world. */
export function chooseProofs(
  own: readonly TargetEvidence[],
  outside: readonly TargetEvidence[],
): TargetEvidence[] {
  return own.filter((target) => isProof(target) && !outside.includes(target));
}

/** Something beyond the site has to answer it: a name may be known from memory. */
function isProof({ role, kind, retired, answeredMs }: TargetEvidence): boolean {
  return role === "service" && (kind === "http" || kind === "tcp") && retired !== true && answeredMs !== null;
}

/** How many of the services pass that must: one of them, at the root all. */
export function isProven(services: number, passing: number, isRoot: boolean): boolean {
  return isRoot ? services >= leastAtRoot && passing === services : passing > 0;
}

/**
 * What is said of beyond a site, good where checks passed amid rounds that were lost: from the failed check before to the
 * failed one after, as far as the rounds were lost. `intervalMs`: between two of those rounds.
 */
export function heedPassed(
  outside: Step<Signal>[],
  proofs: readonly TargetEvidence[],
  isRoot: boolean,
  intervalMs: number,
): Step<Signal>[] {
  if (proofs.length === 0) return outside;
  const services = new Set(proofs.map(({ service }) => service));
  const isGood = (passing: (boolean | undefined)[]) => {
    const found = new Set(proofs.filter((_, place) => passing[place] === true).map(({ service }) => service));
    return isProven(services.size, found.size, isRoot);
  };
  const heeded = stretchesOf(outside).flatMap((steps) => {
    if (steps[0]!.value.good) return steps;
    const within = { startMs: steps[0]!.startMs, endMs: steps.at(-1)!.endMs };
    const passed = proofs.map((check) => passedIn(check.runs, within, intervalMs));
    if (passed.every((spans) => spans.length === 0)) return steps;
    return steps.flatMap(({ startMs, endMs, value }) =>
      overlay(passed, startMs, endMs, isGood, (a, b) => a === b).map((piece) => ({
        ...piece,
        value: piece.value ? { ...value, good: true, phase: null } : value,
      })),
    );
  });
  return joinSteps(heeded, (a, b) => a.good === b.good && a.phase === b.phase && a.carried === b.carried);
}

/** Touching steps that are all good, or all not. */
function stretchesOf(steps: readonly Step<Signal>[]): Step<Signal>[][] {
  const stretches: Step<Signal>[][] = [];
  for (const step of steps) {
    const before = stretches.at(-1)?.at(-1);
    if (before !== undefined && before.endMs === step.startMs && before.value.good === step.value.good)
      stretches.at(-1)!.push(step);
    else stretches.push([step]);
  }
  return stretches;
}

/** Where a check speaks for a stretch of lost rounds: runs of it that passed, with a round between two that were lost. */
function passedIn(
  runs: readonly Run[],
  { startMs, endMs }: { startMs: number; endMs: number },
  intervalMs: number,
): Step<boolean>[] {
  const spans = runs.flatMap((run, index): Step<boolean>[] => {
    if (run.verdict === "bad" || run.lastMs < startMs || run.firstMs > endMs) return [];
    if (!hasRoundIn(run, startMs + intervalMs, endMs - intervalMs)) return [];
    const [before, after] = [runs[index - 1], runs[index + 1]];
    const fromMs = before?.verdict === "bad" ? wholeSecond((before.lastMs + run.firstMs) / 2) : startMs;
    const toMs = after?.verdict === "bad" ? wholeSecond((run.lastMs + after.firstMs) / 2) : endMs;
    return [{ startMs: Math.max(fromMs, startMs), endMs: Math.min(toMs, endMs), value: true }];
  });
  return joinSteps(
    spans.map((span, index) => ({ ...span, startMs: Math.max(span.startMs, spans[index - 1]?.endMs ?? 0) })),
    () => true,
  );
}

/** Of a run its first and last round are known, and that the others lie evenly between them. */
function hasRoundIn({ firstMs, lastMs, rounds }: Run, fromMs: number, toMs: number): boolean {
  if (firstMs >= fromMs) return firstMs < toMs;
  if (rounds < 2) return false;
  const spacingMs = (lastMs - firstMs) / (rounds - 1);
  const nextMs = firstMs + Math.ceil((fromMs - firstMs) / spacingMs) * spacingMs;
  return nextMs <= lastMs && nextMs < toMs;
}
