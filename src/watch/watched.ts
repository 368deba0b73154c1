import type { Inventory } from "../inventory/inventory.ts";
import type { StateSegment } from "../outage/table.ts";

/** Whether the inventory still has what is told of. A segment that has a link tells of it; an outage only where it says so. */
export function isWatched(
  { sites, links, services }: Inventory,
  view: Pick<StateSegment, "site"> & { service: string | null; link?: string | null; ofLink?: true },
): boolean {
  const { site, service } = view;
  const link = service === "" || view.ofLink === true ? (view.link ?? null) : null;
  if (!sites.has(site)) return false;
  if (link !== null) return links.get(link)?.site === site && hasSeveral(links, site);
  return service === null || service === "" || services.has(service);
}

function hasSeveral(links: Inventory["links"], site: string): boolean {
  let count = 0;
  for (const link of links.values()) if (link.site === site) count += 1;
  return count > 1;
}
