import type { Inventory } from "../inventory/inventory.ts";
import type { Tree } from "../inventory/tree.ts";
import type { Evidence } from "./evidence.ts";
import { createLiveTable } from "./live-table.ts";
import { sitesOnBattery } from "./power.ts";
import type { DetectOptions } from "./signal.ts";
import type { Outage } from "./table.ts";

/** What live-table.ts holds for cut off beside the open rows of the table itself; ordered by site and service. */
export function findSuspects(
  evidence: Evidence,
  inventory: Inventory,
  tree: Tree,
  options: DetectOptions,
  table: readonly Outage[],
): Outage[] {
  const { targets, events, nowMs } = evidence;
  const told = new Set(
    table.filter(({ endMs, ofLink }) => endMs === null && ofLink !== true).map((row) => keyOf(row)),
  );
  const onBattery = sitesOnBattery(events, nowMs);
  const live = createLiveTable(targets, {
    inventory,
    tree,
    options,
    hearing: evidence,
    isOnBattery: (site) => onBattery.has(site),
  });
  return live
    .at(nowMs)
    .filter((row) => !told.has(keyOf(row)))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const keyOf = ({ site, service }: Outage) => `${site} ${service ?? ""}`;
