import type { Inventory } from "../inventory/inventory.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { expandMaintenance } from "../inventory/maintenance.ts";
import type { MaintenanceWindow } from "../inventory/maintenance.ts";
import type { Span } from "../inventory/spans.ts";
import { createTree } from "../inventory/tree.ts";
import { markBlips, markOutages, strokesOf } from "../outage/maintenance.ts";
import { repaint } from "../outage/repaint.ts";
import { createWorks } from "../outage/works.ts";
import type { OutageRecord, StateStore, WatchWrite } from "../state/state-store.ts";
import { missing } from "./blip-diff.ts";
import { diffStates, groupSegments } from "./state-diff.ts";

/** The announced work in force that overlaps the range. */
export async function readWindows(
  state: Pick<StateStore, "maintenance">,
  { timeZone = defaultTimeZone }: Inventory,
  range: Span,
): Promise<MaintenanceWindow[]> {
  return expandMaintenance(await state.maintenance(), range, timeZone);
}

/** Codes of sites at which announced work goes on now. */
export async function readSitesWorkedOn(
  state: Pick<StateStore, "maintenance">,
  inventory: Inventory,
  nowMs: number,
): Promise<ReadonlySet<string>> {
  const windows = await readWindows(state, inventory, { fromMs: nowMs, toMs: nowMs + 1 });
  const works = createWorks(windows, createTree(inventory));
  return new Set([...inventory.sites.keys()].filter((code) => works.onSite(code).length > 0));
}

/**
 * What plans that were added, changed or taken back make of the outages on record from `fromMs` on, however long ago: the
 * rows tell what they would be called without, so that no evidence is read anew.
 */
export async function reviseForMaintenance(
  state: Pick<StateStore, "maintenance" | "outages" | "states" | "linkStates" | "blips">,
  inventory: Inventory,
  { fromMs, nowMs }: { fromMs: number; nowMs: number },
): Promise<Pick<WatchWrite, "outages" | "states"> & Required<Pick<WatchWrite, "blips">>> {
  const known = await state.outages({ fromMs });
  const blips = await state.blips({ fromMs, toMs: nowMs });
  const earliestMs = [...known, ...blips].reduce((least, { startMs }) => Math.min(least, startMs), fromMs);
  const windows = await readWindows(state, inventory, { fromMs: earliestMs, toMs: nowMs });
  const tree = createTree(inventory);
  const marked = markOutages(known, windows, tree, nowMs);
  const changed = marked.filter((outage, index) => outage !== known[index]);
  const outages = changed.map((outage) => ({ ...outage, revision: outage.revision + 1, knownMs: nowMs }));
  return {
    outages,
    states: await repaintStates(state, inventory, outages, nowMs),
    blips: { ...missing(blips, markBlips(blips, windows, tree, nowMs)), knownMs: nowMs },
  };
}

/** Segments of the changed outages' times say the same cause as those. */
async function repaintStates(
  state: Pick<StateStore, "states" | "linkStates">,
  inventory: Inventory,
  changed: readonly OutageRecord[],
  nowMs: number,
): Promise<WatchWrite["states"]> {
  if (changed.length === 0) return [];
  const fromMs = changed.reduce((least, { startMs }) => Math.min(least, startMs), Infinity);
  const sites = [...new Set(changed.map(({ site }) => site))];
  const views = await Promise.all(
    ["", ...inventory.services.keys()].map((service) =>
      state.states({ fromMs, toMs: Number.MAX_SAFE_INTEGER, sites, service }),
    ),
  );
  const stored = [
    ...views.flat(),
    ...(await state.linkStates({ fromMs, toMs: Number.MAX_SAFE_INTEGER, sites })),
  ];
  const next = repaint(stored, strokesOf(changed));
  return diffStates(groupSegments(stored), groupSegments(next), -Infinity).map((each) => ({
    ...each,
    knownMs: nowMs,
  }));
}
