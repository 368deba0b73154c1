import type { Inventory } from "../inventory/inventory.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { expandMaintenance } from "../inventory/maintenance.ts";
import type { MaintenanceWindow } from "../inventory/maintenance.ts";
import { joinSpans, withoutSpans } from "../inventory/supply.ts";
import type { Span } from "../inventory/supply.ts";
import type { Tree } from "../inventory/tree.ts";
import type { StateSegment } from "../outage/table.ts";
import { createWorks } from "../outage/works.ts";
import type { Works } from "../outage/works.ts";
import type { StateStore } from "../state/state-store.ts";
import type { TimeRange } from "./reader.ts";

/*
 * Announced work as readers see it. What is stored is what was measured; `maintenance` is laid over it here:
 *
 *   a site, its subtree, all its uplinks, or a service is worked on   the whole window, whatever was measured meanwhile
 *   work on something above took the site along                       as much of the outage as lies within the window
 */
export interface MaintenanceView {
  /** Stretches in which the site itself is worked on, ascending, without overlap. */
  siteSpans(code: string): readonly Span[];
  /** The same for an uplink. */
  linkSpans(id: string): readonly Span[];
  /** Stretches of work on the site or on anything that its path leads over. */
  pathSpans(code: string): readonly Span[];
  /** The segments with maintenance laid over them. `nowMs`: where open ones end. */
  show(segments: readonly StateSegment[], nowMs: number): StateSegment[];
}

export async function readMaintenanceView(
  state: Pick<StateStore, "maintenance">,
  { inventory, tree }: { inventory: Inventory; tree: Tree },
  range: TimeRange,
  asOfMs?: number,
): Promise<MaintenanceView> {
  const plans = await state.maintenance({ asOfMs });
  return createMaintenanceView(
    expandMaintenance(plans, range, inventory.timeZone ?? defaultTimeZone),
    inventory,
    tree,
  );
}

export function createMaintenanceView(
  windows: readonly MaintenanceWindow[],
  inventory: Inventory,
  tree: Tree,
): MaintenanceView {
  const works = createWorks(windows, tree);
  const spans = remembered(works, inventory, tree);
  return {
    ...spans,
    show(segments, nowMs) {
      if (windows.length === 0) return [...segments];
      return segments.flatMap((segment) => {
        const { site, link, service, cause } = segment;
        const ofPlace = link === undefined ? spans.siteSpans(site) : spans.linkSpans(link);
        const own = service === "" ? ofPlace : spans.serviceSpans(service);
        const taken = cause === "maintenance" ? [...own, ...spans.pathSpans(site)] : own;
        return lay(segment, joinSpans(taken), nowMs);
      });
    },
  };
}

function remembered(works: Works, { links }: Inventory, tree: Tree) {
  const memo = new Map<string, readonly Span[]>();
  const remember = (key: string, find: () => readonly MaintenanceWindow[]): readonly Span[] => {
    const known = memo.get(key) ?? joinSpans(find().map(({ fromMs, toMs }) => ({ fromMs, toMs })));
    memo.set(key, known);
    return known;
  };
  return {
    siteSpans: (code: string) => remember(`site:${code}`, () => works.onSite(code)),
    linkSpans: (id: string) =>
      remember(`link:${id}`, () => (links.has(id) ? works.onLink(links.get(id)!) : [])),
    serviceSpans: (id: string) => remember(`service:${id}`, () => works.onService(id)),
    pathSpans: (code: string) =>
      remember(`path:${code}`, () => [code, ...tree.ancestorsOf(code)].flatMap((at) => works.onSite(at))),
  };
}

function lay(segment: StateSegment, spans: readonly Span[], nowMs: number): StateSegment[] {
  const whole = { fromMs: segment.startMs, toMs: segment.endMs ?? Math.max(nowMs, segment.startMs + 1) };
  const plain = withoutSpans(whole, spans);
  const covered = withoutSpans(whole, plain);
  if (covered.length === 0) return [segment];
  const endOf = (toMs: number) => (toMs === whole.toMs ? segment.endMs : toMs);
  const cut = ({ fromMs, toMs }: Span) => ({ ...segment, startMs: fromMs, endMs: endOf(toMs) });
  return [
    ...plain.map(cut),
    ...covered.map((span) => ({
      ...cut(span),
      state: "maintenance" as const,
      cause: "maintenance" as const,
    })),
  ].sort((a, b) => a.startMs - b.startMs);
}
