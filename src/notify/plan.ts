import type { AlertRecord, OutageRecord } from "../state/state-store.ts";
import type { IncidentState } from "./incidents.ts";
import type { AlertFacts, AlertMessage, AlertType, Correction } from "./payload.ts";

/*
 * Who is told what: one message when an incident has lasted, one when it is over, and none about the past.
 *
 *   nothing ──open outage──▶ held ──holdMs, still open──▶ told ──all ended──▶ closed, "up"
 *                             │                            └──withdrawn, merged, maintenance, agent──▶ closed, "corrected"
 *                             └──ended, withdrawn or merged──▶ closed, silently
 *
 * The hold is there for order: a village is often seen dead before the tower that it hangs from. Within the hold the
 * tower's own outage arrives, the village joins its incident, and only the tower is told of.
 *
 * An incident that reopens after people heard that it was over is told again: keys carry the moment of the telling, which
 * the alert's record keeps until its end. The record and its messages are written together, so no run repeats them.
 */

export interface PlanInput {
  nowMs: number;
  /** How long an incident must be known before anyone is told, ms. 0: at once. */
  holdMs: number;
  channels: readonly { id: string }[];
  /** At least every incident with an open outage and every one that `open` names; what is missing counts as gone. */
  incidents: readonly IncidentState[];
  open: readonly AlertRecord[];
  describe: (incident: IncidentState) => AlertFacts;
}

export interface AlertPlan {
  /** New and changed records, ordered by incident. */
  alerts: AlertRecord[];
  messages: AlertMessage[];
}

export function planAlerts(input: PlanInput): AlertPlan {
  const plan: AlertPlan = { alerts: [], messages: [] };
  const incidents = new Map(input.incidents.map((incident) => [incident.id, incident]));
  const alerts = new Map(input.open.map((alert) => [alert.incident, alert]));
  for (const id of [...new Set([...incidents.keys(), ...alerts.keys()])].sort()) {
    const incident = incidents.get(id);
    const alert = alerts.get(id);
    if (incident !== undefined && isProblem(incident)) hold(input, plan, incident, alert);
    else if (alert !== undefined) close(input, plan, incident, alert);
  }
  return plan;
}

/** A problem that lasts: remember it, and tell of it once it has been known for long enough. */
function hold(
  input: PlanInput,
  plan: AlertPlan,
  incident: IncidentState,
  known: AlertRecord | undefined,
): void {
  const { nowMs, holdMs } = input;
  const alert = known ?? {
    incident: incident.id,
    openedMs: firstKnownMs(incident, nowMs),
    downSentMs: null,
    closedMs: null,
  };
  const due = alert.downSentMs === null && nowMs - alert.openedMs >= holdMs;
  if (due) tell(input, plan, incident, nowMs, typeOf(incident.outages, "down"), null);
  if (due || known === undefined) plan.alerts.push(due ? { ...alert, downSentMs: nowMs } : alert);
}

/** A problem that is over, or never was one. Only those who heard of it hear that. */
function close(
  input: PlanInput,
  plan: AlertPlan,
  incident: IncidentState | undefined,
  alert: AlertRecord,
): void {
  plan.alerts.push({ ...alert, closedMs: input.nowMs });
  // An incident that is not even known any more cannot be described; nothing true could be said of it.
  if (alert.downSentMs === null || incident === undefined) return;
  // The other half of a pair has the name of the first, whatever the outages have turned out to be since.
  const type = typeOf(incident.told.length > 0 ? incident.told : incident.outages, "up");
  tell(input, plan, incident, alert.downSentMs, type, correctionOf(incident));
}

function tell(
  input: PlanInput,
  plan: AlertPlan,
  incident: IncidentState,
  toldMs: number,
  type: AlertType,
  correction: Correction | null,
): void {
  const payload = { ...input.describe(incident), type, correction };
  for (const channel of input.channels) {
    plan.messages.push({
      dedupeKey: messageKey(incident.id, type, channel.id, toldMs),
      channel: channel.id,
      type,
      incident: incident.id,
      payload,
      createdMs: input.nowMs,
      nextTryMs: input.nowMs,
    });
  }
}

/** `toldMs`: when the problem was told, in both messages of it. */
export function messageKey(incident: string, type: AlertType, channel: string, toldMs: number): string {
  return `${incident}:${type}:${channel}:${toldMs}`;
}

/** When the problem of a message with this key was told; NaN for a key that is not ours. */
export function toldMsOf(key: string): number {
  return Number(/:(\d+)$/.exec(key)?.[1]);
}

/** A site is not down because a service cannot be reached from it: of services alone people are told as of services. */
function typeOf(outages: readonly OutageRecord[], what: "down" | "up"): AlertType {
  const pageable = outages.filter(isPageable);
  const named = pageable.length > 0 ? pageable : outages;
  return named.every((outage) => outage.service !== null) ? `service.${what}` : `site.${what}`;
}

/**
 * Announced work, silent agents and a link whose site another one carries are for dashboards; nobody is woken by them.
 */
export function isPageable(outage: OutageRecord): boolean {
  const { withdrawn, cause, ofLink } = outage;
  return !withdrawn && ofLink !== true && cause !== "maintenance" && cause !== "agent";
}

function isProblem(incident: IncidentState): boolean {
  return incident.outages.some((outage) => isPageable(outage) && outage.endMs === null);
}

/** null: it ended, as outages do. */
function correctionOf(incident: IncidentState): Correction | null {
  if (incident.outages.some(isPageable)) return null;
  const standing = incident.outages.find((outage) => !outage.withdrawn && outage.ofLink !== true);
  if (standing !== undefined) return standing.cause === "maintenance" ? "maintenance" : "agent";
  return incident.mergedInto === null ? "withdrawn" : "merged";
}

function firstKnownMs(incident: IncidentState, nowMs: number): number {
  const problems = incident.outages.filter((outage) => isPageable(outage) && outage.endMs === null);
  return Math.min(nowMs, ...problems.map((outage) => outage.knownMs));
}
