import { defaultTimeZone } from "../inventory/local-time.ts";
import { conditionWords } from "./condition-words.ts";
import type { AlertPayload, ConditionPayload, DigestPayload, Language, Payload } from "./payload.ts";
import { sayDuration, sayMoment } from "./times.ts";
import type { Words } from "./words.ts";
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

export interface AlertText {
  /** One line, such as "PUTUS - Mekar Baru (Busang)". */
  subject: string;
  /** What follows it, most urgent first; plain text, one thought a line. */
  lines: string[];
}

/** `nowMs` is when the message was made, not sent: a retry says the same words. */
export function formatAlert(payload: Payload, nowMs: number, options: TextOptions = {}): AlertText {
  const { language = "id", timeZone = defaultTimeZone, ackUrl } = options;
  const moment = (timeMs: number) => sayMoment(timeMs, nowMs, language, timeZone);
  if (payload.type === "digest") return digestText(payload, moment, language);
  const text = isCondition(payload)
    ? conditionText(payload, nowMs, moment, language)
    : faultText(payload, moment, language);
  const own = conditionWords[language];
  const { escalation } = payload;
  const address = payload.type.endsWith(".up") ? null : (ackUrl?.(payload.alert, nowMs) ?? null);
  return {
    subject: escalation === undefined ? text.subject : `${own.escalated}: ${text.subject}`,
    lines: [
      ...(escalation === undefined ? [] : [own.nobodyKnows(escalation.waitedMin)]),
      ...text.lines,
      ...(payload.url === null ? [] : [`${words[language].details}: ${payload.url}`]),
      ...(address === null ? [] : [`${own.acknowledge}: ${address}`]),
    ],
  };
}

function isCondition(payload: AlertPayload | ConditionPayload): payload is ConditionPayload {
  return payload.type.startsWith("condition.");
}

function faultText(alert: AlertPayload, moment: SayMoment, language: Language): AlertText {
  const w = words[language];
  const isOver = alert.type.endsWith(".up");
  return {
    subject: isOver ? endSubject(w, alert, moment) : problemSubject(w, alert),
    lines: [
      ...(isOver ? [] : changes(w, alert)),
      ...(isOver ? resolution(w, alert, moment, language) : problem(w, alert, moment)),
      ...impact(w, alert, language),
      ...people(w, alert, language),
      ...unmeasured(w, alert, language),
      ...evidence(w, alert, language),
      ...link(w, alert),
    ],
  };
}

function conditionText(
  at: ConditionPayload,
  nowMs: number,
  moment: SayMoment,
  language: Language,
): AlertText {
  const w = conditionWords[language];
  const { bad, good } = w.names[at.condition];
  const isOver = at.endMs !== null;
  const lasted = sayDuration((at.endMs ?? nowMs) - at.startMs, language);
  const since = words[language].since(moment(at.startMs));
  return {
    subject: `${isOver ? good : bad} - ${conditionPlace(at, language)}`,
    lines: isOver
      ? [w.lasted(moment(at.startMs), lasted)]
      : [
          ...(timeless.includes(at.condition) ? [] : [since]),
          w.said[at.condition](at, lasted),
          ...(at.condition === "agentSilent" && at.count > 1 ? [listOf(at.what, at.count, language)] : []),
          w.advice[at.condition],
        ],
  };
}

/** When a certificate came so near its end, or a budget, or when a report was overtaken, says nothing to anybody. */
const timeless: readonly ConditionPayload["condition"][] = ["certificate", "slaBudget", "slaIssue"];

function conditionPlace(at: ConditionPayload, language: Language): string {
  if (at.condition === "certificate") return at.what.join(", ");
  if (at.condition === "slaIssue") return at.what[0] ?? at.name;
  const isMany = at.condition === "agentSilent" && at.count > 1;
  return isMany ? conditionWords[language].agents(at.count) : placeOf(at);
}

/** One line for each alert: what, where, from when to when. */
function digestText(digest: DigestPayload, moment: SayMoment, language: Language): AlertText {
  const w = conditionWords[language];
  const lines = digest.items.map(({ payload, saidMs }) => {
    // What is over is named by what it was, and then told as over.
    const text = isCondition(payload)
      ? conditionText({ ...payload, endMs: null }, saidMs, moment, language)
      : faultText({ ...payload, type: asProblem(payload) }, moment, language);
    const { startMs, endMs } = payload;
    const times =
      endMs === null || !payload.type.endsWith(".up")
        ? w.stillOn(moment(startMs))
        : w.over(moment(startMs), moment(endMs), sayDuration(endMs - startMs, language));
    return `- ${text.subject}: ${times}`;
  });
  return {
    subject: w.digest(digest.items.length + digest.more),
    lines: [
      w.between(moment(digest.fromMs), moment(digest.toMs)),
      ...lines,
      ...(digest.more === 0 ? [] : [w.more(digest.more)]),
      ...(digest.url === null ? [] : [`${words[language].details}: ${digest.url}`]),
    ],
  };
}

function asProblem({ type, correction }: AlertPayload): AlertPayload["type"] {
  if (correction !== null) return type;
  return type.startsWith("site") ? "site.down" : "service.down";
}

type SayMoment = (timeMs: number) => string;

const isAboutService = (alert: AlertPayload) => alert.service !== null || alert.root.startsWith("service:");

