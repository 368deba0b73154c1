import { SeriesTrouble } from "./series-trouble.ts";

/** What an answer means, in words for an operator; null: all is well. */
export type Explain = (status: number | null, body: string) => string | null;

export interface Answer {
  body: string;
  /** The engine's own clock less ours, ms; null: it does not say. To a second. */
  aheadMs: number | null;
}

/** Asks an engine over HTTP; throws SeriesTrouble where it does not answer, or not with success. */
export async function askEngine(
  url: string,
  options: { headers: Record<string, string>; timeoutMs: number; body?: URLSearchParams; now: () => number },
  explain: Explain,
): Promise<Answer> {
  let status: number | null = null;
  let text: string;
  let date: string | null;
  try {
    const response = await fetch(url, {
      headers: options.headers,
      signal: AbortSignal.timeout(options.timeoutMs),
      redirect: "error",
      ...(options.body === undefined ? {} : { method: "POST", body: options.body }),
    });
    status = response.status;
    date = response.headers.get("date");
    text = await response.text();
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message;
    throw new SeriesTrouble(explain(null, cause) ?? cause, error);
  }
  const why = status < 300 ? null : explain(status, text);
  if (why !== null) throw new SeriesTrouble(why);
  const atMs = date === null ? Number.NaN : Date.parse(date);
  return { body: text, aheadMs: Number.isNaN(atMs) ? null : atMs - options.now() };
}

/** Clocks that differ by more than this make rounds of the future, or of the past, ms. */
const mostAheadMs = 60_000;

/** Throws SeriesTrouble where the engine's clock is another than ours. */
export function checkClock(name: string, { aheadMs }: Answer): void {
  if (aheadMs === null || Math.abs(aheadMs) <= mostAheadMs) return;
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  throw new SeriesTrouble(
    aheadMs < 0
      ? `this machine's clock is ${seconds} s in the future, as ${name} sees it: set both by NTP; rounds are taken by their own time`
      : `the clock of ${name} is ${seconds} s in the future, as this machine sees it: set both by NTP; it may hide the newest rounds`,
  );
}

/** What of the troubles of any engine is the same: nobody there, no room, only reading. No address: anybody may ask /readyz. */
export function explainCommon(name: string, status: number | null, body: string): string {
  const said = body.replace(/\s+/g, " ").trim().slice(0, 200);
  if (status === null)
    return `${name} cannot be reached (${said}): start it, or see series.url in sambung.yaml`;
  if (status === 401 || status === 403)
    return `${name} does not accept the token (${status} ${said}): see series.token in sambung.yaml, and what it may write and read`;
  if (/no space left|disk full|not enough disk space/i.test(said))
    return `the disk of ${name} is full (${said}): make room there, or shorten its retention`;
  if (/read-?only/i.test(said))
    return `${name} can only be read (${said}): it turns so where its disk is nearly full, or where somebody said so`;
  return `${name} refuses what is asked (${status} ${said})`;
}
