import type { Technology } from "../inventory/inventory.ts";
import type { Cause, Confidence } from "../outage/table.ts";
import type { ConditionKind } from "../state/alert-store.ts";
import type { AlertKind, NewMessage } from "../state/state-store.ts";
import type { AlertChange } from "./decide.ts";
import type { Severity } from "./severity.ts";
import type { Correction } from "./working.ts";

export const languages = ["id", "en"] as const;
export type Language = (typeof languages)[number];

/** One sentence in each language that a channel may speak. */
export type Said = Record<Language, string>;

/** `down`: a problem · `update`: it is something else than was said · `up`: it is over. */
export type AlertType = `${"site" | "service"}.${"down" | "update" | "up"}`;

/** What a problem is, as the people who are told of it need it. */
export interface AlertFacts {
  /** The same in all messages of one problem. */
  alert: string;
  incident: string;
  /** `area`: several sites under `root` fell together, which itself may be well · `unstable`: the root comes and goes. */
  kind: AlertKind;
  /** Site code or `service:<id>`. */
  root: string;
  /** Name of the root, as people call it. */
  name: string;
  /** The kecamatan that the root lies in; null where the root is one itself, or is a service. */
  kecamatan: string | null;
  startMs: number;
  /** null while any outage of it lasts. */
  endMs: number | null;
  cause: Cause;
  confidence: Confidence;
  evidence: Said[];
  /** Sites other than the root that this incident cuts off; the first few by name. */
  behind: { count: number; names: string[] };
  /** Set when only a service is out of reach and the site itself is not cut off. */
  service: { id: string; name: string } | null;
  link: { id: string; provider: string; technology: Technology; circuitId: string | null } | null;
  /** Where the incident can be looked at. */
  url: string | null;
  /** Name of the incident's root that this one merged into; null unless it did. */
  partOf: string | null;
  severity: Severity;
  /** Every site that it cuts off, the root too where it is one of them; routes go by them. */
  sites: string[];
  /** Whose links it is about, or those of the sites that it began at. */
  providers: string[];
  /** Inhabitants of the villages cut off, where they are known, and how many villages' are not. */
  people: { known: number; unknownSites: number };
  /** Sites below the root of which nobody knows anything since it began. */
  unmeasured: { count: number; names: string[] };
}

/** Nobody said that they know of it. */
export interface Escalation {
  /** 1 for the first. */
  step: number;
  waitedMin: number;
  /** Providers that said that they know, of their own link. Left out: none did. */
  providers?: { name: string; atMs: number }[];
}

/** The payload of a message in the outbox. */
export interface AlertPayload extends AlertFacts {
  type: AlertType;
  /** null: ended of itself, or lasts. */
  correction: Correction | null;
  /** What is new in an update. */
  changes: AlertChange[];
  /** How many sites were told of before; null: nothing was. */
  sitesBefore: number | null;
  /** Name of the root that was told before. Left out: it is the same. */
  nameBefore?: string;
  /** Left out: it is none. */
  escalation?: Escalation;
}

/** What a condition is, as the people who are told of it need it. */
export interface ConditionFacts {
  alert: string;
  incident: string;
  condition: ConditionKind;
  /** Site code; the top for several. */
  root: string;
  name: string;
  kecamatan: string | null;
  /** The target, service or agent that it is of, in words; of several agents their sites. */
  what: string[];
  /** How many those are. */
  count: number;
  /** What was measured: percent, days, or minutes; null: nothing that is a number. */
  value: number | null;
  startMs: number;
  endMs: number | null;
  severity: Severity;
  sites: string[];
  providers: string[];
  url: string | null;
}

export interface ConditionPayload extends ConditionFacts {
  /** `update`: it got worse by a step. */
  type: `condition.${"down" | "update" | "up"}`;
  /** `unwatched`: nobody looks for it any more, so that nobody knows whether it is over. Left out: it lasts, or is over. */
  correction?: "unwatched";
  /** How many were told of before. Left out: it is no update. */
  countBefore?: number;
  /** At the end of several silent agents: sites of those that are silent still. Left out: none is. */
  stillSilent?: string[];
  /** How often it was so, of several that a digest tells as one. Left out: once. */
  times?: number;
  escalation?: Escalation;
}

/** What was kept back, told at once: of each alert how it stood when the digest was made. */
export interface DigestPayload {
  type: "digest";
  alert: string;
  incident: string;
  severity: Severity;
  fromMs: number;
  toMs: number;
  items: (AlertPayload | ConditionPayload)[];
  /** Alerts that are not among the items, for want of room. */
  more: number;
  /** Ids of all its alerts that lasted: whoever says that they know of the digest knows of these. */
  lasting: string[];
  url: string | null;
}

/** Whatever a channel may have to say. */
export type Payload = AlertPayload | ConditionPayload | DigestPayload;

/** A message whose payload is known to be ours: what the planner makes, and what channels are given back. */
export interface AlertMessage extends NewMessage {
  type: AlertType;
  payload: AlertPayload;
}
