import type { AlertStore } from "../state/alert-store.ts";
import type { OutboxMessage } from "../state/state-store.ts";
import type { Channel, Outcome } from "./channel.ts";
import { alertOf } from "./channel.ts";
import type { AlertPayload, ConditionPayload } from "./payload.ts";
import { post, retryAfterS } from "./http-post.ts";
import type { TextOptions } from "./texts.ts";
import { formatAlert } from "./texts.ts";

/*
 * Alertmanager, API v2: POST /api/v2/alerts with a list of alerts. Its labels name an alert, so that none of them may
 * change between the message that it began and the one that it is over: they are those of the first message, and what it
 * turned out to be is in annotations. Alertmanager keeps alerts in memory alone, so that what lasts is said again each minute.
 */

export interface AlertmanagerOptions extends TextOptions {
  id: string;
  /** Where Alertmanager is, with its path prefix if it has one, such as http://alertmanager:9093. */
  url: string;
  /** For whoever stands in front of it: user and password (Basic). Default: none. */
  auth?: { user: string; password: string };
  /** Until the answer is read, ms. Default 15,000, from 1 to 30,000. */
  timeoutMs?: number;
  state: Pick<AlertStore, "firstMessage" | "lastingMessages">;
  now: () => number;
}

type Alert = AlertPayload | ConditionPayload;

const repeatMs = 60_000;
/**
 * How long Alertmanager holds a problem for going on when it is not told again, ms. Prometheus says four minutes; ours
 * outlives an hour without the collector, since a restart of it, or a machine without power, mends no village.
 */
const lastsMs = 3_600_000;

export function createAlertmanagerChannel(options: AlertmanagerOptions): Channel {
  const { id, auth, timeoutMs = 15_000, state, now } = options;
  const url = `${options.url.replace(/\/+$/, "")}/api/v2/alerts`;
  const headers = {
    "content-type": "application/json",
    ...(auth === undefined ? {} : { authorization: basic(auth) }),
  };

  async function send(alerts: readonly object[], signal: AbortSignal): Promise<Outcome> {
    const answer = await post({ url, headers, body: JSON.stringify(alerts), timeoutMs }, signal);
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
  }

  return {
    id,
    isMachine: true,
    async deliver(message, signal) {
      const first = (await state.firstMessage(id, message.alert)) ?? message;
      return send([toAlert(message, first, now(), options)], signal);
    },
    repeat: {
      everyMs: repeatMs,
      async lasting(signal) {
        const lasting = await state.lastingMessages(id);
        const alerts = lasting.map(({ first, last }) => toAlert(last, first, now(), options));
        return alerts.length === 0 ? { delivered: true } : send(alerts, signal);
      },
    },
  };
}

function toAlert(message: OutboxMessage, first: OutboxMessage, nowMs: number, options: TextOptions) {
  // Digests are for people.
  const alert = alertOf(message) as Alert;
  const { subject, lines } = formatAlert(alert, message.createdMs, options);
  const isOver = alert.type.endsWith(".up");
  const endMs = isOver ? Math.min(alert.endMs ?? message.createdMs, message.createdMs) : nowMs + lastsMs;
  return {
    labels: labelsOf(alertOf(first) as Alert),
    annotations: {
      summary: subject,
      description: lines.join("\n"),
      incident: alert.incident,
      root: alert.root,
      severity: alert.severity,
      ...("cause" in alert ? { cause: alert.cause, confidence: alert.confidence } : {}),
    },
    startsAt: new Date(alert.startMs).toISOString(),
    endsAt: new Date(Math.max(endMs, alert.startMs + 1)).toISOString(),
    ...(alert.url === null ? {} : { generatorURL: alert.url }),
  };
}

/** What Alertmanager's own routes can go by: where it was found, whose it was, and how bad, by the first message. */
function labelsOf(alert: Alert): Record<string, string> {
  const service = "service" in alert ? alert.service : null;
  const isSite = !alert.root.startsWith("service:");
  return {
    alertname: nameOf(alert),
    alert: alert.alert,
    severity: alert.severity,
    ...(isSite ? { site: alert.root } : {}),
    ...(alert.kecamatan === null ? {} : { kecamatan: alert.kecamatan }),
    ...(alert.providers.length === 0 ? {} : { provider: alert.providers.join(", ") }),
    ...(service === null ? {} : { service: service.id }),
  };
}

function nameOf(alert: Alert): string {
  if (!("condition" in alert))
    return alert.type.startsWith("service.") ? "SambungServiceDown" : "SambungSiteDown";
  return `Sambung${alert.condition.charAt(0).toUpperCase()}${alert.condition.slice(1)}`;
}

const basic = ({ user, password }: { user: string; password: string }) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
