import { setImmediate as othersTurn } from "node:timers/promises";
import { createLocalTime, defaultTimeZone } from "../../inventory/local-time.ts";
import type { Link, Target } from "../../inventory/inventory.ts";
import { serviceSpans } from "../../inventory/service-hours.ts";
import type { Span } from "../../inventory/spans.ts";
import { monthParts, validSpan } from "../../inventory/validity.ts";
import type { MonthPart } from "../../inventory/validity.ts";
import type { StateSegment } from "../../outage/table.ts";
import type { OutageRecord, StateStore } from "../../state/state-store.ts";
import { endProven } from "../availability-query.ts";
import { cutTrack, trackLink, trackSite } from "../link-track.ts";
import type { Track } from "../link-track.ts";
import { isCut } from "../site-view.ts";
import type { Place } from "../site-view.ts";
import { readSiteLinks } from "../site-links.ts";
import { readAnnouncedWork } from "./announced-work.ts";
import { marginMs } from "./link-counts.ts";
import type { Exclusion, LinkMonth } from "./link-counts.ts";
import { noContract } from "./sla.ts";
import { intersect } from "./spans.ts";

export interface MonthQuery {
  month: Span;
  links: readonly Link[];
  /** Whole seconds, epoch ms: now, or the moment as of which is asked. */
  nowMs: number;
  /** Default: as known now. */
  asOfMs?: number | undefined;
  /** By site: until when its rounds reach (heard-until.ts). */
  provenMs: ReadonlyMap<string, number>;
}

/** Of one part of a link's month. */
export interface ReadMonth {
  link: Link;
  part: MonthPart;
  input: LinkMonth;
  /** Rows of the outage table that touch the stretch of the segments. */
  rows: OutageRecord[];
  closedDays: string[];
  /** Years of the part of which it is not known on which days no service is owed. */
  yearsWithoutHolidays: number[];
}

/** The furthest back that hours of service are made once for all links of a contract. */
const serviceReachMs = 400 * 86_400_000;

/** What the links' months are counted from: of each link a part for each of its contracts. */
export async function readLinkMonths(
  state: StateStore,
  place: Place,
  { month, links, nowMs, asOfMs, provenMs }: MonthQuery,
): Promise<ReadMonth[]> {
  const sites = [...new Set(links.map(({ site }) => site))];
  const range = { fromMs: month.fromMs - marginMs, toMs: Math.max(month.toMs, nowMs) };
  const near = { fromMs: range.fromMs, toMs: Math.min(month.toMs + marginMs, range.toMs) };
  const asked = { sites, asOfMs };
  const readStates = async (span: Span, of: readonly string[]) => [
    ...(await state.states({ ...asked, ...span, sites: of, service: "" })),
    ...(await state.linkStates({ ...asked, ...span, sites: of })),
  ];
  const within = await readStates(near, sites);
  // What is cut off then may be so for longer, also over hours without supply.
  const cut = within.filter(
    ({ endMs, state: is }) => endMs !== null && endMs >= near.toMs && (isCut(is) || is === "off"),
  );
  const later =
    cut.length === 0 || near.toMs === range.toMs
      ? []
      : await readStates({ fromMs: near.toMs, toMs: range.toMs }, [...new Set(cut.map(({ site }) => site))]);
  const segments = Map.groupBy(
    withoutTwins([...within, ...later]).map((segment) => endProven(segment, provenMs.get(segment.site))),
    ({ site }) => site,
  );
  const [blips, rows, announced] = await Promise.all([
    state.blips({ ...asked, ...month }),
    state.outages({ ...range, sites, service: null, ...(asOfMs === undefined ? {} : { asOfMs }) }),
    readAnnouncedWork(state, place, range, asOfMs),
  ]);
  const [blipsOf, rowsOf] = [Map.groupBy(blips, siteOf), Map.groupBy(rows, siteOf)];
  const service = createService(place, month);
  const siteLinks = await readSiteLinks(state, place.inventory, sites, nowMs);

  function tracksOf(link: Link) {
    const all = segments.get(link.site) ?? [];
    const known = {
      segments: all.filter((segment) => segment.link === undefined),
      blips: blipsOf.get(link.site) ?? [],
    };
    const ofLinks = all.filter((segment) => segment.link !== undefined);
    const around = { link, ...siteLinks(link.site), ...known };
    const own = trackLink({ ...around, ofLinks });
    return (terms: typeof noContract) => (terms.countsWhen === "link" ? own : trackSite(around));
  }
  async function readPart(link: Link, part: MonthPart, track: Track, terms: typeof noContract) {
    const { spans, closedDays, yearsWithoutHolidays } = service(terms, part);
    const sinceMs = await state.providerSince(link.id, part.fromMs);
    const { segments: ownSegments, standingOf, blips: ownBlips } = cutTrack(track, sinceMs);
    const exclusions = [...(await announced(link, terms.noticeHours)), ...written(place, link, month)];
    const { fromMs, toMs } = part;
    return {
      link,
      part,
      input: {
        month: { fromMs, toMs },
        nowMs,
        days: validSpan(link, place.inventory.timeZone ?? defaultTimeZone),
        edgeMs: longestIntervalMs(place, link, terms),
        segments: ownSegments,
        standingOf,
        blips: ownBlips,
        terms,
        service: spans,
        exclusions: exclusions.filter(({ kind }) => terms.excludes.includes(kind)),
        sinceMs,
      },
      rows: (rowsOf.get(link.site) ?? []).filter(
        (row) => (row.endMs ?? Infinity) > sinceMs && isTold(row, link, track),
      ),
      closedDays,
      yearsWithoutHolidays,
    };
  }
  const found: ReadMonth[] = [];
  for (const link of links) {
    const trackOf = tracksOf(link);
    for (const part of monthParts(place.inventory, link, month)) {
      const terms = part.contract ?? noContract;
      found.push(await readPart(link, part, trackOf(terms), terms));
    }
    await othersTurn();
  }
  return found;
}

