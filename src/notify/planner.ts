import { createTree } from "../inventory/tree.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Standings } from "../outage/standing.ts";
import type { AlertRecord, OutageRecord } from "../state/state-store.ts";
import { defaultAlertOptions } from "./alert-options.ts";
import type { AlertOptions } from "./alert-options.ts";
import { decideAlerts } from "./decide.ts";
import type { Notice, TableNow } from "./decide.ts";
import type { Describe } from "./describe.ts";
import type { AlertMessage, AlertPayload, AlertType } from "./payload.ts";
import { worse } from "./severity.ts";

export interface PlannerOptions {
  inventory: () => Inventory;
  channels: readonly { id: string }[];
  describe: Describe;
  nameOf: (root: string) => string;
  /** Default: all of alert-options.ts. */
  options?: Partial<AlertOptions>;
}

/** What a run of the watch knows: the table as it will stand after it, and what the newest rounds say of each site. */
export interface PlanInput {
  outages: readonly OutageRecord[];
  /** Rows that ended before this may be missing. */
  fromMs: number;
  standings: Standings;
  open: readonly AlertRecord[];
  nowMs: number;
}

export interface AlertPlan {
  /** New and changed records. */
  alerts: AlertRecord[];
  messages: AlertMessage[];
}

/**
 * What is to be written with a run of the watch. To be asked at every run, also when nothing changed: a hold runs out in
 * silence. The records and their messages are written together, so no run repeats them.
 */
export type Planner = (input: PlanInput) => AlertPlan;

export function createPlanner(given: PlannerOptions): Planner {
  const { inventory, channels, describe, nameOf } = given;
  const options = { ...defaultAlertOptions, ...given.options };
  return ({ outages, fromMs, standings, open, nowMs }) => {
    const around = surroundingsOf(inventory());
    const decision = decideAlerts(open, { outages, fromMs, standings, ...around }, nowMs, options);
    const messages = decision.notices.flatMap((notice) => {
      const payload = toPayload(notice, describe, nameOf, standings);
      notice.alert.facts = payload;
      return channels.map(({ id }) => toMessage(notice, payload, id, nowMs));
    });
    return { alerts: decision.changed, messages };
  };
}

/** Where the roots of outages lie, as decisions need it. */
export function surroundingsOf(inventory: Inventory): Pick<TableNow, "above" | "areaOf"> {
  const tree = createTree(inventory);
  const controlOf = (root: string) => inventory.services.get(root.slice("service:".length))?.control;
  return {
    above(root) {
      if (!root.startsWith("service:")) return tree.ancestorsOf(root);
      const control = controlOf(root);
      return control === undefined ? [] : [control, ...tree.ancestorsOf(control)];
    },
    areaOf: (root) => inventory.sites.get(root)?.parent ?? null,
  };
}

/** A correction of what the table does not show any more is said with the words of what it corrects. */
function toPayload(
  notice: Notice,
  describe: Describe,
  nameOf: (root: string) => string,
  standings: Standings,
): AlertPayload {
  const { alert, outages, correction, mergedInto, changes, sitesBefore, rootBefore } = notice;
  // Of what a correction corrects its own news are none.
  const { nameBefore: _, ...before } = (alert.facts ?? {}) as AlertPayload;
  const facts = outages.length > 0 ? describe(notice, standings) : before;
  return {
    ...facts,
    severity: worse(facts.severity, (alert.facts as AlertPayload | null)?.severity ?? "low"),
    changes,
    sitesBefore,
    ...(rootBefore === null ? {} : { nameBefore: nameOf(rootBefore) }),
    partOf: mergedInto === null ? null : nameOf(mergedInto.root),
    type: typeOf(notice),
    correction,
  };
}

function typeOf({ what, face }: Notice): AlertType {
  const half = { problem: "down", update: "update", recovery: "up" } as const;
  return `${face.isService ? "service" : "site"}.${half[what]}`;
}

function toMessage(
  { what, alert }: Notice,
  payload: AlertPayload,
  channel: string,
  nowMs: number,
): AlertMessage {
  return {
    dedupeKey: messageKey(alert.id, `${what}${what === "update" ? alert.updates : ""}`, channel),
    channel,
    type: payload.type,
    alert: alert.id,
    incident: alert.incident,
    payload,
    createdMs: nowMs,
    nextTryMs: nowMs,
  };
}

/** `what`: which message of the alert. Neither it nor a channel's name has a colon in it. */
export function messageKey(alertId: string, what: string, channel: string): string {
  return `${channel}:${what}:${alertId}`;
}
