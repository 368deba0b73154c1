import { conditionWords, hasCome } from "./condition-words.ts";
import type { ConditionPayload, Language } from "./payload.ts";
import { listOf, placeOf } from "./say.ts";
import type { AlertText, SayMoment } from "./say.ts";
import { sayDuration } from "./times.ts";
import { words } from "./words.ts";

/** What is said of a condition. */
export function conditionText(
  at: ConditionPayload,
  nowMs: number,
  moment: SayMoment,
  language: Language,
): AlertText {
  const w = conditionWords[language];
  const { bad, good, come } = w.names[at.condition];
  const now = hasCome(at) ? (come ?? bad) : bad;
  const place = conditionPlace(at, language);
  if (at.correction !== undefined)
    return { subject: `${w.unwatched}: ${now} - ${place}`, lines: [w.unwatchedNote(at)] };
  const isOver = at.type === "condition.up";
  const update = at.type === "condition.update" ? `${words[language].update}: ` : "";
  const lasted = sayDuration((at.endMs ?? nowMs) - at.startMs, language);
  const since = words[language].since(moment(at.startMs));
  return {
    subject: `${isOver ? good : `${update}${now}`} - ${place}`,
    lines: isOver
      ? [
          isOfAFigure(at) ? w.said[at.condition](at, lasted) : w.lasted(moment(at.startMs), lasted),
          ...(at.stillSilent === undefined ? [] : [w.stillSilent(at.stillSilent)]),
        ]
      : [
          ...(isMany(at) && at.countBefore !== undefined ? [w.more(at.countBefore, at.count)] : []),
          ...(isOfAFigure(at) ? [] : [since]),
          w.said[at.condition](at, lasted),
          ...(isMany(at) ? [listOf(at.what, at.count, language)] : []),
          (hasCome(at) ? w.adviceLate[at.condition] : undefined) ?? w.advice[at.condition],
        ],
  };
}

/** When a certificate came so near its end, or a budget, or a report was overtaken, says nothing to anybody. How near it is does. */
export const isOfAFigure = ({ condition }: ConditionPayload) =>
  condition === "certificate" || condition === "slaBudget" || condition === "slaIssue";

const isMany = ({ condition, count }: ConditionPayload) => condition === "agentSilent" && count > 1;

function conditionPlace(at: ConditionPayload, language: Language): string {
  if (at.condition === "certificate" || at.condition === "partnerWebhook") return at.what.join(", ");
  if (at.condition === "slaIssue") return at.what[0] ?? at.name;
  if (!isMany(at)) return placeOf(at);
  const w = conditionWords[language];
  const left = at.type === "condition.up" ? at.stillSilent?.length : undefined;
  return left === undefined ? w.agents(at.count) : w.agentsBut(at.count, left);
}
