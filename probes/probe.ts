import type { AgentTarget } from "#wire/targets-v1.ts";
import type { DnsColumns, Phase, SnmpFailure, SnmpValue, Unsent } from "#wire/rounds-v1.ts";

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
  /**
   * Told of each step of the round as it happens, for a round by hand; nothing is noted in the agent's own rounds. No
   * secret goes into it.
   */
  note?: Note;
}

export type Note = (step: string, detail?: Record<string, string | number | boolean | null>) => void;

/** One round of ICMP: every reply kept, ascending. What could not be sent is neither in `sent` nor lost. */
export interface IcmpSample {
  kind: "icmp";
  sent: number;
  recv: number;
  rttUs: number[];
  /** Why echo requests of this round were not sent; null when all were. */
  unsent: Unsent | null;
  /** Longest run of consecutive lost echoes, 0 when none was lost. */
  lossRun: number;
}

export interface SnmpSample {
  kind: "snmp";
  ok: 0 | 1;
  values: Record<string, SnmpValue>;
  /** What kept the poll from being whole; null when it was. */
  why: SnmpFailure | null;
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
  /** OpenSSL's name of what is wrong with the certificate chain, whether or not that fails the check. */
  tlsError: string | null;
}

export interface DnsSample {
  kind: "dns";
  ok: 0 | 1;
  rcode: DnsColumns["rcode"][number];
  totalMs: number | null;
}

export interface TcpSample {
  kind: "tcp";
  ok: 0 | 1;
  /** `dns`, `connect` or `timeout` where it broke; null when the connection stood. */
  phase: Phase | null;
  /** Time to the connection, the look-up of the name not included. */
  connectMs: number | null;
}

export type Sample = IcmpSample | SnmpSample | HttpSample | DnsSample | TcpSample;

/**
 * A probe: one round against one target. What the target does, or fails to do, is data in the Sample; a rejection
 * means that the probe itself is broken (no `ping` on this machine, say).
 */
export type ProbeFn<T extends AgentTarget = AgentTarget> = (
  target: T,
  context: ProbeContext,
) => Promise<Sample>;
