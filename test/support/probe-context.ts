import { randomUUID } from "node:crypto";
import type { ProbeContext } from "../../probes/probe.ts";

/** A context for one round, with the machine's own clocks; what a test wants otherwise it overrides. */
export function probeContext(overrides: Partial<ProbeContext> = {}): ProbeContext {
  return {
    signal: new AbortController().signal,
    timeoutMs: 5000,
    clock: { wallMs: () => Date.now(), monoMs: () => Math.floor(performance.now()) },
    ...overrides,
  };
}

/** Fields that every target has. */
export function targetBase() {
  return { id: `t-${randomUUID().slice(0, 8)}`, intervalS: 30, timeoutMs: 5000 };
}
