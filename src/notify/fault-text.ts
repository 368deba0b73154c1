import type { AlertPayload, Language } from "./payload.ts";
import { listOf, placeOf } from "./say.ts";
import type { AlertText, SayMoment } from "./say.ts";
import { sayDuration } from "./times.ts";
import type { Words } from "./words.ts";
import { words } from "./words.ts";

/** What is said of a place that is cut off, or a service that is out of reach. */
export function faultText(alert: AlertPayload, moment: SayMoment, language: Language): AlertText {
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
