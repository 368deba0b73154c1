import type { Interval, Made } from "./association.ts";

/*
 * Whether fewer complaints come in while the service cannot be reached: input and answer. Every comparison is inside a
 * stratum, one kecamatan in one month, so that what differs between them cancels. Methods: docs/relation.md.
 */

/** Contacts whose minute and village are known: WhatsApp, omnichannel, hits of a portal. */
export interface TimedStratum {
  /** Kecamatan's code. */
  area: string;
  /** `2026-10`; or finer, where contacts and outages both have hours: `2026-10 08-16`. */
  month: string;
  contacts: number;
  /** Of these, in a minute in which the service could not be reached from the contact's village. 0 where exposedRatio is. */
  exposedContacts: number;
  /** Share of person-time in which it could not be reached, 0 to 1 (person-time.ts). */
  exposedRatio: number;
  /**
   * Contacts and person-time of the three days after an outage, the outages themselves left out (spansAfter); absent: no
   * catch-up is looked for.
   */
  after?: { contacts: number; ratio: number };
}

/** An area's days, one after the other without a gap. */
export interface DailySeries {
  area: string;
  days: readonly DailyCount[];
}

export interface DailyCount {
  /** `2026-10`: the stratum that the day belongs to. */
  month: string;
  /** null: not counted that day. */
  contacts: number | null;
  /** Share of the day's person-time in which the service could not be reached, 0 to 1; null: not measured. */
  exposedRatio: number | null;
}

export type ComplaintEvidence =
  | { resolution: "times"; strata: readonly TimedStratum[] }
  | { resolution: "days"; series: readonly DailySeries[] };

export interface ComplaintInput {
  evidence: ComplaintEvidence;
  /** Of what the evidence covers, epoch ms. */
  fromMs: number;
  toMs: number;
  /** Level of the one-sided test and of 1 − the interval; default 0.05. */
  alpha?: number;
  /** Of the draws behind daily counts: a whole number; the same seed gives the same answer. */
  seed: number;
  /** Draws, 999 to 99,999; default 9,999. Times need none: their distribution is exact. */
  draws?: number;
  inputs?: readonly string[];
  version?: string;
}

/** What it would take to see an effect in four of five such periods, one-sided at alpha. */
export interface EffectNeed {
  /** The effect: contacts during outages as a share of what else would come; 0 is silence. */
  rateRatio: number;
  /** Contacts that would have to be expected during outages, each with its minute. */
  exposedContacts: number;
  /** At this district's rate; null where none is expected. */
  yearsTimed: number | null;
  /** The same with counts by the day, which keep `dailyInformation` of it; null where that is not known. */
  yearsDaily: number | null;
}

export interface ComplaintCounts {
  strata: number;
  contacts: number;
  /** Of person-time, weighted by the strata's contacts. */
  exposedRatio: number;
  /** E0: contacts that would fall into outages if these changed nothing. */
  expectedExposed: number;
  /** With daily counts: share of the information on the effect that is left of time stamps. null with times. */
  dailyInformation: number | null;
}

export interface RateRatio {
  /** 1: as many as at other times. null where it is not defined. */
  value: number | null;
  interval: Interval;
}

interface ComplaintAnswer {
  resolution: "times" | "days";
  counts: ComplaintCounts;
  needs: EffectNeed[];
  made: Made;
}

/** There is no p, and no ratio: too little could come out. */
export interface CannotBeShown extends ComplaintAnswer {
  verdict: "cannot-be-shown";
  /**
   * `smallest-p`: even if no contact at all came during outages, p would be above alpha. `power`: with counts by the day,
   * silence during outages would be seen in fewer than four of five periods.
   */
  reason: "smallest-p" | "power";
  /** What p would be if no contact had come during outages. */
  smallestP: number;
}

export interface EffectShown extends ComplaintAnswer {
  /** `not-shown` does not mean that there is none. */
  verdict: "fewer" | "not-shown";
  /** One-sided mid-p: as few contacts during outages, or fewer, if outages changed nothing. */
  p: number;
  smallestP: number;
  during: RateRatio;
  /**
   * What outages leave of the contacts that fall into them, those of the three days after counted in: near 1 with `during`
   * under 1 means delayed, and not lost; 0 all lost. null where nothing is known of the days after.
   */
  net: RateRatio | null;
}

export type ComplaintEffect = CannotBeShown | EffectShown;