const tellingRoles: ReadonlySet<Target["role"]> = new Set(["noc", "anchor", "hub", "site", "service"]);

/** Of what may tell whether the link is up (borne-out.ts). */
function longestIntervalMs(
  { tree }: Place,
  { site, id }: Link,
  { countsWhen }: Pick<typeof noContract, "countsWhen">,
): number {
  const isOwn = (link: string | null) => link === null || link === id || countsWhen === "allLinksOut";
  return tree
    .allTargetsAround(site)
    .filter(({ role, link }) => tellingRoles.has(role) && isOwn(link))
    .reduce((longest, { probe }) => Math.max(longest, probe.intervalS * 1000), 0);
}

/** Whether a row of the outage table tells of the link: its own, or where the site's states stand for it that of the site. */
function isTold(
  { ofLink, link: of, startMs, endMs }: OutageRecord,
  link: Link,
  { own, bySite }: Track,
): boolean {
  const told = ofLink !== true ? bySite : of === link.id ? own : [];
  return told.some(({ fromMs, toMs }) => startMs < toMs && (endMs ?? Infinity) > fromMs);
}

const siteOf = ({ site }: { site: string }) => site;

/** A segment that reaches over the end of the first reading is in both. */
function withoutTwins(segments: readonly StateSegment[]): StateSegment[] {
  const named = segments.map((each): [string, StateSegment] => [
    `${each.site} ${each.link ?? ""} ${each.startMs}`,
    each,
  ]);
  return [...new Map(named).values()];
}

/** What is written down in exclusions.yaml of the link, its site or its provider. */
function written({ inventory, tree }: Place, link: Link, month: Span): Exclusion[] {
  const path = [link.site, ...tree.ancestorsOf(link.site)];
  return [...(inventory.exclusions?.values() ?? [])]
    .filter(
      ({ site, subtree, link: id, provider, fromMs, toMs }) =>
        (site === link.site ||
          id === link.id ||
          provider === link.provider ||
          (subtree !== undefined && path.includes(subtree))) &&
        fromMs < month.toMs + marginMs &&
        toMs > month.fromMs - marginMs,
    )
    .map(({ kind, id, fromMs, toMs, reason, author }) => ({ kind, id, fromMs, toMs, reason, author }));
}

type Terms = Pick<typeof noContract, "serviceHours" | "closedOnHolidays">;

function createService({ inventory }: Place, month: Span) {
  const zone = inventory.timeZone ?? defaultTimeZone;
  // Few outages began before the month and fewer long before it: so far back days are counted when one did.
  const reaches = [0, marginMs, serviceReachMs].map((ms) => ({
    fromMs: month.fromMs - ms,
    toMs: month.toMs,
  }));
  const known = new Map<string, Span[]>();
  const within = (reach: Span, terms: Terms, closed: ReadonlySet<string>): Span[] => {
    const key = JSON.stringify([reach.fromMs, terms.serviceHours, terms.closedOnHolidays]);
    const spans = known.get(key) ?? serviceSpans(terms.serviceHours, reach, zone, (day) => closed.has(day));
    known.set(key, spans);
    return spans;
  };
  const holidays = [...(inventory.holidays?.keys() ?? [])].toSorted();
  const { toLocalMs } = createLocalTime(zone);
  const yearOf = (ms: number) => new Date(toLocalMs(ms)).getUTCFullYear();
  return (terms: Terms, part: Span) => {
    const { serviceHours, closedOnHolidays } = terms;
    const closedDays = closedOnHolidays ? holidays : [];
    const isUnknown =
      closedOnHolidays && !closedDays.some((day) => Number(day.slice(0, 4)) === yearOf(part.fromMs));
    const closed = new Set(closedDays);
    const spans = (span: Span): Span[] => {
      if (serviceHours.length === 0 && !closedOnHolidays) return [span];
      const reach = reaches.find(({ fromMs, toMs }) => span.fromMs >= fromMs && span.toMs <= toMs);
      return reach === undefined
        ? serviceSpans(serviceHours, span, zone, (day) => closed.has(day))
        : intersect([span], within(reach, terms, closed));
    };
    return { spans, closedDays, yearsWithoutHolidays: isUnknown ? [yearOf(part.fromMs)] : [] };
  };
}
