import { arrayAt, booleanAt, integerAt, numberAt, objectAt, oneOfAt, stringAt } from "./check.ts";
import type { Fields } from "./check.ts";
import { kinds } from "./batch-v1.ts";
import { WireError } from "./wire-error.ts";

/*
 * What an agent is told to measure: GET /api/v1/agent/config (ETag, If-None-Match → 304).
 *
 * { "v": 1, "agent": "ag_…", "site": "64.08.05.2001", "serverMs": 1763785200456,
 *   "reportIntervalS": 60, "dayBytes": null,
 *   "targets": [ { "id": "gw", "kind": "icmp", "intervalS": 30, "timeoutMs": 2000, "address": "10.8.1.1", "count": 5 }, … ] }
 *
 * A state change (a target that answered stops, or answers again) is sent at once, whatever reportIntervalS says.
 * timeoutMs bounds a whole round, never one packet of it.
 */
export interface AgentConfigV1 {
  v: 1;
  agent: string;
  site: string;
  /** The collector's clock when it answered. Not part of the entity tag. */
  serverMs: number;
  /** Seconds between batches while nothing changes. */
  reportIntervalS: number;
  /** Bytes a day that the agent may send, or null for no limit. */
  dayBytes: number | null;
  targets: AgentTarget[];
}

interface TargetBase {
  /** Unique within the site. */
  id: string;
  intervalS: number;
  timeoutMs: number;
}

export interface IcmpTarget extends TargetBase {
  kind: "icmp";
  address: string;
  /** Echo requests per round. */
  count: number;
}

export interface SnmpTarget extends TargetBase {
  kind: "snmp";
  address: string;
  port: number;
  auth: SnmpAuth;
  /** Object name → OID, scalar or single instance; the names become the columns of the batch. */
  oids: Record<string, string>;
}

export type SnmpAuth =
  | { version: "2c"; community: string }
  | {
      version: "3";
      user: string;
      authProtocol: (typeof snmpAuthProtocols)[number];
      authKey: string;
      privProtocol: (typeof snmpPrivProtocols)[number];
      privKey: string;
    };

const snmpAuthProtocols = ["none", "md5", "sha", "sha224", "sha256", "sha384", "sha512"] as const;
const snmpPrivProtocols = ["none", "aes", "aes256b", "aes256r"] as const;

export interface HttpTarget extends TargetBase {
  kind: "http";
  url: string;
  /** Status codes that pass; empty: 200 to 399. */
  expectStatus: number[];
  /** Text that the body must hold, or null. */
  expectText: string | null;
  /** Redirects to follow before the check fails in phase `http`. */
  maxRedirects: number;
  /** Whether a certificate that does not verify fails the check in phase `tls`. */
  verifyTls: boolean;
}

export interface DnsTarget extends TargetBase {
  kind: "dns";
  /** The name to ask for. */
  name: string;
  recordType: "A" | "AAAA";
  /** Address, or address:port, of the resolver; null: the machine's own. */
  resolver: string | null;
}

export type AgentTarget = IcmpTarget | SnmpTarget | HttpTarget | DnsTarget;

const text = (min: number, max: number) => new RegExp(`^[\\s\\S]{${min},${max}}$`);

/** Reads a decoded JSON document as an agent's configuration. Throws WireError. */
export function parseAgentConfig(input: unknown): AgentConfigV1 {
  const config = objectAt("", input, [
    "v",
    "agent",
    "site",
    "serverMs",
    "reportIntervalS",
    "dayBytes",
    "targets",
  ]);
  if (config.v !== 1) throw new WireError("v", config.v, "1");
  return {
    v: 1,
    agent: stringAt("agent", config.agent, /^ag_[0-9a-z]{6,40}$/, "an agent id"),
    site: stringAt("site", config.site, /^[0-9.]{5,13}$/, "a site code"),
    serverMs: integerAt("serverMs", config.serverMs, 0, Number.MAX_SAFE_INTEGER),
    reportIntervalS: numberAt("reportIntervalS", config.reportIntervalS, 1, 86_400),
    dayBytes:
      config.dayBytes === null ? null : integerAt("dayBytes", config.dayBytes, 1, Number.MAX_SAFE_INTEGER),
    targets: arrayAt("targets", config.targets, 2_000).map((value, index) =>
      parseTarget(`targets[${index}]`, value),
    ),
  };
}

const base = ["id", "kind", "intervalS", "timeoutMs"];

