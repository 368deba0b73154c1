import type { Tree } from "../inventory/tree.ts";
import { markOutages } from "../outage/maintenance.ts";
import type { Outage } from "../outage/table.ts";
import type { OutageRecord } from "../state/state-store.ts";
import type { Scenario } from "./scenario.ts";

/*
 * Provisional rows with a name, and what they left behind when they ended: what the table would say, had it no more than they.
 */

export interface LiveRows {
  /** `standing`: all that stand now. True: something changed. */
  update(standing: readonly Outage[], nowMs: number): boolean;
  /** Open ones, and those that ended after `fromMs`, in the light of announced work; earlier ones are forgotten. */
  since(fromMs: number, nowMs: number): OutageRecord[];
}

export function createLiveRows({ maintenance }: Pick<Scenario, "maintenance">, tree: Tree): LiveRows {
  const open = new Map<string, OutageRecord>();
  let ended: OutageRecord[] = [];
  let names = 0;

  function put(key: string, row: Outage, nowMs: number): boolean {
    const known = open.get(key);
    if (known !== undefined && known.root === row.root && known.cause === row.cause) return false;
    const startMs = known?.startMs ?? row.startMs;
    open.set(key, {
      ...row,
      id: known?.id ?? `live_${(names += 1)}`,
      incident: `inc_${row.root}_${startMs}`,
      startMs,
      revision: (known?.revision ?? 0) + 1,
      knownMs: nowMs,
      withdrawn: false,
    });
    return true;
  }

  return {
    update(rows, nowMs) {
      const standing = new Set<string>();
      let isChanged = false;
      for (const row of rows) {
        const key = `${row.site}|${row.service ?? ""}`;
        standing.add(key);
        isChanged = put(key, row, nowMs) || isChanged;
      }
      for (const [key, row] of open) {
        if (standing.has(key)) continue;
        open.delete(key);
        ended.push({ ...row, endMs: Math.max(nowMs, row.startMs + 1000), knownMs: nowMs });
        isChanged = true;
      }
      return isChanged;
    },
    since(fromMs, nowMs) {
      ended = ended.filter(({ endMs }) => endMs! > fromMs);
      return markOutages([...ended, ...open.values()], maintenance, tree, nowMs);
    },
  };
}
