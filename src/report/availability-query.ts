import { cutByCalendar, defaultTimeZone } from "../inventory/local-time.ts";
import type { CalendarStep } from "../inventory/local-time.ts";
import { peopleAt } from "../inventory/population.ts";
import type { Span } from "../inventory/spans.ts";
import type { StateSegment } from "../outage/table.ts";
import { bookedOn, providersElsewhere } from "../relation/booking.ts";
import type { Losses } from "../relation/booking.ts";
import { measureAvailability } from "../relation/measure.ts";
import type { MeasureInput } from "../relation/measure.ts";
import { rollUp } from "../relation/rollup.ts";
import type { SitePart } from "../relation/rollup.ts";
import type { OutageRecord, StateStore } from "../state/state-store.ts";
import type { AvailabilityGroup, AvailabilityRow, TimeRange } from "./reader.ts";
import type { Place } from "./site-view.ts";

export interface AvailabilityQuery extends TimeRange {
  service: string;
  by: AvailabilityGroup;
  /** Where the range is cut, by the wall clock of the district. Default: nowhere. */
  step?: CalendarStep;
  /** As it was known then; default: now. */
  asOfMs?: number | undefined;
}

/** Sites without a link in the inventory, where providers are asked for. */
const noProvider = "-";

/**
 * How far a service could be reached from each place that checks it, rolled up by group and step, ascending in time. The
 * future is not part of it, nor is what only carries on the last word: `provenMs` says until when each site's own rounds
 * reach. `nowMs`: or the moment as of which is asked.
 */
export async function queryAvailability(
  state: StateStore,
  place: Place,
  query: AvailabilityQuery,
  nowMs: number,
  provenMs: ReadonlyMap<string, number>,
): Promise<AvailabilityRow[]> {
  const { service, asOfMs } = query;
  const fromMs = Math.floor(query.fromMs / 1000) * 1000;
  const toMs = Math.max(fromMs, Math.floor(Math.min(query.toMs, nowMs) / 1000) * 1000);
  const sites = vantagesOf(place, service);
  const [serviceStates, siteStates, blips, outages] = await Promise.all([
    state.states({ fromMs, toMs, sites, service, asOfMs }).then(bySite),
    state.states({ fromMs, toMs, sites, service: "", asOfMs }).then(bySite),
    state.blips({ fromMs, toMs, sites, asOfMs }).then(bySite),
    query.by === "provider" ? readOutages(state, { fromMs, toMs, sites, asOfMs }) : null,
  ]);
  const zone = place.inventory.timeZone ?? defaultTimeZone;
  const cut = cutByCalendar({ fromMs, toMs }, query.step ?? "whole", zone);
  // An empty range has one answer as well, in which nothing was observed.
  const windows = cut.length === 0 ? [{ fromMs, toMs }] : cut;
  const groups = new Map<string, { name: string; parts: SitePart[][] }>();
  for (const site of sites) {
    const { kind } = place.inventory.sites.get(site)!;
    const who = {
      people: peopleAt(place.inventory, site),
      isVillage: kind === "desa" || kind === "kelurahan",
    };
    const found = {
      serviceStates: (serviceStates.get(site) ?? []).map((row) => endProven(row, provenMs.get(site))),
      siteStates: siteStates.get(site) ?? [],
      blips: blips.get(site) ?? [],
    };
    const rows =
      query.by === "provider"
        ? byProvider(place, { site, ...found, outages: outages!.get(site) ?? [] })
        : [{ ...groupOf(place, site, query.by), found }];
    for (const { group, name, found: ofRow } of rows) {
      const measured = eachWindow(windows, { ...found, ...ofRow }, (window, within) =>
        measureAvailability({ window, service, site, ...within }),
      );
      const held = groups.get(group) ?? { name, parts: windows.map(() => []) };
      for (const [at, availability] of measured.entries()) held.parts[at]!.push({ availability, ...who });
      groups.set(group, held);
    }
  }
  return windows.flatMap((window, at) =>
    [...groups].map(([group, { name, parts }]) => ({ ...window, group, name, ...rollUp(parts[at]!) })),
  );
}

type Found = Pick<MeasureInput, "serviceStates" | "siteStates" | "blips">;

/** Each window with what overlaps it, so that a year by days does not walk through the year for each day. */
function eachWindow<T>(
  windows: readonly Span[],
  all: Found,
  measure: (window: Span, found: Found) => T,
): T[] {
  const [ofService, ofSite, ofBlips] = [slicer(all.serviceStates), slicer(all.siteStates), slicer(all.blips)];
  return windows.map((window) =>
    measure(window, {
      serviceStates: ofService(window),
      siteStates: ofSite(window),
      blips: ofBlips(window),
    }),
  );
}

/** What of an ascending list overlaps each of windows that ascend as well. */
function slicer<T extends { startMs: number; endMs: number | null }>(
  list: readonly T[],
): (window: Span) => T[] {
  let first = 0;
  return ({ fromMs, toMs }) => {
    while (first < list.length && (list[first]!.endMs ?? Infinity) <= fromMs) first += 1;
    let last = first;
    while (last < list.length && list[last]!.startMs < toMs) last += 1;
    return list.slice(first, last);
  };
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

/** A site in the rows of all providers that its way leads over, each with what is booked on it (relation/booking.ts). */
function byProvider(place: Place, losses: Losses) {
  const booking = {
    providersAt(site: string) {
      const providers = [...new Set(place.tree.linksOf(site).map(({ provider }) => provider))];
      return providers.length === 0 ? [noProvider] : providers;
    },
    isSite: (root: string) => place.inventory.sites.has(root),
  };
  const above = place.tree.ancestorsOf(losses.site).flatMap(booking.providersAt);
  const providers = new Set([
    ...booking.providersAt(losses.site),
    ...above.filter((provider) => provider !== noProvider),
    ...providersElsewhere(losses, booking),
  ]);
  return [...providers].map((provider) => ({
    group: provider,
    name: provider,
    found: bookedOn(provider, losses, booking),
  }));
}

/** Outages of the sites themselves. */
async function readOutages(
  state: StateStore,
  range: { fromMs: number; toMs: number; sites: readonly string[]; asOfMs?: number | undefined },
): Promise<ReadonlyMap<string, OutageRecord[]>> {
  const { asOfMs, ...rest } = range;
  const asOf = asOfMs === undefined ? {} : { asOfMs };
  const found = await state.outages({ ...rest, ...asOf, service: null });
  return bySite(found.filter(({ ofLink, withdrawn }) => ofLink !== true && !withdrawn));
}

export function groupOf(
  place: Place,
  site: string,
  by: Exclude<AvailabilityGroup, "provider">,
): { group: string; name: string } {
  // The district's own office belongs to no kecamatan and stands for itself.
  const code =
    by === "kecamatan"
      ? (place.areas.kecamatanOf(site) ?? site)
      : by === "kabupaten"
        ? (place.areas.kabupatenOf(site) ?? site)
        : site;
  return { group: code, name: place.inventory.sites.get(code)?.name ?? code };
}
