import type { Inventory } from "../inventory/inventory.ts";
import type { StateStore } from "../state/state-store.ts";
import { followOutage } from "./partner-view.ts";

/** Outages that are followed in one transaction: more than a district has in a storm, and some 100 ms. */
const atOnce = 1_000;

/** Brings the records of all providers up to the outage table; calls that come together share one run. */
export function createPartnerFeed(
  state: Pick<StateStore, "followOutages">,
  inventory: () => Inventory,
): () => Promise<void> {
  let running: Promise<void> | null = null;
  async function run(): Promise<void> {
    let taken = atOnce;
    while (taken === atOnce)
      taken = await state.followOutages(atOnce, (revisions, known) =>
        followOutage(inventory(), revisions, known),
      );
  }
  return () => (running ??= run().finally(() => (running = null)));
}
