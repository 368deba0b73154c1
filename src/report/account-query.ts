import { longestMs } from "../inventory/maintenance.ts";
import type { Span } from "../inventory/spans.ts";
import type { StateSegment } from "../outage/table.ts";
import { accountFor, sumAccounts } from "../relation/account.ts";
import type { StateStore } from "../state/state-store.ts";
import { linkSubject, siteSubject } from "./account-subjects.ts";
import type { Known, Subject } from "./account-subjects.ts";
import { endProven, groupOf } from "./availability-query.ts";
import { readSiteLinks } from "./site-links.ts";
import type { SiteLinks } from "./site-links.ts";
import { readMaintenanceView } from "./maintenance-view.ts";
import type { AccountGroup, AccountRow, TimeRange } from "./reader.ts";
import { isCut } from "./site-view.ts";
import type { Place } from "./site-view.ts";

export interface AccountQuery extends TimeRange {
  by: AccountGroup;
  /** Only these, and their links. */
  sites: readonly string[];
  /** As it was known then; default: now. */
  asOfMs?: number | undefined;
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
  const whose = { sites: query.sites, ...asOf };
  const [segments, ofLinks, blips, maintenance] = await Promise.all([
    readWhole((range) => state.states({ ...whose, ...range, service: "" }), whose, window, nowMs),
    readWhole((range) => state.linkStates({ ...whose, ...range }), whose, window, nowMs),
    state.blips({ ...whose, ...window }).then((all) => Map.groupBy(all, ({ site }) => site)),
    // An outage that began earlier, or goes on, may have been announced there.
    readMaintenanceView(state, place, { fromMs: fromMs - marginMs, toMs: nowMs }, query.asOfMs),
  ]);
  const siteLinks = await readSiteLinks(state, place.inventory, query.sites, nowMs);
  const groups = new Map<string, { name: string; parts: Subject[] }>();
  for (const site of query.sites) {
    const proven = (all: typeof segments) =>
      (all.get(site) ?? []).map((segment) => endProven(segment, provenMs.get(site)));
    for (const [group, name, subject] of subjectsOf(
      site,
      query.by,
      { segments: proven(segments), ofLinks: proven(ofLinks), blips: blips.get(site) ?? [], maintenance },
      place,
      siteLinks(site),
    )) {
      const held = groups.get(group) ?? { name, parts: [] };
      held.parts.push(subject);
      groups.set(group, held);
    }
  }
  const now = Math.floor(nowMs / 1000) * 1000;
  const account = (parts: readonly Subject[], isAgreed: boolean) =>
    sumAccounts(
      parts.map(({ announced, ...subject }) =>
        accountFor({ window, ...subject, excluded: isAgreed ? announced : [], nowMs: now }),
      ),
    );
  return [...groups].map(([group, { name, parts }]) => ({
    group,
    name,
    withMaintenance: account(parts, false),
    withoutMaintenance: account(parts, true),
  }));
}

/** What of a site goes into which group: itself, or each of its links. */
function subjectsOf(
  site: string,
  by: AccountGroup,
  known: Known,
  place: Place,
  siteLinks: SiteLinks,
): [group: string, name: string, subject: Subject][] {
  if (by !== "link" && by !== "provider") {
    const { group, name } = groupOf(place, site, by);
    return [[group, name, siteSubject(site, known)]];
  }
  const links = place.tree.linksOf(site);
  return links.map((link) => {
    const group = by === "link" ? link.id : link.provider;
    return [group, group, linkSubject(link, siteLinks, known)];
  });
}

/** How far before the window announced work is looked for, ms: work that lasts longer is refused. */
const marginMs = longestMs(null);

/**
 * Segments of the window, and of what is down at either end as many more as it takes to see when that began and how long it
 * lasted. Hours without supply may lie in the middle of it.
 */
async function readWhole(
  read: (range: { fromMs: number; toMs: number; sites: readonly string[] }) => Promise<StateSegment[]>,
  { sites }: Pick<AccountQuery, "sites">,
  { fromMs, toMs }: Span,
  nowMs: number,
): Promise<Map<string, StateSegment[]>> {
  // One second earlier: what is down from the first second on may have been so before.
  const within = await read({ fromMs: fromMs - 1000, toMs, sites });
  const off = within.filter(({ startMs, state: is }) => startMs < fromMs && is === "off");
  const offMs = off.reduce((least, { startMs }) => Math.min(least, startMs), Infinity);
  const cut = within.filter(
    ({ endMs, state: is }) => endMs !== null && endMs >= toMs && (isCut(is) || is === "off"),
  );
  const sitesOf = (some: readonly StateSegment[]) => [...new Set(some.map(({ site }) => site))];
  const before =
    off.length === 0 ? [] : await read({ fromMs: offMs - 1000, toMs: fromMs, sites: sitesOf(off) });
  const after = cut.length === 0 ? [] : await read({ fromMs: toMs, toMs: nowMs, sites: sitesOf(cut) });
  const nameOf = ({ site, link = "", startMs }: StateSegment) => `${site} ${link} ${startMs}`;
  const all = new Map([...before, ...within, ...after].map((segment) => [nameOf(segment), segment]));
  return Map.groupBy(all.values(), ({ site }) => site);
}
