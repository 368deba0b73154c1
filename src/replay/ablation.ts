import type { Evidence } from "../outage/evidence.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Scenario } from "./scenario.ts";

/*
 * Evidence left out on purpose, to see what it is worth (methods.md §B3):
 *
 *   tree   every site hangs on the centre, and nobody asks for a hub
 *   power  no boot id, no uptime of a router, no UPS
 *   clock  the machines' wall clocks are believed
 *   noc    nothing of what the centre measures
 *   edges  each site's edges are its own targets' alone, those of other sites with it not pooled
 */
export const ablations = ["tree", "power", "clock", "noc", "edges"] as const;
export type Ablation = (typeof ablations)[number];

export function ablateEvidence(
  evidence: Evidence,
  { centre }: Pick<Scenario, "centre">,
  without: ReadonlySet<Ablation>,
): Evidence {
  let { targets, events } = evidence;
  if (without.has("tree")) targets = targets.filter(({ role }) => role !== "hub");
  if (without.has("noc")) targets = targets.filter(({ vantage }) => vantage !== centre);
  if (without.has("power")) events = [];
  return { ...evidence, targets, events };
}

export function ablateInventory(
  inventory: Inventory,
  { centre }: Pick<Scenario, "centre">,
  without: ReadonlySet<Ablation>,
): Inventory {
  if (!without.has("tree")) return inventory;
  const flat = <T extends { parent: string | null }>(entry: T): T =>
    entry.parent === null ? entry : { ...entry, parent: centre };
  return {
    ...inventory,
    sites: new Map([...inventory.sites].map(([code, site]) => [code, flat(site)])),
    links: new Map([...inventory.links].map(([id, link]) => [id, flat(link)])),
  };
}
