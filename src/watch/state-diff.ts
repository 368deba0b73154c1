import type { StateSegment } from "../outage/table.ts";
import type { WatchWrite } from "../state/state-store.ts";

/** Segments by site, link and service, as they stand in the store. */
export type SegmentsByView = Map<string, StateSegment[]>;

/** What is written, but for when it was learned. */
type Replacement = Omit<WatchWrite["states"][number], "knownMs">;

export function groupSegments(segments: Iterable<StateSegment>): SegmentsByView {
  const groups: SegmentsByView = new Map();
  for (const segment of segments) {
    const key = `${segment.site}|${segment.link ?? ""}|${segment.service}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [segment]);
    else group.push(segment);
  }
  return groups;
}

/**
 * What to write so that the store says from `fromMs` on what `next` says. Views that `next` does not know are left alone,
 * and so is what the store says of a view before the first moment that `next` speaks of: the evidence for it lies further
 * back, such as that of a site which was silent for longer than what is under review.
 */
export function diffStates(stored: SegmentsByView, next: SegmentsByView, fromMs: number): Replacement[] {
  const writes: Replacement[] = [];
  for (const [key, segments] of next) {
    const sinceMs = Math.max(fromMs, segments[0]!.startMs);
    const want = clip(segments, sinceMs);
    const have = clip(stored.get(key) ?? [], sinceMs);
    const first = want.findIndex((segment, index) => !sameSegment(segment, have[index]));
    if (first === -1 && want.length === have.length) continue;
    const from = first === -1 ? want.length : first;
    const replaceFromMs = Math.min(want[from]?.startMs ?? Infinity, have[from]?.startMs ?? Infinity);
    const { site, link, service } = segments[0]!;
    const view = link === undefined ? { site, service } : { site, link, service };
    writes.push({ ...view, replaceFromMs, segments: want.slice(from) });
  }
  return writes;
}

function clip(segments: readonly StateSegment[], fromMs: number): StateSegment[] {
  return segments
    .filter(({ endMs }) => endMs === null || endMs > fromMs)
    .map((segment) => (segment.startMs < fromMs ? { ...segment, startMs: fromMs } : segment));
}

function sameSegment(a: StateSegment, b: StateSegment | undefined): boolean {
  return (
    b !== undefined &&
    a.startMs === b.startMs &&
    a.endMs === b.endMs &&
    a.state === b.state &&
    a.cause === b.cause
  );
}
