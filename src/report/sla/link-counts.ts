import { exclusionKinds } from "../../inventory/contract.ts";
import type { Contract, ExclusionKind } from "../../inventory/contract.ts";
import type { Span } from "../../inventory/spans.ts";
import { joinSpans } from "../../inventory/spans.ts";
import type { StateSegment } from "../../outage/table.ts";
import type { AccountedBlip, Standing } from "../../relation/account.ts";
import { lostWithin } from "../../relation/blips.ts";
import { intersect, lengthMs, subtract, unite } from "./spans.ts";

/*
 * A link's month against its contract. Every ms of the month is in one class:
 *
 *   month = outside + ahead + Σ excluded + expectedOff + up + counted + short + blip + notMeasured
 *
 *   outside      of the hours in which service is owed
 *   ahead        of a month that is not over
 *   excluded     what the contract takes out, each ms for the first of its reasons (contract.ts has the order)
 *   expectedOff  the site has no electricity at these hours
 *   up, notMeasured
 *   counted      outages longer than the contract's threshold
 *   short        outages up to it
 *   blip         single lost rounds: time that was lost, and no outage
 *
 * An outage is a run of down, whole, also beyond the month: it is as long as what is left of it without the excluded parts,
 * and so long it is held against the threshold; a month has of it what lies in the month. Hours without supply are no part
 * of it, and do not end it: what fails before them and is still down after them is one fault (relation/account.ts).
 */

/** Time for which somebody says that the provider does not answer. */
export interface Exclusion {
  kind: Exclude<ExclusionKind, "power">;
  id: string;
  fromMs: number;
  toMs: number;
  reason: string;
  author: string;
}

export interface LinkMonth {
  /** Epoch ms; the month of the local calendar. */
  month: Span;
  /** Whole seconds, epoch ms: nothing is known of what comes after it. */
  nowMs: number;
  /** When the link is in force; default: always. Of what lies beyond nothing can become known. */
  days?: Span;
  /**
   * The longest interval of what tells of the link, ms: for so long at most an outage is taken to have begun before, or to have
   * gone on after, its rounds where nobody measured; default: 0.
   */
  edgeMs?: number;
  /** Of the link, ascending; outages that reach past the month whole. What no segment covers was not measured. */
  segments: readonly StateSegment[];
  standingOf: (segment: StateSegment) => Standing;
  blips: readonly AccountedBlip[];
  terms: Pick<Contract, "excludes" | "thresholdS">;
  /** When service is owed within a stretch. */
  service: (span: Span) => Span[];
  exclusions: readonly Exclusion[];
  /**
   * Since when the link is under its provider, epoch ms: nothing before it is in the segments, nor held against anybody. Default: 0,
   * always.
   */
  sinceMs?: number;
}

export const verdicts = ["counted", "short", "excluded", "outside"] as const;
/** `outside`: no part of it lies in the month's hours of service. */
export type OutageVerdict = (typeof verdicts)[number];

export interface SlaOutage {
  fromMs: number;
  /** null while it lasts. */
  toMs: number | null;
  verdict: OutageVerdict;
  /** Without what is excluded, and the hours without supply in its midst; also beyond the month. */
  lengthMs: number;
  /** Of it, in this month's hours of service. */
  inMonthMs: number;
  /** Whole run; only kinds with time. */
  excludedMs: Partial<Record<ExclusionKind, number>>;
  /** Its stretches by cause. */
  causes: { cause: string; fromMs: number; toMs: number }[];
}

/**
 * So far before and behind the month outages are looked for, ms; one that reaches further is followed to its end, and is as
 * long as what is known of it before.
 */
export const marginMs = 35 * 86_400_000;

export interface LinkCounts {
  monthMs: number;
  serviceMs: number;
  outsideMs: number;
  aheadMs: number;
  excludedMs: Record<ExclusionKind, number>;
  /** Of it, what was down. No class of the month. */
  excludedDownMs: Record<ExclusionKind, number>;
  expectedOffMs: number;
  upMs: number;
  countedMs: number;
  /**
   * The least that it can become without another measurement of its rounds: outages as short as what was surely lost, and where
   * the contract excludes power, those of which the cause is not known were power cuts. No class of the month.
   */
  countedLeastMs: number;
  /**
   * The most that `countedMs` can become, had all time of which nothing is known been down, also that to come and that beside
   * the month: it makes outages longer. No class of the month.
   */
  countedMostMs: number;
  shortMs: number;
  blipMs: number;
  notMeasuredMs: number;
  /** Outages that count and of which the first counted moment lies in the month (MEF 61.1.1). */
  failures: number;
  /** Of these, those that have ended, and how long they lasted. */
  repaired: number;
  repairMs: number;
}

export function countLink(input: LinkMonth): LinkCounts & { outages: SlaOutage[] } {
  const counts = countKnown(input);
  return {
    ...counts,
    countedMostMs: countKnown(fillUnknown(input)).countedMs,
    countedLeastMs: countKnown(surelyDown(input)).countedMs,
  };
}