function parseTarget(field: string, value: unknown): AgentTarget {
  const kind = oneOfAt(`${field}.kind`, (value as Fields | null)?.kind, kinds);
  switch (kind) {
    case "icmp": {
      const target = objectAt(field, value, [...base, "address", "count"]);
      return {
        ...parseBase(field, target),
        kind,
        address: stringAt(
          `${field}.address`,
          target.address,
          /^[0-9A-Za-z][0-9A-Za-z.:%-]{0,252}$/,
          "an address or host name",
        ),
        count: integerAt(`${field}.count`, target.count, 1, 100),
      };
    }
    case "snmp": {
      const target = objectAt(field, value, [...base, "address", "port", "auth", "oids"]);
      return {
        ...parseBase(field, target),
        kind,
        address: stringAt(
          `${field}.address`,
          target.address,
          /^[0-9A-Za-z][0-9A-Za-z.:%-]{0,252}$/,
          "an address or host name",
        ),
        port: integerAt(`${field}.port`, target.port, 1, 65_535),
        auth: parseSnmpAuth(`${field}.auth`, target.auth),
        oids: parseOids(`${field}.oids`, target.oids),
      };
    }
    case "http": {
      const target = objectAt(field, value, [
        ...base,
        "url",
        "expectStatus",
        "expectText",
        "maxRedirects",
        "verifyTls",
      ]);
      return {
        ...parseBase(field, target),
        kind,
        url: stringAt(`${field}.url`, target.url, /^https?:\/\/[^\s]{1,2000}$/, "an http or https address"),
        expectStatus: arrayAt(`${field}.expectStatus`, target.expectStatus, 100).map((status, index) =>
          integerAt(`${field}.expectStatus[${index}]`, status, 100, 599),
        ),
        expectText:
          target.expectText === null
            ? null
            : stringAt(
                `${field}.expectText`,
                target.expectText,
                text(1, 1000),
                "1 to 1000 characters or null",
              ),
        maxRedirects: integerAt(`${field}.maxRedirects`, target.maxRedirects, 0, 10),
        verifyTls: booleanAt(`${field}.verifyTls`, target.verifyTls),
      };
    }
    case "dns": {
      const target = objectAt(field, value, [...base, "name", "recordType", "resolver"]);
      return {
        ...parseBase(field, target),
        kind,
        name: stringAt(`${field}.name`, target.name, /^[0-9A-Za-z_][0-9A-Za-z._-]{0,252}$/, "a host name"),
        recordType: oneOfAt(`${field}.recordType`, target.recordType, ["A", "AAAA"]),
        resolver:
          target.resolver === null
            ? null
            : stringAt(
                `${field}.resolver`,
                target.resolver,
                /^[0-9a-fA-F.:[\]]{3,64}$/,
                "an address, with or without :port, or null",
              ),
      };
    }
  }
}

function parseBase(field: string, target: Fields): TargetBase {
  return {
    id: stringAt(
      `${field}.id`,
      target.id,
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
      "1 to 64 letters, digits, '.', '_' or '-'",
    ),
    intervalS: numberAt(`${field}.intervalS`, target.intervalS, 1, 86_400),
    timeoutMs: integerAt(`${field}.timeoutMs`, target.timeoutMs, 10, 600_000),
  };
}

function parseSnmpAuth(field: string, value: unknown): SnmpAuth {
  const version = oneOfAt(`${field}.version`, (value as Fields | null)?.version, ["2c", "3"]);
  if (version === "2c") {
    const auth = objectAt(field, value, ["version", "community"]);
    return {
      version,
      community: stringAt(`${field}.community`, auth.community, text(1, 255), "1 to 255 characters"),
    };
  }
  const auth = objectAt(field, value, [
    "version",
    "user",
    "authProtocol",
    "authKey",
    "privProtocol",
    "privKey",
  ]);
  return {
    version,
    user: stringAt(`${field}.user`, auth.user, text(1, 32), "1 to 32 characters"),
    authProtocol: oneOfAt(`${field}.authProtocol`, auth.authProtocol, snmpAuthProtocols),
    authKey: stringAt(`${field}.authKey`, auth.authKey, text(0, 255), "at most 255 characters"),
    privProtocol: oneOfAt(`${field}.privProtocol`, auth.privProtocol, snmpPrivProtocols),
    privKey: stringAt(`${field}.privKey`, auth.privKey, text(0, 255), "at most 255 characters"),
  };
}

function parseOids(field: string, value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new WireError(field, value, "an object");
  for (const [name, oid] of Object.entries(value)) {
    stringAt(`${field}.${name}`, oid, /^1(\.\d{1,10}){2,60}$/, "a numeric OID such as 1.3.6.1.2.1.1.3.0");
  }
  return value as Record<string, string>;
}