function problemSubject(w: Words, alert: AlertPayload): string {
  const isMass = alert.kind === "area" || (alert.behind.count > 0 && !isAboutService(alert));
  const word =
    alert.kind === "unstable"
      ? w.unstable
      : isAboutService(alert)
        ? w.serviceDown
        : isMass
          ? w.massOutage
          : w.down;
  const many = isMass && alert.kind !== "area" && alert.kind !== "unstable";
  const what = many ? w.andOthers(placeOf(alert), alert.behind.count) : subjectOf(w, alert);
  return `${alert.type.endsWith(".update") ? `${w.update}: ` : ""}${word} - ${what}`;
}

function endSubject(w: Words, alert: AlertPayload, moment: SayMoment): string {
  const what = subjectOf(w, alert);
  if (alert.correction !== null) return `${w.corrected} - ${what}`;
  const word = alert.kind === "unstable" ? w.stableAgain : w.backToNormal;
  return `${word} - ${what}${alert.endMs === null ? "" : `, ${moment(alert.endMs)}`}`;
}

function subjectOf(w: Words, alert: AlertPayload): string {
  if (alert.kind === "area") return w.sitesIn(alert.behind.count, placeOf(alert));
  return isAboutService(alert) ? serviceAt(w, alert, placeOf(alert)) : placeOf(alert);
}

/** A service that is out of reach from one place names both; one that is down itself needs no place. */
function serviceAt(w: Words, alert: AlertPayload, place: string): string {
  return alert.service === null || alert.root.startsWith("service:")
    ? alert.name
    : w.seenFrom(alert.service.name, place);
}

function placeOf(alert: Pick<AlertPayload, "name" | "kecamatan">): string {
  return alert.kecamatan === null ? alert.name : `${alert.name} (${alert.kecamatan})`;
}

function problem(w: Words, alert: AlertPayload, moment: SayMoment): string[] {
  const { cause, confidence } = alert;
  return [
    w.since(moment(alert.startMs)),
    ...(alert.kind === "unstable" ? [w.unstableNote] : []),
    cause === "unknown" ? w.causeUnknown : w.suspectedCause(w.causes[cause], w.confidences[confidence]),
  ];
}

function resolution(w: Words, alert: AlertPayload, moment: SayMoment, language: Language): string[] {
  if (alert.correction !== null) return [w.correction[alert.correction](alert.partOf ?? "")];
  const { startMs, endMs, cause, confidence } = alert;
  const sayLasted = alert.kind === "unstable" ? w.unstableFor : w.lasted;
  const lasted =
    endMs === null
      ? w.since(moment(startMs))
      : sayLasted(moment(startMs), sayDuration(endMs - startMs, language));
  if (cause === "unknown") return [lasted, w.causeUnknown];
  // Only what the evidence settled is said without "suspected", also when it is over.
  return [
    lasted,
    confidence === "high"
      ? w.finalCause(w.causes[cause])
      : w.suspectedCause(w.causes[cause], w.confidences[confidence]),
  ];
}

function impact(w: Words, alert: AlertPayload, language: Language): string[] {
  const { count, names } = alert.behind;
  if (count === 0 || alert.correction !== null) return [];
  const isRootAside = alert.kind === "area" || alert.root.startsWith("service:");
  const head = isRootAside ? w.affected(count) : w.behind(count);
  if (names.length === 0) return [`${head}.`];
  return [`${head}: ${listOf(names, count, language)}`];
}

/** The first of `count`, by name. */
function listOf(names: readonly string[], count: number, language: Language): string {
  const rest = count - names.length;
  if (rest > 0) return `${names.join(", ")}, ${words[language].andMore(rest)}.`;
  return `${new Intl.ListFormat(language === "id" ? "id-ID" : "en-GB").format(names)}.`;
}

/** What an update is about. That the fault lies elsewhere its subject says. */
function changes(w: Words, { changes: all, sitesBefore, sites }: AlertPayload): string[] {
  return [
    ...(all.includes("worsened") ? [w.worsened(sitesBefore ?? 0, sites.length)] : []),
    ...(all.includes("cause") ? [w.causeFound] : []),
  ];
}

function people(
  w: Words,
  { people: { known, unknownSites }, correction }: AlertPayload,
  language: Language,
): string[] {
  if (known === 0 || correction !== null) return [];
  const count = new Intl.NumberFormat(language === "id" ? "id-ID" : "en-GB").format(known);
  return [w.people(count, unknownSites)];
}

function unmeasured(
  w: Words,
  { unmeasured: { count, names }, correction, type }: AlertPayload,
  language: Language,
): string[] {
  if (count === 0 || correction !== null || type.endsWith(".up")) return [];
  return [`${w.unmeasured(count)}${names.length === 0 ? "." : `: ${listOf(names, count, language)}`}`];
}

function evidence(w: Words, alert: AlertPayload, language: Language): string[] {
  if (alert.evidence.length === 0 || alert.correction !== null) return [];
  return [`${w.evidence}:`, ...alert.evidence.map((said) => `- ${said[language]}`)];
}

function link(w: Words, alert: AlertPayload): string[] {
  if (alert.link === null) return [];
  const { provider, technology, circuitId } = alert.link;
  const circuit = circuitId === null ? "" : `, ${w.circuit} ${circuitId}`;
  return [`${w.link}: ${provider}, ${w.technologies[technology]}${circuit}.`];
}