function countKnown(
  input: LinkMonth,
): Omit<LinkCounts, "countedMostMs" | "countedLeastMs"> & { outages: SlaOutage[] } {
  const { month, nowMs } = input;
  const serviceOfMonth = input.service(month);
  const owed = intersect(serviceOfMonth, [{ fromMs: month.fromMs, toMs: Math.max(nowMs, month.fromMs) }]);
  const taken = takeOut(input);
  const excluded = unite(...Object.values(taken));
  const left = subtract(owed, excluded);
  const outages = outagesOf(input, owed, excluded, taken);
  const sumOf = (verdict: OutageVerdict) =>
    outages.filter((each) => each.verdict === verdict).reduce((sum, { inMonthMs }) => sum + inMonthMs, 0);
  const [up, down] = [spansOf(input, "up"), spansOf(input, "down")];
  const lost = input.segments
    .filter((segment) => input.standingOf(segment) === "up")
    .flatMap((segment) => lostWithin(input.blips, spanOf(segment, nowMs)));
  const lostMs = (standing: AccountedBlip["standing"]) =>
    lengthMs(intersect(joinBlips(lost.filter((blip) => blip.standing === standing)), left));
  const [blipMs, unseenMs] = [lostMs("down"), lostMs("unknown")];
  const upMs = lengthMs(intersect(left, up)) - blipMs - unseenMs;
  const expectedOffMs = lengthMs(intersect(left, spansOf(input, "off")));
  const [countedMs, shortMs] = [sumOf("counted"), sumOf("short")];
  const failed = outages.filter(({ verdict, begins }) => verdict === "counted" && begins);
  const ended = failed.filter(({ toMs }) => toMs !== null);
  const serviceMs = lengthMs(serviceOfMonth);
  return {
    monthMs: month.toMs - month.fromMs,
    serviceMs,
    outsideMs: month.toMs - month.fromMs - serviceMs,
    aheadMs: serviceMs - lengthMs(owed),
    excludedMs: mapKinds((kind) => lengthMs(intersect(owed, taken[kind]))),
    excludedDownMs: mapKinds((kind) => lengthMs(intersect(intersect(owed, taken[kind]), down))),
    expectedOffMs,
    upMs,
    countedMs,
    shortMs,
    blipMs,
    notMeasuredMs: lengthMs(left) - expectedOffMs - upMs - countedMs - shortMs - blipMs,
    failures: failed.length,
    repaired: ended.length,
    repairMs: ended.reduce((sum, each) => sum + each.lengthMs, 0),
    outages: outages.map(({ begins: _begins, ...outage }) => outage),
  };
}

const always: Span = { fromMs: -Infinity, toMs: Infinity };

/** The time of which something may be known. */
export function reachOf({
  month,
  nowMs,
  days = always,
  sinceMs = 0,
}: Pick<LinkMonth, "month" | "nowMs" | "days" | "sinceMs">): Span {
  return {
    fromMs: Math.max(month.fromMs - marginMs, days.fromMs, sinceMs),
    toMs: Math.min(Math.max(month.toMs, nowMs) + marginMs, days.toMs),
  };
}

/** All of which nothing is known taken for down, for no reason that a contract takes out. */
function fillUnknown(input: LinkMonth): LinkMonth {
  const { nowMs, segments, standingOf, blips } = input;
  const reach = reachOf(input);
  const standings = new Map<StateSegment, Standing>();
  const put = (segment: StateSegment, standing: Standing) => void standings.set(segment, standing);
  const known: Span[] = [];
  const unseen = joinBlips(blips.filter((blip) => blip.standing === "unknown"));
  for (const segment of segments) {
    const standing = standingOf(segment);
    if (standing === "unknown") continue;
    for (const { fromMs, toMs } of subtract([spanOf(segment, nowMs)], standing === "up" ? unseen : [])) {
      put({ ...segment, startMs: fromMs, endMs: toMs }, standing);
      known.push({ fromMs, toMs });
    }
  }
  const pattern = { site: "", service: "", state: "down", cause: null } as const;
  for (const { fromMs, toMs } of subtract([reach], joinSpans(known)))
    put({ ...pattern, startMs: fromMs, endMs: toMs }, "down");
  return {
    ...input,
    nowMs: reach.toMs,
    segments: [...standings.keys()].sort((a, b) => a.startMs - b.startMs),
    standingOf: (segment) => standings.get(segment)!,
  };
}

