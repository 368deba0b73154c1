import type { Span } from "../inventory/spans.ts";
import { joinSpans, withoutSpans } from "../inventory/spans.ts";
import type { Blip } from "../outage/blips.ts";
import type { Cause, StateSegment } from "../outage/table.ts";
import { lostWithin } from "./blips.ts";

/**
 * How a site or a link fared in a window, or several of them summed. Whole seconds; the sums are equal, not nearly equal:
 *
 *   windowS = upS + downS + notMeasuredS + expectedOffS + maintenanceS        downS = Σ byCause
 *
 * Nobody expects anything of expectedOffS (outside the hours of supply) and of maintenanceS (announced work, where that is
 * taken out): ratios are of the rest. methods.md §C1, §C2; conventions.md §7.
 */
export interface Account {
  windowS: number;
  upS: number;
  downS: number;
  notMeasuredS: number;
  expectedOffS: number;
  maintenanceS: number;
  /** Only causes with seconds. */
  byCause: Partial<Record<Cause, number>>;
  /** upS / (upS + downS); null where nothing was measured. */
  availabilityRatio: number | null;
  /** Had all unmeasured time been down, or up; null where nothing was expected. */
  worstRatio: number | null;
  bestRatio: number | null;
  /** (upS + downS) / (upS + downS + notMeasuredS). */
  coverageRatio: number | null;
  /** Outages that begin in the window; one that began earlier counts in downS alone (MEF 61.1.1). */
  outages: number;
  /** Of these, how many have ended, and how long they lasted together, also beyond the window. */
  repaired: number;
  repairS: number;
  /** Mean time to repair: repairS / repaired; null where none has ended. */
  mttrS: number | null;
  /** Mean time between failures: upS / outages + mttrS (IEC 60050-192); null without an outage that has ended. */
  mtbfS: number | null;
}

/** What a stretch says of the thing that is accounted for. `off`: expected to be. */
export type Standing = "up" | "down" | "off" | "unknown";

/** A blip of the thing that is accounted for; `unknown`: it lies above, and nobody measured the thing meanwhile. */
export type AccountedBlip = Blip & { standing: Extract<Standing, "down" | "unknown"> };

export interface AccountInput {
  /** Whole seconds, epoch ms. */
  window: Span;
  /**
   * Of one site, ascending; outages that reach past the window whole, so that their lengths are known. What no segment
   * covers was not measured.
   */
  segments: readonly StateSegment[];
  standingOf: (segment: StateSegment) => Standing;
  /** Ascending: what they take of the time that is up. They are no outages. */
  blips: readonly AccountedBlip[];
  /** Announced work to be taken out: ascending, without overlap. */
  excluded: readonly Span[];
  nowMs: number;
}

export function accountFor({ window, segments, standingOf, blips, excluded, nowMs }: AccountInput): Account {
  const seconds: Record<Standing, number> = { up: 0, down: 0, off: 0, unknown: 0 };
  const byCause: Partial<Record<Cause, number>> = {};
  const takenOutS = lengthS(window) - lengthS(...withoutSpans(window, excluded));
  const count = (standing: Standing, cause: Cause | null, keptS: number) => {
    seconds[standing] += keptS;
    if (standing !== "down" || keptS === 0) return;
    byCause[cause ?? "unknown"] = (byCause[cause ?? "unknown"] ?? 0) + keptS;
  };
  for (const segment of segments) {
    const span = clip({ fromMs: segment.startMs, toMs: segment.endMs ?? nowMs }, window);
    if (span === null) continue;
    const standing = standingOf(segment);
    count(standing, segment.cause, lengthS(...withoutSpans(span, excluded)));
    if (standing !== "up") continue;
    for (const blip of lostWithin(blips, span)) {
      const keptS = lengthS(...withoutSpans({ fromMs: blip.startMs, toMs: blip.endMs }, excluded));
      seconds.up -= keptS;
      count(blip.standing, blip.cause, keptS);
    }
  }
  const { up, down, off } = seconds;
  const windowS = lengthS(window);
  return withRatios({
    windowS,
    upS: up,
    downS: down,
    notMeasuredS: windowS - takenOutS - up - down - off,
    expectedOffS: off,
    maintenanceS: takenOutS,
    byCause,
    ...countOutages(faultsOf(segments, standingOf), window, excluded),
  });
}

