import type { AlertPayload, Language } from "./payload.ts";
import { defaultTimeZone, sayDuration, sayMoment } from "./times.ts";
import type { Words } from "./words.ts";
import { words } from "./words.ts";

export interface TextOptions {
  /** Default: `id`, Indonesian. */
  language?: Language;
  /** IANA zone in which times are said. Default: Asia/Makassar (WITA). */
  timeZone?: string;
}

export interface AlertText {
  /** One line, such as "PUTUS - Mekar Baru (Busang)". */
  subject: string;
  /** What follows it, most urgent first; plain text, one thought a line. */
  lines: string[];
}

/** `nowMs` is when the message was made, not sent: a retry says the same words. */
export function formatAlert(alert: AlertPayload, nowMs: number, options: TextOptions = {}): AlertText {
  const { language = "id", timeZone = defaultTimeZone } = options;
  const w = words[language];
  const moment = (timeMs: number) => sayMoment(timeMs, nowMs, language, timeZone);
  const isOver = alert.type.endsWith(".up");
  return {
    subject: isOver ? endSubject(w, alert, moment) : problemSubject(w, alert),
    lines: [
      ...(isOver ? resolution(w, alert, moment, language) : problem(w, alert, moment)),
      ...impact(w, alert, language),
      ...evidence(w, alert, language),
      ...link(w, alert),
      ...(alert.url === null ? [] : [`${w.details}: ${alert.url}`]),
    ],
  };
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

function placeOf(alert: AlertPayload): string {
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
  const rest = count - names.length;
  if (names.length === 0) return [`${head}.`];
  if (rest > 0) return [`${head}: ${names.join(", ")}, ${w.andMore(rest)}.`];
  return [`${head}: ${new Intl.ListFormat(language === "id" ? "id-ID" : "en-GB").format(names)}.`];
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
