import type { Inventory } from "../inventory/inventory.ts";
import { allLinksOf } from "../inventory/validity.ts";
import type { PartnerStore } from "../state/partner-store.ts";
import type { SlaMonth } from "./sla/create-sla-book.ts";
import type { LinkSla } from "./sla/sla.ts";

/**
 * Of a month what is a provider's: parts of the month of links that are its own now, and were when the part began. Whoever takes a
 * link over takes no month along in which it was another's, and who gave it away has none of it any more.
 */
export async function slaOfProvider(
  { state, inventory }: { state: Pick<PartnerStore, "providerAt">; inventory: Inventory },
  provider: string,
  month: SlaMonth,
): Promise<Pick<SlaMonth, "links" | "pending">> {
  const known = allLinksOf(inventory);
  const isOwn = async (link: string, fromMs: number) =>
    (known.get(link)?.provider ?? provider) === provider &&
    ((await state.providerAt(link, fromMs)) ?? provider) === provider;
  const own: LinkSla[] = [];
  for (const row of month.links)
    if (row.provider === provider && (await isOwn(row.link, row.part.fromMs))) own.push(row);
  const links = new Set(own.map(({ link }) => link));
  return { links: own, pending: month.pending.filter(({ link }) => links.has(link)) };
}
