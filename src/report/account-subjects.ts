import type { Link } from "../inventory/inventory.ts";
import { joinSpans, withoutSpans } from "../inventory/spans.ts";
import type { Span } from "../inventory/spans.ts";
import type { Blip } from "../outage/blips.ts";
import type { StateSegment } from "../outage/table.ts";
import type { AccountedBlip, Standing } from "../relation/account.ts";
import type { MaintenanceView } from "./maintenance-view.ts";
import { isCut } from "./site-view.ts";

/** What is known of a site in the window. */
export interface Known {
  segments: readonly StateSegment[];
  /** Of its links, where it has several. */
  ofLinks: readonly StateSegment[];
  /** Of the site, ascending. */
  blips: readonly Blip[];
  maintenance: MaintenanceView;
}

/** The time of one site or link, with what was announced of it. */
export interface Subject {
  segments: readonly StateSegment[];
  standingOf: (segment: StateSegment) => Standing;
  blips: readonly AccountedBlip[];
  announced: readonly Span[];
}

export function siteSubject(site: string, { segments, blips, maintenance }: Known): Subject {
  const taken = cover([...segments, ...blips], maintenance.pathSpans(site));
  return {
    segments,
    standingOf: ({ state }) => (isCut(state) ? "down" : plainStanding(state)),
    blips: blips.map((blip) => ({ ...blip, standing: "down" })),
    announced: joinSpans([...maintenance.siteSpans(site), ...taken]),
  };
}

/** As much of what is called maintenance as lies within the work that took it. */
function cover(
  segments: readonly Pick<StateSegment, "startMs" | "endMs" | "cause">[],
  spans: readonly Span[],
): Span[] {
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
 * measures a link. A blip is of the site as a whole: the only link has it, and of several nobody knows which.
 */
export function linkSubject(
  link: Link,
  links: number,
  { segments, ofLinks, blips, maintenance }: Known,
): Subject {
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
    blips:
      links > 1
        ? []
        : blips.map((blip) => ({ ...blip, standing: blip.root === blip.site ? "down" : "unknown" })),
    announced: maintenance.linkSpans(link.id),
  };
}

function plainStanding(state: StateSegment["state"]): Standing {
  if (state === "off") return "off";
  return state === "up" || state === "degraded" ? "up" : "unknown";
}
