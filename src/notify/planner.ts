import type { AlertRecord, OutageRecord, StateStore } from "../state/state-store.ts";
import type { IncidentState } from "./incidents.ts";
import { groupIncidents } from "./incidents.ts";
import type { AlertFacts } from "./payload.ts";
import type { AlertPlan } from "./plan.ts";
import { isPageable, planAlerts } from "./plan.ts";

export interface PlannerOptions {
  state: Pick<StateStore, "outages">;
  /** How long an incident must be known before anyone is told, ms. Default 60,000; 0: at once. */
  holdMs?: number;
  channels: readonly { id: string }[];
  describe: (incident: IncidentState) => AlertFacts;
}

/**
 * What is to be written with a run of the watch. `current` is the table as it will stand after that run, every open
 * outage included; ended ones may be missing, withdrawn ones may be there. To be asked at every run, also when nothing
 * changed: a hold runs out in silence.
 */
export type Planner = (
  current: readonly OutageRecord[],
  open: readonly AlertRecord[],
  nowMs: number,
) => Promise<AlertPlan>;

const defaultHoldMs = 60_000;

/** Adds to the current table what only the store has: ended parts of an incident, and what people were told of. */
export function createPlanner(options: PlannerOptions): Planner {
  const { state, holdMs = defaultHoldMs, channels, describe } = options;
  return async (current, open, nowMs) => {
    const problems = new Set(current.filter(isOpenProblem).map(({ incident }) => incident));
    // Told and still open: nothing can follow, so a district that is cut off for days costs no reading.
    const unsettled = open.filter((alert) => alert.downSentMs === null || !problems.has(alert.incident));
    const untold = [...problems].filter((incident) => !open.some((alert) => alert.incident === incident));
    const earlier: OutageRecord[] = [];
    for (const incident of [...untold, ...unsettled.map((alert) => alert.incident)]) {
      earlier.push(...(await state.outages({ incident })));
    }
    const told: OutageRecord[] = [];
    for (const { incident, downSentMs } of unsettled) {
      if (downSentMs !== null) told.push(...(await state.outages({ incident, asOfMs: downSentMs })));
    }
    const incidents = groupIncidents(overlay(earlier, current), told);
    return planAlerts({ nowMs, holdMs, channels, incidents, open, describe });
  };
}

/** Each outage by its newest revision. */
function overlay(stored: readonly OutageRecord[], current: readonly OutageRecord[]): OutageRecord[] {
  const newest = new Map<string, OutageRecord>();
  for (const record of [...stored, ...current]) {
    const known = newest.get(record.id);
    if (known === undefined || known.revision <= record.revision) newest.set(record.id, record);
  }
  return [...newest.values()];
}

function isOpenProblem(outage: OutageRecord): boolean {
  return isPageable(outage) && outage.endMs === null;
}
