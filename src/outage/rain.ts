import type { Link } from "../inventory/inventory.ts";
import type { Run, TargetEvidence } from "./evidence.ts";
import { binomialTail } from "./chance.ts";
import type { Judgement } from "./judgement.ts";
import { runsWithin } from "./seek.ts";
import type { Named } from "./site-path.ts";
import { joinSteps } from "./steps.ts";
import type { Step } from "./steps.ts";
import type { EvidenceItem } from "./table.ts";

/*
 * Rain fades, told from cut links. Row of methods.md §B3: a short loss of the site's own link during which its radio heard
 * far less than usual; or, where nobody can read that, one with poor rounds before or after it: the storm of which it is the
 * deepest part. A link that breaks by itself has none.
 */

/** A storm's deep fade is over by then; what lasts longer is a fault, ms (methods.md §B3). */
const longestFadeMs = 40 * 60_000;
/** How near to the outage a reading has to lie to tell of it, in intervals of its device. */
const nearIntervals = 2;
/** Poor rounds before it or after it. methods.md asks for them on both sides, which fades at a storm's edge do not have. */
const poorRounds = 3;
/** Intervals on each side in which they are counted. */
const shoulderIntervals = 15;
/** Chance, by how often the target's rounds are poor elsewhere, below which those of one side alone are told for a storm. */
const mostChance = 0.01;

/** Rain does nothing to a fibre, whatever a radio beside it hears. Of links that nobody wrote down it may be said. */
export function canFade(links: readonly Link[]): boolean {
  return links.length === 0 || links.some(({ technology }) => technology !== "fibre");
}

/**
 * `links`: those that may have been cut · `outside`: what the site's agent measures beyond its hub · `own`: all that it
 * measures.
 */
export function markRain(
  steps: readonly Step<Judgement>[],
  told: { code: string; links: readonly Link[]; outside: readonly Named[]; own: readonly TargetEvidence[] },
  alike: (a: Judgement, b: Judgement) => boolean,
): readonly Step<Judgement>[] {
  const { code, links, outside, own } = told;
  if (!canFade(links)) return steps;
  const devices = own.filter(({ levels }) => levels !== undefined);
  const hasShoulders = createShoulders(outside);
  const marked = steps.map((step): Step<Judgement> => {
    const { startMs, endMs, value } = step;
    const isOwnLink = value.state === "down" && value.cause === "link" && value.root === code;
    if (!isOwnLink || endMs - startMs > longestFadeMs) return step;
    const isHeard = hearsFade(devices, startMs, endMs);
    const isRain = isHeard ?? hasShoulders(startMs, endMs);
    if (!isRain) return step;
    return { ...step, value: { ...value, cause: "rain", confidence: isHeard === null ? "medium" : "high" } };
  });
  return joinSteps(marked, alike);
}

/** What a site's radio and its echoes tell of an outage of its own link, for or against a fade. */
export function createFadeTeller({
  outside,
  own,
}: {
  outside: readonly Named[];
  own: readonly TargetEvidence[];
}): (startMs: number, endMs: number) => EvidenceItem[] {
  const hasShoulders = createShoulders(outside);
  return (startMs, endMs) => {
    const readings = readingsNear(own, startMs, endMs);
    const telling = readings.find(({ isLow }) => isLow) ?? readings[0];
    if (telling !== undefined) {
      const fact = telling.isLow ? "signal.low" : "signal.usual";
      return [{ fact, target: telling.key, detail: {} }];
    }
    const isShort = endMs - startMs <= longestFadeMs;
    return isShort && hasShoulders(startMs, endMs) ? [{ fact: "echoes.poor", target: null, detail: {} }] : [];
  };
}

/** null: no device told its signal around that time. */
function hearsFade(devices: readonly TargetEvidence[], startMs: number, endMs: number): boolean | null {
  const readings = readingsNear(devices, startMs, endMs);
  return readings.length === 0 ? null : readings.some(({ isLow }) => isLow);
}

function readingsNear(
  devices: readonly TargetEvidence[],
  startMs: number,
  endMs: number,
): { key: string; isLow: boolean }[] {
  return devices.flatMap(({ key, levels = [], intervalMs }) => {
    const reachMs = nearIntervals * intervalMs;
    return runsWithin(levels, startMs - reachMs, endMs + reachMs).map(({ isLow }) => ({ key, isLow }));
  });
}

/**
 * Whether many rounds next to the outage were poor: on both of its sides, or on one, if the target has so few of them otherwise that
 * this is no chance. A link that loses an echo now and then has some poor rounds beside any cut.
 */
function createShoulders(outside: readonly Named[]): (startMs: number, endMs: number) => boolean {
  const told = outside.map(({ target: { runs, intervalMs } }) => {
    const poorRuns = runs.filter(({ weak }) => weak === true);
    return { runs, intervalMs, poorRuns, rounds: counted(runs), poor: counted(poorRuns) };
  });
  return (startMs, endMs) =>
    told.some(({ runs, intervalMs, poorRuns, rounds, poor }) => {
      const reachMs = shoulderIntervals * intervalMs;
      const sides = [
        roundsWithin(poorRuns, startMs - reachMs, startMs),
        roundsWithin(poorRuns, endMs, endMs + reachMs),
      ];
      if (sides.every((count) => count >= poorRounds)) return true;
      const most = Math.max(...sides);
      if (most < poorRounds) return false;
      const near = (those: readonly Run[]) => roundsWithin(those, startMs - reachMs, endMs + reachMs);
      const usual = (poor - near(poorRuns)) / Math.max(1, rounds - near(runs));
      return binomialTail(shoulderIntervals, usual, most) < mostChance;
    });
}

function counted(runs: readonly Run[]): number {
  return runs.reduce((sum, { rounds }) => sum + rounds, 0);
}

/** How many rounds of the runs began in [fromMs, toMs]. */
function roundsWithin(runs: readonly Run[], fromMs: number, toMs: number): number {
  return runsWithin(runs, fromMs, toMs).reduce((sum, { firstMs, lastMs, rounds }) => {
    const sharedMs = Math.min(lastMs, toMs) - Math.max(firstMs, fromMs);
    if (lastMs === firstMs) return sum + rounds;
    return sum + Math.round(((rounds - 1) * sharedMs) / (lastMs - firstMs)) + 1;
  }, 0);
}
