import type { NotDelivered } from "./channel.ts";

/** What came back: the status and, when asked for, the first 64 KiB of the body. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

const maxAnswerBytes = 65_536;

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Until the answer is read, ms. */
  timeoutMs: number;
}

/**
 * One POST that follows no redirect: a signed message goes to the address that the operator wrote down, or nowhere.
 * An answer of any status is an Answer; without one the outcome says why.
 */
export async function post(request: Post, signal: AbortSignal): Promise<Answer | NotDelivered> {
  try {
    const response = await fetch(request.url, {
      method: "POST",
      headers: request.headers,
      body: request.body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)]),
    });
    return { status: response.status, headers: response.headers, text: await readSome(response) };
  } catch (error) {
    return { delivered: false, permanent: false, reason: reasonOf(error, request.timeoutMs) };
  }
}

async function readSome(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  if (response.body === null) return text;
  let bytes = 0;
  // Leaving the loop cancels the rest: an endless answer costs no more than this.
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    bytes += chunk.byteLength;
    if (bytes >= maxAnswerBytes) break;
  }
  return text + decoder.decode();
}

/** fetch says only "fetch failed"; the reason is in its cause. Neither holds the URL, so no token gets into logs. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  const cause = error.cause as (Error & { code?: string }) | undefined;
  return cause === undefined ? error.message : cause.message || (cause.code ?? error.message);
}

/** Seconds that `Retry-After` asks for, in either form of RFC 9110 §10.2.3; undefined when it says nothing usable. */
export function retryAfterS(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value);
  // Date.parse takes much more than an HTTP-date: "-5" is a day in 2001 to it.
  const dateMs = value.trim().endsWith(" GMT") ? Date.parse(value) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, Math.ceil((dateMs - nowMs) / 1000));
}
