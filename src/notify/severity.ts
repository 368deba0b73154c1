import type { Inventory } from "../inventory/inventory.ts";

/** Rendah, sedang, tinggi, kritis; ascending. */
export const severities = ["low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

export function worse(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) >= severities.indexOf(b) ? a : b;
}

export function isAtLeast(one: Severity, least: Severity): boolean {
  return severities.indexOf(one) >= severities.indexOf(least);
}

/**
 * From so many sites on a fault is critical, whatever they are: a kecamatan of the district has 8 villages on average, so
 * that this is most of one.
 */
const criticalSites = 5;

/**
 * How bad a fault is, by what it cuts off and not by how it is called:
 *
 *   critical   the top, a service itself for everybody, or five sites and more
 *   high       a kecamatan, or several sites
 *   medium     one village
 *   low        a service from one place alone, or a village that comes and goes
 */
export function severityOf(
  fault: { root: string; sites: number; isService: boolean; isUnstable: boolean },
  inventory: Inventory,
): Severity {
  const { root, sites, isService, isUnstable } = fault;
  const kind = inventory.sites.get(root)?.kind;
  if (root.startsWith("service:")) return "critical";
  if (isService) return "low";
  if (kind === "kabupaten" && sites > 1) return "critical";
  if (sites >= criticalSites) return "critical";
  if (kind === "kabupaten" || kind === "kecamatan" || sites > 1) return "high";
  return isUnstable ? "low" : "medium";
}
