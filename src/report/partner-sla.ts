import type { Inventory } from "../inventory/inventory.ts";
import { allLinksOf } from "../inventory/validity.ts";
import type { PartnerStore } from "../state/partner-store.ts";
import type { SlaMonth } from "./sla/create-sla-book.ts";

/** Whether a link can be the provider's: of one that is gone its issued months say whose it was. */
export function mayBeOf(inventory: Inventory, provider: string): (link: string) => boolean {
  const known = allLinksOf(inventory);
  return (link) => (known.get(link)?.provider ?? provider) === provider;
}

/**
 * Of a month what is a provider's: parts of the month that began when the link was its own, of links that are. Whoever takes a link
 * over takes no month along in which it was another's, and who gave it away has none of it any more.
 */
export async function slaOfProvider(
  { state, inventory }: { state: Pick<PartnerStore, "handedOver">; inventory: Inventory },
  provider: string,
  month: Pick<SlaMonth, "links" | "pending">,
): Promise<Pick<SlaMonth, "links" | "pending">> {
  const isOwn = mayBeOf(inventory, provider);
  const handedOver = await state.handedOver();
  const links = month.links.filter(
    ({ link, part, ...row }) =>
      row.provider === provider && isOwn(link) && part.fromMs >= (handedOver.get(link) ?? 0),
  );
  const own = new Set(links.map(({ link }) => link));
  // A correction may change a part of the month in which the link was another's.
  const pending = month.pending.filter(
    ({ link, fromMs }) => own.has(link) && fromMs >= (handedOver.get(link) ?? 0),
  );
  return { links, pending };
}
