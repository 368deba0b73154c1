import type { Outage, StateSegment } from "./table.ts";

/** A stretch of one site's time in which what is shown changes. Ends at Infinity while it lasts. */
export interface Stroke {
  site: string;
  /** One of several links alone; by default the site. */
  link?: string;
  /** null: the site, and with it the services that it could not reach because of itself. */
  service: string | null;
  startMs: number;
  endMs: number;
  paint: Partial<Pick<StateSegment, "state" | "cause">>;
}

/** Whose time a row tells of: a site's, or that of one of its several links. */
export function viewOf({
  site,
  link,
  ofLink,
}: Pick<Outage, "site" | "link" | "ofLink">): Pick<Stroke, "site" | "link"> {
  return ofLink === true ? { site, link: link! } : { site };
}

/** The segments with the strokes laid over what is down in them. Segments without a stroke come back as they are. */
export function repaint(segments: readonly StateSegment[], strokes: readonly Stroke[]): StateSegment[] {
  if (strokes.length === 0) return [...segments];
  const bySite = Map.groupBy(strokes, ({ site }) => site);
  const painted = segments.flatMap((segment) => {
    const meant = (bySite.get(segment.site) ?? []).filter((stroke) => isMeant(stroke, segment));
    return meant.reduce(
      (pieces: StateSegment[], stroke) => pieces.flatMap((piece) => lay(piece, stroke)),
      [segment],
    );
  });
  return joinSegments(painted);
}

function isMeant(stroke: Stroke, { link, service, state }: StateSegment): boolean {
  const isCut = state === "down" || state === "unreachable";
  if (stroke.link !== link) return false;
  if (stroke.service !== null) return isCut && service === stroke.service;
  return service === "" ? isCut : state === "unreachable";
}

/** What a service lost by the site's own outage begins and ends up to a round of its own beside that, ms. */
const besideMs = 300_000;

function lay(segment: StateSegment, { service, startMs, endMs, paint }: Stroke): StateSegment[] {
  const lastMs = segment.endMs ?? Infinity;
  const slackMs = service === null && segment.service !== "" ? besideMs : 0;
  if (startMs >= lastMs || endMs <= segment.startMs) return [segment];
  const from = startMs - segment.startMs <= slackMs ? segment.startMs : startMs;
  const to = lastMs - endMs <= slackMs ? lastMs : endMs;
  const cut = (start: number, end: number) => ({ startMs: start, endMs: end === Infinity ? null : end });
  const pieces = [
    { ...segment, ...cut(segment.startMs, from) },
    { ...segment, ...cut(from, to), ...paint },
    { ...segment, ...cut(to, lastMs) },
  ];
  return pieces.filter((piece) => piece.startMs < (piece.endMs ?? Infinity));
}

/** Segments of one view that touch and say the same become one. */
function joinSegments(segments: readonly StateSegment[]): StateSegment[] {
  const joined: StateSegment[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    const goesOn =
      last !== undefined &&
      last.site === segment.site &&
      last.link === segment.link &&
      last.service === segment.service &&
      last.endMs === segment.startMs &&
      last.state === segment.state &&
      last.cause === segment.cause;
    if (goesOn) last.endMs = segment.endMs;
    else joined.push({ ...segment });
  }
  return joined;
}
