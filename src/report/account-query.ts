import { joinSpans, withoutSpans } from "../inventory/supply.ts";
import type { Span } from "../inventory/supply.ts";
import type { Link } from "../inventory/inventory.ts";
import type { StateSegment } from "../outage/table.ts";
import { accountFor, sumAccounts } from "../relation/account.ts";
import type { Account, Standing } from "../relation/account.ts";
import type { OutageRecord, StateStore } from "../state/state-store.ts";
import { endProven, groupOf } from "./availability-query.ts";
import { readMaintenanceView } from "./maintenance-view.ts";
import type { MaintenanceView } from "./maintenance-view.ts";
import type { AccountGroup, AccountRow, TimeRange } from "./reader.ts";
import type { Place } from "./site-view.ts";

export interface AccountQuery extends TimeRange {
  by: AccountGroup;
  /** Only these, and their links. */
  sites: readonly string[];
  /** As it was known then; default: now. */
  asOfMs?: number | undefined;
}

/** The time of one site or link, with what was announced of it. */
interface Subject {
  segments: readonly StateSegment[];
  standingOf: (segment: StateSegment) => Standing;
  announced: readonly Span[];
}

/**
 * How sites, links, areas and providers fared: each account twice, with announced work as it was measured, and without it.
 * The future is not part of it, nor is what only carries on the last word: `provenMs` says until when each site's rounds
 * reach.
 */
export async function queryAccounts(
  state: StateStore,
  place: Place,
  query: AccountQuery,
  nowMs: number,
  provenMs: ReadonlyMap<string, number>,
): Promise<AccountRow[]> {
  const asOf = query.asOfMs === undefined ? {} : { asOfMs: query.asOfMs };
  const fromMs = Math.ceil(query.fromMs / 1000) * 1000;
  const toMs = Math.max(fromMs, Math.floor(Math.min(query.toMs, nowMs) / 1000) * 1000);
  const window = { fromMs, toMs };
  const [segments, outages, maintenance] = await Promise.all([
    readWhole(state, { sites: query.sites, ...asOf }, window, nowMs),
    state.outages({ fromMs, toMs, service: null, sites: query.sites, ...asOf }),
    // An outage that began earlier, or goes on, may have been announced there.
    readMaintenanceView(state, place, { fromMs: fromMs - marginMs, toMs: nowMs }, query.asOfMs),
  ]);
  const account = ({ segments: own, standingOf, announced }: Subject) => {
    const given = { window, segments: own, standingOf, nowMs: Math.floor(nowMs / 1000) * 1000 };
    return {
      withMaintenance: accountFor({ ...given, excluded: [] }),
      withoutMaintenance: accountFor({ ...given, excluded: announced }),
    };
  };
  const groups = new Map<string, { name: string; parts: ReturnType<typeof account>[] }>();
  const add = (group: string, name: string, subject: Subject) => {
    const held = groups.get(group) ?? { name, parts: [] };
    held.parts.push(account(subject));
    groups.set(group, held);
  };
  for (const site of query.sites) {
    const own = (segments.get(site) ?? []).map((segment) => endProven(segment, provenMs.get(site)));
    if (query.by === "link" || query.by === "provider") {
      const links = place.tree.linksOf(site);
      for (const link of links) {
        const cuts = outages.filter((outage) => outage.site === site && outage.link === link.id);
        const subject = linkSubject(link, links.length, own, cuts, maintenance);
        if (query.by === "link") add(link.id, link.id, subject);
        else add(link.provider, link.provider, subject);
      }
    } else {
      const { group, name } = groupOf(place, site, query.by);
      add(group, name, siteSubject(site, own, maintenance));
    }
  }
  const sum = (parts: readonly Account[]) => sumAccounts(parts);
  return [...groups].map(([group, { name, parts }]) => ({
    group,
    name,
    withMaintenance: sum(parts.map((part) => part.withMaintenance)),
    withoutMaintenance: sum(parts.map((part) => part.withoutMaintenance)),
  }));
}

/** How far before the window announced work is looked for, ms: no window is longer than 31 days. */
const marginMs = 31 * 86_400_000;

/** Segments of the window, and of what is down at its end as many more as it takes to see how long that lasted. */
async function readWhole(
  state: StateStore,
  { sites, ...asOf }: Pick<AccountQuery, "sites" | "asOfMs">,
  { fromMs, toMs }: Span,
  nowMs: number,
): Promise<Map<string, StateSegment[]>> {
  // One second earlier: what is down from the first second on may have been so before.
  const within = await state.states({ fromMs: fromMs - 1000, toMs, sites, service: "", ...asOf });
  const cut = within.filter(({ endMs, state: is }) => endMs !== null && endMs >= toMs && isCut(is));
  const after =
    cut.length === 0
      ? []
      : await state.states({
          fromMs: toMs,
          toMs: nowMs,
          sites: [...new Set(cut.map(({ site }) => site))],
          service: "",
          ...asOf,
        });
  const known = new Set(within.map(({ site, startMs }) => `${site} ${startMs}`));
  const more = after.filter(({ site, startMs }) => !known.has(`${site} ${startMs}`));
  return Map.groupBy([...within, ...more], ({ site }) => site);
}

const isCut = (state: StateSegment["state"]) => state === "down" || state === "unreachable";

function siteSubject(site: string, segments: readonly StateSegment[], maintenance: MaintenanceView): Subject {
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
function linkSubject(
  link: Link,
  links: number,
  segments: readonly StateSegment[],
  cuts: readonly OutageRecord[],
  maintenance: MaintenanceView,
): Subject {
  const standingOf = ({ state }: StateSegment): Standing =>
    state === "unreachable" ? "unknown" : state === "down" ? "down" : plainStanding(state);
  const ofSeveral = ({ state }: StateSegment): Standing => (state === "down" ? "down" : "unknown");
  return {
    segments: links > 1 ? layCuts(segments, cuts) : segments,
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
