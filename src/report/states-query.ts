import type { StateSegment } from "../outage/table.ts";
import type { StateStore } from "../state/state-store.ts";
import type { TimeRange } from "./reader.ts";

/** Segments clipped to the range, ascending in time within each site. */
export async function queryStates(
  state: StateStore,
  { fromMs, toMs, sites, service }: TimeRange & { sites: readonly string[]; service: string },
): Promise<StateSegment[]> {
  return clipStates(await state.states({ fromMs, toMs, sites, service }), { fromMs, toMs });
}

export function clipStates(segments: readonly StateSegment[], { fromMs, toMs }: TimeRange): StateSegment[] {
  return segments.map((segment) => ({
    ...segment,
    startMs: Math.max(segment.startMs, fromMs),
    endMs: segment.endMs === null || segment.endMs > toMs ? toMs : segment.endMs,
  }));
}
