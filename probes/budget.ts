import type { Clock } from "./probe.ts";
import type { Store } from "./spool/store.ts";

/** Counts the bytes of a UTC day, in the spool, so that a restart does not open a new purse. */
export interface Budget {
  spend(bytes: number): void;
  /** Whether the day's bytes are spent. */
  isSpent(dayBytes: number | null): boolean;
}

export function createBudget(store: Store, clock: Clock): Budget {
  const today = () => Math.floor(clock.wallMs() / 86_400_000);
  const spentToday = () => (store.count("spentDay") === today() ? store.count("spentBytes") : 0);
  return {
    spend(bytes) {
      if (bytes === 0) return;
      store.setCount("spentBytes", spentToday() + bytes);
      store.setCount("spentDay", today());
      store.setCount("bytesSent", store.count("bytesSent") + bytes);
    },
    isSpent: (dayBytes) => dayBytes !== null && spentToday() >= dayBytes,
  };
}
