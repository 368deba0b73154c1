import type { TargetEvidence } from "./evidence.ts";
import type { Place } from "./live-places.ts";
import type { DetectOptions } from "./signal.ts";

/*
 * From when on the silence of an agent tells something, and how much.
 */

/**
 * Share of rounds that come so late that they are missed live, beside those that are never sent. An assumption: evidence
 * does not say when its rounds arrived. The evaluation's generator has as many; up to 2.8 % a
 * steady agent is suspected after the same three rounds.
 */
const lateRatio = 0.02;
/** The same on a link that is poor, where much is sent twice: an assumption, too. */
const poorLateRatio = 0.05;
/**
 * What a report may be late by: twice the spread of the agent's usual silences, but two seconds at least and a quarter of
 * a usual silence at most (methods.md §A5: 75 s for a round a minute). What comes later still is in `lateRatio`.
 */
const lateSpreads = 2;
const leastLateMs = 2_000;
const mostLateRatio = 0.25;
/** So many missed rounds are always enough. */
const mostRounds = 6;
/** Missed rounds of an agent that are taken as its habit, at most. */
const mostMissing = 0.1;
/** Rounds from which on an agent's habit is known. */
const habitRounds = 300;

type Speaker = Pick<Place, "intervalMs" | "rhythm">;

/**
 * Silence, counted from the start of the newest round, for which an agent counts as heard: a little longer than that
 * after which it usually is heard again. One that sends each round at once is missed sooner than one that collects them.
 * While its rhythm is not known, as configured: its last round may be an interval older than its last report.
 */
export function heardWithinMs({ intervalMs, rhythm }: Speaker, options: DetectOptions): number {
  const usual = rhythm();
  if (usual === undefined) return options.heardWithinMs + intervalMs;
  const { silenceMs, spreadMs } = usual;
  return silenceMs + Math.max(leastLateMs, Math.min(lateSpreads * spreadMs, mostLateRatio * silenceMs));
}

/** Silences of an agent after which its site may be judged otherwise than before, ms; ascending. */
export function silencesThatTell(speaker: Speaker, options: DetectOptions): number[] {
  const firstMs = heardWithinMs(speaker, options);
  const stepMs = reportStepMs(speaker, options);
  return Array.from({ length: mostRounds }, (_, more) => firstMs + more * stepMs);
}

/** Rounds, or reports of an agent that collects them, that are overdue. */
export function missedRounds(silentMs: number, speaker: Speaker, options: DetectOptions): number {
  const lateMs = silentMs - heardWithinMs(speaker, options);
  return lateMs < 0 ? 0 : 1 + Math.floor(lateMs / reportStepMs(speaker, options));
}

export const isLongEnough = (missed: number) => missed >= mostRounds;

/** Time between two reports, but a round at least. */
export const reportStepMs = ({ intervalMs, rhythm }: Speaker, options: DetectOptions) =>
  Math.max(intervalMs, rhythm()?.stepMs ?? options.heardWithinMs / 1.25);

/** Chance that a round of an agent is missed though nothing is wrong, by its own habit. */
export function missedRatio(own: readonly TargetEvidence[], isPoor: boolean): number {
  const runs = own[0]!.runs;
  let rounds = 0;
  let due = 0;
  for (const run of runs) {
    rounds += run.rounds;
    due += 1 + (run.lastMs - run.firstMs) / own[0]!.intervalMs;
  }
  const missing = rounds < habitRounds ? 0 : Math.min(mostMissing, Math.max(0, 1 - rounds / due));
  return missing + (isPoor ? poorLateRatio : lateRatio);
}
