import { parseAgentConfig } from "#wire/agent-config-v1.ts";
import type { AgentTarget, HttpTarget } from "#wire/targets-v1.ts";
import { WireError } from "#wire/wire-error.ts";
import { serviceProfiles } from "./service-profiles.ts";
import type { Template } from "./templates.ts";
import type { Entry } from "./yaml-entry.ts";

/** A device that answers SNMP at all has these two (RFC 3418). */
const defaultOids = { sysUpTime: "1.3.6.1.2.1.1.3.0", sysName: "1.3.6.1.2.1.1.5.0" };

const defaultTimeoutMs = { icmp: 3_000, http: 10_000, dns: 5_000, snmp: 5_000, tcp: 5_000 } as const;

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
  const or = (key: string, byDefault: unknown): unknown =>
    entry.data[key] === undefined ? byDefault : entry.data[key];
  const profile = profileOf(kind, entry);
  if (profile === null) return null;
  const base = {
    id,
    kind,
    intervalS: or("intervalS", profile.intervalS ?? (kind === "icmp" ? 30 : 60)),
    timeoutMs: or("timeoutMs", profile.timeoutMs ?? defaultTimeoutMs[kind]),
  };
  const fields = fieldsOf({ entry, kind, service }, addresses, profile, or);
  const probe = parseProbe({ ...base, ...fields }, site, (field, shown, allowed) =>
    entry.refuse(field, allowed, shown),
  );
  return probe !== null && isSound(probe, entry) ? probe : null;
}

/** What the kind of a target wants, from the entry, else from the profile, else by default. */
function fieldsOf(
  { entry, kind, service }: Pick<Template, "entry" | "kind" | "service">,
  addresses: { address?: unknown; resolver?: unknown },
  profile: Partial<HttpTarget>,
  or: (key: string, byDefault: unknown) => unknown,
): Record<string, unknown> {
  const { data } = entry;
  const fields = {
    icmp: () => ({
      address: addresses.address,
      count: or("count", 5),
      sizeBytes: or("sizeBytes", 56),
      dscp: or("dscp", 0),
      family: or("family", null),
    }),
    http: () => ({
      url: or("url", profile.url ?? service?.url),
      expectStatus: or("expectStatus", profile.expectStatus ?? []),
      expectBody: withNulls(or("expectBody", profile.expectBody ?? null)),
      maxBodyBytes: or("maxBodyBytes", profile.maxBodyBytes ?? 524_288),
      maxRedirects: or("maxRedirects", profile.maxRedirects ?? 3),
      redirects: or("redirects", profile.redirects ?? "any"),
      verifyTls: or("verifyTls", profile.verifyTls ?? true),
      httpVersion: or("httpVersion", profile.httpVersion ?? "auto"),
      family: or("family", null),
    }),
    dns: () => ({
      name: or("name", service === null ? undefined : new URL(service.url).hostname),
      recordType: or("recordType", "A"),
      resolver: addresses.resolver ?? null,
      expectRcode: or("expectRcode", ["NOERROR"]),
      expectAnswer: or("expectAnswer", []),
    }),
    snmp: () => ({
      address: addresses.address,
      port: or("port", 161),
      auth: withEmptyKeys(data.auth),
      oids: or("oids", defaultOids),
      profile: or("profile", "auto"),
    }),
    tcp: () => ({ address: addresses.address, port: data.port, family: or("family", null) }),
  };
  return fields[kind]();
}

/** What the named service profile says of a page; empty without one, null when there is none of that name. */
function profileOf(kind: string, entry: Entry): Partial<HttpTarget> | null {
  const name = entry.data.profile;
  if (kind !== "http" || name === undefined || name === null) return {};
  const isKnown = typeof name === "string" && Object.hasOwn(serviceProfiles, name);
  const profile = isKnown ? serviceProfiles[name] : undefined;
  if (profile === undefined) entry.refuse("profile", `one of ${Object.keys(serviceProfiles).join(", ")}`);
  return profile?.check ?? null;
}

/** Parts of expectBody that the file does not name are null. */
function withNulls(expectBody: unknown): unknown {
  if (typeof expectBody !== "object" || expectBody === null || Array.isArray(expectBody)) return expectBody;
  return { text: null, regex: null, jsonPath: null, jsonEquals: null, ...expectBody };
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
    monthBytes: null,
    traps: null,
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
  return true;
}
