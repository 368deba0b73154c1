import type { Judgement } from "./judgement.ts";
import type { DetectOptions } from "./signal.ts";
import type { Step } from "./steps.ts";
import type { Confidence } from "./table.ts";

/*
 * A short hole in an outage (methods.md §A3, last rule): the site was cut off before it and after it, of one cause at one
 * place, and nobody measured in between. That is one outage and says so; as a state, and to every account, the hole stays
 * what it is: not measured.
 *
 * It is as long as what is last known is carried on at the live end (signal.ts): a row that was open across two lost rounds
 * is not taken apart when the third one comes. Or it is shorter than the outage is on either side of it, and than an hour:
 * that a link came back and was lost again, both while its agent happened to be silent, is far less likely (a link breaks
 * some two times a month, methods.md §E1: once in 700 such hours).
 */

/** Longest hole that is bridged between longer stretches, ms. */
const longestMs = 3_600_000;

export interface Bridged extends Step<Judgement> {
  /** Time in it in which nobody measured, ms. */
  unseenMs: number;
}

const sureness: readonly Confidence[] = ["low", "medium", "high"];

/** The stretches in which the site was down. `intervalMs`: between two rounds of its agent, 0 without one. */
export function bridgeHoles(
  steps: readonly Step<Judgement>[],
  intervalMs: number,
  { silenceMs, gapFactor }: DetectOptions,
): Bridged[] {
  const mostMs = Math.max(silenceMs, gapFactor * intervalMs) - intervalMs;
  const bridged: Bridged[] = [];
  let hole: Step<Judgement> | null = null;
  const begunMs = steps[0]?.startMs;
  const lengthOf = ({ startMs, endMs }: Step<Judgement>) =>
    // What was cut off when the evidence begins was so before.
    startMs === begunMs ? Infinity : endMs - startMs;
  for (const step of steps) {
    const last = bridged.at(-1);
    if (step.value.state === "unknown") {
      hole = last?.endMs === step.startMs ? step : null;
      continue;
    }
    const unseenMs = hole === null ? 0 : hole.endMs - hole.startMs;
    const isShort = unseenMs < mostMs;
    const isAmid = last !== undefined && unseenMs < Math.min(longestMs, lengthOf(last), lengthOf(step));
    const isSame = hole !== null && hole.endMs === step.startMs && (isShort || isAmid);
    hole = null;
    if (step.value.state !== "down") continue;
    const { cause, root, confidence } = step.value;
    if (isSame && last!.value.cause === cause && last!.value.root === root) {
      last!.endMs = step.endMs;
      last!.unseenMs += unseenMs;
      last!.value = { ...last!.value, confidence: leastSure(last!.value.confidence, confidence) };
    } else {
      bridged.push({ ...step, unseenMs: 0 });
    }
  }
  return bridged;
}

const leastSure = (a: Confidence, b: Confidence) => (sureness.indexOf(a) < sureness.indexOf(b) ? a : b);
