import type { StateSegment } from "../outage/table.ts";

/** A state with the moment from which it holds. */
export interface StateChange extends Pick<StateSegment, "site" | "state" | "cause"> {
  timeMs: number;
}

/**
 * Segments as change points, which is what a state timeline draws: for each site one row at `fromMs`, one at every
 * change, one at `toMs`; ascending in time. Where no segment is, the state is unknown: nobody measured.
 */
export function toChanges(
  segments: readonly StateSegment[],
  sites: readonly string[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): StateChange[] {
  const bySite = Map.groupBy(segments, (segment) => segment.site);
  return sites
    .flatMap((site) => changesOf(site, bySite.get(site) ?? [], fromMs, toMs))
    .sort((a, b) => a.timeMs - b.timeMs);
}

function changesOf(
  site: string,
  segments: readonly StateSegment[],
  fromMs: number,
  toMs: number,
): StateChange[] {
  const changes: StateChange[] = [];
  const add = (timeMs: number, state: StateSegment["state"], cause: StateSegment["cause"]) => {
    const last = changes.at(-1);
    if (last?.state === state && last.cause === cause) return;
    changes.push({ site, timeMs, state, cause });
  };
  let at = fromMs;
  for (const { startMs, endMs, state, cause } of segments) {
    if (startMs > at) add(at, "unknown", null);
    add(Math.max(startMs, fromMs), state, cause);
    at = endMs ?? toMs;
  }
  if (at < toMs) add(at, "unknown", null);
  const last = changes.at(-1);
  if (last !== undefined && last.timeMs < toMs) changes.push({ ...last, timeMs: toMs });
  return changes;
}
