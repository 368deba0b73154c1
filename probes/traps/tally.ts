import type { AgentEvent } from "#wire/batch-v1.ts";
import type { Clock } from "../probe.ts";

/** Counts things that may come in floods, and tells of them in one event at a time. */
export interface Tally {
  add(address: string, reason: string): void;
  /** Tells what is not told yet and ends. */
  stop(): void;
}

export interface TallyOptions {
  clock: Clock;
  /** Wait after the first, in ms, so that a burst is told as one. */
  firstMs: number;
  /** Shortest time between two events, in ms. */
  everyMs: number;
  tell(detail: AgentEvent["detail"]): void;
}

/** Addresses that one event names; the count has all. */
const namedAddresses = 10;
/** Addresses that are counted one by one; a forger has as many as it likes. */
const countedAddresses = 1_000;

/** Events are { count, addresses: "10.8.1.9 312, 10.8.1.7 4", reasons: "community 310, key 6" }, the most frequent first. */
export function createTally({ clock, firstMs, everyMs, tell }: TallyOptions): Tally {
  let count = 0;
  let byAddress = new Map<string, number>();
  let byReason = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let toldMs: number | null = null;

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (count === 0) return;
    const detail = { count, addresses: listed(byAddress), reasons: listed(byReason) };
    count = 0;
    byAddress = new Map();
    byReason = new Map();
    toldMs = clock.monoMs();
    tell(detail);
  }

  return {
    add(address, reason) {
      count++;
      byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
      const before = byAddress.get(address);
      if (before !== undefined || byAddress.size < countedAddresses)
        byAddress.set(address, (before ?? 0) + 1);
      if (timer !== null) return;
      const sinceMs = toldMs === null ? Infinity : clock.monoMs() - toldMs;
      timer = setTimeout(flush, Math.max(firstMs, everyMs - sinceMs)).unref();
    },
    stop: flush,
  };
}

function listed(counts: ReadonlyMap<string, number>): string {
  const most = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, namedAddresses);
  return most
    .map(([name, times]) => `${name} ${times}`)
    .join(", ")
    .slice(0, 500);
}
