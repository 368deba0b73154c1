import type { Interval, Made } from "./association.ts";

/*
 * Whether fewer complaints come in while the service cannot be reached: input and answer. Every comparison is inside a
 * stratum, so that what differs between strata cancels: one village in one month where contacts have their minute, one area
 * in one month where they are counted by the day. Methods: docs/relation.md.
 */

/** Contacts whose minute and village are known: WhatsApp, omnichannel, hits of a portal. */
export interface TimedStratum {
  /**
   * The village's code. Never a wider area: villages that are cut off more often are those that write less, and in one
   * stratum that would look like an effect of the outages.
   */
  area: string;
  /** `2026-10`. */
  month: string;
  contacts: number;
  /** Of these, at a moment at which the service could not be reached from the village. 0 where exposedMs is. */
  exposedContacts: number;
  /** Time in which contacts were counted and the service was measured from there; whole ms. */
  measuredMs: number;
  /** Of this, in which it could not be reached; whole ms. */
  exposedMs: number;
  /**
   * Contacts and time of the three days after an outage, the outages themselves left out (spansAfter): of what was measured;
   * absent: no catch-up is looked for.
   */
  after?: { contacts: number; ms: number };
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
  /** Of what was asked, epoch ms. */
  fromMs: number;
  toMs: number;
  /** Time in which anything was counted, ms, more than 0; at a rate over longer time the years needed would be too many. Default: all of it. */
  countedMs?: number;
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
  /** Of the time, weighted by the strata's contacts. */
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
