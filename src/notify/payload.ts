import type { Technology } from "../inventory/inventory.ts";
import type { Cause, Confidence } from "../outage/table.ts";
import type { AlertKind, NewMessage } from "../state/state-store.ts";
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
}

/** The payload of a message in the outbox. */
export interface AlertPayload extends AlertFacts {
  type: AlertType;
  /** null: ended of itself, or lasts. */
  correction: Correction | null;
}

/** A message whose payload is known to be ours: what the planner makes, and what channels are given back. */
export interface AlertMessage extends NewMessage {
  type: AlertType;
  payload: AlertPayload;
}
