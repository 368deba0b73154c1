import { defaultTimeZone } from "../../inventory/local-time.ts";
import type { Link } from "../../inventory/inventory.ts";
import { expandMaintenance, targetKey } from "../../inventory/maintenance.ts";
import type { MaintenanceWindow } from "../../inventory/maintenance.ts";
import type { Span } from "../../inventory/spans.ts";
import { createWorks } from "../../outage/works.ts";
import type { MaintenanceRecord } from "../../state/maintenance-record.ts";
import type { StateStore } from "../../state/state-store.ts";
import type { Place } from "../site-view.ts";
import type { Exclusion } from "./link-counts.ts";
import { intersect, unite } from "./spans.ts";

const hourMs = 3_600_000;

/** Work on a link, as far as it was announced `noticeHours` before its begin; null: also what was written down afterwards. */
export type AnnouncedWork = (link: Link, noticeHours: number | null) => Promise<Exclusion[]>;

/** Announced work in a range, as it was known at `asOfMs`. What was known before each window began is read for that moment. */
export async function readAnnouncedWork(
  state: Pick<StateStore, "maintenance">,
  { inventory, tree }: Place,
  range: Span,
  asOfMs: number | undefined,
): Promise<AnnouncedWork> {
  const zone = inventory.timeZone ?? defaultTimeZone;
  const windows = expandMaintenance(await state.maintenance({ asOfMs }), range, zone);
  const works = createWorks(windows, tree);
  const memo = new Map<number, Promise<MaintenanceRecord[]>>();
  const knownAt = (ms: number): Promise<MaintenanceRecord[]> => {
    const known = memo.get(ms) ?? state.maintenance({ asOfMs: ms });
    memo.set(ms, known);
    return known;
  };

  async function noticed(window: MaintenanceWindow, noticeHours: number | null): Promise<Span[]> {
    const { fromMs, toMs } = window;
    if (noticeHours === null) return [{ fromMs, toMs }];
    const plans = (await knownAt(fromMs - noticeHours * hourMs)).filter(
      (plan) => plan.id === window.id && targetKey(plan) === targetKey(window),
    );
    const told = expandMaintenance(plans, { fromMs, toMs }, zone);
    return intersect([{ fromMs, toMs }], unite(told));
  }

  return async (link, noticeHours) => {
    const found: Exclusion[] = [];
    for (const window of works.onLink(link)) {
      const { id, reason, author } = window;
      for (const { fromMs, toMs } of await noticed(window, noticeHours))
        found.push({ kind: "maintenance", id, fromMs, toMs, reason, author });
    }
    return found;
  };
}
