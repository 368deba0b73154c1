import { digestPrefix } from "../state/alert-store.ts";
import type { AlertEntry } from "../state/alert-store.ts";
import type { NewMessage, OutboxMessage, ToldMessage } from "../state/state-store.ts";
import type { DigestPayload } from "./payload.ts";
import { messageKey } from "./planner.ts";
import { severities, worse } from "./severity.ts";

/** More than these are only counted: no phone shows so many lines. */
const mostItems = 50;

export interface Digested {
  messages: NewMessage[];
  /** What is told in them, or was told otherwise since it was kept. */
  used: { id: string; by: string }[];
}

/** What is known of the alerts that messages were kept of. */
export interface Known {
  /** Every message of them. */
  told: readonly ToldMessage[];
  /** By id. */
  entries: ReadonlyMap<string, Pick<AlertEntry, "closedMs" | "facts">>;
}

/**
 * Pure: one digest for each channel that has anything waiting for one. What was kept back may be long out of date: each
 * alert is told as it stands now, and one whose end the channel was told by itself is not told again.
 */
export function makeDigests(
  held: readonly OutboxMessage[],
  { told, entries }: Known,
  nowMs: number,
  url: string | null,
): Digested {
  const made: Digested = { messages: [], used: [] };
  const ends = new Map(
    told.filter(isEndOfItsOwn).map((one) => [`${one.channel}:${one.alert}`, one.dedupeKey]),
  );
  for (const [channel, messages] of Map.groupBy(held, (message) => message.channel)) {
    // Of its channel: another one that takes it over may have a digest of its own.
    const name = `${digestPrefix}${channel.replaceAll("/", ".")}-${nowMs}`;
    const key = messageKey(name, "digest", channel);
    const endOf = ({ alert }: OutboxMessage) => ends.get(`${channel}:${alert}`);
    made.used.push(...messages.map((message) => ({ id: message.id, by: endOf(message) ?? key })));
    const left = messages.filter((message) => endOf(message) === undefined);
    if (left.length === 0) continue;
    made.messages.push({
      dedupeKey: key,
      channel,
      type: "digest",
      alert: name,
      incident: name,
      payload: toDigest(left, entries, name, nowMs, url),
      createdMs: nowMs,
      nextTryMs: nowMs,
    });
  }
  return made;
}

type Item = DigestPayload["items"][number];

const isOver = ({ type }: Pick<Item, "type">) => type.endsWith(".up");

/** It reached the channel, or is on its way there. */
function isEndOfItsOwn({ type, digestMs, failedMs }: ToldMessage): boolean {
  return type.endsWith(".up") && digestMs === null && failedMs === null;
}

function toDigest(
  messages: readonly OutboxMessage[],
  entries: Known["entries"],
  name: string,
  nowMs: number,
  url: string | null,
): DigestPayload {
  const last = new Map<string, Item>();
  for (const { alert, payload } of messages) last.set(alert, (entries.get(alert)?.facts ?? payload) as Item);
  const items = joinCycles([...last.values()]).sort(
    (a, b) =>
      Number(isOver(a)) - Number(isOver(b)) ||
      severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
      a.startMs - b.startMs,
  );
  return {
    type: "digest",
    alert: name,
    incident: name,
    severity: items.reduce<DigestPayload["severity"]>((all, { severity }) => worse(all, severity), "low"),
    fromMs: messages.reduce((ms, { createdMs }) => Math.min(ms, createdMs), nowMs),
    toMs: nowMs,
    items: items.slice(0, mostItems),
    more: Math.max(0, items.length - mostItems),
    lasting: [...last.values()].filter((item) => !isOver(item)).map(({ alert }) => alert),
    url,
  };
}

/** Mains that come and go fill no digest: what is of one condition and day is one line, and says how often. */
function joinCycles(items: readonly Item[]): Item[] {
  const byIncident = Map.groupBy(items, (item) => ("condition" in item ? item.incident : item.alert));
  return [...byIncident.values()].map((ofOne) => {
    const latest = ofOne.reduce((a, b) => (b.startMs >= a.startMs ? b : a));
    if (ofOne.length === 1 || !("condition" in latest)) return latest;
    const startMs = Math.min(...ofOne.map((item) => item.startMs));
    return { ...latest, startMs, times: ofOne.length };
  });
}
