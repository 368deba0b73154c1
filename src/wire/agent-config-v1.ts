import { arrayAt, booleanAt, integerAt, numberAt, objectAt, rangeAt, stringAt } from "./check.ts";
import { limits } from "./units.ts";
import { parseSnmpAuth, parseTarget, secretAt } from "./targets-v1.ts";
import type { AgentTarget, SnmpAuth } from "./targets-v1.ts";
import { WireError } from "./wire-error.ts";

/*
 * What an agent is told to measure: GET /api/v1/agent/config (ETag, If-None-Match → 304).
 *
 * { "v": 1, "agent": "ag_…", "site": "64.08.05.2001", "serverMs": 1763785200456,
 *   "reportIntervalS": 60, "dayBytes": null, "monthBytes": null, "traps": null,
 *   "targets": [ { "id": "gw", "kind": "icmp", "intervalS": 30, "timeoutMs": 2000, "address": "10.8.1.1", … }, … ] }
 *
 * A state change (a target that answered stops, or answers again) is sent at once, whatever reportIntervalS says.
 */
export interface AgentConfigV1 {
  v: 1;
  agent: string;
  site: string;
  /** The collector's clock when it answered. Not part of the entity tag. */
  serverMs: number;
  /** Seconds between batches while nothing changes. */
  reportIntervalS: number;
  /**
   * Bytes on the wire, both ways and headers included, that the agent may cause in a UTC day, or null for no limit. Once
   * they are spent, state changes and a sign of life still go.
   */
  dayBytes: number | null;
  /** The same for a month of UTC. */
  monthBytes: number | null;
  /** The agent shall ask for a new key (POST /api/v1/agent/key). Left out: it keeps the one it has. */
  rotateKey?: boolean;
  /** Where the agent hears SNMP traps and informs, or null: it does not. */
  traps: TrapsV1 | null;
  targets: AgentTarget[];
}

export interface TrapsV1 {
  /** UDP address and port to listen on; ports below 1024 need a right to them. */
  address: string;
  port: number;
  /** Communities that are believed (v1 and v2c); empty: none. */
  communities: string[];
  /** Users that are believed (v3). */
  users: Extract<SnmpAuth, { version: "3" }>[];
  /**
   * Who is heard: addresses or CIDR ranges; the addresses of the agent's own SNMP targets are heard beside them. Others
   * are counted and dropped.
   */
  sources: string[];
  /** Most events a minute from one source; what is above it is counted and told as one. */
  perMinute: number;
}

/** Reads a decoded JSON document as an agent's configuration. Throws WireError. */
export function parseAgentConfig(input: unknown): AgentConfigV1 {
  const config = objectAt("", input, [
    "v",
    "agent",
    "site",
    "serverMs",
    "reportIntervalS",
    "dayBytes",
    "monthBytes",
    "rotateKey",
    "traps",
    "targets",
  ]);
  if (config.v !== 1) throw new WireError("v", config.v, "1");
  return {
    v: 1,
    agent: stringAt("agent", config.agent, /^ag_[0-9a-z]{6,40}$/, "an agent id"),
    site: stringAt("site", config.site, /^[0-9.]{5,13}$/, "a site code"),
    serverMs: integerAt("serverMs", config.serverMs, 0, Number.MAX_SAFE_INTEGER),
    reportIntervalS: numberAt("reportIntervalS", config.reportIntervalS, 1, 86_400),
    dayBytes: bytesAt("dayBytes", config.dayBytes),
    monthBytes: bytesAt("monthBytes", config.monthBytes),
    ...(config.rotateKey === undefined ? {} : { rotateKey: booleanAt("rotateKey", config.rotateKey) }),
    traps: config.traps === null ? null : parseTraps("traps", config.traps),
    targets: arrayAt("targets", config.targets, limits.targetsPerBatch).map((value, index) =>
      parseTarget(`targets[${index}]`, value),
    ),
  };
}

const bytesAt = (field: string, value: unknown) =>
  value === null ? null : integerAt(field, value, 1, Number.MAX_SAFE_INTEGER);

/** Reads where and from whom traps are heard. Throws WireError. */
export function parseTraps(field: string, value: unknown): TrapsV1 {
  const at = field === "" ? "" : `${field}.`;
  const traps = objectAt(field, value, ["address", "port", "communities", "users", "sources", "perMinute"]);
  return {
    address: stringAt(`${at}address`, traps.address, /^[0-9A-Fa-f.:]{2,45}$/, "an address such as 0.0.0.0"),
    port: integerAt(`${at}port`, traps.port, 1, 65_535),
    communities: arrayAt(`${at}communities`, traps.communities, 20).map((community, index) =>
      secretAt(`${at}communities[${index}]`, community, 1),
    ),
    users: arrayAt(`${at}users`, traps.users, 20).map((user, index) => {
      const auth = parseSnmpAuth(`${at}users[${index}]`, user);
      if (auth.version !== "3") throw new WireError(`${at}users[${index}].version`, auth.version, "3");
      return auth;
    }),
    sources: arrayAt(`${at}sources`, traps.sources, 200).map((source, index) =>
      rangeAt(`${at}sources[${index}]`, source),
    ),
    perMinute: integerAt(`${at}perMinute`, traps.perMinute, 1, 6_000),
  };
}
