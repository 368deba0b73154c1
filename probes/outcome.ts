import { parseAck, parseNewKey } from "#wire/ack-v1.ts";
import type { AckV1 } from "#wire/ack-v1.ts";
import { parseSeqUsed } from "#wire/seq-used-v1.ts";
import type { SeqUsedV1 } from "#wire/seq-used-v1.ts";
import type { TransportResponse } from "./transport.ts";

/**
 * What became of a request.
 * `refused`: this message will never be taken. `denied`: the key is not (or no longer) good. `busy`: later, perhaps
 * not before retryAfterS. `unreachable`: no answer, or none of the collector's.
 */
export type Failure =
  | { kind: "refused"; reason: string }
  | { kind: "denied"; reason: string }
  | { kind: "busy"; reason: string; retryAfterS: number }
  | { kind: "unreachable"; reason: string };

/** Longest `Retry-After` that is obeyed, in s: a wrong one must not silence an agent for a year. */
const maxRetryAfterS = 3_600;
/** What a proxy in front of the collector says of a message that is too large, in its own words. */
const tooLarge = 413;

/** Reads an answer that is not a success. */
export function readFailure(response: TransportResponse): Failure {
  const { status } = response;
  const problem = readProblem(response);
  const reason = `${status}${problem === null ? "" : ` ${problem}`}`;
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: "busy", reason, retryAfterS: readRetryAfter(response.headers) };
  }
  // A captive portal answers 302, 403 or 404 to everybody. Only who speaks problem+json is taken for the collector.
  if (problem !== null && (status === 401 || status === 403)) return { kind: "denied", reason };
  if (status >= 400 && (problem !== null || status === tooLarge)) return { kind: "refused", reason };
  return { kind: "unreachable", reason: `answered ${status}, which is no answer of a collector` };
}

export type BatchOutcome =
  | { kind: "acked"; ack: AckV1 }
  /** The collector has other rounds under this seq. */
  | { kind: "used"; stored: SeqUsedV1 }
  | Failure;

export function readAck(response: TransportResponse, seq: number): BatchOutcome {
  if (response.status === 422) {
    const stored = readSeqUsed(response.body);
    if (stored !== null) return { kind: "used", stored };
  }
  if (response.status !== 200) return readFailure(response);
  try {
    const ack = parseAck(JSON.parse(response.body));
    if (ack.acked === seq) return { kind: "acked", ack };
    return { kind: "unreachable", reason: `acknowledged ${ack.acked} instead of ${seq}` };
  } catch (error) {
    const { message } = error as Error;
    return { kind: "unreachable", reason: hideSecrets(`answered 200 without an ack: ${message}`) };
  }
}

/** Reads the answer to POST /api/v1/agent/key. What is wrong with it is said without repeating any of it. */
export function readNewKey(response: TransportResponse): { kind: "key"; key: string } | Failure {
  if (response.status !== 201) return readFailure(response);
  try {
    return { kind: "key", key: parseNewKey(JSON.parse(response.body)).key };
  } catch {
    return { kind: "unreachable", reason: "answered 201 without a key" };
  }
}

function readSeqUsed(body: string): SeqUsedV1 | null {
  try {
    return parseSeqUsed(JSON.parse(body));
  } catch {
    return null;
  }
}

/** The detail, else the title, of an RFC 9457 problem; null when the answer is none. */
function readProblem({ headers, body }: TransportResponse): string | null {
  if (!(headers["content-type"] ?? "").startsWith("application/problem+json")) return null;
  try {
    const problem = JSON.parse(body) as { detail?: unknown; title?: unknown } | null;
    const text = problem?.detail ?? problem?.title ?? "";
    return hideSecrets(typeof text === "string" ? text : "").slice(0, 400);
  } catch {
    return null;
  }
}

/** Reasons go into logs and events: a collector that repeats what it was sent must not put a key there. */
export function hideSecrets(text: string): string {
  return text.replaceAll(/\b(sb[a-z]_)[0-9A-Za-z]+/g, "$1…");
}

/** Seconds, or a date (RFC 9110 §10.2.3): against the date of the answer, since the clock of the board may be wrong. */
function readRetryAfter({ "retry-after": header = "", date = "" }: TransportResponse["headers"]): number {
  const isSeconds = /^\d{1,9}$/.test(header);
  const afterS = isSeconds ? Number(header) : (Date.parse(header) - Date.parse(date)) / 1000;
  return afterS > 0 ? Math.min(afterS, maxRetryAfterS) : 0;
}
