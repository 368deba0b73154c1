import type { Blip } from "../outage/blips.ts";
import type { Cause, StateSegment } from "../outage/table.ts";
import type { Availability } from "./availability.ts";
import { lostWithin } from "./blips.ts";

export interface MeasureInput {
  window: { fromMs: number; toMs: number };
  site: string;
  service: string;
  /** Segments of the service as seen from the site, ascending; may reach past the window. */
  serviceStates: readonly StateSegment[];
  /** Segments of the site itself. */
  siteStates: readonly StateSegment[];
  /** Of the site, ascending: what they take of the time in which the service counts as reached. */
  blips: readonly Blip[];
}

/**
 * How far the service could be reached from one site in the window. The window is cut to whole seconds; every one of them
 * falls into exactly one class, so the sums of Availability hold exactly. Formulas: methods.md §C1.
 */
export function measureAvailability({
  window,
  site,
  service,
  serviceStates,
  siteStates,
  blips,
}: MeasureInput): Availability {
  const fromS = Math.ceil(window.fromMs / 1000);
  const toS = Math.floor(window.toMs / 1000);
  const windowS = Math.max(0, toS - fromS);
  let availableS = 0;
  let unavailableS = 0;
  let bothS = 0;
  let expectedOffS = 0;
  const byCause: Partial<Record<Cause, number>> = {};
  const lose = (cause: Cause, seconds: number) => {
    byCause[cause] = (byCause[cause] ?? 0) + seconds;
    unavailableS += seconds;
  };
  const own = blips.filter((blip) => blip.site === site);
  for (const segment of serviceStates) {
    if (segment.site !== site || segment.service !== service) continue;
    const seconds = sharedSeconds(segment, fromS, toS);
    if (seconds === 0) continue;
    if (segment.state === "up" || segment.state === "degraded") {
      availableS += seconds;
      for (const { startMs, endMs, cause } of lostWithin(own, {
        fromMs: Math.max(segment.startMs, fromS * 1000),
        toMs: Math.min(segment.endMs ?? Infinity, toS * 1000),
      })) {
        lose(cause, (endMs - startMs) / 1000);
        availableS -= (endMs - startMs) / 1000;
      }
    } else if (segment.state === "off") {
      expectedOffS += seconds;
    } else if (segment.state !== "unknown") {
      const cause = segment.cause ?? "unknown";
      lose(cause, seconds);
      if (cause === "service") bothS += cutOffSeconds(siteStates, site, segment, fromS, toS);
    }
  }
  return withRatios({
    windowS,
    availableS,
    unavailableS,
    notMeasuredS: windowS - availableS - unavailableS - expectedOffS,
    expectedOffS,
    byCause,
    bothS,
  });
}

/** The same for several places together: seconds are added, ratios are made of the sums and never averaged. */
export function sumAvailability(parts: readonly Availability[]): Availability {
  const total: Counted = {
    windowS: 0,
    availableS: 0,
    unavailableS: 0,
    notMeasuredS: 0,
    expectedOffS: 0,
    byCause: {},
    bothS: 0,
  };
  for (const part of parts) {
    total.windowS += part.windowS;
    total.availableS += part.availableS;
    total.unavailableS += part.unavailableS;
    total.notMeasuredS += part.notMeasuredS;
    total.expectedOffS += part.expectedOffS;
    total.bothS += part.bothS;
    for (const [cause, seconds] of Object.entries(part.byCause) as [Cause, number][]) {
      total.byCause[cause] = (total.byCause[cause] ?? 0) + seconds;
    }
  }
  return withRatios(total);
}

type Counted = Pick<
  Availability,
  "windowS" | "availableS" | "unavailableS" | "notMeasuredS" | "expectedOffS" | "byCause" | "bothS"
>;

function withRatios(counted: Counted): Availability {
  const { windowS, availableS, unavailableS, notMeasuredS, byCause } = counted;
  const observedS = availableS + unavailableS;
  const expectedS = windowS - counted.expectedOffS;
  const byService = byCause.service ?? 0;
  const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  const ordered = Object.fromEntries(Object.entries(byCause).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...counted,
    byCause: ordered,
    observedS,
    availabilityRatio: ratio(availableS, observedS),
    worstRatio: ratio(availableS, expectedS),
    bestRatio: ratio(availableS + notMeasuredS, expectedS),
    networkUpRatio: ratio(observedS - byService, observedS),
    networkUpLowerRatio: ratio(observedS - byService - (byCause.unknown ?? 0), observedS),
    coverageRatio: ratio(observedS, expectedS),
  };
}

function sharedSeconds(segment: StateSegment, fromS: number, toS: number): number {
  const startS = Math.max(segment.startMs / 1000, fromS);
  const endS = Math.min(segment.endMs === null ? Infinity : segment.endMs / 1000, toS);
  return Math.max(0, endS - startS);
}

/** Seconds of a service's segment in which the site was cut off as well. */
function cutOffSeconds(
  siteStates: readonly StateSegment[],
  site: string,
  segment: StateSegment,
  fromS: number,
  toS: number,
): number {
  const startS = Math.max(fromS, segment.startMs / 1000);
  const endS = Math.min(toS, segment.endMs === null ? Infinity : segment.endMs / 1000);
  let seconds = 0;
  for (const state of siteStates) {
    if (state.site === site && (state.state === "down" || state.state === "unreachable"))
      seconds += sharedSeconds(state, startS, endS);
  }
  return seconds;
}
