import type { StateSegment } from "../outage/table.ts";
import type { StateStore } from "../state/state-store.ts";
import { readMaintenanceView } from "./maintenance-view.ts";
import type { MaintenanceView } from "./maintenance-view.ts";
import type { TimeRange } from "./reader.ts";
import type { Place } from "./site-view.ts";

/** Segments clipped to the range, ascending in time within each site, with announced work laid over them. */
export async function queryStates(
  state: StateStore,
  place: Place,
  query: TimeRange & { sites: readonly string[]; service: string; asOfMs?: number | undefined },
): Promise<StateSegment[]> {
  return clip(await state.states(query), await viewOf(state, place, query), query);
}

/** The same of the links of sites that have several. */
export async function queryLinkStates(
  state: StateStore,
  place: Place,
  query: TimeRange & { sites: readonly string[]; asOfMs?: number | undefined },
): Promise<StateSegment[]> {
  return clip(await state.linkStates(query), await viewOf(state, place, query), query);
}

const viewOf = (
  state: StateStore,
  place: Place,
  { fromMs, toMs, asOfMs }: TimeRange & { asOfMs?: number | undefined },
) => readMaintenanceView(state, place, { fromMs, toMs }, asOfMs);

function clip(
  segments: readonly StateSegment[],
  maintenance: MaintenanceView,
  { fromMs, toMs }: TimeRange,
): StateSegment[] {
  return maintenance.show(segments, toMs).map((segment) => ({
    ...segment,
    startMs: Math.max(segment.startMs, fromMs),
    endMs: segment.endMs === null || segment.endMs > toMs ? toMs : segment.endMs,
  }));
}
