import type { Inventory, Link } from "../inventory/inventory.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { allLinksOf } from "../inventory/validity.ts";
import type { StateStore } from "../state/state-store.ts";
import type { TrackInput } from "./link-track.ts";

/** What of a site says whose its states were (link-track.ts). */
export type SiteLinks = Pick<TrackInput, "siblings" | "timeZone" | "trackedSinceMs" | "nowMs">;

export async function readSiteLinks(
  state: Pick<StateStore, "linksTrackedSince">,
  inventory: Inventory,
  sites: readonly string[],
  nowMs: number,
): Promise<(site: string) => SiteLinks> {
  const siblings = Map.groupBy(allLinksOf(inventory).values(), ({ site }: Link) => site);
  // Of the only link there is nothing to ask.
  const several = sites.filter((site) => (siblings.get(site)?.length ?? 0) > 1);
  const since = several.length === 0 ? new Map<string, number>() : await state.linksTrackedSince(several);
  return (site) => ({
    siblings: siblings.get(site) ?? [],
    timeZone: inventory.timeZone ?? defaultTimeZone,
    trackedSinceMs: since.get(site) ?? Infinity,
    nowMs,
  });
}
