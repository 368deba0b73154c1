import type { AgentTarget } from "#wire/targets-v1.ts";
import type { Inventory } from "./inventory.ts";

/**
 * What the agent of a site measures, as it is told. Ordered by id, so that moving entries around in targets.yaml
 * does not change the answer. Empty for a site without targets, and for one that a reload has taken away.
 */
export function configFor(inventory: Inventory, siteCode: string): AgentTarget[] {
  return [...inventory.targets.values()]
    .filter(({ site }) => site === siteCode)
    .map(({ probe }) => probe)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
