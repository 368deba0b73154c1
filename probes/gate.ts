import { createBackoff } from "./backoff.ts";
import type { Log } from "./log.ts";
import type { Failure } from "./outcome.ts";
import type { Clock } from "./probe.ts";

export interface GateOptions {
  clock: Clock;
  log: Log;
  random: () => number;
  /** Seconds between reports; bounds the wait for a collector that cannot be reached. */
  reportIntervalS: () => number;
}

/**
 * How long to wait where the collector named a time, in ms: no less, and up to half as long again. It tells all agents the same,
 * and they would all be back in the same second.
 */
export const spreadMs = (retryAfterS: number, random: () => number): number =>
  Math.round(retryAfterS * 1000 * (1 + random() / 2));

/** Decides when the uplink may be tried again after a failure. */
export interface Gate {
  /** Monotonic time before which nothing is sent. */
  openAtMs(): number;
  /** True after the collector could not be reached, until it answers: the next request should be a cheap one. */
  isCut(): boolean;
  failed(failure: Failure): void;
  succeeded(): void;
  /**
   * Something that did not answer answers again, so the cut may have ended: the wait for the collector is over, and waits
   * are short again. What is under way may have begun in the cut and fail yet, and a link that comes back often stumbles.
   */
  hint(): void;
}

/**
 * Waits grow from 1 s. The longest one depends on what went wrong.
 *
 * Unreachable: max(reportIntervalS, 5 s), and 60 s at most. When a cut ends the backlog must flow soon, and of its
 * targets the agent does not know which is the hub behind whose answer the collector would be, so that it cannot tell
 * from its rounds. One small request per report interval is what it would send on a working link anyway.
 *
 * Denied: up to 10 min. The key was revoked, or is being rotated; measuring goes on, and the spool keeps it.
 */
export function createGate({ clock, log, random, reportIntervalS }: GateOptions): Gate {
  const reachMaxMs = () => Math.min(60_000, Math.max(reportIntervalS(), 5) * 1000);
  const reach = createBackoff({ firstMs: 1_000, maxMs: reachMaxMs, random });
  const key = createBackoff({ firstMs: 1_000, maxMs: () => 600_000, random });
  let openAtMs = 0;
  let state: "open" | Failure["kind"] = "open";

  return {
    openAtMs: () => openAtMs,
    isCut: () => state === "unreachable",
    failed(failure) {
      let waitMs = (failure.kind === "denied" ? key : reach).nextMs();
      if (failure.kind === "busy") waitMs = Math.max(waitMs, spreadMs(failure.retryAfterS, random));
      openAtMs = clock.monoMs() + waitMs;
      // A cut of three days is one line in the log and not four thousand.
      const level = state === failure.kind ? "debug" : "warn";
      const what =
        failure.kind === "unreachable" ? "no answer from the collector" : "the collector did not take it";
      log[level]({ kind: failure.kind, reason: failure.reason, waitMs }, what);
      state = failure.kind;
    },
    succeeded() {
      if (state !== "open") log.info("the collector answers again");
      state = "open";
      openAtMs = 0;
      reach.reset();
      key.reset();
    },
    hint() {
      if (state !== "unreachable") return;
      openAtMs = 0;
      reach.reset();
    },
  };
}
