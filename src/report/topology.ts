import type { TopologyProposal } from "../outage/audit.ts";
import type { StateStore } from "../state/state-store.ts";
import type { Aside } from "./aside.ts";
import type { TimeRange } from "./reader.ts";
import type { Place } from "./site-view.ts";

/** What fell together in the range without a known parent in common. The future is no part of it. */
export async function readTopologyProposals(
  state: Pick<StateStore, "outages">,
  aside: Pick<Aside, "auditTopology">,
  { inventory: { sites, links } }: Pick<Place, "inventory">,
  { fromMs, toMs }: TimeRange,
  nowMs: number,
): Promise<TopologyProposal[]> {
  const window = { fromMs, toMs: Math.min(toMs, nowMs) };
  if (window.fromMs >= window.toMs) return [];
  const rows = await state.outages({ ...window, service: null });
  const outages = rows
    .filter(({ withdrawn }) => !withdrawn)
    .map(({ site, root, service, startMs, endMs, cause }) => ({
      site,
      root,
      service,
      startMs,
      endMs,
      cause,
    }));
  return aside.auditTopology({ outages, inventory: { sites, links }, window });
}
