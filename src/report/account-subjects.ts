import type { Link } from "../inventory/inventory.ts";
import { joinSpans, withoutSpans } from "../inventory/spans.ts";
import type { Span } from "../inventory/spans.ts";
import type { Blip } from "../outage/blips.ts";
import type { StateSegment } from "../outage/table.ts";
import type { AccountedBlip, Standing } from "../relation/account.ts";
import { trackLink } from "./link-track.ts";
import type { MaintenanceView } from "./maintenance-view.ts";
import type { SiteLinks } from "./site-links.ts";
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

/** What was known of a link then (link-track.ts), with the work that was announced of it. */
export function linkSubject(
  link: Link,
  site: SiteLinks,
  { segments, ofLinks, blips, maintenance }: Known,
): Subject {
  const track = trackLink({ link, ...site, segments, ofLinks, blips });
  return {
    segments: track.segments,
    standingOf: track.standingOf,
    blips: track.blips,
    announced: maintenance.linkSpans(link.id),
  };
}

function plainStanding(state: StateSegment["state"]): Standing {
  if (state === "off") return "off";
  return state === "up" || state === "degraded" ? "up" : "unknown";
}
