import type { Broke, TargetEvidence } from "./evidence.ts";
import type { Judgement } from "./judgement.ts";
import type { Signal } from "./signal.ts";
import { firstThere, runsWithin, stepsWithin } from "./seek.ts";
import { joinSteps } from "./steps.ts";
import type { Step } from "./steps.ts";

/*
 * What a site's own outage takes along begins and ends with it. A service's check tells an edge to half an interval; the
 * site's edges are told by all that look at it (edges.ts), and so lie closer to the truth. Where a check that went bad, or
 * good again, allows the site's edge, it went at that moment.
 */

/** What clocks that were put right may still differ by, ms. */
const clockSlackMs = 2_000;

/** The checks of a service from a site, in the light of that site's own outages. */
export function alongSite(
  steps: readonly Step<Signal>[],
  targets: readonly TargetEvidence[],
  site: readonly Step<Judgement>[],
): readonly Step<Signal>[] {
  const cuts = joinSteps(
    site.filter(({ value }) => value.state === "down"),
    () => true,
  );
  if (cuts.length === 0) return steps;
  const intervalMs = targets.reduce((least, target) => Math.min(least, target.intervalMs), Infinity);
  const aligned = align(steps, cuts, intervalMs / 2 + clockSlackMs);
  return splitPhases(endInCuts(aligned, cuts, intervalMs), cuts, targets);
}

/** Moves each border between good and bad to the site's edge of the same kind that it may stand for. */
function align(
  given: readonly Step<Signal>[],
  cuts: readonly Step<Judgement>[],
  reachMs: number,
): Step<Signal>[] {
  const steps = given.map((step) => ({ ...step }));
  const [starts, ends] = [cuts.map(({ startMs }) => startMs), cuts.map(({ endMs }) => endMs)];
  for (let index = 1; index < steps.length; index++) {
    const [before, after] = [steps[index - 1]!, steps[index]!];
    const isBorder = before.endMs === after.startMs && before.value.good !== after.value.good;
    if (!isBorder || before.value.carried || after.value.carried) continue;
    const atMs = nearest(after.value.good ? ends : starts, after.startMs, reachMs);
    // Unless one of them would be left with nothing.
    if (atMs === null || atMs <= before.startMs || atMs >= after.endMs) continue;
    before.endMs = atMs;
    after.startMs = atMs;
  }
  return steps;
}

/**
 * A check that passed stands for an interval, unless the next one says otherwise. Where there is no next one because the agent
 * was cut off, such as by a power cut, it stands until then.
 */
function endInCuts(
  given: readonly Step<Signal>[],
  cuts: readonly Step<Judgement>[],
  intervalMs: number,
): Step<Signal>[] {
  const steps = given.map((step) => ({ ...step }));
  for (const [index, step] of steps.entries()) {
    const after = steps[index + 1];
    const isFollowed = after !== undefined && after.startMs === step.endMs;
    if (!step.value.good || step.value.carried || (isFollowed && !after.value.carried)) continue;
    const cut = cuts[firstThere(cuts, ({ endMs }) => endMs >= step.endMs)];
    const isWithin = cut !== undefined && cut.startMs < step.endMs;
    const endMs = isWithin ? Math.max(cut.startMs, step.endMs - intervalMs) : step.endMs;
    if (endMs <= step.startMs || endMs >= step.endMs) continue;
    if (isFollowed) after.startMs = endMs;
    step.endMs = endMs;
  }
  return steps;
}

/** Of the edges, which are ascending; the earlier one when equal. */
function nearest(edges: readonly number[], atMs: number, reachMs: number): number | null {
  const next = firstThere(edges, (edge) => edge >= atMs);
  const [before = -Infinity, after = Infinity] = [edges[next - 1], edges[next]];
  const edge = after - atMs < atMs - before ? after : before;
  return Math.abs(edge - atMs) <= reachMs ? edge : null;
}

/** What failed before and after the site was cut off broke there as its own rounds say, and not as most of them together. */
function splitPhases(
  steps: readonly Step<Signal>[],
  cuts: readonly Step<Judgement>[],
  targets: readonly TargetEvidence[],
): Step<Signal>[] {
  return steps.flatMap((step) => {
    if (step.value.good || step.value.carried) return [step];
    const edges = stepsWithin(cuts, step.startMs, step.endMs)
      .flatMap(({ startMs, endMs }) => [startMs, endMs])
      .filter((ms) => ms > step.startMs && ms < step.endMs);
    if (edges.length === 0) return [step];
    const marks = [step.startMs, ...edges, step.endMs];
    return marks.slice(1).map((endMs, index) => {
      const startMs = marks[index]!;
      const phase = phaseWithin(targets, startMs, endMs);
      return { startMs, endMs, value: phase === undefined ? step.value : { ...step.value, phase } };
    });
  });
}

/** Where most of what failed in that time broke; undefined: nothing failed there. */
function phaseWithin(
  targets: readonly TargetEvidence[],
  startMs: number,
  endMs: number,
): Broke | null | undefined {
  const lastedMs = new Map<Broke | null, number>();
  for (const { runs, intervalMs } of targets) {
    for (const { verdict, phase, firstMs, lastMs } of runsWithin(runs, startMs, endMs)) {
      if (verdict === "ok" || firstMs >= endMs) continue;
      const sharedMs = Math.min(lastMs + intervalMs, endMs) - Math.max(firstMs, startMs);
      lastedMs.set(phase, (lastedMs.get(phase) ?? 0) + sharedMs);
    }
  }
  let most: [Broke | null | undefined, number] = [undefined, 0];
  for (const entry of lastedMs) if (entry[1] > most[1]) most = entry;
  return most[0];
}