/** Outages without what was carried on into time that nobody measured, and for power what may turn out to have been that. */
function surelyDown(input: LinkMonth): LinkMonth {
  const { nowMs, segments, standingOf, blips, edgeMs = 0 } = input;
  const unseen = joinBlips(blips.filter((blip) => blip.standing === "unknown"));
  const measured = [...subtract(spansOf(input, "up"), unseen), ...spansOf(input, "off")];
  // Where the link's days end an outage, no round does.
  const reach = reachOf(input);
  const begins = [...measured.map(({ fromMs }) => fromMs), reach.toMs];
  const ends = [...measured.map(({ toMs }) => toMs), reach.fromMs];
  const sure = spansOf(input, "down")
    .map(({ fromMs, toMs }) => ({
      fromMs: fromMs + (ends.includes(fromMs) ? 0 : edgeMs),
      toMs: toMs - (begins.includes(toMs) ? 0 : edgeMs),
    }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
  const standings = new Map<StateSegment, Standing>();
  for (const segment of segments) {
    const standing = standingOf(segment);
    if (standing !== "down") {
      standings.set(segment, standing);
      continue;
    }
    const cause = (segment.cause ?? "unknown") === "unknown" ? "power" : segment.cause;
    for (const { fromMs, toMs } of intersect([spanOf(segment, nowMs)], sure))
      standings.set({ ...segment, cause, startMs: fromMs, endMs: toMs }, standing);
  }
  return { ...input, segments: [...standings.keys()], standingOf: (segment) => standings.get(segment)! };
}

type Taken = Record<ExclusionKind, Span[]>;

/** What the contract takes out, whole and by reason; no two overlap. */
function takeOut({ segments, standingOf, exclusions, terms, nowMs }: LinkMonth): Taken {
  const taken: Taken = mapKinds(() => []);
  for (const kind of exclusionKinds) {
    if (!terms.excludes.includes(kind)) continue;
    const meant =
      kind === "power"
        ? segments
            .filter((segment) => standingOf(segment) === "down" && segment.cause === "power")
            .map((segment) => spanOf(segment, nowMs))
        : exclusions
            .filter((exclusion) => exclusion.kind === kind)
            .map(({ fromMs, toMs }) => ({ fromMs, toMs }));
    taken[kind] = subtract(joinSpans(meant), unite(...Object.values(taken)));
  }
  return taken;
}

function outagesOf(
  input: LinkMonth,
  owed: readonly Span[],
  excluded: readonly Span[],
  taken: Taken,
): (SlaOutage & { begins: boolean })[] {
  const { segments, standingOf, month, nowMs, terms } = input;
  const down = segments.filter((segment) => standingOf(segment) === "down");
  return faultsOf(input)
    .filter(({ span }) => span.fromMs < month.toMs && span.toMs > month.fromMs)
    .map(({ span, parts, isOpen }) => {
      const pieces = subtract(parts, excluded);
      const [length, inMonthMs] = [lengthMs(pieces), lengthMs(intersect(pieces, owed))];
      const isLong = length > terms.thresholdS * 1000;
      const verdict = length === 0 ? "excluded" : inMonthMs === 0 ? "outside" : isLong ? "counted" : "short";
      const first = intersect(pieces, input.service({ fromMs: span.fromMs, toMs: month.toMs }))[0];
      return {
        fromMs: span.fromMs,
        toMs: isOpen ? null : span.toMs,
        verdict,
        lengthMs: length,
        inMonthMs,
        excludedMs: Object.fromEntries(
          exclusionKinds
            .map((kind) => [kind, lengthMs(intersect(parts, taken[kind]))] as const)
            .filter(([, ms]) => ms > 0),
        ),
        causes: down
          .map((segment) => ({ cause: segment.cause ?? "unknown", ...spanOf(segment, nowMs) }))
          .filter(({ fromMs, toMs }) => fromMs < span.toMs && toMs > span.fromMs),
        begins: first !== undefined && first.fromMs >= month.fromMs,
      };
    });
}

interface Fault {
  /** From the first moment that is down to the last one. */
  span: Span;
  /** What of it is down. */
  parts: Span[];
  /** It lasts; in hours without supply nobody sees that it is over. */
  isOpen: boolean;
}

function faultsOf(input: LinkMonth): Fault[] {
  const { segments, standingOf, nowMs } = input;
  const [down, off] = [spansOf(input, "down"), spansOf(input, "off")];
  const lasting = segments.filter(
    (segment) =>
      segment.endMs === null && segment.startMs < nowMs && ["down", "off"].includes(standingOf(segment)),
  );
  return unite(down, off).flatMap((whole): Fault[] => {
    const parts = intersect([whole], down);
    const [first, last] = [parts[0], parts.at(-1)];
    if (first === undefined || last === undefined) return [];
    return [
      {
        span: { fromMs: first.fromMs, toMs: last.toMs },
        parts,
        isOpen: lasting.some(({ startMs }) => startMs >= whole.fromMs && startMs < whole.toMs),
      },
    ];
  });
}

function spansOf({ segments, standingOf, nowMs }: LinkMonth, standing: Standing): Span[] {
  return joinSpans(
    segments.filter((each) => standingOf(each) === standing).map((each) => spanOf(each, nowMs)),
  );
}

function spanOf({ startMs, endMs }: Pick<StateSegment, "startMs" | "endMs">, nowMs: number): Span {
  return { fromMs: startMs, toMs: Math.max(startMs, endMs ?? nowMs) };
}

function joinBlips(blips: readonly AccountedBlip[]): Span[] {
  return joinSpans(blips.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs })));
}

function mapKinds<T>(make: (kind: ExclusionKind) => T): Record<ExclusionKind, T> {
  return Object.fromEntries(exclusionKinds.map((kind) => [kind, make(kind)])) as Record<ExclusionKind, T>;
}
