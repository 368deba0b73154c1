import type { Link } from "../inventory/inventory.ts";
import { joinSpans, withoutSpans } from "../inventory/supply.ts";
import type { Span } from "../inventory/supply.ts";
import type { StateSegment } from "../outage/table.ts";
import type { Standing } from "../relation/account.ts";
import type { MaintenanceView } from "./maintenance-view.ts";
import { isCut } from "./site-view.ts";

/** What is known of a site in the window. */
export interface Known {
  segments: readonly StateSegment[];
  /** Of its links, where it has several. */
  ofLinks: readonly StateSegment[];
  maintenance: MaintenanceView;
}

/** The time of one site or link, with what was announced of it. */
export interface Subject {
  segments: readonly StateSegment[];
  standingOf: (segment: StateSegment) => Standing;
  announced: readonly Span[];
}

export function siteSubject(site: string, { segments, maintenance }: Known): Subject {
  const taken = cover(segments, maintenance.pathSpans(site));
  return {
    segments,
    standingOf: ({ state }) => (isCut(state) ? "down" : plainStanding(state)),
    announced: joinSpans([...maintenance.siteSpans(site), ...taken]),
  };
}

/** As much of what is called maintenance as lies within the work that took it. */
function cover(segments: readonly StateSegment[], spans: readonly Span[]): Span[] {
  return segments
    .filter(({ cause }) => cause === "maintenance")
    .flatMap(({ startMs, endMs }) => {
      const whole = { fromMs: startMs, toMs: endMs ?? Infinity };
      return withoutSpans(whole, withoutSpans(whole, spans));
    });
}

/**
 * The only link of a site is down while that is cut off by itself; of several, each has a time of its own where a target
 * tests it. One that none tests is down with its site, and not measured otherwise. Behind a parent that is cut off nobody
 * measures a link.
 */
export function linkSubject(link: Link, links: number, { segments, ofLinks, maintenance }: Known): Subject {
  const own = links > 1 ? ofLinks.filter((segment) => segment.link === link.id) : segments;
  const isTested = own.length > 0;
  return {
    segments: isTested ? own : segments,
    standingOf: ({ state }) =>
      state === "unreachable"
        ? "unknown"
        : state === "down"
          ? "down"
          : isTested
            ? plainStanding(state)
            : "unknown",
    announced: maintenance.linkSpans(link.id),
  };
}

function plainStanding(state: StateSegment["state"]): Standing {
  if (state === "off") return "off";
  return state === "up" || state === "degraded" ? "up" : "unknown";
}
