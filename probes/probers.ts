import type { AgentTarget } from "#wire/targets-v1.ts";
import type { Kind } from "#wire/rounds-v1.ts";
import { probeDns } from "./dns.ts";
import { createHttpProbe } from "./http/http.ts";
import { createIcmpProbe } from "./icmp/icmp.ts";
import type { OnEvent } from "./instruments.ts";
import type { ProbeFn } from "./probe.ts";
import { createResolve } from "./resolve.ts";
import type { Resolve } from "./resolve.ts";
import { createProfilePoll } from "./snmp/profiles/poll.ts";
import { createSnmpProbe } from "./snmp/snmp.ts";
import { createTcpProbe } from "./tcp.ts";

export type Probers = { [K in Kind]: ProbeFn<Extract<AgentTarget, { kind: K }>> };

export interface ProberOptions {
  /** How the names of targets are resolved; DNS targets name their own. Default: the machine's own resolvers. */
  resolve?: Resolve;
  /** What a probe sees beside its round: a device that has restarted. Default: nobody hears of it. */
  onEvent?: OnEvent;
  /** Told once of each SNMP profile that cannot be read: file, field, value and what is allowed. */
  onProblem?: (error: Error) => void;
}

/** The probe of every kind. */
export function createProbers({
  resolve = createResolve(),
  onEvent,
  onProblem,
}: ProberOptions = {}): Probers {
  return {
    icmp: createIcmpProbe(resolve),
    snmp: createSnmpProbe(resolve, {
      pollProfile: createProfilePoll(onProblem === undefined ? {} : { onProblem }),
      ...(onEvent === undefined ? {} : { onEvent: ({ type, detail }) => onEvent(type, { ...detail }) }),
    }),
    http: createHttpProbe(resolve),
    dns: probeDns,
    tcp: createTcpProbe(resolve),
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
      case "tcp":
        return probers.tcp(target, context);
    }
  };
}
