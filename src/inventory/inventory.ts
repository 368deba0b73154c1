import type { AgentTarget } from "#wire/targets-v1.ts";
import type { Contract } from "./contract.ts";
import type { WrittenExclusion } from "./exclusions.ts";
import type { Holiday } from "./holidays.ts";
import type { MaintenancePlan } from "./maintenance.ts";
import type { SupplyHours } from "./supply.ts";
import type { ContractUse, Validity } from "./validity.ts";

/*
 * What is watched: read once, checked whole, never changed in place. A reload makes a new Inventory.
 */

export const siteKinds = ["kabupaten", "kecamatan", "desa", "kelurahan"] as const;
export type SiteKind = (typeof siteKinds)[number];

export const technologies = ["fibre", "4g", "radio", "vsat", "leo"] as const;
export type Technology = (typeof technologies)[number];

export const roles = ["gateway", "device", "hub", "noc", "anchor", "site", "service"] as const;
/**
 * What a target tells about: `gateway` the site's own LAN gateway · `device` a router, radio, modem or UPS · `hub` the
 * parent's gateway · `noc` the NOC · `anchor` a public address · `site` the gateway of another site, `of`, as seen from
 * here: what a parent or the NOC sees · `service` a service that citizens use.
 */
export type Role = (typeof roles)[number];

export interface Site {
  /** Kemendagri code: `64.08`, `64.08.05` or `64.08.05.2001`. */
  code: string;
  kind: SiteKind;
  name: string;
  /** Code of the administrative parent; null for the top. */
  parent: string | null;
  latitude: number;
  longitude: number;
  /** When there is electricity; outside of these hours the site is expected to be off. Left out: around the clock. */
  supplyHours?: readonly SupplyHours[];
}

/** One uplink of a site, for the days that it has. The first link of a site in the file is its primary one. */
export interface Link extends Validity {
  id: string;
  site: string;
  provider: string;
  technology: Technology;
  circuitId: string | null;
  /** The site that this link hangs from; by default the administrative parent. null: it leads out of the district. */
  parent: string | null;
  /** Address of the site's gateway on this link; fills `{gateway}` and the children's `{hub}` in targets. */
  gateway: string | null;
  /** The id of its contract, or its contracts one after another. */
  contract: string | null | readonly ContractUse[];
}

/** Inhabitants of a village, with where the figure comes from. */
export interface Population {
  people: number;
  /** The day or year of which it is. */
  asOf: string;
  source: string;
}

export interface Service {
  id: string;
  name: string;
  url: string;
  /** The vantage whose own check tells a broken service from a broken path. */
  control: string;
  /** Whether its checks may lead to private, loopback and link-local addresses. */
  private: boolean;
}

/** One thing that the agent of one site measures. `key` is `<site>/<id>`, its name everywhere outside the agent. */
export interface Target {
  key: string;
  site: string;
  role: Role;
  /** The site that a `site` target watches. */
  of: string | null;
  /** The link whose path the target tests; null: whichever link the site uses. */
  link: string | null;
  /** The service that a `service` target checks. */
  service: string | null;
  /** What the agent is told, id and interval included. */
  probe: AgentTarget;
}

export interface Inventory {
  /** By code, parents before children. */
  sites: ReadonlyMap<string, Site>;
  /** Those in force. */
  links: ReadonlyMap<string, Link>;
  /** In the order of the file, also those that have ended or are to come. Left out: `links`. */
  allLinks?: ReadonlyMap<string, Link>;
  /** When the next link begins or ends, epoch ms: then `links` are others. Left out: never. */
  changesMs?: number;
  contracts: ReadonlyMap<string, Contract>;
  services: ReadonlyMap<string, Service>;
  /** By key. */
  targets: ReadonlyMap<string, Target>;
  /**
   * Also those that test a link which has ended or is to come: nobody measures them, and what they measured tells of that link's days.
   * A key may be there for one link after another. Left out: `targets`.
   */
  allTargets?: readonly Target[];
  /** Announced work of maintenance.yaml, by id; that of the API is in the store. Left out: none. */
  maintenance?: ReadonlyMap<string, MaintenancePlan>;
  /** Times of exclusions.yaml for which a provider does not answer, by id. Left out: none. */
  exclusions?: ReadonlyMap<string, WrittenExclusion>;
  /** By code of the village; those that are missing are not known. Left out: nobody's are. */
  population?: ReadonlyMap<string, Population>;
  /** Codes of sites by other spellings of their names. Left out: none. */
  aliases?: ReadonlyMap<string, string>;
  /** Days on which offices are closed, YYYY-MM-DD; of a year that has none here nothing is known. Left out: none. */
  holidays?: ReadonlyMap<string, Holiday>;
  /** IANA name of the zone of the wall clocks here: hours of supply and work that comes again go by them. Default: WITA. */
  timeZone?: string;
}
