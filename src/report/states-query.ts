import type { StateSegment } from "../outage/table.ts";
import type { StateStore } from "../state/state-store.ts";
import { readMaintenanceView } from "./maintenance-view.ts";
import type { TimeRange } from "./reader.ts";
import type { Place } from "./site-view.ts";

/** Segments clipped to the range, ascending in time within each site, with announced work laid over them. */
export async function queryStates(
  state: StateStore,
  place: Place,
  query: TimeRange & { sites: readonly string[]; service: string; asOfMs?: number | undefined },
): Promise<StateSegment[]> {
  const { fromMs, toMs, asOfMs } = query;
  const [segments, maintenance] = await Promise.all([
    state.states(query),
    readMaintenanceView(state, place, { fromMs, toMs }, asOfMs),
  ]);
  return maintenance.show(segments, toMs).map((segment) => ({
    ...segment,
    startMs: Math.max(segment.startMs, fromMs),
    endMs: segment.endMs === null || segment.endMs > toMs ? toMs : segment.endMs,
  }));
}
