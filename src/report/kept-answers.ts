import type { Inventory } from "../inventory/inventory.ts";
import type { StateStore } from "../state/state-store.ts";
import type { AvailabilityQuery } from "./availability-query.ts";
import type { AvailabilityRow } from "./reader.ts";

/** Answers kept at once, and rows in all of them, some 50 MB; a page asks a dozen questions of a month. */
const [mostKept, mostRows] = [256, 50_000];
/** How long nobody looks whether anything was learned, ms: a page asks a dozen questions, and each look costs some. */
const lookEveryMs = 10_000;
/** How long an answer of the present may be given again, ms: its last minutes are still being measured. */
const presentMaxAgeMs = 60_000;

interface Kept {
  stamp: string;
  inventory: Inventory;
  madeMs: number;
  /** When it was seen last that nothing was learned since. */
  seenMs: number;
  rows: Promise<AvailabilityRow[]>;
  /** 0 until they are there. */
  count: number;
}

/**
 * Answers about availability, given again while nothing was learned of their window: a month of the district is the
 * dearest question that a public page asks. A window that reaches into the present is asked again after a minute. What is
 * learned shows within ten seconds.
 */
export function createKeptAnswers({
  state,
  inventory,
  nowMs,
  silenceMs,
}: {
  state: Pick<StateStore, "statesStamp">;
  inventory: () => Inventory;
  nowMs: () => number;
  silenceMs: number;
}) {
  const kept = new Map<string, Kept>();
  return async (
    query: AvailabilityQuery,
    make: () => Promise<AvailabilityRow[]>,
  ): Promise<AvailabilityRow[]> => {
    const { service, by, step, fromMs, toMs, asOfMs } = query;
    const name = JSON.stringify([service, by, step ?? "whole", fromMs, toMs, asOfMs ?? null]);
    const held = kept.get(name);
    const isPresent = held !== undefined && toMs > held.madeMs - silenceMs;
    const mayBeGood =
      held !== undefined &&
      held.inventory === inventory() &&
      (!isPresent || nowMs() - held.madeMs < presentMaxAgeMs);
    if (mayBeGood && nowMs() - held.seenMs < lookEveryMs) return held.rows;
    const { stamp } = await state.statesStamp({ fromMs, toMs, services: [service, ""] });
    const isGood = mayBeGood && held.stamp === stamp;
    // The latest asked for is the last to go.
    kept.delete(name);
    if (isGood) {
      held.seenMs = nowMs();
      kept.set(name, held);
      return held.rows;
    }
    const now = nowMs();
    const fresh: Kept = { stamp, inventory: inventory(), madeMs: now, seenMs: now, rows: make(), count: 0 };
    kept.set(name, fresh);
    fresh.rows.then(
      (rows) => {
        fresh.count = rows.length;
        shrink(kept);
      },
      // A failure is for the one who asked.
      () => kept.get(name) === fresh && kept.delete(name),
    );
    return fresh.rows;
  };
}

/** Lets the answers go that nobody asked for longest. */
function shrink(kept: Map<string, Kept>): void {
  let rows = 0;
  for (const { count } of kept.values()) rows += count;
  for (const [name, { count }] of kept) {
    if (kept.size <= mostKept && rows <= mostRows) break;
    kept.delete(name);
    rows -= count;
  }
}
