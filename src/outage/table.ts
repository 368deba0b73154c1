import type { Blip } from "./blips.ts";

/*
 * The outage table: what the evidence says, and nothing of when we learned it. Two tables made from the same evidence
 * are equal byte for byte. Identity, revision and knowledge time are added where it is written down (revise.ts).
 */

/**
 * power: the site's supply · link: its own uplink · rain: that uplink, by a fade of its radio or satellite · relay: the
 * village that its path leads through · hub: the machine at the parent that all its children hang on · backhaul: the parent's
 * own uplink, while its hub answers from below · provider: what lies beyond the district's centre · dns: a resolver ·
 * service: the service itself · maintenance: announced work, over what was measured · unknown: nothing tells.
 *
 * Of states alone, in which nobody was cut off: congestion, a link that loses some while it is slower than usual · agent, the
 * machine that measures. A wrong clock is none: rounds are put in time without it (docs/decisions/0020).
 */
export const causes = [
  "power",
  "link",
  "rain",
  "relay",
  "hub",
  "backhaul",
  "provider",
  "dns",
  "service",
  "congestion",
  "agent",
  "maintenance",
  "unknown",
] as const;
export type Cause = (typeof causes)[number];

export const siteStates = ["up", "degraded", "down", "unreachable", "unknown", "maintenance", "off"] as const;
/**
 * `unreachable`: down because of a parent · `unknown`: nobody measured · `maintenance`: work was announced; it is what
 * readers are shown, over what was measured meanwhile · `off`: without power outside of its hours of supply, as expected.
 */
export type SiteState = (typeof siteStates)[number];

/** high: the rule has all it needs · medium: one witness is missing · low: a guess that is shown as one. */
export type Confidence = "high" | "medium" | "low";

/** One statement that led to the cause. `target` is the key of what was measured, null for statements of the whole. */
export interface EvidenceItem {
  /** Stable name of the statement, such as `gateway.answers` or `parent.down`; texts for people are made from it. */
  fact: string;
  target: string | null;
  /** Figures that belong to the fact: counts, times in ms, names. */
  detail: Record<string, string | number | boolean | null>;
}

export interface Outage {
  site: string;
  /** The link that was cut, where one can be named. */
  link: string | null;
  /**
   * The row tells of the link alone, of a site that has several: whether the site was cut off as well has a row of its own.
   * Absent: it tells of the site, or of the service.
   */
  ofLink?: true;
  /** The service that could not be reached although the site could; null for an outage of the site or link itself. */
  service: string | null;
  /** Whole seconds, as epoch ms: half-open [startMs, endMs). */
  startMs: number;
  /** null while it lasts. */
  endMs: number | null;
  cause: Cause;
  confidence: Confidence;
  evidence: EvidenceItem[];
  /** Site or service at which the fault lies: `64.08.05` or `service:lapor`. Outages with one root at one time are one incident. */
  root: string;
}

/** A stretch of one site's, link's or service's time. */
export interface StateSegment {
  site: string;
  /** One of the site's links, where it has several; absent: the site itself, or a service. */
  link?: string;
  /** Empty for the site itself; otherwise the service as seen from the site. */
  service: string;
  startMs: number;
  /** null: until now. */
  endMs: number | null;
  state: SiteState;
  /** Why, where it is not simply up: a cause, or `agent` for a silent agent. */
  cause: Cause | null;
}

export interface OutageTable {
  /** Ordered by start, site, link, service. */
  outages: Outage[];
  /** For each site, each of its links where it has several, and each service seen from it, segments without holes from the first evidence to now. */
  states: StateSegment[];
  /**
   * Sites and services that are held for cut off at this moment (live-table.ts), and of which the table has no open row:
   * weak signs of several, or long silence. Their state stays what was measured, or unknown; no second is accounted by them.
   */
  suspects: Outage[];
  /** Losses too short for an outage, in no state and in every account; see Blip. */
  blips: Blip[];
}
