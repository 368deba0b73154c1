import type { AgentTarget } from "#wire/agent-config-v1.ts";
import type { Kind } from "#wire/batch-v1.ts";
import { probeDns } from "./dns.ts";
import { createHttpProbe } from "./http/http.ts";
import { createIcmpProbe } from "./icmp/icmp.ts";
import type { ProbeFn } from "./probe.ts";
import { createResolve } from "./resolve.ts";
import type { ResolveOptions } from "./resolve.ts";
import { createSnmpProbe } from "./snmp/snmp.ts";

export type Probers = { [K in Kind]: ProbeFn<Extract<AgentTarget, { kind: K }>> };

/** The probe of every kind. The options say how the names of targets are resolved; DNS targets name their own. */
export function createProbers(options: ResolveOptions = {}): Probers {
  const resolve = createResolve(options);
  return {
    icmp: createIcmpProbe(resolve),
    snmp: createSnmpProbe(resolve),
    http: createHttpProbe(resolve),
    dns: probeDns,
  };
}

/** One probe for targets of all kinds: the door that the schedule goes through. */
export function createProbe(probers: Probers): ProbeFn {
  return (target, context) => {
    switch (target.kind) {
      case "icmp":
        return probers.icmp(target, context);
      case "snmp":
        return probers.snmp(target, context);
      case "http":
        return probers.http(target, context);
      case "dns":
        return probers.dns(target, context);
    }
  };
}
