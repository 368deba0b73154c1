import type { Rhythm, Run, TargetEvidence } from "../outage/evidence.ts";
import { saidOf } from "./agent-log.ts";
import type { AgentLog } from "./agent-log.ts";
import { wayS } from "./boot-clock.ts";
import type { ReplayRecord } from "./read-records.ts";
import { toldBy, toTarget } from "./sayings.ts";
import type { Scenario } from "./scenario.ts";

/* One agent as it is known while its records arrive. */

const hourS = 3_600;

export interface LiveAgent {
  targets: readonly (TargetEvidence & { runs: Run[] })[];
  /** What it said last: place in `sayings`, by target. */
  last: Uint8Array;
  lastMs: number;
  rhythm: Rhythm | undefined;
  /** Silences after which it may be judged otherwise than before, ms; ascending. */
  tellingMs: readonly number[];
  isOnBattery: boolean;
  boot: number;
  /** Of its monotonic clock. */
  hour: number;
  /** Least epoch ms − monotonic ms of this hour, and of the one before. */
  offsetMs: number;
  beforeMs: number;
}

export function createLiveAgent(id: string, scenario: Scenario): LiveAgent {
  const told = toldBy(id, scenario);
  return {
    targets: told.map((one) => ({ ...toTarget(one, [], scenario.stepMs), runs: [] as Run[] })),
    last: new Uint8Array(told.length),
    lastMs: -Infinity,
    rhythm: undefined,
    tellingMs: [],
    isOnBattery: false,
    boot: -1,
    hour: -1,
    offsetMs: Infinity,
    beforeMs: Infinity,
  };
}

/** Epoch ms of a record, which is taken into account: by the least delay that its start was heard with in this hour and the one before: crystals drift. */
export function timeOf(agent: LiveAgent, { b, m, arr }: ReplayRecord): number {
  const offsetMs = (arr - wayS - m) * 1000;
  const hour = Math.floor(m / hourS);
  if (b > agent.boot) Object.assign(agent, { boot: b, hour, offsetMs, beforeMs: Infinity });
  else if (hour > agent.hour) Object.assign(agent, { hour, offsetMs, beforeMs: agent.offsetMs });
  else agent.offsetMs = Math.min(agent.offsetMs, offsetMs);
  return m * 1000 + Math.min(agent.offsetMs, agent.beforeMs);
}

/** A late round within what is known already, which it agrees with: it was not missing. */
export function fillIn({ targets }: LiveAgent, log: AgentLog, timeMs: number): void {
  for (let place = 0; place < targets.length; place++) {
    const said = saidOf(log, log.length - 1, place, targets.length);
    const last = targets[place]!.runs.at(-1);
    const isWithin = last !== undefined && timeMs > last.firstMs && timeMs < last.lastMs;
    // Its sight is of the last round alone, which this does not change.
    if (isWithin && last.verdict === said?.verdict && last.phase === said.phase) last.rounds += 1;
  }
}
