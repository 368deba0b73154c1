import { conditionText, isOfAFigure } from "./condition-text.ts";
import { conditionWords } from "./condition-words.ts";
import { faultText } from "./fault-text.ts";
import type { AlertPayload, ConditionPayload, DigestPayload, Language } from "./payload.ts";
import { isCondition, isOver } from "./say.ts";
import type { AlertText, SayMoment } from "./say.ts";
import { sayDuration } from "./times.ts";
import { words } from "./words.ts";

/** One line for each alert: what, where, from when to when; of a correction why there is one. */
export function digestText(
  digest: DigestPayload,
  nowMs: number,
  moment: SayMoment,
  language: Language,
  ackAddress: string | null,
): AlertText {
  const w = conditionWords[language];
  return {
    subject: w.digest(digest.items.length + digest.more),
    lines: [
      w.between(moment(digest.fromMs), moment(digest.toMs)),
      ...digest.items.map((item) => `- ${digestItem(item, nowMs, moment, language)}`),
      ...(digest.more === 0 ? [] : [w.others(digest.more)]),
      ...(digest.url === null ? [] : [`${words[language].details}: ${digest.url}`]),
      ...(ackAddress === null ? [] : [`${w.acknowledgeAll}: ${ackAddress}`]),
    ],
  };
}

function digestItem(
  item: DigestPayload["items"][number],
  nowMs: number,
  moment: SayMoment,
  language: Language,
): string {
  const w = conditionWords[language];
  const textOf = (one: typeof item) =>
    isCondition(one) ? conditionText(one, nowMs, moment, language) : faultText(one, moment, language);
  const isSaidByItself = (item.correction ?? null) !== null || (isCondition(item) && isOfAFigure(item));
  if (isSaidByItself) {
    const { subject, lines } = textOf(isOver(item) ? item : asProblem(item));
    return `${subject}: ${lines[0]}`;
  }
  // What is over is named by what it was, and then told as over.
  const { subject } = textOf(asProblem(item));
  const { startMs, endMs } = item;
  const times = timesOf(item);
  const from = moment(startMs);
  if (!isOver(item) || endMs === null)
    return `${subject}: ${times === 1 ? w.stillOn(from) : w.cyclesOn(times, from)}`;
  const to = moment(endMs);
  const once = w.over(from, to, sayDuration(endMs - startMs, language));
  const left =
    isCondition(item) && item.stillSilent !== undefined ? `. ${w.stillSilent(item.stillSilent)}` : "";
  return `${subject}: ${times === 1 ? once : w.cyclesOver(times, from, to)}${left}`;
}

const timesOf = (item: AlertPayload | ConditionPayload) => (isCondition(item) ? (item.times ?? 1) : 1);

function asProblem<T extends AlertPayload | ConditionPayload>(item: T): T {
  return { ...item, type: `${item.type.slice(0, item.type.indexOf("."))}.down` };
}
