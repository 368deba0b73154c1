import type { AgentTarget } from "#wire/agent-config-v1.ts";
import type { DnsColumns, Kind, Phase, SnmpValue } from "#wire/batch-v1.ts";

/** The two clocks of a machine. Injected, so that tests own time. */
export interface Clock {
  /** Wall clock, ms since 1970; may be wrong. */
  wallMs(): number;
  /** Monotonic clock of the machine, whole ms; never goes back while the program runs. */
  monoMs(): number;
}

export interface ProbeContext {
  /** Aborted when the round's time is up or the agent stops; a probe ends then and gives what it has. */
  signal: AbortSignal;
  /** Bound of the whole round. */
  timeoutMs: number;
  clock: Clock;
}

/** One round of ICMP: every reply kept, ascending. sent 0: the probe could not try (no socket, no such name), which is not measured and not lost. */
export interface IcmpSample {
  kind: "icmp";
  sent: number;
  recv: number;
  rttUs: number[];
}

export interface SnmpSample {
  kind: "snmp";
  ok: 0 | 1;
  values: Record<string, SnmpValue>;
}

export interface HttpSample {
  kind: "http";
  ok: 0 | 1;
  phase: Phase | null;
  status: number | null;
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
  ttfbMs: number | null;
  totalMs: number | null;
  certExpiresS: number | null;
}

export interface DnsSample {
  kind: "dns";
  ok: 0 | 1;
  rcode: DnsColumns["rcode"][number];
  totalMs: number | null;
}

export type Sample = IcmpSample | SnmpSample | HttpSample | DnsSample;

/**
 * A probe: one round against one target. What the target does, or fails to do, is data in the Sample; a rejection
 * means that the probe itself is broken (no `ping` on this machine, say).
 */
export type ProbeFn<T extends AgentTarget = AgentTarget> = (
  target: T,
  context: ProbeContext,
) => Promise<Sample>;

/** Which columns of the batch a sample fills; ties the two shapes together for the compiler. */
export type SampleOf<K extends Kind> = Extract<Sample, { kind: K }>;
