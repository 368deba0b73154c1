import type { Inventory } from "../inventory/inventory.ts";
import type { ConditionReading } from "../state/alert-store.ts";

/** Downtime of a link that its contract allows in a month. */
export interface LinkBudget {
  /** Id of the link. */
  link: string;
  allowedMs: number;
  /** What is left of it; less than 0: it is overdrawn. */
  leftMs: number;
}

/** Over again so many points above its limit, percent: what is counted moves a little while outages are explained. */
const slackPercent = 10;

/** How links stand to what their contracts allow, read also where a place is cut off: that is when it is used up. */
export function budgetReadings(
  budgets: readonly LinkBudget[],
  { links, sites }: Pick<Inventory, "links" | "sites">,
  leastPercent: number,
  nowMs: number,
): ConditionReading[] {
  return budgets.flatMap(({ link, allowedMs, leftMs }): ConditionReading[] => {
    const { site, provider } = links.get(link) ?? {};
    if (site === undefined || !sites.has(site)) return [];
    // Where nothing is allowed there is nothing to come near to, until it is overdrawn.
    const percent = allowedMs === 0 ? (leftMs < 0 ? 0 : 100) : (100 * leftMs) / allowedMs;
    return [
      {
        kind: "slaBudget",
        subject: link,
        level: percent < leastPercent ? "bad" : percent < leastPercent + slackPercent ? "between" : "good",
        sinceMs: nowMs,
        site,
        what: [`${link} (${provider})`],
        count: 1,
        value: Math.floor(leftMs / 60_000),
      },
    ];
  });
}
