import { defaultTimeZone } from "../inventory/local-time.ts";
import { conditionWords, hasCome } from "./condition-words.ts";
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
  if (payload.type === "digest") return digestText(payload, nowMs, moment, { language, ackUrl });
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
      ...people(w, alert, isOver, language),
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
  const { bad, good, come } = w.names[at.condition];
  const now = hasCome(at) ? (come ?? bad) : bad;
  const place = conditionPlace(at, language);
  if (at.correction !== undefined)
    return { subject: `${w.unwatched}: ${now} - ${place}`, lines: [w.unwatchedNote] };
  const isOver = at.type === "condition.up";
  const update = at.type === "condition.update" ? `${words[language].update}: ` : "";
  const lasted = sayDuration((at.endMs ?? nowMs) - at.startMs, language);
  const since = words[language].since(moment(at.startMs));
  return {
    subject: `${isOver ? good : `${update}${now}`} - ${place}`,
    lines: isOver
      ? [isOfAFigure(at) ? w.said[at.condition](at, lasted) : w.lasted(moment(at.startMs), lasted)]
      : [
          ...(isMany(at) && at.countBefore !== undefined ? [w.more(at.countBefore, at.count)] : []),
          ...(isOfAFigure(at) ? [] : [since]),
          w.said[at.condition](at, lasted),
          ...(isMany(at) ? [listOf(at.what, at.count, language)] : []),
          (hasCome(at) ? w.adviceLate[at.condition] : undefined) ?? w.advice[at.condition],
        ],
  };
}

/** When a certificate came so near its end, or a budget, says nothing to anybody. How near it is does. */
const isOfAFigure = ({ condition }: ConditionPayload) =>
  condition === "certificate" || condition === "slaBudget";

const isMany = ({ condition, count }: ConditionPayload) => condition === "agentSilent" && count > 1;

function conditionPlace(at: ConditionPayload, language: Language): string {
  if (at.condition === "certificate") return at.what.join(", ");
  return isMany(at) ? conditionWords[language].agents(at.count) : placeOf(at);
}

/** One line for each alert: what, where, from when to when; of a correction why there is one. */
function digestText(
  digest: DigestPayload,
  nowMs: number,
  moment: SayMoment,
  { language, ackUrl }: { language: Language; ackUrl: AckUrl | undefined },
): AlertText {
  const w = conditionWords[language];
  const address = digest.lasting.length === 0 ? null : (ackUrl?.(digest.alert, nowMs) ?? null);
  return {
    subject: w.digest(digest.items.length + digest.more),
    lines: [
      w.between(moment(digest.fromMs), moment(digest.toMs)),
      ...digest.items.map((item) => `- ${digestItem(item, nowMs, moment, language)}`),
      ...(digest.more === 0 ? [] : [w.others(digest.more)]),
      ...(digest.url === null ? [] : [`${words[language].details}: ${digest.url}`]),
      ...(address === null ? [] : [`${w.acknowledgeAll}: ${address}`]),
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
  return `${subject}: ${times === 1 ? once : w.cyclesOver(times, from, to)}`;
}

const timesOf = (item: AlertPayload | ConditionPayload) => (isCondition(item) ? (item.times ?? 1) : 1);

const isOver = ({ type }: AlertPayload | ConditionPayload) => type.endsWith(".up");

function asProblem<T extends AlertPayload | ConditionPayload>(item: T): T {
  return { ...item, type: `${item.type.slice(0, item.type.indexOf("."))}.down` };
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

/** What an update is about, and of what: a phone without threads shows it far from what was told before. */
function changes(w: Words, alert: AlertPayload): string[] {
  const { changes: all, sitesBefore, sites, kind, nameBefore } = alert;
  const isPattern = all.includes("pattern") && nameBefore === undefined;
  return [
    ...(nameBefore === undefined ? [] : [w.movedFrom(nameBefore)]),
    ...(isPattern && kind === "unstable" ? [w.nowUnstable] : []),
    ...(isPattern && kind === "outage" ? [w.nowLasting] : []),
    ...(all.includes("worsened") ? [w.worsened(sitesBefore ?? 0, sites.length)] : []),
    ...(all.includes("cause") ? [w.causeFound] : []),
  ];
}

function people(
  w: Words,
  { people: { known, unknownSites }, correction }: AlertPayload,
  isOver: boolean,
  language: Language,
): string[] {
  if (correction !== null) return [];
  // That something is not known is said while it lasts.
  if (known === 0) return unknownSites === 0 || isOver ? [] : [w.peopleUnknown(unknownSites)];
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
