import type { Kind, Phase } from "#wire/rounds-v1.ts";
import type { Role } from "../inventory/inventory.ts";
import type { MaintenanceWindow } from "../inventory/maintenance.ts";
import type { SlowRun } from "./slow.ts";

/**
 * What one round says of its target. `answered` tells the path from the thing: an HTTP 500 or a wrong certificate came
 * from somewhere, so the network carried it.
 */
export type Verdict = "ok" | "answered" | "bad";

/** Where a round broke: a phase of its check, or `route` where the measuring machine itself had no way to the address. */
export type Broke = Phase | "route";

/**
 * Consecutive rounds of one target with the same verdict: rounds in run-length form, which is all that detection needs.
 * Two runs are separate when the verdict or phase changes, or when more than `gapFactor` intervals lie between them.
 */
export interface Run {
  verdict: Verdict;
  /** Where a check broke, `dns` for a failed name look-up; null where nothing broke, or echoes were lost on the way. */
  phase: Broke | null;
  /** 20 to 75 % of their echoes were lost (methods.md §B3): something came back, and the link is poor. */
  weak?: boolean;
  /** Start of the first and of the last round, epoch ms. */
  firstMs: number;
  lastMs: number;
  rounds: number;
  /** Time from the round before the last one of the run to it, whatever it said, and from the one before that, ms. */
  stepMs?: number;
  stepBeforeMs?: number;
}

/** A target with what its rounds said, ascending in time, not overlapping. */
export interface TargetEvidence {
  /** `<site>/<id>`. */
  key: string;
  /** Site of the agent that measured. */
  vantage: string;
  role: Role;
  kind: Kind;
  /** Site that a `site` target watches. */
  of: string | null;
  link: string | null;
  service: string | null;
  intervalMs: number;
  /** No longer in the inventory: it tells of the past alone. */
  retired?: boolean;
  /** Start of the first round ever, which may lie before the evidence; by default that of the first run. */
  firstMs?: number;
  /** Start of the last round before the evidence. Default: there was none. */
  beforeMs?: number;
  /**
   * When something came back from it for the first time ever; null: never. What it was silent about before tells of nothing: a
   * wrong address, or a machine that is not there yet. Default: before all of it.
   */
  answeredMs?: number | null;
  runs: readonly Run[];
  /** Of a device that tells its signal. */
  levels?: readonly LevelRun[];
  /** Where its round-trip time was longer than usual. */
  slow?: readonly SlowRun[];
}

/** Readings of a radio's or a satellite modem's signal, in run-length form: far below what is usual for it, or not. */
export interface LevelRun {
  isLow: boolean;
  firstMs: number;
  lastMs: number;
}

/** When the target was measured for the first time; null: never. */
export function firstRoundMs({ firstMs, runs }: TargetEvidence): number | null {
  return firstMs ?? runs[0]?.firstMs ?? null;
}

/** An agent's own word on a moment, such as `agent.start`; corrected time. */
export interface EventEvidence {
  site: string;
  timeMs: number;
  type: string;
  detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** What the collector knows of its own hearing: it bears on what is suspected at a moment, and on no row of the table. */
export interface Hearing {
  /** Silence before this says nothing: the collector did not listen. Default: it always did. */
  listeningSinceMs?: number;
  /** By site, of agents that were heard for long enough. Default: what follows from the configured report interval. */
  rhythms?: ReadonlyMap<string, Rhythm>;
}

/** How an agent usually reports (watch/rhythm.ts). */
export interface Rhythm {
  /** From the start of the newest round that it had reported until it is heard again, ms. */
  silenceMs: number;
  /** How much these silences differ, between the shortest and the longest quarter of them, ms. */
  spreadMs: number;
  /** From the newest round of one report to that of the next, ms. */
  stepMs: number;
}

export interface Evidence extends Hearing {
  /** Nothing before this was read; outages that touch it may be cut off. */
  fromMs: number;
  /** The moment the table speaks of: what began and did not end is open. */
  nowMs: number;
  targets: readonly TargetEvidence[];
  events: readonly EventEvidence[];
  /** Announced work; what comes again by its single windows. It is no evidence: the table is read in its light. Default: none. */
  maintenance?: readonly MaintenanceWindow[];
}
