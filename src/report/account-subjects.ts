import type { Link } from "../inventory/inventory.ts";
import { joinSpans, withoutSpans } from "../inventory/supply.ts";
import type { Span } from "../inventory/supply.ts";
import type { StateSegment } from "../outage/table.ts";
import type { Standing } from "../relation/account.ts";
import type { OutageRecord } from "../state/state-store.ts";
import type { MaintenanceView } from "./maintenance-view.ts";
import { isCut } from "./site-view.ts";

/** What is known of a site in the window. */
export interface Known {
  segments: readonly StateSegment[];
  /** Outages of the site and of its links. */
  cuts: readonly OutageRecord[];
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
 * A link is down while its site is cut off by itself. Behind a parent that is cut off nobody measures it; and where a site
 * has several, that it is up proves none of them: only outages that name the link tell of it.
 */
export function linkSubject(link: Link, links: number, { segments, cuts, maintenance }: Known): Subject {
  const named = cuts.filter((outage) => outage.link === link.id);
  const standingOf = ({ state }: StateSegment): Standing =>
    state === "unreachable" ? "unknown" : state === "down" ? "down" : plainStanding(state);
  const ofSeveral = ({ state }: StateSegment): Standing => (state === "down" ? "down" : "unknown");
  return {
    segments: links > 1 ? layCuts(segments, named) : segments,
    standingOf: links > 1 ? ofSeveral : standingOf,
    announced: maintenance.linkSpans(link.id),
  };
}

/** The site's segments, with what the outages say of the link in their place. */
function layCuts(segments: readonly StateSegment[], cuts: readonly OutageRecord[]): StateSegment[] {
  const spans = joinSpans(cuts.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs ?? Infinity })));
  const rest = segments.flatMap((segment) =>
    withoutSpans({ fromMs: segment.startMs, toMs: segment.endMs ?? Infinity }, spans).map(
      ({ fromMs, toMs }) => ({
        ...segment,
        startMs: fromMs,
        endMs: toMs === Infinity ? null : toMs,
      }),
    ),
  );
  const cut = cuts.map(({ site, startMs, endMs, cause }): StateSegment => ({
    site,
    service: "",
    startMs,
    endMs,
    state: "down",
    cause,
  }));
  return [...rest, ...cut].sort((a, b) => a.startMs - b.startMs);
}

function plainStanding(state: StateSegment["state"]): Standing {
  if (state === "off") return "off";
  return state === "up" || state === "degraded" ? "up" : "unknown";
}
