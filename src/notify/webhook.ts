import { createHmac } from "node:crypto";
import type { OutboxMessage } from "../state/state-store.ts";
import type { Channel } from "./channel.ts";
import { alertOf } from "./channel.ts";
import { webhookKey, webhookSecretAllowed, webhookUrl, webhookUrlAllowed } from "./credentials.ts";
import { post, retryAfterS } from "./http-post.ts";
import type { AlertPayload, ConditionPayload } from "./payload.ts";

/*
 * Standard Webhooks 1.0.0 (standardwebhooks.com).
 *
 *   webhook-id:        the message's id, the same in every retry: what receivers deduplicate by
 *   webhook-timestamp: unix seconds of this attempt
 *   webhook-signature: "v1,<base64 HMAC-SHA256 of id.timestamp.body>", one for each secret, separated by spaces
 *
 *   { "type": "site.down", "timestamp": "2026-03-05T01:10:00.000Z", "data": { incident, root, name, … } }
 *
 * Only 2xx is success. 410 says that the endpoint is gone for good. Private addresses are allowed: the URL comes from
 * the operator's own configuration, and a partner's system may well be on the government network.
 */

export interface WebhookOptions {
  id: string;
  /** https, or http inside a trusted network. User and password in it are refused. */
  url: string;
  /** `whsec_` and base64 of 24 to 64 bytes. Several while one is being replaced: each signs. */
  secrets: readonly string[];
  /** Until the answer is read, ms. Default 15,000, from 1 to 30,000. */
  timeoutMs?: number;
  now: () => number;
}

/** The specification asks for bodies under about 20 kB. */
const maxBodyBytes = 20_000;

export function createWebhookChannel(options: WebhookOptions): Channel {
  const { id, timeoutMs = 15_000, now } = options;
  const url = checkUrl(id, options.url);
  const keys = options.secrets.map((secret) => secretKey(id, secret));
  if (keys.length === 0) throw new Error(`webhook ${id}: secrets: none given; expected at least one`);
  return {
    id,
    isMachine: true,
    async deliver(message, signal) {
      const nowMs = now();
      const body = webhookBody(message);
      const timestamp = String(Math.floor(nowMs / 1000));
      const headers = {
        "content-type": "application/json",
        "user-agent": "sambung",
        "webhook-id": message.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": keys.map((key) => signWebhook(key, message.id, timestamp, body)).join(" "),
      };
      const answer = await post({ url, headers, body, timeoutMs }, signal);
      if ("delivered" in answer) return answer;
      if (answer.status >= 200 && answer.status < 300) return { delivered: true };
      const waitS = retryAfterS(answer.headers.get("retry-after"), nowMs);
      return {
        delivered: false,
        permanent: answer.status === 410,
        reason: `answered ${answer.status}`,
        ...(waitS === undefined ? {} : { retryAfterS: waitS }),
      };
    },
  };
}

/** One signature of the scheme v1. */
export function signWebhook(key: Buffer, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

/** The body is made from the stored message alone, so that every retry sends the same bytes. */
function webhookBody(message: OutboxMessage): string {
  // Digests are for people.
  const alert = alertOf(message) as AlertPayload | ConditionPayload;
  const whole = body(message, alert);
  if (Buffer.byteLength(whole) < maxBodyBytes) return whole;
  // Counts stay true; what can be read again by the incident's id goes.
  if ("condition" in alert) return body(message, { ...alert, sites: [] });
  const { behind, unmeasured } = alert;
  return body(message, {
    ...alert,
    evidence: [],
    sites: [],
    behind: { ...behind, names: [] },
    unmeasured: { ...unmeasured, names: [] },
  });
}

function body(message: OutboxMessage, alert: AlertPayload | ConditionPayload): string {
  const { type, startMs, endMs, ...rest } = alert;
  const data = {
    ...rest,
    start: new Date(startMs).toISOString(),
    end: endMs === null ? null : new Date(endMs).toISOString(),
  };
  return JSON.stringify({ type, timestamp: new Date(message.createdMs).toISOString(), data });
}

function checkUrl(id: string, given: string): string {
  const url = webhookUrl(given);
  if (url === null) throw new Error(`webhook ${id}: url: expected ${webhookUrlAllowed}`);
  return url.href;
}

/** The secret itself is not shown: this text ends in a terminal or a log. */
function secretKey(id: string, secret: string): Buffer {
  const key = webhookKey(secret);
  if (key === null) throw new Error(`webhook ${id}: secrets: expected ${webhookSecretAllowed}`);
  return key;
}
