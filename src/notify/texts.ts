import { defaultTimeZone } from "../inventory/local-time.ts";
import { conditionText } from "./condition-text.ts";
import { conditionWords } from "./condition-words.ts";
import { digestText } from "./digest-text.ts";
import { faultText } from "./fault-text.ts";
import type { Language, Payload } from "./payload.ts";
import { isCondition, isOver } from "./say.ts";
import type { AlertText } from "./say.ts";
import { sayMoment } from "./times.ts";
import { words } from "./words.ts";

export interface TextOptions {
  /** Default: `id`, Indonesian. */
  language?: Language;
  /** IANA zone in which times are said. Default: Asia/Makassar (WITA). */
  timeZone?: string;
  /** Where somebody can say that they know of an alert; null: nowhere. Default: nowhere. */
  ackUrl?: AckUrl;
}

/** `createdMs`: of the message, so that every retry says the same. */
export type AckUrl = (alert: string, createdMs: number) => string | null;

/** `nowMs` is when the message was made, not sent: a retry says the same words. */
export function formatAlert(payload: Payload, nowMs: number, options: TextOptions = {}): AlertText {
  const { language = "id", timeZone = defaultTimeZone, ackUrl } = options;
  const moment = (timeMs: number) => sayMoment(timeMs, nowMs, language, timeZone);
  const address = mayAnswer(payload) ? (ackUrl?.(payload.alert, nowMs) ?? null) : null;
  if (payload.type === "digest") return digestText(payload, nowMs, moment, language, address);
  const text = isCondition(payload)
    ? conditionText(payload, nowMs, moment, language)
    : faultText(payload, moment, language);
  const own = conditionWords[language];
  const { escalation } = payload;
  return {
    subject: escalation === undefined ? text.subject : `${own.escalated}: ${text.subject}`,
    lines: [
      ...(escalation === undefined ? [] : [own.nobodyKnows(escalation.waitedMin)]),
      ...(escalation?.providers ?? []).map(({ name, atMs }) => own.providerKnows(name, moment(atMs))),
      ...text.lines,
      ...(payload.url === null ? [] : [`${words[language].details}: ${payload.url}`]),
      ...(address === null ? [] : [`${own.acknowledge}: ${address}`]),
    ],
  };
}

/**
 * As formatAlert, but of a digest no more lines than fit; the rest is counted, so that nobody takes what was cut for all
 * that there is.
 */
export function formatToFit(
  payload: Payload,
  nowMs: number,
  options: TextOptions,
  fits: (text: AlertText) => boolean,
): AlertText {
  const whole = formatAlert(payload, nowMs, options);
  if (payload.type !== "digest" || fits(whole)) return whole;
  const { items, more } = payload;
  const withItems = (count: number) =>
    formatAlert(
      { ...payload, items: items.slice(0, count), more: more + items.length - count },
      nowMs,
      options,
    );
  let [least, tooMany] = [0, items.length];
  while (tooMany - least > 1) {
    const middle = Math.floor((least + tooMany) / 2);
    if (fits(withItems(middle))) least = middle;
    else tooMany = middle;
  }
  return withItems(least);
}

/** Whether there is anything left to be known of. */
export function mayAnswer(payload: Payload): boolean {
  return payload.type === "digest" ? payload.lasting.length > 0 : !isOver(payload);
}
