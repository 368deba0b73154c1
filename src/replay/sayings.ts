import type { Phase } from "#wire/rounds-v1.ts";
import type { Role } from "../inventory/inventory.ts";
import type { Run, TargetEvidence } from "../outage/evidence.ts";
import { verdictOfHttp, verdictOfLoss } from "../watch/runs.ts";
import type { RoundVerdict } from "../watch/runs.ts";
import type { ReplayRecord, SiteRecord } from "./read-records.ts";
import type { Scenario } from "./scenario.ts";

/*
 * What one record says of each target that its agent measures. A record is a round of all of them at once.
 */

/** A target that the records of one agent tell of. */
export interface Told {
  key: string;
  role: Role;
  of: string | null;
  service: string | null;
  /** Place in `sayings`; 0: this record says nothing of it. */
  say: (record: ReplayRecord) => number;
}

/** Echoes sent in a round: to the own gateway, the hub and the NOC; to the anchors; by the NOC to a hub or site. */
const sent = { near: 5, anchor: 10, below: 4 } as const;

const lossOf = (lost: number, of: number) => verdictOfLoss(lost / of);

/** All that a record can say of a target. */
export const sayings: readonly (RoundVerdict | null)[] = [
  null,
  lossOf(0, 1),
  lossOf(1, 2),
  lossOf(1, 1),
  ...(["http", "timeout", "dns", "tls"] satisfies Phase[]).map((phase) => verdictOfHttp(phase, true)),
];

/** The targets of an agent, by its id. */
export function toldBy(agent: string, scenario: Scenario): Told[] {
  return agent === scenario.centre ? ofCentre(scenario) : ofSite(agent, scenario);
}

function ofSite(site: string, scenario: Scenario): Told[] {
  const hub = scenario.hubOf(site);
  const target = (id: string, role: Role, say: (record: SiteRecord) => number): Told => ({
    key: `${site}/${id}`,
    role,
    of: null,
    service: null,
    say: (record) => say(record as SiteRecord),
  });
  return [
    target("gw", "gateway", ({ gw }) => echoes(gw, sent.near)),
    ...(hub === null
      ? []
      : [target("hub", "hub", (record) => (record.hub < 0 ? 0 : echoes(record.hub, sent.near)))]),
    target("noc", "noc", ({ noc }) => echoes(noc, sent.near)),
    target("anchor", "anchor", ({ anc }) => echoes(anc, sent.anchor)),
    ...checks(site, scenario),
  ];
}

function ofCentre(scenario: Scenario): Told[] {
  const { centre, hubs, sites } = scenario;
  const below = (of: string, column: "hubs" | "sites", index: number): Told => ({
    key: `${centre}/below-${of}`,
    role: "site",
    of,
    service: null,
    say: (record) => {
      const lost = record.k === "n" ? record[column].charCodeAt(index) - zero : -1;
      return lost < 0 ? 0 : echoes(lost, sent.below);
    },
  });
  return [
    {
      key: `${centre}/anchor`,
      role: "anchor",
      of: null,
      service: null,
      say: ({ anc }) => echoes(anc, sent.anchor),
    },
    ...hubs.map((hub, index) => below(hub, "hubs", index)),
    ...sites.map((site, index) => below(site, "sites", index)),
    ...checks(centre, scenario),
  ];
}

/** The digit of no loss; one that cannot be pinged has a "-", which lies before it. */
const zero = 48;

function checks(site: string, { services }: Scenario): Told[] {
  return services.map((service, index) => ({
    key: `${site}/${service}`,
    role: "service",
    of: null,
    service,
    say: ({ svc }) => check(svc.charCodeAt(index) - zero),
  }));
}

function echoes(lost: number, of: number): number {
  const said = lossOf(lost, of);
  return said.verdict === "bad" ? 3 : said.weak === true ? 2 : 1;
}

/** 0 ok, 1 an HTTP error, 2 time-out, 3 name look-up, 4 certificate. */
function check(code: number): number {
  return code === 0 ? 1 : 3 + code;
}

/** Why a record cannot be one of this scenario; null: it can. */
export function createRecordCheck({
  centre,
  hubs,
  sites,
  services,
}: Scenario): (record: ReplayRecord) => string | null {
  const known = new Set(sites);
  const checked = new RegExp(`^[0-4]{${services.length}}$`);
  const pinged = (places: number) => new RegExp(`^[-0-4]{${places}}$`);
  const [hubsPinged, sitesPinged] = [pinged(hubs.length), pinged(sites.length)];
  return (record) => {
    const { a, k, svc } = record;
    const fault = (name: string, value: string, allowed: string) =>
      `${name}: ${JSON.stringify(value)} is not allowed; expected ${allowed}`;
    if (k === "r" ? !known.has(a) : a !== centre)
      return fault("a", a, k === "r" ? "the id of a site of inventory.json" : JSON.stringify(centre));
    if (!checked.test(svc)) return fault("svc", svc, `${services.length} digits from 0 to 4`);
    if (k === "r") return null;
    const digits = (places: number) => `${places} digits from 0 to 4, or -`;
    if (!hubsPinged.test(record.hubs)) return fault("hubs", record.hubs, digits(hubs.length));
    return sitesPinged.test(record.sites) ? null : fault("sites", record.sites, digits(sites.length));
  };
}

export function toTarget(
  { key, role, of, service }: Told,
  runs: readonly Run[],
  intervalMs: number,
): TargetEvidence {
  const kind = role === "service" ? "http" : "icmp";
  const vantage = key.slice(0, key.indexOf("/"));
  return { key, vantage, role, kind, of, link: null, service, intervalMs, runs };
}
