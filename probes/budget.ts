import type { Clock } from "./probe.ts";
import type { SpoolFile } from "./spool-file.ts";

/** Counts the bytes of a UTC day, in the spool, so that a restart does not open a new purse. */
export interface Budget {
  spend(bytes: number): void;
  /** Whether the day's bytes are spent. */
  isSpent(dayBytes: number | null): boolean;
}

export function createBudget(file: SpoolFile, clock: Clock): Budget {
  const today = () => String(Math.floor(clock.wallMs() / 86_400_000));
  const spentToday = () => (file.getMeta("spentDay") === today() ? file.count("spentBytes") : 0);
  return {
    spend(bytes) {
      if (bytes === 0) return;
      file.transaction(() => {
        file.setMeta("spentBytes", String(spentToday() + bytes));
        file.setMeta("spentDay", today());
        file.setMeta("bytesSent", String(file.count("bytesSent") + bytes));
      });
    },
    isSpent: (dayBytes) => dayBytes !== null && spentToday() >= dayBytes,
  };
}
