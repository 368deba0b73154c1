import { doubtsOf } from "./doubts.ts";
import type { Doubts } from "./doubts.ts";
import { ratiosOf, sumCounts, verdictOfLink } from "./judge.ts";
import type { Ratios, SlaVerdict } from "./judge.ts";
import type { LinkCounts } from "./link-counts.ts";
import type { LinkSla } from "./sla.ts";

export const slaGroups = ["link", "provider", "kecamatan", "kabupaten"] as const;
export type SlaGroup = (typeof slaGroups)[number];

/** One link under one contract, or several summed. */
export interface SlaRow {
  group: string;
  name: string;
  /** Different ones: a link that changed its contract is one. */
  links: number;
  /** Of links, each as one. */
  verdicts: Record<SlaVerdict, number>;
  counts: LinkCounts;
  ratios: Ratios;
  /** What contracts speak of. */
  sums: ContractSums;
  /** Of the amounts in the sums. */
  doubts: Doubts;
  /** The link itself; null for a sum. */
  of: LinkSla | null;
}

/** Sums of a row, of what has a promise alone; null where nothing in it has one. */
export interface ContractSums {
  serviceMs: number | null;
  countedMs: number | null;
  countedMostMs: number | null;
  failures: number | null;
  contractRatio: number | null;
  contractWorstRatio: number | null;
  allowedMs: number | null;
  budgetLeftMs: number | null;
  budgetLeastMs: number | null;
  /** Of what has a fee, with a promise or without, as of the days in force; null: nothing has. */
  monthlyFeeIdr: number | null;
  restitutionIdr: number | null;
  /** Without what is not sure of the downtime. */
  restitutionLeastIdr: number | null;
  /** Had all time of which nothing is known been down. */
  restitutionMostIdr: number | null;
}

/** `nameOf`: what an area is called. Groups are in the order of their first link. */
export function rollUpSla(
  links: readonly LinkSla[],
  by: SlaGroup,
  nameOf: (code: string) => string,
): SlaRow[] {
  if (by === "link") return links.map((of) => ({ ...rowOf([of]), group: of.link, name: of.name, of }));
  const groups = Map.groupBy(links, (link) => groupOf(link, by));
  return [...groups].map(([group, parts]) => ({
    ...rowOf(parts),
    group,
    name: by === "provider" ? group : nameOf(group),
    of: null,
  }));
}

function rowOf(parts: readonly LinkSla[]): Omit<SlaRow, "group" | "name" | "of"> {
  const counts = sumCounts(parts.map((part) => part.counts));
  return {
    links: new Set(parts.map(({ link }) => link)).size,
    verdicts: countVerdicts(parts),
    counts,
    ratios: ratiosOf(counts),
    sums: contractSums(parts),
    doubts: doubtsOf(parts),
  };
}

/** What nothing was promised of is no part of how promises were kept. */
export function contractSums(parts: readonly LinkSla[]): ContractSums {
  const promised = parts.filter(({ judgement }) => judgement.allowedMs !== null);
  const sumOf = (of: (part: LinkSla) => number | null) => sumKnown(promised.map(of));
  const money = (of: (part: LinkSla) => number | null) => sumKnown(parts.map(of));
  const serviceMs = sumOf(({ counts }) => counts.serviceMs);
  const countedMs = sumOf(({ counts }) => counts.countedMs);
  const countedMostMs = sumOf(({ counts }) => counts.countedMostMs);
  const ratio = (downMs: number | null) =>
    serviceMs === null || downMs === null || serviceMs === 0 ? null : (serviceMs - downMs) / serviceMs;
  const fee = money(exactFee);
  return {
    serviceMs,
    countedMs,
    countedMostMs,
    failures: sumOf(({ counts }) => counts.failures),
    contractRatio: ratio(countedMs),
    contractWorstRatio: ratio(countedMostMs),
    allowedMs: sumOf(({ judgement }) => judgement.allowedMs),
    budgetLeftMs: sumOf(({ judgement }) => judgement.budgetLeftMs),
    budgetLeastMs: sumOf(({ judgement }) => judgement.most.budgetLeftMs),
    monthlyFeeIdr: fee === null ? null : Math.round(fee),
    restitutionIdr: money(({ judgement }) => judgement.restitution.amountIdr),
    restitutionLeastIdr: money(({ judgement }) => judgement.least.restitution.amountIdr),
    restitutionMostIdr: money(({ judgement }) => judgement.most.restitution.amountIdr),
  };
}

function exactFee({ contract, part }: LinkSla): number | null {
  const fee = contract?.monthlyFeeIdr ?? null;
  return fee === null ? null : (fee * part.days) / part.ofDays;
}

/** Of the monthly fee what falls on the days of the part, whole rupiah; null: it is not known. */
export function feeOfPart(part: LinkSla): number | null {
  const fee = exactFee(part);
  return fee === null ? null : Math.round(fee);
}

/** The district's own office belongs to no kecamatan and stands for itself. */
function groupOf({ provider, kecamatan, kabupaten, site }: LinkSla, by: SlaGroup): string {
  if (by === "provider") return provider;
  return (by === "kecamatan" ? kecamatan : kabupaten) ?? site;
}

/** Of links, whatever number of contracts each of them had. */
export function countVerdicts(parts: readonly LinkSla[]): Record<SlaVerdict, number> {
  const verdicts = { met: 0, missed: 0, open: 0, none: 0 };
  for (const ofLink of Map.groupBy(parts, ({ link }) => link).values())
    verdicts[verdictOfLink(ofLink.map(({ judgement }) => judgement.verdict))] += 1;
  return verdicts;
}

export function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
