import type { Step } from "./steps.ts";

/** How many places could check a service at a moment, and how many of those saw it fail. */
export interface Tally {
  able: number;
  failing: number;
}

/** Adds up many places in one sweep over their edges. Where nobody could check there is no step. */
export function tally(places: readonly (readonly Step<{ failing: boolean }>[])[]): Step<Tally>[] {
  const edges = places.flatMap((steps) =>
    steps.flatMap(({ startMs, endMs, value }) => {
      const failing = value.failing ? 1 : 0;
      return [
        { ms: startMs, able: 1, failing },
        { ms: endMs, able: -1, failing: -failing },
      ];
    }),
  );
  edges.sort((a, b) => a.ms - b.ms);
  const totals: Step<Tally>[] = [];
  let now: Tally = { able: 0, failing: 0 };
  for (const [index, edge] of edges.entries()) {
    now = { able: now.able + edge.able, failing: now.failing + edge.failing };
    const next = edges[index + 1];
    if (next === undefined || next.ms === edge.ms || now.able === 0) continue;
    const last = totals.at(-1);
    if (
      last !== undefined &&
      last.endMs === edge.ms &&
      last.value.able === now.able &&
      last.value.failing === now.failing
    ) {
      last.endMs = next.ms;
    } else {
      totals.push({ startMs: edge.ms, endMs: next.ms, value: now });
    }
  }
  return totals;
}
