import type { ServiceHours } from "./service-hours.ts";
import type { Validity } from "./validity.ts";

/* What a contract promises for a link, and what the provider owes when it is not kept. */

/** What an outage may be taken out of the account for, in the order in which a second that has several is given to one. */
export const exclusionKinds = ["maintenance", "force-majeure", "customer", "power"] as const;
/**
 * `maintenance` work announced in time · `force-majeure`, `customer` written down in exclusions.yaml · `power` an outage
 * that the site's own power explains.
 */
export type ExclusionKind = (typeof exclusionKinds)[number];

export const restitutionRules = ["none", "pro-rata", "below-sla", "ratio", "tiers"] as const;
export const roundings = ["nearest", "down", "up"] as const;
export type Rounding = (typeof roundings)[number];
export const downtimes = ["whole", "excess"] as const;

/** From this much below the promise on, so much of the fee. */
export interface Tier {
  /** Availability of the month, 0 to 1: the tier is for less than this. */
  below: number;
  /** Part of the monthly fee, 0 to 1. */
  fee: number;
}

/*
 * D is the downtime that counts, Z the service time of the month, S the promise; the fee times:
 *
 *   pro-rata    D / Z
 *   below-sla   nothing up to D = (1 - S) Z; beyond, D / Z (whole) or (D - (1 - S) Z) / Z (excess)
 *   ratio       D / (Z S)
 *   tiers       what the lowest tier says that A = (Z - D) / Z is below
 */
export type Formula =
  | { rule: "none" | "pro-rata" | "ratio" }
  | { rule: "below-sla"; downtime: (typeof downtimes)[number] }
  | { rule: "tiers"; tiers: readonly Tier[] };

/** A formula, and what becomes of its result. */
export type Restitution = Formula & {
  /** Most that is given back, as a part of the monthly fee. */
  ceiling: number;
  /** The amount is a multiple of so many rupiah. */
  roundIdr: number;
  rounding: Rounding;
};

export const countings = ["link", "allLinksOut"] as const;

export interface Contract extends Validity {
  id: string;
  provider: string;
  /** Promised availability, 0 to 1; null: no promise. */
  slaRatio: number | null;
  /** What is accounted for at a time: months by the local calendar. */
  period: "month";
  /** When the service is owed; empty: around the clock. */
  serviceHours: readonly ServiceHours[];
  /** Whether no service is owed on the days of holidays.csv. */
  closedOnHolidays: boolean;
  excludes: readonly ExclusionKind[];
  /** Whose outages count: the link's own, or only those in which all links of the site are out. */
  countsWhen: (typeof countings)[number];
  /** How long before its begin work has to be announced to be taken out; null: it may be written down afterwards. */
  noticeHours: number | null;
  /** Only outages that last longer count. */
  thresholdS: number;
  /** What a link costs a month, whole rupiah, with or without tax as the clause means it; null: not known. */
  monthlyFeeIdr: number | null;
  restitution: Restitution;
  /** The clause in words, as it is signed. */
  clause: string | null;
}

const million = 1_000_000;
/** Digits after the point that a ratio of a contract may have. */
export const ratioAllowed = "at most six digits after the point";

/** A ratio of a contract as a whole number, so that sums and comparisons are exact. */
export const toMillionths = (ratio: number): number => Math.round(ratio * million);

/** Whether a ratio is a whole number of millionths, written as people write it. */
export function isWholeMillionths(ratio: number): boolean {
  return Number((toMillionths(ratio) / million).toPrecision(12)) === ratio;
}
