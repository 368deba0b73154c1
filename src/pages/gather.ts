import type { Confidence } from "../outage/table.ts";
import type { IncidentView, Reader, SiteView } from "../report/reader.ts";
import type { SiteAvailability } from "./availability-table.ts";
import type { DistrictData } from "./district-page.ts";
import type { RatedIncident } from "./incident-list.ts";
import { mainTarget, readLatency, readResponseTime } from "./site-charts.ts";
import type { SiteData } from "./site-page.ts";
import { weekStart } from "./week.ts";

/*
 * What a page needs, read from the Reader in as few questions as there can be.
 */

type OutageRecord = Awaited<ReturnType<Reader["outages"]>>[number];

const dayMs = 86_400_000;
/** Outages asked for; a page shows fewer, and says how many it left out. */
const outageLimit = 1000;

const sureness: readonly Confidence[] = ["low", "medium", "high"];

export async function gatherDistrict(
  reader: Reader,
  services: readonly string[],
  nowMs: number,
): Promise<DistrictData> {
  const [sites, incidents, outages] = await Promise.all([
    reader.sites(),
    reader.incidents({ fromMs: nowMs, toMs: nowMs + 1, open: true }),
    reader.outages({ open: true }),
  ]);
  const byIncident = Map.groupBy(outages, (outage) => outage.incident);
  // A link that is cut while another carries its site cuts nobody off; the site's own page tells of it.
  const isOfLinks = (rows: readonly OutageRecord[] | undefined) =>
    rows?.every(({ ofLink }) => ofLink) === true;
  const cutting = incidents.filter(({ id }) => !isOfLinks(byIncident.get(id)));
  const rated = cutting.map((incident) => rate(incident, byIncident.get(incident.id) ?? []));
  return { sites, incidents: rated, services };
}

function rate(incident: IncidentView, rows: readonly OutageRecord[]): RatedIncident {
  const outages = rows.filter(({ ofLink }) => ofLink !== true);
  const least = outages.map((outage) => sureness.indexOf(outage.confidence)).toSorted((a, b) => a - b)[0];
  const services = outages.flatMap((outage) => outage.service ?? []);
  const isServiceOnly = services.length === outages.length;
  return {
    ...incident,
    confidence: sureness[least ?? 0] ?? "low",
    services: isServiceOnly ? [...new Set(services)] : [],
  };
}

export async function gatherSite(
  reader: Reader,
  site: SiteView,
  options: {
    nowMs: number;
    timeZone: string;
    services: readonly string[];
    availability: (service: string, site: string) => Promise<SiteAvailability | null>;
  },
): Promise<SiteData> {
  const { nowMs, timeZone, services } = options;
  const targets = reader.targets([site.code]);
  const main = mainTarget(targets);
  const checks = services.flatMap(
    (service) => targets.find((target) => target.kind === "http" && target.service === service) ?? [],
  );
  const [sites, latency, responses, week, outages, availability] = await Promise.all([
    reader.sites(),
    main === null ? null : unlessInTrouble(readLatency(reader, main, nowMs)),
    Promise.all(checks.map((target) => unlessInTrouble(readResponseTime(reader, target, nowMs)))),
    reader.states({ fromMs: weekStart(nowMs, timeZone), toMs: nowMs, sites: [site.code], service: "" }),
    reader.outages({ fromMs: nowMs - 30 * dayMs, toMs: nowMs + 1, sites: [site.code], limit: outageLimit }),
    Promise.all(services.map((service) => options.availability(service, site.code))),
  ]);
  const drawn = responses.filter((each) => each !== null);
  const measured = availability.filter((each) => each !== null);
  return { site, sites, latency, responses: drawn, week, outages, availability: measured };
}

/** A page without its charts is better than none while the engine of the rounds is away. */
async function unlessInTrouble<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { code?: unknown }).code === "series.trouble") return null;
    throw error;
  }
}
