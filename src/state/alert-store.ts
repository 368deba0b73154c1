import type { Actor } from "./audit.ts";
import type { AlertRecord, NewMessage, OutboxMessage, ToldMessage } from "./state-store.ts";

/**
 * Stands where the channels of a message are still to be chosen: what a run of the watch finds is written down under it, and
 * whoever is to hear of it is chosen from there (notify/keeper.ts). No channel can have this name.
 */
export const unrouted = "*";

/** What names of digests begin with, and those of no alert do: they stand in the outbox where the ids of alerts do. */
export const digestPrefix = "digest-";

export const ackWays = ["link", "api", "telegram"] as const;
export type AckWay = (typeof ackWays)[number];

/** Somebody knows of an alert. */
export interface Ack {
  atMs: number;
  /** Name of the person or key, or the channel whose link it was. */
  by: string;
  via: AckWay;
}

export const conditionKinds = [
  "battery",
  "lowBattery",
  "certificate",
  "agentSilent",
  "backlog",
  "slaBudget",
  "partnerWebhook",
  "slaIssue",
] as const;
/**
 * `battery`: a UPS runs on its battery · `lowBattery`: that is nearly empty · `certificate`: one of a service ends soon ·
 * `agentSilent`: an agent of a place that is not cut off sends nothing · `backlog`: what an agent has stored is not leaving it ·
 * `slaBudget`: little is left of the downtime that a link's contract allows in the month · `partnerWebhook`: one of a provider was
 * disabled, since it took nothing · `slaIssue`: an issued month is no longer what is known, and a correction would change it.
 */
export type ConditionKind = (typeof conditionKinds)[number];

/** `again`: somebody was first · `over`: there is nothing to be known of any more. */
export type AckResult = "done" | "again" | "over" | "unknown";

/** Something with a threshold of its own that lasts; what people were told of it is in the outbox. */
export interface ConditionRecord {
  id: string;
  kind: ConditionKind;
  /** What it is of: a target's key, a service, an agent, a link, a provider; `many` for several agents as one. */
  subject: string;
  /** Since when it lasts, by what was measured. */
  sinceMs: number;
  /** When it was first seen: its hold counts from then. */
  seenMs: number;
  toldMs: number | null;
  /** Since when it is worse by a step than what was told; null: it is not. */
  worseMs: number | null;
  /** Since when it is seen to be over; null: it is not. */
  clearedMs: number | null;
  closedMs: number | null;
  /** What was said last, JSON; null: nothing. */
  facts: unknown;
}

/** How a thing stands to its threshold now. What nobody measured has none. */
export interface ConditionReading {
  kind: ConditionKind;
  subject: string;
  /** `between`: past the end of it but not far enough to be over; it stays what it was. */
  level: "bad" | "between" | "good";
  /** Since when it is so, by what was measured, epoch ms. */
  sinceMs: number;
  /** Site code. */
  site: string;
  /** What it is of, in words; of several agents their sites. */
  what: string[];
  count: number;
  /** Percent of charge, days, minutes of silence, that the oldest round waits, or that are left; null: it is no number. */
  value: number | null;
}

/** What comes of looking after alerts; written whole or not at all. */
export interface AlertWrite {
  conditions?: readonly ConditionRecord[];
  /** Ones whose key is known stay as they are. */
  messages?: readonly NewMessage[];
  /** Messages that others were made of, or that a digest tells; they are done with. */
  used?: readonly { id: string; by: string }[];
  nowMs: number;
}

/** An alert with what was told last of it. */
export interface AlertEntry {
  id: string;
  openedMs: number;
  toldMs: number | null;
  closedMs: number | null;
  /** The payload of its last message; null: nothing was said yet. */
  facts: unknown;
  ack: Ack | null;
}

/** A message that others tell now. */
export interface HandedOver {
  id: string;
  /** Ids of channels. */
  to: string[];
}

/** Alerts on their way from what was found to who is told. */
export interface AlertStore {
  /** Of these alerts or incidents, the oldest first. */
  toldMessages(of: { alerts: readonly string[]; incidents: readonly string[] }): Promise<ToldMessage[]>;
  /** Messages that wait for a digest which is due, the oldest first. */
  heldMessages(nowMs: number): Promise<OutboxMessage[]>;
  openConditions(): Promise<ConditionRecord[]>;
  writeAlerts(write: AlertWrite): Promise<void>;
  /**
   * What waits for a channel, a digest aside, goes to others: to all of the first group of `chain` in which any can tell it,
   * has told it, or is about to. What none can stays. Resolves with what was given. `only`: that message, and what comes after it of its
   * alerts.
   */
  handOver(
    from: string,
    chain: readonly (readonly string[])[],
    nowMs: number,
    only?: { id: string },
  ): Promise<HandedOver[]>;
  /** The first that was queued for a channel of an alert; null: none was. */
  firstMessage(channel: string, alert: string): Promise<OutboxMessage | null>;
  /** Of alerts that last and that a channel has told of: the first message queued for it, and the last that it told. */
  lastingMessages(channel: string): Promise<{ first: OutboxMessage; last: OutboxMessage }[]>;
  /** What waits for its next try may be tried now. */
  retryNow(channel: string, nowMs: number): Promise<void>;

  acks(alerts: readonly string[]): Promise<ReadonlyMap<string, Ack>>;
  /** With its row of the audit log. By the name of a digest: all that lasted in it and still does. */
  acknowledge(alert: string, ack: Ack, by: Actor): Promise<AckResult>;
  /** null: the channel never sent a message that is called so. */
  alertOfRemote(channel: string, remoteId: string): Promise<string | null>;
  /** An alert, or a digest by its name. */
  alertEntry(id: string): Promise<AlertEntry | null>;
  /** Those that anybody was told of: the open ones, and of the others as many as fit, the newest first. */
  alertEntries(filter: { limit: number; open?: boolean | undefined }): Promise<AlertEntry[]>;
  /** Alerts of outages that people were told of and that last. */
  toldAlerts(): Promise<AlertRecord[]>;
}
