import type { OutboxMessage } from "../state/state-store.ts";
import { cutBytes } from "./cut.ts";
import type { Channel, Outcome } from "./channel.ts";
import { alertOf } from "./channel.ts";
import type { Answer } from "./http-post.ts";
import { post, retryAfterS } from "./http-post.ts";
import type { Payload } from "./payload.ts";
import type { AlertText } from "./say.ts";
import type { TextOptions } from "./texts.ts";
import { formatToFit } from "./texts.ts";

/*
 * ntfy (docs.ntfy.sh/publish, "Publish as JSON"): one POST to the root of the server, the topic is in the body.
 */

export interface NtfyOptions extends TextOptions {
  id: string;
  /** Root of the server, such as https://ntfy.example.go.id. */
  url: string;
  /** 1 to 64 letters, digits, `-` or `_`. Whoever knows it can read it, unless the server asks for a token. */
  topic: string;
  /** `tk_…`, where the server asks for one. Default: none. */
  token?: string;
  /** Until the answer is read, ms. Default 15,000, from 1 to 30,000. */
  timeoutMs?: number;
  now: () => number;
}

/** A longer message becomes an attachment, which a phone on a thin link does not fetch. */
const maxMessageBytes = 4_096;

export function createNtfyChannel(options: NtfyOptions): Channel {
  const { id, topic, token, timeoutMs = 15_000, now } = options;
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return {
    id,
    async deliver(message, signal) {
      const body = JSON.stringify({ topic, ...ntfyText(message, options) });
      const answer = await post({ url: options.url, headers, body, timeoutMs }, signal);
      return "delivered" in answer ? answer : readAnswer(answer, now());
    },
  };
}

/** What a phone shows, and how loudly: 5 urgent, 4 high, 3 default, 2 low. */
export function ntfyText(message: OutboxMessage, options: TextOptions = {}) {
  const alert = alertOf(message);
  const detailOf = ({ lines }: AlertText) => lines.join("\n");
  const fits = (text: AlertText) => Buffer.byteLength(detailOf(text)) <= maxMessageBytes;
  const text = formatToFit(alert, message.createdMs, options, fits);
  return {
    title: text.subject,
    message: cutBytes(detailOf(text), maxMessageBytes),
    priority: priorityOf(alert),
    tags: [alert.type.endsWith(".up") ? "white_check_mark" : "rotating_light"],
    ...(alert.url === null ? {} : { click: alert.url }),
  };
}

const priorities = { low: 2, medium: 3, high: 4, critical: 5 } as const;

/** What is over or has changed wakes nobody, and a digest is no more urgent than its hour. */
function priorityOf({ type, severity }: Payload): number {
  return type.endsWith(".down") ? priorities[severity] : Math.min(3, priorities[severity]);
}

function readAnswer({ status, headers, text }: Answer, nowMs: number): Outcome {
  const said = parseAnswer(text);
  // A captive portal says 200 as well, and has no message to name.
  if (status === 200 && typeof said.id === "string") return { delivered: true };
  const waitS = retryAfterS(headers.get("retry-after"), nowMs);
  return {
    delivered: false,
    // 400, 413: this message will never do. What a token may not (401, 403) its owner may allow.
    permanent: status === 400 || status === 413,
    reason: reasonOf(status, said),
    ...(waitS === undefined ? {} : { retryAfterS: waitS }),
  };
}

function reasonOf(status: number, said: ReturnType<typeof parseAnswer>): string {
  if (status === 200) return "answered 200, but not as ntfy does (no id)";
  return `answered ${status}${typeof said.error === "string" ? `: ${said.error}` : ""}`;
}

function parseAnswer(text: string): { id?: unknown; error?: unknown } {
  try {
    return (JSON.parse(text) as { id?: unknown; error?: unknown } | null) ?? {};
  } catch {
    return {};
  }
}
