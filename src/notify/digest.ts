import type { NewMessage, OutboxMessage } from "../state/state-store.ts";
import type { AlertPayload, ConditionPayload, DigestPayload } from "./payload.ts";
import { messageKey } from "./planner.ts";
import { severities, worse } from "./severity.ts";

/** More than these are only counted: no phone shows so many lines. */
const mostItems = 50;

export interface Digested {
  messages: NewMessage[];
  /** What is told in them. */
  used: { id: string; by: string }[];
}

/** Pure: one digest for each channel that has anything waiting for one; of each alert what was to be said last. */
export function makeDigests(held: readonly OutboxMessage[], nowMs: number, url: string | null): Digested {
  const made: Digested = { messages: [], used: [] };
  for (const [channel, messages] of Map.groupBy(held, (message) => message.channel)) {
    // Of its channel: another one that takes it over may have a digest of its own.
    const name = `digest-${channel.replaceAll("/", ".")}-${nowMs}`;
    const key = messageKey(name, "digest", channel);
    made.messages.push({
      dedupeKey: key,
      channel,
      type: "digest",
      alert: name,
      incident: name,
      payload: toDigest(messages, name, nowMs, url),
      createdMs: nowMs,
      nextTryMs: nowMs,
    });
    made.used.push(...messages.map(({ id }) => ({ id, by: key })));
  }
  return made;
}

const isOver = ({ type }: AlertPayload | ConditionPayload) => type.endsWith(".up");

function toDigest(
  messages: readonly OutboxMessage[],
  name: string,
  nowMs: number,
  url: string | null,
): DigestPayload {
  const last = new Map<string, OutboxMessage>();
  for (const message of messages) last.set(message.alert, message);
  const items = [...last.values()]
    .map(({ payload, createdMs }) => ({
      payload: payload as AlertPayload | ConditionPayload,
      saidMs: createdMs,
    }))
    .sort(
      (a, b) =>
        Number(isOver(a.payload)) - Number(isOver(b.payload)) ||
        severities.indexOf(b.payload.severity) - severities.indexOf(a.payload.severity) ||
        a.payload.startMs - b.payload.startMs,
    );
  return {
    type: "digest",
    alert: name,
    incident: name,
    severity: items.reduce<DigestPayload["severity"]>(
      (all, { payload }) => worse(all, payload.severity),
      "low",
    ),
    fromMs: messages.reduce((ms, { createdMs }) => Math.min(ms, createdMs), nowMs),
    toMs: nowMs,
    items: items.slice(0, mostItems),
    more: Math.max(0, items.length - mostItems),
    url,
  };
}
