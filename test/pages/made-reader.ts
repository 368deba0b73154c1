import type { Cause, SiteState, StateSegment } from "../../src/outage/table.ts";
import type { Availability } from "../../src/relation/availability.ts";
import { rollUp } from "../../src/relation/rollup.ts";
import type {
  IncidentView,
  Reader,
  SeriesRow,
  ServiceView,
  SiteView,
  SmokeRow,
  TargetView,
} from "../../src/report/reader.ts";

type OutageRecord = Awaited<ReturnType<Reader["outages"]>>[number];

/** What a made Reader answers from: plain rows, filtered as the Reader's contract says. */
export interface MadeData {
  sites: SiteView[];
  services?: ServiceView[];
  relation?: Awaited<ReturnType<Reader["recentAssociation"]>>;
  incidents?: IncidentView[];
  outages?: OutageRecord[];
  targets?: TargetView[];
  smoke?: SmokeRow[];
  series?: SeriesRow[];
  states?: StateSegment[];
  /** By service, then site. */
  availability?: Record<string, Record<string, Availability>>;
  /** Inhabitants by site. Left out: not on record. */
  people?: Record<string, number>;
}

/** A Reader over literal data, for what no real outage would give on demand. Questions that no page asks throw. */
export function madeReader(data: MadeData): Reader & { asked: string[] } {
  const asked: string[] = [];
  const notAsked = (name: string) => () => {
    throw new Error(`a page asked for ${name}`);
  };
  return {
    asked,
    sites: () => Promise.resolve(data.sites),
    site: (code) => Promise.resolve(data.sites.find((site) => site.code === code) ?? null),
    targets: (sites) => (data.targets ?? []).filter((target) => sites.includes(target.site)),
    series: ({ targets, stepMs }) =>
      Promise.resolve({
        rows: (data.series ?? []).filter((row) => targets.includes(row.target)),
        truncated: false,
        stepMs,
      }),
    smoke: ({ targets, stepMs }) =>
      Promise.resolve({
        rows: (data.smoke ?? []).filter((row) => targets.includes(row.target)),
        truncated: false,
        stepMs,
      }),
    states: ({ sites, service }) =>
      Promise.resolve(
        (data.states ?? []).filter((segment) => sites.includes(segment.site) && segment.service === service),
      ),
    linkStates: notAsked("linkStates"),
    outages: ({ sites, open, service, causes }) =>
      Promise.resolve(
        (data.outages ?? []).filter(
          (outage) =>
            (sites === undefined || sites.includes(outage.site)) &&
            (service === undefined || service === outage.service) &&
            (causes === undefined || causes.includes(outage.cause)) &&
            (open === undefined || open === (outage.endMs === null)),
        ),
      ),
    incidents: () => Promise.resolve(data.incidents ?? []),
    topologyProposals: async () => [],
    availability({ service, fromMs, toMs }) {
      asked.push(`availability ${service} ${(toMs - fromMs) / 86_400_000} d`);
      const bySite = data.availability?.[service];
      if (bySite === undefined) return Promise.resolve(null);
      return Promise.resolve(
        Object.entries(bySite).map(([group, availability]) => ({
          fromMs,
          toMs,
          group,
          name: data.sites.find(({ code }) => code === group)?.name ?? group,
          ...rollUp([{ availability, people: data.people?.[group] ?? null, isVillage: true }]),
        })),
      );
    },
    map: notAsked("map"),
    targetStatus: notAsked("targetStatus"),
    interfaces: notAsked("interfaces"),
    readings: notAsked("readings"),
    services: async () => data.services ?? [],
    association: notAsked("association"),
    complaintEffect: notAsked("complaintEffect"),
    recentAssociation: async () => data.relation ?? null,
    outage: notAsked("outage"),
    accounts: notAsked("accounts"),
    agents: notAsked("agents"),
    ledger: notAsked("ledger"),
  };
}

/** For pages that are not about open data. */
export const noOpenData = { sets: async () => [] };

export function madeSite(code: string, name: string, over: Partial<SiteView> = {}): SiteView {
  const parts = code.split(".");
  const parent = parts.length <= 2 ? null : parts.slice(0, -1).join(".");
  return {
    code,
    kind: parts.length <= 2 ? "kabupaten" : parts.length === 3 ? "kecamatan" : "desa",
    name,
    parent,
    pathParent: parent,
    latitude: 0.5,
    longitude: 117.5,
    state: "up",
    sinceMs: Date.UTC(2025, 5, 20, 1, 0),
    cause: null,
    confidence: null,
    root: null,
    outage: null,
    suspected: null,
    links: [{ id: `${code}-1`, provider: "Telkom", technology: "fibre", circuitId: "CID-4711" }],
    agent: { id: "ag_made", lastSeenMs: Date.UTC(2025, 5, 24, 6, 4) },
    below: { sites: 0, cut: 0 },
    services: [],
    ...over,
  };
}

export function madeOutage(site: string, over: Partial<OutageRecord> = {}): OutageRecord {
  return {
    id: `out_${site}`,
    incident: `inc_${site}`,
    revision: 1,
    knownMs: 0,
    withdrawn: false,
    site,
    link: null,
    service: null,
    startMs: Date.UTC(2025, 5, 24, 1, 10),
    endMs: null,
    cause: "power",
    confidence: "medium",
    evidence: [],
    root: site,
    ...over,
  };
}

export function madeSegment(
  site: string,
  state: SiteState,
  startMs: number,
  endMs: number | null,
  cause: Cause | null = null,
): StateSegment {
  return { site, service: "", startMs, endMs, state, cause };
}
