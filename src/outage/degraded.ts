import type { LevelRun, TargetEvidence } from "./evidence.ts";
import { poorSteps } from "./poor.ts";
import { wholeSecond } from "./signal.ts";
import type { DetectOptions, Signal } from "./signal.ts";
import type { Named } from "./site-path.ts";
import { joinSteps, overlay } from "./steps.ts";
import type { Step } from "./steps.ts";
import type { Cause, SiteState } from "./table.ts";

/*
 * Degraded: connected, and poorly so, by loss (poor.ts) or by round-trip times that are longer than usual (slow.ts). It is a
 * word beside "up" and never one of an outage: it makes no row in the table and takes nothing from availability.
 *
 * A site, or a link, is degraded while everything that it reaches beyond itself is: one far end that is slow is that end's
 * affair. Why (methods.md §B3):
 *
 *   rain        echoes are lost while a radio of the site hears far less than usual
 *   congestion  echoes are lost while the round-trip time is more than twice the usual, and no radio hears less
 *   backhaul    the parent's gateway is reached as well as ever: it lies beyond that
 *   link        none of these
 */

/** How a target ails at a moment. */
interface Ailment {
  isLossy: boolean;
  /** How many times longer than usual its round-trip time is; 1: not longer. */
  ratio: number;
}

/** From so many times the usual on a queue is to blame, where echoes are lost as well (methods.md §B3). */
const congestedRatio = 2;
/** How near to the stretch a reading has to lie to tell of it, in intervals of its device. */
const nearIntervals = 2;

export interface Standing {
  state: SiteState;
  cause: Cause | null;
}

/** What a site or a link is known by. */
export interface Sight {
  /** What lies beyond the hub, on whichever way is in use; and the hub. */
  outside: readonly Named[];
  hub: readonly Named[];
  /** Those of its devices that tell their signal. */
  devices: readonly TargetEvidence[];
}

export interface Span {
  fromMs: number;
  nowMs: number;
}

/** The steps with what of "up" was degraded. What is up by others' word alone stays. */
export function markDegraded(
  steps: readonly Step<Standing>[],
  sight: Sight,
  span: Span,
  options: DetectOptions,
): Step<Standing>[] {
  const spells = findSpells(sight, span, options);
  if (spells.length === 0) return [...steps];
  const alike = (a: Standing, b: Standing) => a.state === b.state && a.cause === b.cause;
  const lists: (readonly Step<Standing>[])[] = [steps, spells];
  const marked = overlay(
    lists,
    span.fromMs,
    span.nowMs,
    ([held, spell]) => (isUp(held) && spell !== undefined ? spell : held),
    (a, b) => a === b || (a !== undefined && b !== undefined && alike(a, b)),
  ).filter((step): step is Step<Standing> => step.value !== undefined);
  return joinSteps(fillSlivers(marked, shortOf(sight)), alike);
}

const isUp = (held: Standing | undefined) => held?.state === "up" && held.cause === null;

/** Two rounds of the slowest of them: what is shorter is the edge of two signals. */
const shortOf = ({ outside }: Sight) =>
  2 * outside.reduce((most, { target }) => Math.max(most, target.intervalMs), 0);

/** Between a poor stretch and a cut there is no good one. */
function fillSlivers(steps: readonly Step<Standing>[], shortMs: number): Step<Standing>[] {
  return steps.map((step, index) => {
    if (!isUp(step.value) || step.endMs - step.startMs >= shortMs) return step;
    const [before, after] = [steps[index - 1], steps[index + 1]];
    if (before?.endMs !== step.startMs || after?.startMs !== step.endMs) return step;
    const poor = [before, after].find(({ value }) => value.state === "degraded");
    const other = poor === before ? after : before;
    return poor === undefined || other.value.state === "unknown" ? step : { ...step, value: poor.value };
  });
}

function findSpells(sight: Sight, { fromMs, nowMs }: Span, options: DetectOptions): Step<Standing>[] {
  const chosen = sight.outside.filter(({ target }) => target.kind === "icmp");
  const outside = ailments(chosen, nowMs, options);
  if (outside.every(({ length }) => length === 0)) return [];
  const ailing = together(chosen, outside, fromMs, nowMs);
  if (ailing.length === 0) return [];
  const near = sight.hub.filter((one) => one.target.kind === "icmp" && !chosen.includes(one));
  const hub = together(near, ailments(near, nowMs, options), fromMs, nowMs);
  const spells = joinSteps(ailing, () => true);
  return spells.map((spell) => ({
    ...spell,
    value: { state: "degraded", cause: causeOf(spell, ailing, near, hub, sight.devices) },
  }));
}

