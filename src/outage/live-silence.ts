import type { TargetEvidence } from "./evidence.ts";
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
/** At least so many, however steady the agent. */
const fewestRounds = 3;
/** At most so many, however unsteady. */
const mostRounds = 6;
/** Missed rounds of an agent that are taken as its habit, at most. */
const mostMissing = 0.1;
/** Rounds from which on an agent's habit is known. */
const habitRounds = 300;

/** Its last round may be an interval older than its last report. */
export const heardWithinMs = ({ intervalMs }: { intervalMs: number }, options: DetectOptions) =>
  options.heardWithinMs + intervalMs;

/** Two rounds in a row are overdue. */
export const missesTwoMs = ({ intervalMs }: { intervalMs: number }, options: DetectOptions) =>
  2 * intervalMs + options.heardWithinMs;

/** Silences of an agent after which its site may be judged otherwise than before, ms; ascending. */
export function silencesThatTell(intervalMs: number, options: DetectOptions): number[] {
  const silences = [heardWithinMs({ intervalMs }, options), missesTwoMs({ intervalMs }, options)];
  for (let rounds = fewestRounds; rounds <= mostRounds; rounds++)
    silences.push(suspiciousMs(rounds, intervalMs, options));
  return silences;
}

/** Silent for longer than chance explains, by the agent's own habit. */
export function isSuspicious(
  silentMs: number,
  { own, intervalMs }: { own: readonly TargetEvidence[]; intervalMs: number },
  options: DetectOptions,
): boolean {
  const isAfter = (rounds: number) => silentMs >= suspiciousMs(rounds, intervalMs, options);
  // The habit is read from all runs: only once it matters.
  return isAfter(fewestRounds) && isAfter(suspiciousRounds(own));
}

const suspiciousMs = (
  rounds: number,
  intervalMs: number,
  { heardWithinMs: reportMs, silenceMs }: DetectOptions,
) => Math.max(silenceMs, rounds * intervalMs + reportMs);

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
