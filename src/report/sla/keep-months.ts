import type { Inventory } from "../../inventory/inventory.ts";
import type { Span } from "../../inventory/spans.ts";
import type { StateStore } from "../../state/state-store.ts";
import { marginMs } from "./link-counts.ts";
import type { LinkSla } from "./sla.ts";

/** Months kept at once for each who asks, some MB each for all links of a regency. */
const mostKept = 3;
/** How long a month may be given again, ms: what lasts grows longer meanwhile, and how far rounds reach. */
const maxAgeMs = 60_000;

interface Kept {
  stamp: string;
  inventory: Inventory;
  madeMs: number;
  links: Promise<LinkSla[]>;
}

/**
 * Months of the links of whoever asks, given again for a minute while nothing was learned: several panels of one dashboard ask for the
 * same. What one asks for does not drive out what is kept for another.
 */
export function createKeptMonths({
  state,
  inventory,
  nowMs,
}: {
  state: Pick<StateStore, "statesStamp" | "maintenance">;
  inventory: () => Inventory;
  nowMs: () => number;
}) {
  const keptFor = new Map<string, Map<number, Kept>>();
  return async (who: string, month: Span, make: () => Promise<LinkSla[]>): Promise<LinkSla[]> => {
    const kept = keptFor.get(who) ?? new Map<number, Kept>();
    keptFor.set(who, kept);
    // An outage of the month is followed for as long as it lasts.
    const read = { fromMs: month.fromMs - marginMs, toMs: Math.max(month.toMs, nowMs()) };
    const known = await state.statesStamp({ ...read, services: [""] });
    const stamp = JSON.stringify([known.stamp, await state.maintenance()]);
    const held = kept.get(month.fromMs);
    const ageMs = held === undefined ? Infinity : nowMs() - held.madeMs;
    const isGood = held?.stamp === stamp && held.inventory === inventory() && ageMs >= 0 && ageMs < maxAgeMs;
    if (isGood) return held.links;
    const fresh: Kept = { stamp, inventory: inventory(), madeMs: nowMs(), links: make() };
    // The latest made is the last to go.
    kept.delete(month.fromMs);
    kept.set(month.fromMs, fresh);
    if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
    // A failure is for those who asked.
    fresh.links.catch(() => kept.get(month.fromMs) === fresh && kept.delete(month.fromMs));
    return fresh.links;
  };
}
