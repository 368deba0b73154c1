import { monthSpan } from "../inventory/local-time.ts";
import type { Cause } from "../outage/table.ts";
import type { AvailabilityRow, Reader, SiteView } from "../report/reader.ts";
import { wasNeverAnswered } from "./never-answered.ts";
import { causesOf, monthsBack, runningUntil } from "./reach-query.ts";
import type { OutageChoice, ReachSide, ReachView } from "./reach-query.ts";

/** What the page "layanan aduan" shows of one month. */
export interface ReachData {
  view: ReachView;
  /** In the order of the inventory. */
  services: readonly { id: string; name: string }[];
  sites: readonly SiteView[];
  control: string;
  /** All places together; null where none checks the service. */
  whole: AvailabilityRow | null;
  /** The service was checked in the month, and no check passed. Asked for only where no time was measured. */
  neverAnswered: boolean;
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
  /** What of the month the service was out of reach by what was chosen: of all places together, or of one. */
  unavailableS: number;
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
  const isMeasured = (whole?.[0]?.availability.observedS ?? 0) > 0;
  const vantages = (bySite ?? []).map(({ group }) => group);
  const neverAnswered = !isMeasured && (await wasNeverAnswered(reader, service, vantages, { fromMs, toMs }));
  const months: ReachData["months"][number][] = [];
  for (const month of monthsBack(nowMs, offeredMonths, timeZone)) {
    const span = monthSpan(month, timeZone)!;
    const isOver = span.toMs <= nowMs;
    const range = isOver ? span : { ...span, toMs: runningUntil(span.fromMs, nowMs) };
    const row = (await reader.availability({ service, by: "kabupaten", ...range }))?.[0] ?? null;
    months.push({ month, isOver, row });
  }
  return {
    view,
    services,
    sites,
    control: known.find(({ id }) => id === service)?.control ?? "",
    whole: whole?.[0] ?? null,
    neverAnswered,
    bySite: bySite ?? [],
    months,
    relation,
  };
}

/** What cut the service off in the month: its own outages, and those of the places that ask for it. */
export async function gatherReachOutages(
  reader: Reader,
  view: ReachView,
  choice: OutageChoice,
): Promise<ReachOutages> {
  const { service, fromMs, toMs } = view;
  const [sites, bySite] = await Promise.all([
    reader.sites(),
    reader.availability({ service, by: "site", fromMs, toMs }),
  ]);
  const rows = (bySite ?? []).filter(({ group }) => choice.site === undefined || group === choice.site);
  const filter = {
    fromMs,
    toMs,
    sites: rows.map(({ group }) => group),
    limit: mostOutages,
    ...causeFilter(choice),
  };
  const [ofService, ofSites] = await Promise.all([
    reader.outages({ ...filter, service }),
    reader.outages({ ...filter, service: null }),
  ]);
  const found = [...ofService, ...ofSites].filter(({ ofLink }) => ofLink !== true);
  const outages = choice.side === "both" ? atOnce(found) : found;
  const unavailableS = rows.reduce((sum, row) => sum + secondsOf(row, choice), 0);
  return { view, sites, outages, unavailableS };
}

function causeFilter({ cause, side }: OutageChoice): { causes?: readonly Cause[] } {
  if (cause !== undefined) return { causes: [cause] };
  return side === undefined || side === "both" ? {} : { causes: causesOf(side) };
}

/** Outages of the service and of the site itself that lie over one another. */
function atOnce(outages: readonly OutageRecord[]): OutageRecord[] {
  const isService = ({ service, cause }: OutageRecord) => service !== null && cause === "service";
  const isSite = ({ service }: OutageRecord) => service === null;
  const overlap = (a: OutageRecord, b: OutageRecord) =>
    a.startMs < (b.endMs ?? Infinity) && b.startMs < (a.endMs ?? Infinity);
  return [...Map.groupBy(outages, ({ site }) => site).values()].flatMap((own) =>
    own.filter((one) =>
      own.some(
        (other) =>
          ((isService(one) && isSite(other)) || (isSite(one) && isService(other))) && overlap(one, other),
      ),
    ),
  );
}

const partOf = {
  network: "networkOnlyS",
  service: "serviceOnlyS",
  both: "bothS",
  unexplained: "unexplainedS",
} as const satisfies Record<ReachSide, keyof AvailabilityRow["attribution"]>;

function secondsOf({ availability, attribution }: AvailabilityRow, { cause, side }: OutageChoice): number {
  if (cause !== undefined) return availability.byCause[cause] ?? 0;
  return side === undefined ? availability.unavailableS : attribution[partOf[side]];
}
