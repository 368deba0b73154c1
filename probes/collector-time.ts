import { limits } from "#wire/units.ts";
import type { Clock } from "./probe.ts";

/**
 * The time as the collector told it, whatever this board's wall clock says: what certificates are judged by, and what
 * turns the day of a byte budget.
 */
export interface CollectorTime {
  /** The collector answered with its time to a request that left at `sentMonoMs`. Call at once. */
  told(serverMs: number, sentMonoMs: number): void;
  /** It was this time at least, when an earlier start of the agent heard of it. */
  isAfter(serverMs: number): void;
  /** Epoch ms, or null until the collector has answered in this start. */
  nowMs(): number | null;
  /** What it certainly is later than. */
  floorMs(): number;
}

export function createCollectorTime(clock: Pick<Clock, "monoMs">): CollectorTime {
  let aheadMs: number | null = null;
  let floorMs: number = limits.earliestWallMs;
  return {
    told(serverMs, sentMonoMs) {
      const nowMonoMs = clock.monoMs();
      aheadMs = serverMs + (nowMonoMs - sentMonoMs) / 2 - nowMonoMs;
    },
    isAfter(serverMs) {
      floorMs = Math.max(floorMs, serverMs);
    },
    nowMs: () => (aheadMs === null ? null : Math.round(aheadMs + clock.monoMs())),
    floorMs: () => floorMs,
  };
}
