import type { Tree } from "../inventory/tree.ts";
import { sameJudgement } from "./judgement.ts";
import type { Judgement, Judgements } from "./judgement.ts";
import { joinSteps } from "./steps.ts";
import type { Step } from "./steps.ts";

/*
 * A site that hangs elsewhere than the inventory says. By the inventory its link broke; but it was lost with another
 * kecamatan, or another village that relays, and came back with it, each within a round: one fault instead of two. That both
 * edges meet by chance happens once in some hundred years of a site (ten faults a month of each, two minutes for each
 * edge). audit.ts proposes to mend the inventory once it has happened again and again.
 */

/** Two edges of one fault, each seen half an interval off at most by either, lie no further apart, ms. */
const sameEdgeMs = 90_000;
/** A shorter outage has both edges within one round: that says nothing, ms. */
const leastMs = 180_000;

export interface Fall extends Step<Judgement> {
  code: string;
}

/** Faults of places that others hang from, each from the first to the last moment that the place was down. */
export function findFalls(judged: Judgements, tree: Tree): Fall[] {
  return [...judged].flatMap(([code, steps]) => {
    if (tree.childrenOf(code).length === 0) return [];
    const whole = joinSteps(steps, (a, b) => a.state === "down" && b.state === "down");
    return whole
      .filter(({ value }) => value.state === "down" && value.root === code)
      .map((step) => ({ ...step, code }));
  });
}

/** The steps of a site, with what it lost together with exactly one place that it does not hang from. */
export function markElsewhere(
  code: string,
  steps: readonly Step<Judgement>[],
  falls: readonly Fall[],
  tree: Tree,
): Step<Judgement>[] {
  const marked = steps.map((step, index) => {
    const { state, cause, root } = step.value;
    const isOwnLink = state === "down" && cause === "link" && root === code;
    const isAmidDown = [steps[index - 1], steps[index + 1]].some((other) => other?.value.state === "down");
    if (!isOwnLink || isAmidDown || step.endMs - step.startMs < leastMs) return step;
    const together = falls.filter((fall) => isTogether(fall, step) && isElsewhere(fall.code, code, tree));
    return together.length === 1 ? { ...step, value: inherited(together[0]!) } : step;
  });
  return joinSteps(marked, sameJudgement);
}

/** Neither on the way of the site to the centre, nor on one that leads over it. */
export function isElsewhere(other: string, code: string, tree: Tree): boolean {
  const isAbove = (upper: string, lower: string) =>
    upper === lower ||
    tree.ancestorsOf(lower).includes(upper) ||
    tree.linksOf(lower).some(({ parent }) => parent === upper);
  return !isAbove(other, code) && !isAbove(code, other);
}

const isTogether = (a: Step<unknown>, b: Step<unknown>) =>
  Math.abs(a.startMs - b.startMs) <= sameEdgeMs && Math.abs(a.endMs - b.endMs) <= sameEdgeMs;

function inherited({ code, value }: Fall): Judgement {
  const cause = value.cause === "hub" || value.cause === "power" ? "hub" : "backhaul";
  return { state: "down", cause, confidence: "low", root: code };
}
