import type { Inventory } from "../inventory/inventory.ts";
import type { StateStore } from "../state/state-store.ts";
import type { AvailabilityQuery } from "./availability-query.ts";
import type { AvailabilityRow } from "./reader.ts";

/** Answers kept at once; a page asks a dozen questions of a month. */
const mostKept = 256;
/** How long an answer of the present may be given again, ms: its last minutes are still being measured. */
const presentMaxAgeMs = 60_000;

interface Kept {
  stamp: string;
  inventory: Inventory;
  madeMs: number;
  rows: Promise<AvailabilityRow[]>;
}

/**
 * Answers about availability, given again while nothing was learned of their window: a month of the district is the
 * dearest question that a public page asks. A window that reaches into the present is asked again after a minute.
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
    const { stamp } = await state.statesStamp({ fromMs, toMs, services: [service, ""] });
    const held = kept.get(name);
    const isPresent = held !== undefined && toMs > held.madeMs - silenceMs;
    const isGood =
      held !== undefined &&
      held.inventory === inventory() &&
      held.stamp === stamp &&
      (!isPresent || nowMs() - held.madeMs < presentMaxAgeMs);
    // The latest asked for is the last to go.
    kept.delete(name);
    if (isGood) {
      kept.set(name, held);
      return held.rows;
    }
    const fresh = { stamp, inventory: inventory(), madeMs: nowMs(), rows: make() };
    kept.set(name, fresh);
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break;
      kept.delete(oldest);
    }
    // A failure is for the one who asked.
    fresh.rows.catch(() => kept.get(name) === fresh && kept.delete(name));
    return fresh.rows;
  };
}
