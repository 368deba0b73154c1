import type { Run, TargetEvidence } from "./evidence.ts";
import type { Place } from "./live-places.ts";
import { isProven } from "./passed.ts";

/*
 * What the last rounds of a site say, read from the ends of its runs alone, so that it can be asked at every moment.
 */

/** The site's own agent, by its last round. */
export interface OwnSight {
  /** Start of its last round, epoch ms; null: never heard. */
  heardMs: number | null;
  /** Whether anything beyond the hub answered then; null: it measures nothing there. */
  outside: boolean | null;
  /** Public addresses among it; null: it measures none. */
  anchors: boolean | null;
  /** The hub or the NOC answered then, so that the way through the parent stood. */
  throughParent: boolean;
  /** Some of its last rounds outside lost a good part of their echoes: a storm, in which others' echoes are lost as well. */
  isPoor: boolean;
  /** Consecutive rounds, up to the last, in which nothing outside answered, and the start of the first of them. */
  badRounds: number;
  badSinceMs: number;
}

/** What others see of the site. */
export interface OthersSight {
  /** Start of the last round of anyone that can reach it, epoch ms; null: nobody asks. */
  lastMs: number | null;
  good: boolean;
  /** Start of the last round that was answered, −Infinity: none that is known. */
  goodMs: number;
  badRounds: number;
  badSinceMs: number;
}

/** A round of the same moment may begin so much earlier than the last, in intervals. */
const sameRound = 0.9;

/** So long after its last poor round a link is held for poor, in intervals. */
const poorIntervals = 5;

export function ownSight({
  own,
  outside,
  proofs,
  parent,
}: Pick<Place, "own" | "outside" | "proofs" | "parent">): OwnSight {
  let heardMs: number | null = null;
  for (const { runs, firstMs } of own) {
    // One that was silent for longer than the evidence reaches was heard at its first round at least.
    const lastMs = runs[runs.length - 1]?.lastMs ?? firstMs;
    if (lastMs !== undefined && (heardMs === null || lastMs > heardMs)) heardMs = lastMs;
  }
  const sight: OwnSight = {
    heardMs,
    outside: null,
    anchors: null,
    throughParent: false,
    isPoor: false,
    badRounds: 0,
    badSinceMs: Infinity,
  };
  if (heardMs === null) return sight;
  for (const { role, runs, intervalMs } of own) {
    if (role !== "hub" && role !== "noc") continue;
    const last = runs[runs.length - 1];
    if (last !== undefined && isGood(last) && heardMs - last.lastMs < sameRound * intervalMs)
      sight.throughParent = true;
  }
  for (const { role, runs, intervalMs } of outside) {
    const last = runs[runs.length - 1];
    if (last === undefined || heardMs - last.lastMs >= sameRound * intervalMs) continue;
    const good = isGood(last);
    sight.isPoor ||= wasPoor(runs, heardMs - poorIntervals * intervalMs);
    sight.outside = sight.outside === true || good;
    if (role === "anchor") sight.anchors = sight.anchors === true || good;
    if (good) continue;
    const { rounds, sinceMs } = trailingBad(runs);
    sight.badRounds = sight.badRounds === 0 ? rounds : Math.min(sight.badRounds, rounds);
    sight.badSinceMs = sight.badSinceMs === Infinity ? sinceMs : Math.max(sight.badSinceMs, sinceMs);
  }
  if (sight.outside === false && passesSince(proofs, sight.badSinceMs, parent === null)) sight.outside = true;
  if (sight.outside === true) Object.assign(sight, { badRounds: 0, badSinceMs: Infinity });
  return sight;
}

/** Checks have passed since the first of the rounds in which nothing else answered, and not failed again. */
function passesSince(proofs: readonly TargetEvidence[], sinceMs: number, isRoot: boolean): boolean {
  const services = new Set(proofs.map(({ service }) => service));
  const passing = new Set(
    proofs.flatMap(({ service, runs }) => {
      const last = runs[runs.length - 1];
      return last !== undefined && isGood(last) && last.lastMs > sinceMs ? [service] : [];
    }),
  );
  return isProven(services.size, passing.size, isRoot);
}

function wasPoor(runs: readonly Run[], sinceMs: number): boolean {
  for (let index = runs.length - 1; index >= 0 && runs[index]!.lastMs > sinceMs; index--)
    if (runs[index]!.weak === true) return true;
  return false;
}

export function othersSight(witnesses: readonly TargetEvidence[]): OthersSight {
  const sight: OthersSight = {
    lastMs: null,
    good: false,
    goodMs: -Infinity,
    badRounds: 0,
    badSinceMs: Infinity,
  };
  for (const { runs } of witnesses) {
    const last = runs[runs.length - 1];
    // Without a route to the site it was never tried.
    if (last === undefined || last.phase === "route") continue;
    sight.lastMs = Math.max(sight.lastMs ?? -Infinity, last.lastMs);
    const good = isGood(last);
    sight.good ||= good;
    const { rounds, sinceMs, goodMs } = trailingBad(runs);
    sight.goodMs = Math.max(sight.goodMs, good ? last.lastMs : goodMs);
    if (good) continue;
    sight.badRounds = sight.badRounds === 0 ? rounds : Math.min(sight.badRounds, rounds);
    sight.badSinceMs = sight.badSinceMs === Infinity ? sinceMs : Math.max(sight.badSinceMs, sinceMs);
  }
  if (sight.good) Object.assign(sight, { badRounds: 0, badSinceMs: Infinity });
  return sight;
}

/** The bad rounds at the end: how many, since when, and the last good one before them. */
function trailingBad(runs: readonly Run[]): { rounds: number; sinceMs: number; goodMs: number } {
  let rounds = 0;
  let sinceMs = Infinity;
  for (let index = runs.length - 1; index >= 0; index--) {
    const run = runs[index]!;
    if (isGood(run)) return { rounds, sinceMs, goodMs: run.lastMs };
    rounds += run.rounds;
    sinceMs = run.firstMs;
  }
  return { rounds, sinceMs, goodMs: -Infinity };
}

const isGood = ({ verdict }: Run) => verdict !== "bad";