type Counted = Omit<
  Account,
  "availabilityRatio" | "worstRatio" | "bestRatio" | "coverageRatio" | "mttrS" | "mtbfS"
>;

/** What was down at a time, and what of that nobody expected anything of. */
interface Fault {
  whole: Span;
  off: Span[];
}

/** Outages: what is down, however its cause changes, and over the hours without supply in which it went on. */
function faultsOf(
  segments: readonly StateSegment[],
  standingOf: (segment: StateSegment) => Standing,
): Fault[] {
  const spansOf = (...standings: Standing[]) =>
    joinSpans(
      segments
        .filter((segment) => standings.includes(standingOf(segment)))
        .map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs ?? Infinity })),
    );
  const off = spansOf("off");
  return spansOf("down", "off")
    .map((whole) => ({
      whole,
      off: off.filter(({ fromMs, toMs }) => fromMs < whole.toMs && toMs > whole.fromMs),
    }))
    .filter(({ whole, off: without }) => withoutSpans(whole, without).length > 0);
}

/** It lasts as long as it did outside of what is taken out, and of the hours without supply. */
function countOutages(faults: readonly Fault[], window: Span, excluded: readonly Span[]) {
  let [outages, repaired, repairS] = [0, 0, 0];
  for (const { whole, off } of faults) {
    const [first, ...rest] = withoutSpans(whole, joinSpans([...excluded, ...off]));
    if (first === undefined || first.fromMs < window.fromMs || first.fromMs >= window.toMs) continue;
    outages += 1;
    if (whole.toMs === Infinity) continue;
    repaired += 1;
    repairS += lengthS(first, ...rest);
  }
  return { outages, repaired, repairS };
}

/** Several accounts as one: seconds and counts are added, ratios are made of the sums and never averaged. */
export function sumAccounts(parts: readonly Account[]): Account {
  const total: Counted = {
    windowS: 0,
    upS: 0,
    downS: 0,
    notMeasuredS: 0,
    expectedOffS: 0,
    maintenanceS: 0,
    byCause: {},
    outages: 0,
    repaired: 0,
    repairS: 0,
  };
  const sums = Object.keys(total).filter((key) => key !== "byCause") as Exclude<keyof Counted, "byCause">[];
  for (const part of parts) {
    for (const key of sums) total[key] += part[key];
    for (const [cause, seconds] of Object.entries(part.byCause) as [Cause, number][])
      total.byCause[cause] = (total.byCause[cause] ?? 0) + seconds;
  }
  return withRatios(total);
}

function withRatios(counted: Counted): Account {
  const { upS, downS, notMeasuredS, outages, repaired, repairS } = counted;
  const measuredS = upS + downS;
  const expectedS = measuredS + notMeasuredS;
  const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  const mttrS = ratio(repairS, repaired);
  return {
    ...counted,
    byCause: Object.fromEntries(Object.entries(counted.byCause).sort(([a], [b]) => (a < b ? -1 : 1))),
    availabilityRatio: ratio(upS, measuredS),
    worstRatio: ratio(upS, expectedS),
    bestRatio: ratio(upS + notMeasuredS, expectedS),
    coverageRatio: ratio(measuredS, expectedS),
    mttrS,
    mtbfS: mttrS === null ? null : upS / outages + mttrS,
  };
}

function clip({ fromMs, toMs }: Span, window: Span): Span | null {
  const clipped = { fromMs: Math.max(fromMs, window.fromMs), toMs: Math.min(toMs, window.toMs) };
  return clipped.fromMs < clipped.toMs ? clipped : null;
}

function lengthS(...spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, toMs - fromMs), 0) / 1000;
}
