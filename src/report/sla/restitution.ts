import { toMillionths } from "../../inventory/contract.ts";
import type { Formula, Restitution, Rounding } from "../../inventory/contract.ts";

/*
 * What is given back, in exact fractions: no figure here is rounded but the amount at the end. domain.md §C has the
 * formulas as providers write them; contract.ts has them in the letters used here.
 */

const million = 1_000_000n;

interface Fraction {
  over: bigint;
  under: bigint;
}

export interface Owed {
  /** Service time of the month, ms. */
  serviceMs: number;
  /** Downtime that counts, ms. */
  countedMs: number;
  slaRatio: number | null;
  /** Days of the month on which the contract is in force, and of the month: so much of the fee is meant. */
  days: number;
  ofDays: number;
}

export interface RestitutionResult {
  /** Part of the fee of these days that the formula gives, before the ceiling. */
  share: number;
  isCapped: boolean;
  /** Whole rupiah; null: the fee is not known. */
  amountIdr: number | null;
}

export function restitutionOf(
  terms: Restitution,
  monthlyFeeIdr: number | null,
  owed: Owed,
): RestitutionResult {
  const share = shareOf(terms, owed);
  const ceiling = { over: BigInt(toMillionths(terms.ceiling)), under: million };
  const isCapped = share.over * ceiling.under > ceiling.over * share.under;
  const part = isCapped ? ceiling : share;
  const fee = (idr: number): Fraction => ({
    over: BigInt(idr) * BigInt(owed.days),
    under: BigInt(owed.ofDays),
  });
  return {
    share: Number(share.over) / Number(share.under),
    isCapped,
    amountIdr: monthlyFeeIdr === null ? null : amountOf(terms, fee(monthlyFeeIdr), part, ceiling),
  };
}

function shareOf(formula: Formula, { serviceMs, countedMs, slaRatio }: Owed): Fraction {
  const [down, service] = [BigInt(countedMs), BigInt(serviceMs)];
  const nothing = { over: 0n, under: 1n };
  if (service === 0n || down === 0n) return nothing;
  const promise = BigInt(toMillionths(slaRatio ?? 0));
  switch (formula.rule) {
    case "none":
      return nothing;
    case "pro-rata":
      return { over: down, under: service };
    case "ratio":
      return { over: down * million, under: service * promise };
    case "below-sla": {
      // In millionths of a ms, so that the allowance of an odd month is exact.
      const excess = down * million - service * (million - promise);
      if (excess <= 0n) return nothing;
      return formula.downtime === "whole"
        ? { over: down, under: service }
        : { over: excess, under: service * million };
    }
    case "tiers": {
      const tier = tierOf(formula.tiers, { serviceMs, countedMs });
      return tier === null ? nothing : { over: BigInt(toMillionths(tier.fee)), under: million };
    }
  }
}

/** The lowest tier that the availability by contract is below; null: it is below none. */
export function tierOf(
  tiers: Extract<Formula, { rule: "tiers" }>["tiers"],
  { serviceMs, countedMs }: Pick<Owed, "serviceMs" | "countedMs">,
) {
  const service = BigInt(serviceMs);
  const up = (service - BigInt(countedMs)) * million;
  return tiers.findLast(({ below }) => up < BigInt(toMillionths(below)) * service) ?? null;
}

/** Rounded to the contract's multiple; what rounding up would put above the ceiling stays at it. */
function amountOf(terms: Restitution, fee: Fraction, share: Fraction, ceiling: Fraction): number {
  const step = BigInt(terms.roundIdr);
  const rounded = roundedTo(fee.over * share.over, fee.under * share.under * step, terms.rounding) * step;
  const most = (fee.over * ceiling.over) / (fee.under * ceiling.under);
  return Number(rounded > most ? most : rounded);
}

function roundedTo(over: bigint, under: bigint, rounding: Rounding): bigint {
  if (rounding === "down") return over / under;
  if (rounding === "up") return (over + under - 1n) / under;
  return (2n * over + under) / (2n * under);
}

/** Downtime that the promise allows in the month, cut to whole ms. */
export function allowedMs(serviceMs: number, slaRatio: number): number {
  return Number((BigInt(serviceMs) * (million - BigInt(toMillionths(slaRatio)))) / million);
}
