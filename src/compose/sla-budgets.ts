import type { Inventory } from "../inventory/inventory.ts";
import { defaultTimeZone, monthAt } from "../inventory/local-time.ts";
import type { SlaBook } from "../report/sla/create-sla-book.ts";
import type { LinkBudget } from "../watch/budget-readings.ts";

export interface SlaBudgetsDeps {
  sla: Pick<SlaBook, "month">;
  inventory: () => Inventory;
  /** Whether there is time for what can wait. */
  isQuiet: () => boolean;
  /** Least time between two accounts, ms. Default: an hour, from a minute. Without quiet it is made after four times that. */
  everyMs?: number;
}

/**
 * What is left of the downtime that the contracts allow this month. A month of a district is dear to account for, and changes
 * little within an hour: most of the time there is no answer.
 */
export function createSlaBudgets({ sla, inventory, isQuiet, everyMs = 3_600_000 }: SlaBudgetsDeps) {
  let askedMs = -Infinity;
  let dueMs = -Infinity;
  return async (nowMs: number): Promise<LinkBudget[]> => {
    // The clock may have been put back meanwhile.
    if (nowMs < dueMs && nowMs >= askedMs) return [];
    const { contracts, timeZone = defaultTimeZone } = inventory();
    if (![...contracts.values()].some(({ slaRatio }) => slaRatio !== null)) return [];
    // Whoever waits for quiet for the first time waits from now on.
    if (dueMs === -Infinity) [askedMs, dueMs] = [nowMs, nowMs];
    if (!isQuiet() && nowMs >= askedMs && nowMs < dueMs + 3 * everyMs) return [];
    [askedMs, dueMs] = [nowMs, nowMs + everyMs];
    const month = await sla.month(monthAt(nowMs, timeZone), false);
    return (month?.links ?? [])
      .filter(({ part }) => nowMs >= part.fromMs && nowMs < part.toMs)
      .flatMap(({ link, judgement: { allowedMs, budgetLeftMs } }) =>
        allowedMs === null || budgetLeftMs === null ? [] : [{ link, allowedMs, leftMs: budgetLeftMs }],
      );
  };
}
