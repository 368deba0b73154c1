import { exclusionKinds } from "../../inventory/contract.ts";
import type { Contract } from "../../inventory/contract.ts";
import type { LinkCounts } from "./link-counts.ts";
import { allowedMs, restitutionOf } from "./restitution.ts";
import type { RestitutionResult } from "./restitution.ts";

/* From counted time to what is said of it. */

export interface Ratios {
  /** up / (up + counted + short + blip); null where nothing was measured. */
  availabilityRatio: number | null;
  /** Had all unmeasured time been down, or up. */
  worstRatio: number | null;
  bestRatio: number | null;
  /** Measured of what was to be measured. */
  coverageRatio: number | null;
  /** Mean time to repair, ms: repairMs / repaired; null where none has ended. */
  mttrMs: number | null;
  /** Mean time between failures, ms: up / failures + MTTR (IEC 60050-192); null without a failure that has ended. */
  mtbfMs: number | null;
}

export function ratiosOf(counts: LinkCounts): Ratios {
  const { upMs, countedMs, shortMs, blipMs, notMeasuredMs, failures, repaired, repairMs } = counts;
  const measuredMs = upMs + countedMs + shortMs + blipMs;
  const expectedMs = measuredMs + notMeasuredMs;
  const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  const mttrMs = ratio(repairMs, repaired);
  return {
    availabilityRatio: ratio(upMs, measuredMs),
    worstRatio: ratio(upMs, expectedMs),
    bestRatio: ratio(upMs + notMeasuredMs, expectedMs),
    coverageRatio: ratio(measuredMs, expectedMs),
    mttrMs,
    mtbfMs: mttrMs === null ? null : upMs / failures + mttrMs,
  };
}

export const slaVerdicts = ["met", "missed", "open", "none"] as const;
/** `open`: unmeasured time, a cause that is not known, or the rest of the month, could still decide it · `none`: nothing is promised. */
export type SlaVerdict = (typeof slaVerdicts)[number];

/** What follows from so much downtime that counts. */
export interface Judged {
  /** (service − counted) / service: the availability that the contract speaks of; null where no service is owed. */
  contractRatio: number | null;
  /** What is left of the downtime that the promise allows (less than 0: it is overdrawn); null: no promise. */
  budgetLeftMs: number | null;
  restitution: RestitutionResult;
}

/**
 * By what is known to have been down; `least`: without what is not sure of it; `most`: had all time of which nothing is known
 * been down as well.
 */
export interface Judgement extends Judged {
  /** Downtime that the promise allows in the month; null: no promise. */
  allowedMs: number | null;
  verdict: SlaVerdict;
  least: Judged;
  most: Judged;
}

/** Days of the month on which the contract is in force, and of the month; default: all of it. */
export interface FeeDays {
  days: number;
  ofDays: number;
}

export function judge(
  {
    serviceMs,
    countedMs,
    countedLeastMs,
    countedMostMs,
  }: Pick<LinkCounts, "serviceMs" | "countedMs" | "countedLeastMs" | "countedMostMs">,
  { slaRatio, monthlyFeeIdr, restitution }: Pick<Contract, "slaRatio" | "monthlyFeeIdr" | "restitution">,
  { days, ofDays }: FeeDays = { days: 1, ofDays: 1 },
): Judgement {
  const allowed = slaRatio === null ? null : allowedMs(serviceMs, slaRatio);
  const judgedBy = (downMs: number): Judged => ({
    contractRatio: serviceMs === 0 ? null : (serviceMs - downMs) / serviceMs,
    budgetLeftMs: allowed === null ? null : allowed - downMs,
    restitution: restitutionOf(restitution, monthlyFeeIdr, {
      serviceMs,
      countedMs: downMs,
      slaRatio,
      days,
      ofDays,
    }),
  });
  return {
    allowedMs: allowed,
    verdict: verdictOf(allowed, countedLeastMs, countedMostMs),
    ...judgedBy(countedMs),
    most: judgedBy(countedMostMs),
    least: judgedBy(countedLeastMs),
  };
}

/** Met, or missed, is only what neither time that was not measured nor a cause that is not known can change. */
function verdictOf(allowed: number | null, leastMs: number, mostMs: number): SlaVerdict {
  if (allowed === null) return "none";
  if (leastMs > allowed) return "missed";
  return mostMs > allowed ? "open" : "met";
}

/** Of a link that had several contracts: a promise that was not kept is told before what is open, and that before what was. */
export function verdictOfLink(parts: readonly SlaVerdict[]): SlaVerdict {
  return (["missed", "open", "met"] as const).find((verdict) => parts.includes(verdict)) ?? "none";
}

/** Whether time of which nothing is known could make the amount higher. */
export function mayRise({ restitution, most }: Judgement): boolean {
  return (most.restitution.amountIdr ?? 0) > (restitution.amountIdr ?? 0);
}

const sums = [
  "monthMs",
  "serviceMs",
  "outsideMs",
  "aheadMs",
  "expectedOffMs",
  "upMs",
  "countedMs",
  "countedLeastMs",
  "countedMostMs",
  "shortMs",
  "blipMs",
  "notMeasuredMs",
  "failures",
  "repaired",
  "repairMs",
] as const;

/** Time and counts are added; ratios are made of the sums, and never averaged. */
export function sumCounts(parts: readonly LinkCounts[]): LinkCounts {
  const sum = (of: (part: LinkCounts) => number) => parts.reduce((total, part) => total + of(part), 0);
  const plain = Object.fromEntries(sums.map((key) => [key, sum((part) => part[key])]));
  const byKind = (of: "excludedMs" | "excludedDownMs") =>
    Object.fromEntries(exclusionKinds.map((kind) => [kind, sum((part) => part[of][kind])]));
  return {
    ...plain,
    excludedMs: byKind("excludedMs"),
    excludedDownMs: byKind("excludedDownMs"),
  } as LinkCounts;
}
