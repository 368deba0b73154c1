import { auditTopology } from "../outage/audit.ts";
import type { TopologyProposal } from "../outage/audit.ts";
import type { StateStore } from "../state/state-store.ts";
import type { TimeRange } from "./reader.ts";
import type { Place } from "./site-view.ts";

/** What fell together in the range without a known parent in common. The future is no part of it. */
export async function readTopologyProposals(
  state: StateStore,
  { tree }: Place,
  { fromMs, toMs }: TimeRange,
  nowMs: number,
): Promise<TopologyProposal[]> {
  const range = { fromMs, toMs: Math.min(toMs, nowMs) };
  if (range.fromMs >= range.toMs) return [];
  const outages = await state.outages({ ...range, service: null });
  return auditTopology(
    outages.filter(({ withdrawn }) => !withdrawn),
    tree,
    range,
  );
}
