import type { OutboxMessage } from "../state/state-store.ts";
import type { Channel } from "./channel.ts";
import { alertOf } from "./channel.ts";
import type { AlertPayload, ConditionPayload } from "./payload.ts";
import { post, retryAfterS } from "./http-post.ts";
import type { TextOptions } from "./texts.ts";
import { formatAlert } from "./texts.ts";

/*
 * Alertmanager, API v2: POST /api/v2/alerts with a list of alerts. Its labels name an alert, so that none of them may
 * change between the message that it began and the one that it is over: cause, name and text are annotations.
 */

export interface AlertmanagerOptions extends TextOptions {
  id: string;
  /** Where Alertmanager is, with its path prefix if it has one, such as http://alertmanager:9093. */
  url: string;
  /** For whoever stands in front of it: user and password (Basic). Default: none. */
  auth?: { user: string; password: string };
  /** Until the answer is read, ms. Default 15,000, from 1 to 30,000. */
  timeoutMs?: number;
  now: () => number;
}

/**
 * How long a problem is held for going on without a word that it is over, ms. Alertmanager expects to be told each minute
 * and resolves what it does not hear of; ours is told once and resolved once. 90 days is longer than any outage that
 * nobody looks at.
 */
const lastsMs = 90 * 86_400_000;

export function createAlertmanagerChannel(options: AlertmanagerOptions): Channel {
  const { id, auth, timeoutMs = 15_000, now } = options;
  const url = `${options.url.replace(/\/+$/, "")}/api/v2/alerts`;
  const headers = {
    "content-type": "application/json",
    ...(auth === undefined ? {} : { authorization: basic(auth) }),
  };
  return {
    id,
    isMachine: true,
    async deliver(message, signal) {
      const body = JSON.stringify([toAlert(message, options)]);
      const answer = await post({ url, headers, body, timeoutMs }, signal);
      if ("delivered" in answer) return answer;
      // An empty 200; whatever else says 200 with a page is somebody else.
      if (answer.status === 200 && answer.text.trim() === "") return { delivered: true };
      const waitS = retryAfterS(answer.headers.get("retry-after"), now());
      return {
        delivered: false,
        permanent: answer.status === 400,
        reason: `answered ${answer.status}${answer.text === "" ? "" : `: ${answer.text.slice(0, 200)}`}`,
        ...(waitS === undefined ? {} : { retryAfterS: waitS }),
      };
    },
  };
}

function toAlert(message: OutboxMessage, options: TextOptions) {
  // Digests are for people.
  const alert = alertOf(message) as AlertPayload | ConditionPayload;
  const { subject, lines } = formatAlert(alert, message.createdMs, options);
  const isOver = alert.type.endsWith(".up");
  const endMs = isOver
    ? Math.min(alert.endMs ?? message.createdMs, message.createdMs)
    : alert.startMs + lastsMs;
  return {
    labels: {
      ...nameOf(alert),
      // Of the first message: what an alert is about may turn out to be somewhere else, its name stays.
      alert: alert.alert,
    },
    annotations: {
      summary: subject,
      description: lines.join("\n"),
      incident: alert.incident,
      root: alert.root,
      ...("cause" in alert ? { cause: alert.cause, confidence: alert.confidence } : {}),
    },
    startsAt: new Date(alert.startMs).toISOString(),
    endsAt: new Date(Math.max(endMs, alert.startMs + 1)).toISOString(),
    ...(alert.url === null ? {} : { generatorURL: alert.url }),
  };
}

/** Names and severities that no message of an alert changes. */
function nameOf(alert: AlertPayload | ConditionPayload): { alertname: string; severity: string } {
  if ("condition" in alert) {
    const { condition } = alert;
    return {
      alertname: `Sambung${condition.charAt(0).toUpperCase()}${condition.slice(1)}`,
      severity: "warning",
    };
  }
  const isService = alert.type.startsWith("service.");
  return {
    alertname: isService ? "SambungServiceDown" : "SambungSiteDown",
    severity: isService ? "warning" : "critical",
  };
}

const basic = ({ user, password }: { user: string; password: string }) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
