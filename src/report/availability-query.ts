import type { StateSegment } from "../outage/table.ts";
import type { Availability } from "../relation/availability.ts";
import { measureAvailability, sumAvailability } from "../relation/measure.ts";
import type { StateStore } from "../state/state-store.ts";
import type { AvailabilityGroup, TimeRange } from "./reader.ts";
import type { Place } from "./site-view.ts";

export interface AvailabilityQuery extends TimeRange {
  service: string;
  by: AvailabilityGroup;
}

interface GroupedAvailability {
  group: string;
  name: string;
  availability: Availability;
}

/** Sites without a link in the inventory, where providers are asked for. */
const noProvider = "-";

/**
 * How far a service could be reached from each place that checks it, summed by group. The future is not part of it, nor is
 * what only carries on the last word: `provenMs` says until when each site's own rounds reach.
 */
export async function queryAvailability(
  state: StateStore,
  place: Place,
  query: AvailabilityQuery,
  nowMs: number,
  provenMs: ReadonlyMap<string, number>,
): Promise<GroupedAvailability[]> {
  const { service } = query;
  const fromMs = Math.floor(query.fromMs / 1000) * 1000;
  const toMs = Math.max(fromMs, Math.floor(Math.min(query.toMs, nowMs) / 1000) * 1000);
  const sites = vantagesOf(place, service);
  const [serviceStates, siteStates, blips] = await Promise.all([
    state.states({ fromMs, toMs, sites, service }).then(bySite),
    state.states({ fromMs, toMs, sites, service: "" }).then(bySite),
    state.blips({ fromMs, toMs, sites }).then(bySite),
  ]);
  const groups = new Map<string, { name: string; parts: Availability[] }>();
  for (const site of sites) {
    const { group, name } = groupOf(place, site, query.by);
    const part = measureAvailability({
      window: { fromMs, toMs },
      service,
      site,
      serviceStates: (serviceStates.get(site) ?? []).map((segment) => endProven(segment, provenMs.get(site))),
      siteStates: siteStates.get(site) ?? [],
      blips: blips.get(site) ?? [],
    });
    const held = groups.get(group);
    if (held === undefined) groups.set(group, { name, parts: [part] });
    else held.parts.push(part);
  }
  return [...groups].map(([group, { name, parts }]) => ({
    group,
    name,
    availability: sumAvailability(parts),
  }));
}

/** An open "up" ends where its rounds do; one without a recent round is closed by the watch itself. */
export function endProven(segment: StateSegment, provenMs: number | undefined): StateSegment {
  if (segment.endMs !== null || segment.state !== "up" || provenMs === undefined) return segment;
  return { ...segment, endMs: Math.max(segment.startMs, Math.floor(provenMs / 1000) * 1000) };
}

/** Sites whose agents check the service, parents before children. */
export function vantagesOf(place: Place, service: string): string[] {
  return place.tree.order
    .map((site) => site.code)
    .filter((code) => place.tree.targetsAt(code).some((target) => target.service === service));
}

const bySite = <T extends { site: string }>(rows: readonly T[]) => Map.groupBy(rows, ({ site }) => site);

export function groupOf(place: Place, site: string, by: AvailabilityGroup): { group: string; name: string } {
  if (by === "provider") {
    const provider = place.tree.linksOf(site)[0]?.provider ?? noProvider;
    return { group: provider, name: provider };
  }
  // The district's own office belongs to no kecamatan and stands for itself.
  const code =
    by === "kecamatan"
      ? (place.areas.kecamatanOf(site) ?? site)
      : by === "kabupaten"
        ? (place.areas.kabupatenOf(site) ?? site)
        : site;
  return { group: code, name: place.inventory.sites.get(code)?.name ?? code };
}
