import type { TargetEvidence } from "./evidence.ts";
import type { Place } from "./live-places.ts";
import type { DetectOptions } from "./signal.ts";

/*
 * From when on the silence of an agent tells something.
 */

/**
 * Share of rounds that come so late that they are missed live, beside those that are never sent. An assumption: evidence
 * does not say when its rounds arrived. The evaluation's generator has as many; up to 2.8 % a
 * steady agent is suspected after the same three rounds.
 */
const lateRatio = 0.02;
/** A silence is suspicious when rounds are missed by chance so rarely: once in a month of rounds a minute. */
const chanceRatio = 1 / 43_200;
/** What a report may take, in usual silences: 75 s for one each minute (methods.md §A5). */
const lateFactor = 1.25;
/** At least so many, however steady the agent. */
const fewestRounds = 3;
/** At most so many, however unsteady. */
const mostRounds = 6;
/** Missed rounds of an agent that are taken as its habit, at most. */
const mostMissing = 0.1;
/** Rounds from which on an agent's habit is known. */
const habitRounds = 300;

type Speaker = Pick<Place, "intervalMs" | "rhythm">;

/**
 * Silence, counted from the start of the newest round, for which an agent counts as heard: a quarter longer than that
 * after which it usually is heard again. One that sends each round at once is missed sooner than one that collects them.
 * While its rhythm is not known, as configured: its last round may be an interval older than its last report.
 */
export function heardWithinMs({ intervalMs, rhythm }: Speaker, options: DetectOptions): number {
  const usualMs = rhythm()?.silenceMs;
  return usualMs === undefined ? options.heardWithinMs + intervalMs : lateFactor * usualMs;
}

/** Two rounds in a row are overdue. */
export const missesTwoMs = (speaker: Speaker, options: DetectOptions) =>
  heardWithinMs(speaker, options) + speaker.intervalMs;

/** Silences of an agent after which its site may be judged otherwise than before, ms; ascending. */
export function silencesThatTell(speaker: Speaker, options: DetectOptions): number[] {
  const silences = [heardWithinMs(speaker, options), missesTwoMs(speaker, options)];
  for (let rounds = fewestRounds; rounds <= mostRounds; rounds++)
    silences.push(suspiciousMs(rounds, speaker, options));
  return silences;
}

/** Silent for longer than chance explains, by the agent's own habit. */
export function isSuspicious(silentMs: number, place: Place, options: DetectOptions): boolean {
  const isAfter = (rounds: number) => silentMs >= suspiciousMs(rounds, place, options);
  // The habit is read from all runs: only once it matters.
  return isAfter(fewestRounds) && isAfter(suspiciousRounds(place.own));
}

const suspiciousMs = (rounds: number, speaker: Speaker, options: DetectOptions) =>
  heardWithinMs(speaker, options) + (rounds - 1) * stepOf(speaker, options);

/** Time between two reports, but a round at least. */
const stepOf = ({ intervalMs, rhythm }: Speaker, options: DetectOptions) =>
  Math.max(intervalMs, rhythm()?.stepMs ?? options.heardWithinMs / lateFactor);

/** How many rounds an agent has to miss in a row before chance is the worse explanation, by its own habit. */
function suspiciousRounds(own: readonly TargetEvidence[]): number {
  const runs = own[0]!.runs;
  let rounds = 0;
  let due = 0;
  for (const run of runs) {
    rounds += run.rounds;
    due += 1 + (run.lastMs - run.firstMs) / own[0]!.intervalMs;
  }
  const missing = rounds < habitRounds ? 0 : Math.min(mostMissing, Math.max(0, 1 - rounds / due));
  const byChance = Math.ceil(Math.log(chanceRatio) / Math.log(missing + lateRatio));
  return Math.min(mostRounds, Math.max(fewestRounds, byChance));
}
