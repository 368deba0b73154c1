import type { Kind } from "#wire/rounds-v1.ts";
import type { Role, SiteKind, Technology } from "../inventory/inventory.ts";
import type { TopologyProposal } from "../outage/audit.ts";
import type { Cause, Confidence, SiteState, StateSegment } from "../outage/table.ts";
import type { Account } from "../relation/account.ts";
import type { Rollup } from "../relation/rollup.ts";
import type { CalendarStep } from "../inventory/local-time.ts";
import type { AssociationAnswer, AssociationQuery } from "./association-query.ts";
import type { EffectAnswer, EffectQuery } from "./effect-query.ts";
import type { AgentRecord, Ledger, OutageFilter, OutageRecord, Standing } from "../state/state-store.ts";

/** How a site stands now, with what a person needs beside it. */
export interface SiteView {
  code: string;
  kind: SiteKind;
  name: string;
  /** Administrative parent. */
  parent: string | null;
  /** Parent on the path to the NOC. */
  pathParent: string | null;
  latitude: number;
  longitude: number;
  state: SiteState;
  /** Since when it has been in this state, as far as is known; null where nothing was ever measured. */
  sinceMs: number | null;
  /** Why, where it is not simply up; `agent`: the agent is silent. */
  cause: Cause | null;
  confidence: Confidence | null;
  /** Where the fault lies: a site code or `service:<id>`. */
  root: string | null;
  /** The open outage of the site itself. */
  outage: string | null;
  /** It is held for cut off, by signs that are too weak for its state; null: it is not. */
  suspected: { sinceMs: number; root: string } | null;
  links: {
    id: string;
    provider: string;
    technology: Technology;
    circuitId: string | null;
    /** Of a site with several links, for those that a target tests. */
    standing?: { state: SiteState; cause: Cause | null; sinceMs: number | null };
  }[];
  agent: { id: string; lastSeenMs: number | null } | null;
  /** Sites below it, and how many of them are down or unreachable. */
  below: { sites: number; cut: number };
  /** Services as seen from here. */
  services: { service: string; state: SiteState; cause: Cause | null; sinceMs: number | null }[];
}

/** A site on the map: with the path towards the NOC as its agent measured it in the last hour. */
export interface MapSite extends SiteView {
  /** Median of all replies; null without a reply or without such a target. */
  rttMs: number | null;
  lossRatio: number | null;
}

/** A target as its series are named. */
export interface TargetView {
  /** `<site>/<id>`. */
  key: string;
  site: string;
  id: string;
  kind: Kind;
  role: Role;
  intervalS: number;
  service: string | null;
  /** Site that a `site` target watches. */
  of: string | null;
}

/** The last round of one target, where it is recent. */
export interface TargetStatus {
  key: string;
  site: string;
  id: string;
  kind: Kind;
  timeMs: number;
  ok: boolean;
  /** Median reply or duration of the check, seconds; null where nothing answered. */
  durationS: number | null;
  /** ICMP only. */
  lossRatio: number | null;
  /** When the certificate ends that was shown, epoch ms; HTTP over TLS only. */
  certExpiresMs: number | null;
}

/** A service with its state at the control vantage and the places that look at it. */
export interface ServiceView {
  id: string;
  name: string;
  url: string;
  control: string;
  state: SiteState;
  cause: Cause | null;
  sinceMs: number | null;
  /** Sites that check it, and how many of them cannot reach it now (down or unreachable). */
  vantages: { sites: number; cut: number };
}

export const seriesMetrics = [
  "rtt_ms",
  "jitter_ms",
  "loss_ratio",
  "loss_run",
  "up_ratio",
  "total_ms",
  "dns_ms",
  "connect_ms",
  "tls_ms",
  "ttfb_ms",
  "cert_expires_s",
] as const;
export type SeriesMetric = (typeof seriesMetrics)[number];

/** One step of one target; a metric that was not measured in the step is null. */
export interface SeriesRow {
  timeMs: number;
  target: string;
  site: string;
  values: Partial<Record<SeriesMetric | `snmp.${string}`, number | null>>;
}

/** RTT percentiles of one step, ms, by linear interpolation (R7) over all replies; null without a reply. */
export interface SmokeRow {
  timeMs: number;
  target: string;
  p0: number | null;
  p10: number | null;
  p25: number | null;
  median: number | null;
  p75: number | null;
  p90: number | null;
  p100: number | null;
  lossRatio: number | null;
  sent: number;
  received: number;
}

/** One interface of a device in one step; what was not read, or not comparable, is null. */
export interface InterfaceRow {
  timeMs: number;
  target: string;
  /** ifIndex. */
  index: number;
  name: string;
  up: boolean | null;
  /** Bits a second. */
  inBps: number | null;
  outBps: number | null;
  /** Packets a second. */
  inErrors: number | null;
  outErrors: number | null;
  inDiscards: number | null;
  outDiscards: number | null;
}

/** One object of a device in one step: the last number read. */
export interface ReadingRow {
  timeMs: number;
  target: string;
  object: string;
  value: number | null;
}

