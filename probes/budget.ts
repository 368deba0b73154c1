import type { Store } from "./spool/store.ts";

/** Bytes that may go over the link, both ways; null: no limit. */
export interface Limits {
  dayBytes: number | null;
  monthBytes: number | null;
}

/** Counts the bytes of a day and of a month, both of UTC, in the spool, so that a restart does not open a new purse. */
export interface Budget {
  spend(bytes: number): void;
  /** Whether the bytes of the day or of the month are spent. */
  isSpent(limits: Limits): boolean;
  /**
   * Bytes that the backlog may still have: half of a budget at once, while the other half is freed as the day and the
   * month go by. Else an hour of backlog after a cut would leave nothing for what happens in the rest of them.
   */
  forBacklog(limits: Limits): number;
  /** Bytes since the agent was enrolled. */
  total(): number;
}

interface Period {
  /** Number of the period, and how much of it has gone by, 0 to 1. */
  at: (nowMs: number) => { number: number; gone: number };
  number: "spentDay" | "spentMonth";
  bytes: "spentDayBytes" | "spentMonthBytes";
  limit: (limits: Limits) => number | null;
}

const dayMs = 86_400_000;

const day: Period = {
  at: (nowMs) => ({ number: Math.floor(nowMs / dayMs), gone: (nowMs % dayMs) / dayMs }),
  number: "spentDay",
  bytes: "spentDayBytes",
  limit: ({ dayBytes }) => dayBytes,
};

const month: Period = {
  at(nowMs) {
    const now = new Date(nowMs);
    const [year, index] = [now.getUTCFullYear(), now.getUTCMonth()];
    const startMs = Date.UTC(year, index);
    const gone = (nowMs - startMs) / (Date.UTC(year, index + 1) - startMs);
    return { number: year * 12 + index, gone };
  },
  number: "spentMonth",
  bytes: "spentMonthBytes",
  limit: ({ monthBytes }) => monthBytes,
};

/**
 * `nowMs`: the collector's time, or null while it is not known. Until then no period turns: a board that boots in 1970
 * would open a new purse at every start.
 */
export function createBudget(store: Pick<Store, "count" | "setCount">, nowMs: () => number | null): Budget {
  const periods = [day, month];

  /** What was spent of the period that it is now, and how much of that has gone by. */
  function spentOf(period: Period): { number: number; bytes: number; gone: number } {
    const now = nowMs();
    const [number, bytes] = [store.count(period.number), store.count(period.bytes)];
    if (now === null) return { number, bytes, gone: 0 };
    const current = period.at(now);
    return { ...current, bytes: current.number === number || number === 0 ? bytes : 0 };
  }

  /** What is left of the share that may be used by now, of the budget that leaves least. */
  function left(limits: Limits, shareOf: (gone: number) => number): number {
    let least = Number.POSITIVE_INFINITY;
    for (const period of periods) {
      const limit = period.limit(limits);
      if (limit === null) continue;
      const { bytes, gone } = spentOf(period);
      least = Math.min(least, limit * shareOf(gone) - bytes);
    }
    return least;
  }

  return {
    spend(bytes) {
      if (bytes === 0) return;
      for (const period of periods) {
        const spent = spentOf(period);
        store.setCount(period.bytes, spent.bytes + bytes);
        store.setCount(period.number, spent.number);
      }
      store.setCount("sentBytes", store.count("sentBytes") + bytes);
    },
    isSpent: (limits) => left(limits, () => 1) <= 0,
    forBacklog: (limits) => left(limits, (gone) => 0.5 + gone / 2),
    total: () => store.count("sentBytes"),
  };
}
