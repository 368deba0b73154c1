import type { Link } from "../inventory/inventory.ts";
import { joinSpans, withoutSpans } from "../inventory/spans.ts";
import type { Span } from "../inventory/spans.ts";
import { validSpan } from "../inventory/validity.ts";
import type { Blip } from "../outage/blips.ts";
import type { StateSegment } from "../outage/table.ts";
import type { AccountedBlip, Standing } from "../relation/account.ts";

/*
 * What is known of a link, moment by moment, from what the store has of that time: how many links a site has today says
 * nothing of last month.
 *
 *   the link has a state of its own     that, and of lost rounds nothing: nobody knows whose they were
 *   another link of the site has one    nobody tests this one: down with its site, else not measured
 *   none has, and it is the only link   the site's
 *   none has yet, and it is the first   the site's: the others came when the states of links begin
 *   none has yet, and it is another     not measured
 *   none has, of several                down with its site, else not measured
 *
 * Behind a parent that is cut off nobody measures a link. Nothing is known of it before its first day and after its last one:
 * what reaches over them is another's, or nobody's.
 */

export interface TrackInput {
  link: Link;
  /** All links of the site, in the order of the file. */
  siblings: readonly Link[];
  timeZone: string;
  /** Of the site. */
  segments: readonly StateSegment[];
  /** Of its links. */
  ofLinks: readonly StateSegment[];
  /** Of the site, ascending. */
  blips: readonly Blip[];
  /** When the first state of any link of the site began, epoch ms; Infinity: there never was one. */
  trackedSinceMs: number;
  /** Epoch ms: what comes later ends nothing yet. */
  nowMs: number;
}

export interface Track {
  /** Ascending; those of the site cut to where they tell of the link. */
  segments: readonly StateSegment[];
  standingOf: (segment: StateSegment) => Standing;
  blips: readonly AccountedBlip[];
  /** Where its own states and outages tell of it, and where those of the site. */
  own: Span[];
  bySite: Span[];
}

const always: Span = { fromMs: -Infinity, toMs: Infinity };

export function trackLink(input: TrackInput): Track {
  const days = spansSoFar([input.link], input);
  const ofThis = input.ofLinks.filter((segment) => segment.link === input.link.id);
  const own = cut(ofThis, days);
  const ownSpans = joinSpans(own.map(spanOf));
  const tracked = joinSpans(input.ofLinks.map(spanOf));
  const untracked = withoutSpans(always, tracked);
  const sole = shared(shared(untracked, aloneSpans(input)), days);
  const bySite = days.flatMap((span) => withoutSpans(span, ownSpans));
  // What came when the states of links begin was not there before.
  const since = input.trackedSinceMs === Infinity ? -Infinity : input.trackedSinceMs;
  const untested = bySite.flatMap((span) =>
    withoutSpans(span, joinSpans(sole)).flatMap((rest) => common(rest, { fromMs: since, toMs: Infinity })),
  );
  const told: Told = [
    ...own.map((segment) => [segment, plainStanding(segment)] as const),
    ...cut(input.segments, sole).map((segment) => [segment, plainStanding(segment)] as const),
    ...cut(input.segments, untested).map(
      (segment) => [segment, segment.state === "down" ? "down" : "unknown"] as const,
    ),
  ];
  return {
    ...standingsOf(told),
    blips: sole.flatMap((span) => input.blips.flatMap((blip) => cutBlip(blip, span))),
    own: ownSpans,
    bySite,
  };
}

/** As long as a contract counts only outages in which all links are out, the link is what its site is. */
export function trackSite(
  input: Pick<TrackInput, "link" | "timeZone" | "nowMs" | "segments" | "blips">,
): Track {
  const days = spansSoFar([input.link], input);
  return {
    ...standingsOf(cut(input.segments, days).map((segment) => [segment, plainStanding(segment)])),
    blips: days.flatMap((span) => input.blips.flatMap((blip) => cutBlip(blip, span))),
    own: [],
    bySite: days,
  };
}

/** Without what was before a moment: the link was another provider's then, who answers for it. */
export function cutTrack({ segments, standingOf, blips, ...spans }: Track, fromMs: number): Track {
  if (fromMs <= 0) return { segments, standingOf, blips, ...spans };
  const since = [{ fromMs, toMs: Infinity }];
  return {
    ...standingsOf(
      segments.flatMap((segment) =>
        cut([segment], since).map((part): Told[number] => [part, standingOf(segment)]),
      ),
    ),
    blips: blips
      .filter(({ endMs }) => endMs > fromMs)
      .map((blip) => ({ ...blip, startMs: Math.max(blip.startMs, fromMs) })),
    ...spans,
  };
}

type Told = readonly (readonly [StateSegment, Standing])[];

function standingsOf(told: Told): Pick<Track, "segments" | "standingOf"> {
  const standings = new Map(told);
  return {
    segments: [...standings.keys()].sort((a, b) => a.startMs - b.startMs),
    standingOf: (segment) => standings.get(segment) ?? "unknown",
  };
}

/** When the site has no other link, or none yet that has states. */
function aloneSpans(input: TrackInput): Span[] {
  const { link, siblings, trackedSinceMs } = input;
  const others = siblings.filter(({ id }) => id !== link.id);
  const spansOf = (links: readonly Link[]) => spansSoFar(links, input);
  const only = withoutSpans(always, spansOf(others));
  if (trackedSinceMs === Infinity) return only;
  const before = siblings.slice(
    0,
    siblings.findIndex(({ id }) => id === link.id),
  );
  const first = withoutSpans({ fromMs: -Infinity, toMs: trackedSinceMs }, spansOf(before));
  return joinSpans([...only, ...first]);
}

/** When one of the links is in force: without those that have not begun, and without end where it is still to come. */
function spansSoFar(
  links: readonly Link[],
  { timeZone, nowMs }: Pick<TrackInput, "timeZone" | "nowMs">,
): Span[] {
  const spans = links
    .map((link) => validSpan(link, timeZone))
    .filter(({ fromMs }) => fromMs <= nowMs)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs > nowMs ? Infinity : toMs }));
  return joinSpans(spans);
}

function plainStanding({ state }: StateSegment): Standing {
  if (state === "off" || state === "down") return state;
  return state === "up" || state === "degraded" ? "up" : "unknown";
}

function spanOf({ startMs, endMs }: StateSegment): Span {
  return { fromMs: startMs, toMs: endMs ?? Infinity };
}

function common(a: Span, b: Span): Span[] {
  const span = { fromMs: Math.max(a.fromMs, b.fromMs), toMs: Math.min(a.toMs, b.toMs) };
  return span.fromMs < span.toMs ? [span] : [];
}

const shared = (some: readonly Span[], others: readonly Span[]): Span[] =>
  some.flatMap((span) => others.flatMap((other) => common(span, other)));

/** The parts of the segments within the spans; what lasts still lasts where the span does. */
function cut(segments: readonly StateSegment[], spans: readonly Span[]): StateSegment[] {
  return segments.flatMap((segment) =>
    spans.flatMap((span) =>
      common(spanOf(segment), span).map(({ fromMs, toMs }) => ({
        ...segment,
        startMs: fromMs,
        endMs: toMs === Infinity ? null : toMs,
      })),
    ),
  );
}

/** A lost round behind a parent is none of the link's. */
function cutBlip(blip: Blip, span: Span): AccountedBlip[] {
  return common({ fromMs: blip.startMs, toMs: blip.endMs }, span).map(({ fromMs, toMs }) => ({
    ...blip,
    startMs: fromMs,
    endMs: toMs,
    standing: blip.root === blip.site ? "down" : "unknown",
  }));
}
