import type { Inventory } from "../inventory/inventory.ts";
import { defaultTimeZone, monthAt } from "../inventory/local-time.ts";
import type { SlaBook } from "../report/sla/create-sla-book.ts";
import type { LinkBudget } from "../watch/budget-readings.ts";
import { createPace } from "./pace.ts";
import type { PaceOptions } from "./pace.ts";

export interface SlaBudgetsDeps extends PaceOptions {
  sla: Pick<SlaBook, "month">;
  inventory: () => Inventory;
}

/**
 * What is left of the downtime that the contracts allow this month. A month of a district is dear to account for, and changes
 * little within an hour: most of the time there is no answer.
 */
export function createSlaBudgets({ sla, inventory, ...pace }: SlaBudgetsDeps) {
  const isDue = createPace(pace);
  return async (nowMs: number): Promise<LinkBudget[]> => {
    const { contracts, timeZone = defaultTimeZone } = inventory();
    if (![...contracts.values()].some(({ slaRatio }) => slaRatio !== null) || !isDue(nowMs)) return [];
    const month = await sla.month(monthAt(nowMs, timeZone), false);
    return (month?.links ?? [])
      .filter(({ part }) => nowMs >= part.fromMs && nowMs < part.toMs)
      .flatMap(({ link, judgement: { allowedMs, budgetLeftMs } }) =>
        allowedMs === null || budgetLeftMs === null ? [] : [{ link, allowedMs, leftMs: budgetLeftMs }],
      );
  };
}