function ailments(targets: readonly Named[], nowMs: number, options: DetectOptions): Step<Ailment>[][] {
  return targets.map(({ target }) => ailmentsOf(target, nowMs, options));
}

/** How one target ailed over time; nothing where it did not. */
export function ailmentsOf(target: TargetEvidence, nowMs: number, options: DetectOptions): Step<Ailment>[] {
  const poor = poorSteps(target, nowMs, options);
  const slow = (target.slow ?? []).map(({ firstMs, lastMs, ratio }) => ({
    startMs: wholeSecond(firstMs),
    endMs: wholeSecond(Math.min(lastMs + target.intervalMs, nowMs)),
    value: ratio,
  }));
  if (poor.length === 0 && slow.length === 0) return [];
  const lists: (readonly Step<true | number>[])[] = [poor, slow];
  const steps = overlay(
    lists,
    Math.min(...[...poor, ...slow].map(({ startMs }) => startMs)),
    nowMs,
    ([isLossy, ratio]): Ailment | null =>
      isLossy === undefined && ratio === undefined
        ? null
        : { isLossy: isLossy === true, ratio: typeof ratio === "number" ? ratio : 1 },
    (a, b) => a?.isLossy === b?.isLossy && a?.ratio === b?.ratio,
  );
  return steps.filter((step): step is Step<Ailment> => step.value !== null);
}

/** Where each of them that answers at all ails: how, at the worst. */
function together(
  targets: readonly Named[],
  ails: readonly (readonly Step<Ailment>[])[],
  fromMs: number,
  nowMs: number,
): Step<Ailment>[] {
  const lists: (readonly Step<Signal | Ailment>[])[] = [...targets.map(({ steps }) => steps), ...ails];
  const steps = overlay(
    lists,
    fromMs,
    nowMs,
    (values): Ailment | null => {
      const answering = [...targets.keys()].filter((index) => (values[index] as Signal | undefined)?.good);
      const how = answering.flatMap((index) => (values[targets.length + index] as Ailment | undefined) ?? []);
      if (how.length === 0 || how.length < answering.length) return null;
      return {
        isLossy: how.some(({ isLossy }) => isLossy),
        ratio: how.reduce((most, { ratio }) => Math.max(most, ratio), 1),
      };
    },
    (a, b) => a?.isLossy === b?.isLossy && a?.ratio === b?.ratio,
  );
  return steps.filter((step): step is Step<Ailment> => step.value !== null);
}

function causeOf(
  { startMs, endMs }: Step<unknown>,
  ailing: readonly Step<Ailment>[],
  near: readonly Named[],
  hub: readonly Step<Ailment>[],
  devices: readonly TargetEvidence[],
): Cause {
  const within = ailing.filter((step) => step.startMs < endMs && step.endMs > startMs);
  const isLossy = within.some(({ value }) => value.isLossy);
  if (isLossy && devices.some((device) => hearsLess(device, startMs, endMs))) return "rain";
  if (isLossy && within.some(({ value }) => value.ratio > congestedRatio)) return "congestion";
  const spentMs = (steps: readonly Step<unknown>[]) =>
    steps.reduce(
      (sum, step) => sum + Math.max(0, Math.min(step.endMs, endMs) - Math.max(step.startMs, startMs)),
      0,
    );
  const lastedMs = endMs - startMs;
  const isHubHeard = near.some(
    ({ steps }) => 2 * spentMs(steps.filter(({ value }) => value.good)) > lastedMs,
  );
  return isHubHeard && 2 * spentMs(hub) < lastedMs ? "backhaul" : "link";
}

function hearsLess({ levels = [], intervalMs }: TargetEvidence, startMs: number, endMs: number): boolean {
  const reachMs = nearIntervals * intervalMs;
  return levels.some(
    ({ isLow, firstMs, lastMs }: LevelRun) =>
      isLow && firstMs <= endMs + reachMs && lastMs >= startMs - reachMs,
  );
}
