import type { ProbeContext } from "./probe.ts";

/**
 * The time of one round: over when timeoutMs have passed, or earlier when the agent stops. Dispose of it when the
 * round has ended, so that no timer outlives it.
 *
 * Durations are read from performance.now() and not from the context's clock, which counts whole milliseconds: a
 * connection on the village's own network takes a tenth of one.
 */
export interface Deadline extends Disposable {
  signal: AbortSignal;
  /** Milliseconds since the round began. */
  elapsedMs(): number;
  /** Milliseconds left, never negative. */
  remainingMs(): number;
}

export function startDeadline(context: Pick<ProbeContext, "signal" | "timeoutMs">): Deadline {
  const startedMs = performance.now();
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, context.timeoutMs);
  if (context.signal.aborted) abort();
  else context.signal.addEventListener("abort", abort, { once: true });
  const elapsedMs = () => performance.now() - startedMs;
  return {
    signal: controller.signal,
    elapsedMs,
    remainingMs: () => (controller.signal.aborted ? 0 : Math.max(0, context.timeoutMs - elapsedMs())),
    [Symbol.dispose]() {
      clearTimeout(timer);
      context.signal.removeEventListener("abort", abort);
    },
  };
}
