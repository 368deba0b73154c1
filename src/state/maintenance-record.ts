import type { MaintenancePlan } from "../inventory/maintenance.ts";

/** Where a plan was written down: in maintenance.yaml, or by the API. */
export type MaintenanceSource = "file" | "api";

export interface MaintenanceRecord extends MaintenancePlan {
  source: MaintenanceSource;
  /** When it was written down as it stands. */
  knownMs: number;
}

export const maintenanceActs = ["made", "changed", "withdrawn"] as const;

/**
 * `made`, `changed`: the plan is in force as given · `withdrawn`: it is no more, and its past with it. What was known
 * earlier stays in the record in any case.
 */
export interface MaintenanceChange {
  act: (typeof maintenanceActs)[number];
  plan: MaintenancePlan;
  source: MaintenanceSource;
}
