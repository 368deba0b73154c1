import { monthSpan } from "../inventory/local-time.ts";
import type { AvailabilityRow, Reader, SiteView } from "../report/reader.ts";
import { monthsBack } from "./reach-query.ts";
import type { ReachView } from "./reach-query.ts";

/** What the page "layanan aduan" shows of one month. */
export interface ReachData {
  view: ReachView;
  /** In the order of the inventory. */
  services: readonly { id: string; name: string }[];
  sites: readonly SiteView[];
  control: string;
  /** All places together; null where none checks the service. */
  whole: AvailabilityRow | null;
  bySite: readonly AvailabilityRow[];
  /** The newest first; null where nothing checked the service. */
  months: readonly { month: string; isOver: boolean; row: AvailabilityRow | null }[];
  relation: Awaited<ReturnType<Reader["recentAssociation"]>>;
}

type OutageRecord = Awaited<ReturnType<Reader["outages"]>>[number];

export interface ReachOutages {
  view: ReachView;
  sites: readonly SiteView[];
  outages: readonly OutageRecord[];
}

/** Months that are offered beside the one that is shown. */
const offeredMonths = 6;
/** Outages of a month that are read. */
const mostOutages = 5_000;

export async function gatherReach(
  reader: Reader,
  view: ReachView,
  services: ReachData["services"],
  nowMs: number,
  timeZone: string,
): Promise<ReachData> {
  const { service, fromMs, toMs } = view;
  const [sites, known, whole, bySite, relation] = await Promise.all([
    reader.sites(),
    reader.services(),
    reader.availability({ service, by: "kabupaten", fromMs, toMs }),
    reader.availability({ service, by: "site", fromMs, toMs }),
    reader.recentAssociation(service),
  ]);
  const months: ReachData["months"][number][] = [];
  for (const month of monthsBack(nowMs, offeredMonths, timeZone)) {
    const span = monthSpan(month, timeZone)!;
    const isOver = span.toMs <= nowMs;
    const row = isOver
      ? ((await reader.availability({ service, by: "kabupaten", ...span }))?.[0] ?? null)
      : null;
    months.push({ month, isOver, row });
  }
  return {
    view,
    services,
    sites,
    control: known.find(({ id }) => id === service)?.control ?? "",
    whole: whole?.[0] ?? null,
    bySite: bySite ?? [],
    months,
    relation,
  };
}

/** What cut the service off in the month: its own outages, and those of the places that ask for it. */
export async function gatherReachOutages(
  reader: Reader,
  view: ReachView,
  of: { site?: string | undefined; cause?: string | undefined },
): Promise<ReachOutages> {
  const { service, fromMs, toMs } = view;
  const [sites, bySite] = await Promise.all([
    reader.sites(),
    reader.availability({ service, by: "site", fromMs, toMs }),
  ]);
  const asking = new Set((bySite ?? []).map(({ group }) => group));
  const wanted = sites
    .map(({ code }) => code)
    .filter(
      (code) =>
        asking.has(code) && (of.site === undefined || code === of.site || code.startsWith(`${of.site}.`)),
    );
  const filter = {
    fromMs,
    toMs,
    sites: wanted,
    limit: mostOutages,
    ...(of.cause === undefined ? {} : { causes: [of.cause] }),
  };
  const [ofService, ofSites] = await Promise.all([
    reader.outages({ ...filter, service }),
    reader.outages({ ...filter, service: null }),
  ]);
  const outages = [...ofService, ...ofSites].filter(({ ofLink }) => ofLink !== true);
  return { view, sites, outages };
}
