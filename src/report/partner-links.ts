import { defaultTimeZone, monthAt, monthSpan } from "../inventory/local-time.ts";
import type { Inventory, Link } from "../inventory/inventory.ts";
import type { SiteState } from "../outage/table.ts";
import type { Account } from "../relation/account.ts";
import type { StateStore } from "../state/state-store.ts";
import { linksAt } from "./partner-view.ts";
import type { Reader, SiteView } from "./reader.ts";

/** How a provider's link stands, and how it fared in the month so far. */
export interface PartnerLinkView {
  link: Link;
  siteName: string;
  state: SiteState;
  sinceMs: number | null;
  fromMs: number;
  toMs: number;
  /** Announced work taken out; null: nothing that tests the link alone was measured. */
  month: Account | null;
}

interface Deps {
  reader: Reader;
  state: StateStore;
  inventory: Inventory;
}

/**
 * The provider's links, by id. Of a site with several links only what tests the link itself is told: how the site stands
 * would tell of the others. Of a link that was another's in the month, what is told begins with the hand-over.
 */
export async function partnerLinks(deps: Deps, provider: string, nowMs: number): Promise<PartnerLinkView[]> {
  const { reader, state, inventory } = deps;
  const zone = inventory.timeZone ?? defaultTimeZone;
  const monthMs = monthSpan(monthAt(nowMs, zone), zone)!.fromMs;
  // To the whole minute, so that the same is the same for a while to who asks again by its tag.
  const toMs = Math.floor(nowMs / 60_000) * 60_000;
  const own = [...inventory.links.values()]
    .filter((link) => link.provider === provider)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const [views, handedOver] = await Promise.all([reader.sites(), state.handedOver()]);
  const viewOf = new Map(views.map((view) => [view.code, view]));
  const beginOf = (link: Link) => Math.min(toMs, Math.max(monthMs, handedOver.get(link.id) ?? 0));
  const months = new Map<string, Account>();
  for (const [fromMs, links] of Map.groupBy(own, beginOf))
    for (const [id, month] of await monthsOf(deps, links, { fromMs, toMs })) months.set(id, month);
  return own.map((link) => ({
    link,
    siteName: inventory.sites.get(link.site)?.name ?? link.site,
    ...standingOf(viewOf.get(link.site), link, isAlone(inventory, link), handedOver.get(link.id) ?? 0),
    fromMs: beginOf(link),
    toMs,
    month: months.get(link.id) ?? null,
  }));
}

/** Of those of which there is something to be told. */
async function monthsOf(
  { reader, state, inventory }: Deps,
  links: readonly Link[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<[link: string, month: Account][]> {
  if (fromMs >= toMs) return [];
  const sites = [...new Set(links.map(({ site }) => site))];
  const [accounts, tested] = await Promise.all([
    reader.accounts({ fromMs, toMs, by: "link", sites }),
    state.linkStates({ fromMs, toMs, sites }),
  ]);
  const isTested = new Set(tested.map((segment) => segment.link));
  const told = new Set(
    links.filter((link) => isAlone(inventory, link) || isTested.has(link.id)).map(({ id }) => id),
  );
  return accounts.flatMap(({ group, withoutMaintenance }) =>
    group !== null && told.has(group) ? [[group, withoutMaintenance]] : [],
  );
}

function isAlone(inventory: Inventory, { site }: Link): boolean {
  return linksAt(inventory, site).length === 1;
}

/** `fromMs`: since when the link is the provider's. */
function standingOf(
  view: SiteView | undefined,
  link: Link,
  alone: boolean,
  fromMs: number,
): Pick<PartnerLinkView, "state" | "sinceMs"> {
  const standing = alone ? view : view?.links.find(({ id }) => id === link.id)?.standing;
  if (standing === undefined) return { state: "unknown", sinceMs: null };
  const { state, sinceMs } = standing;
  return { state, sinceMs: sinceMs === null ? null : Math.max(sinceMs, fromMs) };
}
