import { doubtsOf } from "./doubts.ts";
import type { Doubts } from "./doubts.ts";
import { ratiosOf, sumCounts } from "./judge.ts";
import type { Ratios, SlaVerdict } from "./judge.ts";
import type { LinkCounts } from "./link-counts.ts";
import type { LinkSla } from "./sla.ts";

export const slaGroups = ["link", "provider", "kecamatan", "kabupaten"] as const;
export type SlaGroup = (typeof slaGroups)[number];

/** One link, or several summed. */
export interface SlaRow {
  group: string;
  name: string;
  links: number;
  verdicts: Record<SlaVerdict, number>;
  counts: LinkCounts;
  ratios: Ratios;
  sums: {
    contractRatio: number | null;
    /** Of the links with a promise; null: there is none. */
    allowedMs: number | null;
    budgetLeftMs: number | null;
    /** Of the links with a fee; null: there is none. */
    monthlyFeeIdr: number | null;
    restitutionIdr: number | null;
  };
  /** Of the amounts in the sums. */
  doubts: Doubts;
  /** The link itself; null for a sum. */
  of: LinkSla | null;
}

/** `nameOf`: what an area is called. Groups are in the order of their first link. */
export function rollUpSla(
  links: readonly LinkSla[],
  by: SlaGroup,
  nameOf: (code: string) => string,
): SlaRow[] {
  const groups = Map.groupBy(links, (link) => groupOf(link, by));
  return [...groups].map(([group, parts]) => {
    const counts = sumCounts(parts.map((part) => part.counts));
    const [first] = parts;
    const areaName = by === "kecamatan" || by === "kabupaten" ? nameOf(group) : group;
    return {
      group,
      name: by === "link" ? first!.name : areaName,
      links: parts.length,
      verdicts: countVerdicts(parts),
      counts,
      ratios: ratiosOf(counts),
      sums: {
        contractRatio:
          counts.serviceMs === 0 ? null : (counts.serviceMs - counts.countedMs) / counts.serviceMs,
        allowedMs: sumKnown(parts.map(({ judgement }) => judgement.allowedMs)),
        budgetLeftMs: sumKnown(parts.map(({ judgement }) => judgement.budgetLeftMs)),
        monthlyFeeIdr: sumKnown(parts.map(({ contract }) => contract?.monthlyFeeIdr ?? null)),
        restitutionIdr: sumKnown(parts.map(({ judgement }) => judgement.restitution.amountIdr)),
      },
      doubts: doubtsOf(parts),
      of: by === "link" ? first! : null,
    };
  });
}

/** The district's own office belongs to no kecamatan and stands for itself. */
function groupOf({ link, provider, kecamatan, kabupaten, site }: LinkSla, by: SlaGroup): string {
  if (by === "link") return link;
  if (by === "provider") return provider;
  return (by === "kecamatan" ? kecamatan : kabupaten) ?? site;
}

function countVerdicts(parts: readonly LinkSla[]): Record<SlaVerdict, number> {
  const verdicts = { met: 0, missed: 0, open: 0, none: 0 };
  for (const { judgement } of parts) verdicts[judgement.verdict] += 1;
  return verdicts;
}

function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
