import { setImmediate as othersTurn } from "node:timers/promises";
import type { Inventory } from "../inventory/inventory.ts";
import type { PartnerStore } from "../state/partner-store.ts";
import { followOutage } from "./partner-view.ts";

/** Outages that are followed in one transaction: more than a district has in a storm, and some 50 ms. */
const atOnce = 1_000;
/** How long an outage that is over is kept after its last change, ms: 13 months, so that a contract's year can be looked back on. */
const keptMs = 400 * 86_400_000;
/** How long changes wait for a hook that is disabled, ms: 30 days. */
const waitingMs = 30 * 86_400_000;
const forgetEveryMs = 3_600_000;
const forgottenAtOnce = 100;

/** Brings the records of all providers up to the outage table; calls that come together share one run. */
export function createPartnerFeed(
  state: Pick<PartnerStore, "followOutages" | "noteProviders" | "forgetPartners">,
  inventory: () => Inventory,
  now: () => number,
): () => Promise<void> {
  let running: Promise<void> | null = null;
  let noted: Inventory | null = null;
  let forgotMs = -Infinity;

  async function run(): Promise<void> {
    const [of, nowMs] = [inventory(), now()];
    if (of !== noted) {
      await state.noteProviders(
        new Map([...of.links.values()].map(({ id, provider }) => [id, provider])),
        nowMs,
      );
      noted = of;
    }
    for (;;) {
      const taken = await state.followOutages(atOnce, (revisions, known, had) =>
        followOutage({ inventory: of, had, keptFromMs: nowMs - keptMs }, revisions, known),
      );
      if (taken < atOnce) break;
      await othersTurn();
    }
    if (nowMs - forgotMs < forgetEveryMs) return;
    forgotMs = nowMs;
    const before = { changedMs: nowMs - keptMs, waitingMs: nowMs - waitingMs };
    while (await state.forgetPartners(before, forgottenAtOnce)) await othersTurn();
  }
  return () => (running ??= run().finally(() => (running = null)));
}
