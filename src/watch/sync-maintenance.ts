import type { Inventory } from "../inventory/inventory.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { findOverlap, targetKey } from "../inventory/maintenance.ts";
import type { MaintenancePlan } from "../inventory/maintenance.ts";
import type { Actor } from "../state/audit.ts";
import type { MaintenanceChange, MaintenanceRecord } from "../state/maintenance-record.ts";
import type { StateStore } from "../state/state-store.ts";

/**
 * Takes the plans of maintenance.yaml into the record. What is no longer in the file ends now, and what has passed of it
 * stays: whoever tidies the file up does not rewrite last month.
 *
 * A plan that overlaps work which was announced by the API is not taken. `whenMet`: `refuse` takes none of them then and
 * throws; `skip` takes the others, and answers those in words.
 */
export async function syncMaintenance(
  state: Pick<StateStore, "changeMaintenance">,
  inventory: Inventory,
  nowMs: number,
  by: Actor,
  whenMet: "refuse" | "skip",
): Promise<string[]> {
  const { maintenance: planned = new Map<string, MaintenancePlan>(), timeZone = defaultTimeZone } = inventory;
  const refused: string[] = [];
  await state.changeMaintenance(
    (current) => {
      const byApi = current.filter(({ source }) => source === "api");
      const known = new Map(current.map((record) => [record.id, record]));
      const taken = [...planned.values()].flatMap((plan): MaintenanceChange[] => {
        const before = known.get(plan.id);
        if (before !== undefined && isSame(before, plan)) return [];
        const overlap = findOverlap(plan, byApi, timeZone);
        if (overlap === null)
          return [{ act: before === undefined ? "made" : "changed", plan, source: "file" }];
        refused.push(describeMeeting(plan, overlap.other, overlap.atMs));
        return [];
      });
      if (whenMet === "refuse" && refused.length > 0) throw new Error(refused.join("\n"));
      const gone = current.filter(({ id, source }) => source === "file" && !planned.has(id));
      return [...taken, ...gone.flatMap((record) => endAt(record, nowMs) ?? [])];
    },
    nowMs,
    by,
  );
  return refused;
}

function describeMeeting(
  plan: MaintenancePlan,
  other: MaintenanceRecord | MaintenancePlan,
  atMs: number,
): string {
  return `maintenance.yaml: ${plan.id} (${targetKey(plan)}) overlaps ${other.id}, which was announced by the API, at ${new Date(atMs).toISOString()}; take one of them back`;
}

/** The plan without what is to come of it; null: nothing is to come. What has not begun is withdrawn. */
export function endAt(
  { source, knownMs: _known, ...plan }: MaintenanceRecord,
  nowMs: number,
): MaintenanceChange | null {
  const untilMs = Math.floor(nowMs / 1000) * 1000;
  const lastMs = plan.repeat === null ? plan.toMs : Infinity;
  if (Math.min(lastMs, plan.untilMs ?? Infinity) <= untilMs) return null;
  if (plan.fromMs >= untilMs) return { act: "withdrawn", plan, source };
  return { act: "changed", plan: { ...plan, untilMs }, source };
}

function isSame(
  { source: _source, knownMs: _known, ...before }: MaintenanceRecord,
  plan: MaintenancePlan,
): boolean {
  const inOrder = (of: object) => JSON.stringify(Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return inOrder(before) === inOrder(plan);
}
