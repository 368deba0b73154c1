import type { Inventory } from "../inventory/inventory.ts";
import type { NewMessage, ToldMessage } from "../state/state-store.ts";
import { isWithin, nextAt } from "./hours.ts";
import type { Calendar, Hours } from "./hours.ts";
import type { AlertPayload, ConditionPayload } from "./payload.ts";
import { messageKey } from "./planner.ts";
import { reachedBy } from "./routes.ts";
import type { About, Route } from "./routes.ts";
import { isAtLeast } from "./severity.ts";
import type { Severity } from "./severity.ts";

/*
 * Pure: what there is to tell goes in, and what was told of it before; a message for each channel that is to hear of it
 * comes out, to be sent at once or kept for the digest.
 *
 *   problem    every channel that a route leads to
 *   update     those, and whoever heard of the problem
 *   recovery   whoever heard of the problem, and nobody else
 *
 * Kept for the digest, where people read it: what quiet hours hold back, and what is beyond the budget of its incident. The
 * last place of a budget is the recovery's, so that nobody is left with half of a story. Machines get everything at once.
 */

export interface DispatchPlan {
  routes: readonly Route[];
  /** Ids of channels that machines read: no quiet hours, no budget, no digest. */
  machines: ReadonlySet<string>;
  /** null: none. */
  quiet: { hours: readonly Hours[]; passes: Severity } | null;
  /** Most messages of one incident on one channel, from 2. */
  budget: number;
  /** When the digest is told, minutes after midnight. */
  digestMin: number;
}

/** Something to be told: what a run of the watch, or a look at the conditions, found. */
export interface News {
  payload: AlertPayload | ConditionPayload;
  /** Which message of its alert: `problem`, `update2`, `recovery`, `escalate1`. */
  what: string;
}

export interface At {
  nowMs: number;
  calendar: Calendar;
  inventory: Inventory;
}

/** Messages for the channels, in the order of the news. */
export function dispatch(
  news: readonly News[],
  told: readonly ToldMessage[],
  plan: DispatchPlan,
  at: At,
): NewMessage[] {
  const memory = createMemory(told);
  const made: NewMessage[] = [];
  for (const one of news) {
    for (const { channel, wakes } of hearersOf(one, memory, plan, at)) {
      const message = toMessage(one, channel, wakes, memory, plan, at);
      if (!memory.add(message)) continue;
      made.push(message);
    }
  }
  return made;
}

type Remembered = Pick<ToldMessage, "dedupeKey" | "channel" | "failedMs" | "digestMs" | "toldIn">;

/** What was told, by alert and by incident; a storm has thousands of them. */
function createMemory(told: readonly ToldMessage[]) {
  const keys = new Set<string>();
  const byAlert = new Map<string, Remembered[]>();
  const byIncident = new Map<string, Remembered[]>();
  const put = (map: Map<string, Remembered[]>, key: string, one: Remembered) => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [one]);
    else list.push(one);
  };
  const remember = (one: Remembered & { alert: string; incident: string }) => {
    keys.add(one.dedupeKey);
    put(byAlert, one.alert, one);
    put(byIncident, one.incident, one);
  };
  for (const one of told) remember(one);
  return {
    ofAlert: (alert: string): readonly Remembered[] => byAlert.get(alert) ?? [],
    /** Of either: an alert whose incident was renamed keeps what it has used up. */
    ofBoth: ({ alert, incident }: News["payload"]): ReadonlySet<Remembered> =>
      new Set([...(byAlert.get(alert) ?? []), ...(byIncident.get(incident) ?? [])]),
    /** False when it was told before. */
    add(message: NewMessage): boolean {
      if (keys.has(message.dedupeKey)) return false;
      const { dedupeKey, channel, incident } = message;
      const alert = message.alert ?? incident;
      const digestMs = message.digestMs ?? null;
      remember({ dedupeKey, channel, incident, alert, failedMs: null, digestMs, toldIn: null });
      return true;
    },
  };
}

type Memory = ReturnType<typeof createMemory>;

function hearersOf(
  { payload, what }: News,
  memory: Memory,
  { routes }: DispatchPlan,
  at: At,
): { channel: string; wakes: boolean }[] {
  // A problem that was over before it could be told is told by its end.
  const told = memory
    .ofAlert(payload.alert)
    .filter(({ failedMs, toldIn }) => failedMs === null || toldIn !== null);
  const heard = new Set(told.map(({ channel }) => channel));
  const { sites, providers, severity } = payload;
  const reached = reachedBy({ about: aboutOf(payload), sites, providers, severity }, routes, at);
  const ways = new Map(reached.map(({ channel, wakes }) => [channel, wakes]));
  const isTold = (channel: string) => ({ channel, wakes: ways.get(channel) ?? false });
  if (what === "recovery") return [...heard].map(isTold);
  const others = what.startsWith("update") ? [...heard].filter((channel) => !ways.has(channel)) : [];
  return [...reached, ...others.map(isTold)];
}

export function aboutOf({ type }: News["payload"]): About {
  return type.slice(0, type.indexOf(".")) as About;
}

function toMessage(
  { payload, what }: News,
  channel: string,
  wakes: boolean,
  memory: Memory,
  plan: DispatchPlan,
  at: At,
): NewMessage {
  const isKept =
    isHeldBack(channel, payload.severity, wakes, plan, at) || isBeyond(channel, what, payload, memory, plan);
  return {
    dedupeKey: messageKey(payload.alert, what, channel),
    channel,
    type: payload.type,
    alert: payload.alert,
    incident: payload.incident,
    payload,
    createdMs: at.nowMs,
    nextTryMs: at.nowMs,
    digestMs: isKept ? nextAt(plan.digestMin, at.nowMs, at.calendar.timeZone) : null,
  };
}

/** Whether quiet hours keep this from a channel now. */
function isHeldBack(
  channel: string,
  severity: Severity,
  wakes: boolean,
  { quiet, machines }: DispatchPlan,
  { nowMs, calendar }: At,
): boolean {
  if (quiet === null || wakes || machines.has(channel) || isAtLeast(severity, quiet.passes)) return false;
  return quiet.hours.some((hours) => isWithin(hours, nowMs, calendar));
}

/** Whether the incident has used up what it may send on this channel by itself. */
function isBeyond(
  channel: string,
  what: string,
  payload: News["payload"],
  memory: Memory,
  { budget, machines }: DispatchPlan,
): boolean {
  if (machines.has(channel)) return false;
  let sent = 0;
  for (const one of memory.ofBoth(payload))
    if (one.channel === channel && one.failedMs === null && one.digestMs === null) sent += 1;
  return sent >= (what === "recovery" ? budget : budget - 1);
}
