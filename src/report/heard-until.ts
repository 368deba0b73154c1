import type { Inventory } from "../inventory/inventory.ts";
import type { TargetStatus } from "./reader.ts";

/** By site: start of the last good round there, or of one elsewhere that watches it. */
export function heardUntil({ targets }: Inventory, statuses: readonly TargetStatus[]): Map<string, number> {
  const heard = new Map<string, number>();
  for (const { key, ok, timeMs } of statuses) {
    const target = targets.get(key);
    if (!ok || target === undefined) continue;
    const site = target.of ?? target.site;
    heard.set(site, Math.max(timeMs, heard.get(site) ?? -Infinity));
  }
  return heard;
}
