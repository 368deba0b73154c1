import type { Inventory } from "../inventory/inventory.ts";
import type { ConditionReading } from "../state/alert-store.ts";

/** An issued month, held against what is known now. */
export interface IssueStanding {
  /** Such as SLA-2026-10. */
  number: string;
  /** Links that a correction issued now would change. */
  links: readonly string[];
}

/** So many links are named. */
const mostNamed = 5;

/** Months that somebody signed and that are no longer what is known; of the district as a whole. */
export function correctionReadings(
  standings: readonly IssueStanding[],
  { sites }: Pick<Inventory, "sites">,
  nowMs: number,
): ConditionReading[] {
  const top = [...sites.values()].find(({ parent }) => parent === null);
  if (top === undefined) return [];
  return standings.map(({ number, links }) => ({
    kind: "slaIssue",
    subject: number,
    level: links.length > 0 ? "bad" : "good",
    sinceMs: nowMs,
    site: top.code,
    what: [number, ...links.slice(0, mostNamed)],
    count: links.length,
    value: null,
  }));
}
