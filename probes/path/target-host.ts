import { isIP } from "node:net";
import type { AgentTarget } from "#wire/targets-v1.ts";

/** Whose path it is: name or address; null for a look-up by the machine's own resolver, which has no path of ours. */
export function hostOf(target: AgentTarget): string | null {
  switch (target.kind) {
    case "icmp":
    case "snmp":
    case "tcp":
      return target.address;
    case "http":
      return URL.parse(target.url)?.hostname.replace(/^\[(.*)\]$/, "$1") ?? null;
    case "dns":
      return target.resolver === null ? null : withoutPort(target.resolver);
  }
}

/** `10.8.0.53`, `10.8.0.53:53`, `2001:db8::53` or `[2001:db8::53]:53`. */
function withoutPort(resolver: string): string {
  if (isIP(resolver) !== 0) return resolver;
  return /^\[(.*)\](:\d+)?$/.exec(resolver)?.[1] ?? resolver.replace(/:\d+$/, "");
}
