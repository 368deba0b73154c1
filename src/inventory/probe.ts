import { parseAgentConfig } from "#wire/agent-config-v1.ts";
import type { AgentTarget } from "#wire/agent-config-v1.ts";
import { WireError } from "#wire/wire-error.ts";
import type { Template } from "./templates.ts";
import type { Entry } from "./yaml-entry.ts";

/** A device that answers SNMP at all has these two (RFC 3418). */
const defaultOids = { sysUpTime: "1.3.6.1.2.1.1.3.0", sysName: "1.3.6.1.2.1.1.5.0" };

const defaultTimeoutMs = { icmp: 3_000, http: 10_000, dns: 5_000, snmp: 5_000 } as const;

/** Shortest SNMPv3 pass phrase (RFC 3414, section 11.2). */
const minSnmpKeyLength = 8;

/**
 * What the agent of `site` is told for a template, checked by the rules of the wire. `addresses` are the address and
 * the resolver with their macros filled. Null: there was a mistake, and it is noted.
 */
export function toProbe(
  { entry, kind, service }: Template,
  site: string,
  id: string,
  addresses: { address?: unknown; resolver?: unknown },
): AgentTarget | null {
  const { data } = entry;
  const or = (key: string, byDefault: unknown): unknown => (data[key] === undefined ? byDefault : data[key]);
  const base = {
    id,
    kind,
    intervalS: or("intervalS", kind === "icmp" ? 30 : 60),
    timeoutMs: or("timeoutMs", defaultTimeoutMs[kind]),
  };
  const fields = {
    icmp: () => ({ address: addresses.address, count: or("count", 5) }),
    http: () => ({
      url: or("url", service?.url),
      expectStatus: or("expectStatus", []),
      expectText: or("expectText", null),
      maxRedirects: or("maxRedirects", 3),
      verifyTls: or("verifyTls", true),
    }),
    dns: () => ({
      name: or("name", service === null ? undefined : new URL(service.url).hostname),
      recordType: or("recordType", "A"),
      resolver: addresses.resolver ?? null,
    }),
    snmp: () => ({
      address: addresses.address,
      port: or("port", 161),
      auth: withEmptyKeys(data.auth),
      oids: or("oids", defaultOids),
    }),
  }[kind]();
  const probe = parseProbe({ ...base, ...fields }, site, (field, shown, allowed) =>
    entry.refuse(field, allowed, shown),
  );
  return probe !== null && isSound(probe, entry) ? probe : null;
}

function parseProbe(
  raw: unknown,
  site: string,
  refuse: (field: string, shown: string, allowed: string) => void,
): AgentTarget | null {
  const config = {
    v: 1,
    agent: "ag_000000",
    site,
    serverMs: 0,
    reportIntervalS: 60,
    dayBytes: null,
    targets: [raw],
  };
  try {
    return parseAgentConfig(config).targets[0]!;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    refuse(error.field.replace(/^targets\[0\]\./, ""), error.value, error.allowed);
    return null;
  }
}

/** SNMPv3 without authentication or privacy needs no key, and the wire wants the field all the same. */
function withEmptyKeys(auth: unknown): unknown {
  if (typeof auth !== "object" || auth === null || Array.isArray(auth)) return auth;
  const { authProtocol, privProtocol } = auth as Record<string, unknown>;
  return {
    ...(authProtocol === "none" ? { authKey: "" } : {}),
    ...(privProtocol === "none" ? { privKey: "" } : {}),
    ...auth,
  };
}

/** What the wire cannot say: how fields of one target depend on each other. */
function isSound(probe: AgentTarget, entry: Entry): boolean {
  if (probe.timeoutMs >= probe.intervalS * 1_000) {
    const allowed = `less than intervalS (${probe.intervalS * 1_000} ms)`;
    entry.refuse("timeoutMs", allowed, String(probe.timeoutMs));
    return false;
  }
  if (probe.kind === "http" && !URL.canParse(probe.url)) {
    entry.refuse("url", "an http or https address", JSON.stringify(probe.url));
    return false;
  }
  if (probe.kind !== "snmp" || probe.auth.version !== "3") return true;
  const { authProtocol, authKey, privProtocol, privKey } = probe.auth;
  if (privProtocol !== "none" && authProtocol === "none") {
    entry.refuse("auth.privProtocol", "none, since privacy needs authentication (authProtocol)");
    return false;
  }
  const tooShort = (protocol: string, key: string) => protocol !== "none" && key.length < minSnmpKeyLength;
  const short = tooShort(authProtocol, authKey)
    ? "authKey"
    : tooShort(privProtocol, privKey)
      ? "privKey"
      : null;
  if (short !== null) entry.refuse(`auth.${short}`, `at least ${minSnmpKeyLength} characters`);
  return short === null;
}