export interface IncidentView {
  id: string;
  root: string;
  startMs: number;
  endMs: number | null;
  cause: Cause;
  sites: string[];
  outages: number;
  /** All of it is suspected at this moment, and nothing of it in the table. */
  provisional: boolean;
}

/** Rows with a cap: `truncated` says that there were more. */
export interface Rows<T> {
  rows: T[];
  truncated: boolean;
}

/** Rows of steps, and how long a step is: longer than was asked for where nothing finer is kept. */
export interface SteppedRows<T> extends Rows<T> {
  stepMs: number;
}

export interface TimeRange {
  fromMs: number;
  toMs: number;
}

export const availabilityGroups = ["site", "kecamatan", "kabupaten", "provider"] as const;
export type AvailabilityGroup = (typeof availabilityGroups)[number];

/** How far a service could be reached from the places of a group, in a window or a step of it. */
export interface AvailabilityRow extends TimeRange, Rollup {
  group: string;
  name: string;
}

export const accountGroups = ["site", "link", "kecamatan", "kabupaten", "provider"] as const;
export type AccountGroup = (typeof accountGroups)[number];

/** How a site, link, area or provider fared. */
export interface AccountRow {
  group: string;
  name: string;
  /** Announced work counts as what was measured in it: what citizens saw. */
  withMaintenance: Account;
  /** Announced work is taken out: what was agreed. */
  withoutMaintenance: Account;
}

/** Everything that pages, the API and dashboards read. Knows no HTTP, no language. */
export interface Reader {
  /** Parents before children. */
  sites(): Promise<SiteView[]>;
  /** null: no such site. */
  site(code: string): Promise<SiteView | null>;
  /** The sites below `parent` (administratively, at any depth), or all. `trouble`: why nothing measured is with them; null: it is. */
  map(parent: string | null): Promise<{ sites: MapSite[]; trouble: string | null }>;
  /** Targets of a site as their series are named. */
  targets(sites: readonly string[]): TargetView[];
  /** The last round of every target that has one in the last three intervals. */
  targetStatus(): Promise<TargetStatus[]>;
  services(): Promise<ServiceView[]>;
  series(
    query: TimeRange & {
      targets: readonly string[];
      metrics: readonly string[];
      stepMs: number;
      maxRows: number;
    },
  ): Promise<SteppedRows<SeriesRow>>;
  smoke(
    query: TimeRange & { targets: readonly string[]; stepMs: number; maxRows: number },
  ): Promise<SteppedRows<SmokeRow>>;
  /** Interfaces that targets told of by SNMP. */
  interfaces(
    query: TimeRange & { targets: readonly string[]; stepMs: number; maxRows: number },
  ): Promise<SteppedRows<InterfaceRow>>;
  /** Objects by their names without an index, every instance that a target told of. */
  readings(
    query: TimeRange & {
      targets: readonly string[];
      objects: readonly string[];
      stepMs: number;
      maxRows: number;
    },
  ): Promise<SteppedRows<ReadingRow>>;
  /**
   * Segments clipped to the range, announced work laid over them. service "": the site itself. `asOfMs`: as it was known
   * then (default: now).
   */
  states(
    query: TimeRange & { sites: readonly string[]; service: string; asOfMs?: number | undefined },
  ): Promise<StateSegment[]>;
  /** The same of the links of sites that have several. */
  linkStates(
    query: TimeRange & { sites: readonly string[]; asOfMs?: number | undefined },
  ): Promise<StateSegment[]>;
  /** Without those that later evidence withdrew, with those that are suspected now. */
  outages(filter: OutageFilter): Promise<OutageRecord[]>;
  outage(id: string): Promise<{ current: OutageRecord; revisions: OutageRecord[] } | null>;
  /** `asOfMs`: as they were known then (default: now). */
  incidents(
    range: TimeRange & { open?: boolean | undefined; asOfMs?: number | undefined },
  ): Promise<IncidentView[]>;
  /** Sites that fall together again and again without a known parent in common. */
  topologyProposals(range: TimeRange): Promise<TopologyProposal[]>;
  /** null: no such service. `step`: one row for each local day or month of it. `asOfMs`: as it was known then. */
  availability(
    query: TimeRange & {
      service: string;
      by: AvailabilityGroup;
      step?: CalendarStep;
      asOfMs?: number | undefined;
    },
  ): Promise<AvailabilityRow[] | null>;
  /**
   * How the failures of a service and outages of the network go together, over whole local days; null: no such service.
   */
  association(query: AssociationQuery): Promise<AssociationAnswer | null>;
  /** That of the last 90 whole days where it is there; null while it is being made, which asking begins. */
  recentAssociation(service: string): Promise<AssociationAnswer | null>;
  /** Whether fewer complaints come in while the service cannot be reached; null: no such service. */
  complaintEffect(query: EffectQuery): Promise<EffectAnswer | null>;
  /** `asOfMs`: as it was known then (default: now). */
  accounts(
    query: TimeRange & { by: AccountGroup; sites: readonly string[]; asOfMs?: number | undefined },
  ): Promise<AccountRow[]>;
  agents(): Promise<(AgentRecord & { standing: Standing | null })[]>;
  ledger(agent: string): Promise<Ledger | null>;
}
