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

/**
 * The provider's links, by id. Of a site with several links only what tests the link itself is told: how the site stands
 * would tell of the others.
 */
export async function partnerLinks(
  { reader, state, inventory }: { reader: Reader; state: StateStore; inventory: Inventory },
  provider: string,
  nowMs: number,
): Promise<PartnerLinkView[]> {
  const zone = inventory.timeZone ?? defaultTimeZone;
  const fromMs = monthSpan(monthAt(nowMs, zone), zone)!.fromMs;
  // To the whole minute, so that the same is the same for a while to who asks again by its tag.
  const toMs = Math.floor(nowMs / 60_000) * 60_000;
  const own = [...inventory.links.values()]
    .filter((link) => link.provider === provider)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const sites = [...new Set(own.map(({ site }) => site))];
  const [views, accounts, tested] = await Promise.all([
    reader.sites(),
    reader.accounts({ fromMs, toMs, by: "link", sites }),
    state.linkStates({ fromMs, toMs, sites }),
  ]);
  const viewOf = new Map(views.map((view) => [view.code, view]));
  const accountOf = new Map(accounts.map((row) => [row.group, row.withoutMaintenance]));
  const isTested = new Set(tested.map((segment) => segment.link));
  return own.map((link) => {
    const isAlone = linksAt(inventory, link.site).length === 1;
    return {
      link,
      siteName: inventory.sites.get(link.site)?.name ?? link.site,
      ...standingOf(viewOf.get(link.site), link, isAlone),
      fromMs,
      toMs,
      month: isAlone || isTested.has(link.id) ? (accountOf.get(link.id) ?? null) : null,
    };
  });
}

function standingOf(
  view: SiteView | undefined,
  link: Link,
  isAlone: boolean,
): Pick<PartnerLinkView, "state" | "sinceMs"> {
  const standing = isAlone ? view : view?.links.find(({ id }) => id === link.id)?.standing;
  if (standing === undefined) return { state: "unknown", sinceMs: null };
  return { state: standing.state, sinceMs: standing.sinceMs };
}
