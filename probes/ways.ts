import type { Clock } from "./probe.ts";

/*
 * Which of several ways to the collector is taken. The first that was named is preferred. When the one in use fails the
 * others are tried at once, and the one that works is used from then on. The better ones are then looked at from time
 * to time, without anything hanging on it, and are used again when they worked three times in a row. One that fails
 * again soon after its return is left alone for longer, so that a link that comes and goes does not take the agent with it.
 */

/** Between two looks at a way that failed, at first and at most. */
const firstHoldMs = 30_000;
const mostHoldMs = 900_000;
/** Between two looks at a way that works again. */
const confirmMs = 10_000;
const looksToReturn = 3;
/** A way that lasted for so long after its return is as good as any. */
const settledMs = 600_000;

interface Way {
  /** Next look, monotonic ms. */
  lookAtMs: number;
  holdMs: number;
  goodLooks: number;
  usedSinceMs: number;
}

export interface Ways {
  /** Numbers of the ways in the order in which they are to be tried now: the one in use, then the others as named. */
  order(): number[];
  /** A request was answered on this way. */
  succeeded(way: number): void;
  failed(way: number): void;
  /** A better way than the one in use that is due for a look, or null. */
  dueForLook(): number | null;
  looked(way: number, works: boolean): void;
}

/** `random`: 0 to 1; spreads the looks of agents. */
export function createWays(count: number, clock: Pick<Clock, "monoMs">, random: () => number): Ways {
  const ways: Way[] = Array.from({ length: count }, () => ({
    lookAtMs: Number.NEGATIVE_INFINITY,
    holdMs: firstHoldMs,
    goodLooks: 0,
    usedSinceMs: Number.NEGATIVE_INFINITY,
  }));
  let current = 0;

  /** Jittered, between three quarters and five quarters. */
  const holdOff = (way: Way, ms: number) => {
    way.lookAtMs = clock.monoMs() + ms * (0.75 + random() / 2);
  };

  function take(index: number): void {
    if (index === current) return;
    current = index;
    ways[index]!.usedSinceMs = clock.monoMs();
    ways[index]!.goodLooks = 0;
  }

  function holdLonger(way: Way): void {
    way.goodLooks = 0;
    holdOff(way, way.holdMs);
    way.holdMs = Math.min(way.holdMs * 2, mostHoldMs);
  }

  return {
    order: () => [current, ...ways.keys().filter((index) => index !== current)],
    succeeded: take,
    failed(index) {
      const way = ways[index]!;
      if (index === current && clock.monoMs() - way.usedSinceMs > settledMs) way.holdMs = firstHoldMs;
      holdLonger(way);
    },
    dueForLook() {
      const due = ways.findIndex((way, index) => index < current && way.lookAtMs <= clock.monoMs());
      return due === -1 ? null : due;
    },
    looked(index, works) {
      const way = ways[index]!;
      if (!works) return holdLonger(way);
      way.goodLooks += 1;
      if (way.goodLooks >= looksToReturn) take(index);
      else holdOff(way, confirmMs);
    },
  };
}
