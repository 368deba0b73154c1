import type { Env, HandValues } from "./options.ts";
import { UsageError } from "../usage-error.ts";

/** What a poll by hand reads unless it is told: what every device of RFC 3418 has. */
const systemOids = {
  sysDescr: "1.3.6.1.2.1.1.1.0",
  sysObjectID: "1.3.6.1.2.1.1.2.0",
  sysUpTime: "1.3.6.1.2.1.1.3.0",
  sysName: "1.3.6.1.2.1.1.5.0",
};

/** The objects of `--oid name=1.3…`; without them and without a profile the system group. */
export function readSnmpOids({ oid = [], profile }: HandValues): Record<string, string> {
  if (oid.length === 0) return profile === undefined ? systemOids : {};
  return Object.fromEntries(
    oid.map((text) => {
      const [, name, value] = /^([A-Za-z][A-Za-z0-9.]*)=(.+)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) {
        throw new UsageError(
          `--oid: ${text} is not allowed; expected a name and an OID, such as sysName=1.3.6.1.2.1.1.5.0`,
        );
      }
      return [name, value.replace(/^\./, "")];
    }),
  );
}

/**
 * How the device is spoken to. Secrets come from options or, so that they stay off the list of processes, from
 * SAMBUNG_SNMP_COMMUNITY, SAMBUNG_SNMP_AUTH_KEY and SAMBUNG_SNMP_PRIV_KEY. What was given decides the version and the
 * protocols where they are not said: a user means v3, an authentication key SHA, a privacy key AES-128.
 */
export function readSnmpAuth(values: HandValues, env: Env): Record<string, string> {
  const version = values["snmp-version"] ?? (values.user === undefined ? "2c" : "3");
  return version === "3" ? readUser(values, env) : readCommunity(version, values, env);
}

function readCommunity(version: string, values: HandValues, env: Env): Record<string, string> {
  const v3 = (["user", "auth-protocol", "auth-key", "priv-protocol", "priv-key"] as const).find(
    (name) => values[name] !== undefined,
  );
  if (v3 !== undefined) throw new UsageError(`--${v3}: only with --snmp-version 3`);
  const community = values.community ?? env["SAMBUNG_SNMP_COMMUNITY"] ?? "";
  if (community === "") throw new UsageError("--community is missing");
  return { version, community };
}

function readUser(values: HandValues, env: Env): Record<string, string> {
  if (values.community !== undefined) throw new UsageError("--community: only with --snmp-version 1 or 2c");
  if (values.user === undefined || values.user === "") throw new UsageError("--user is missing");
  const authKey = values["auth-key"] ?? env["SAMBUNG_SNMP_AUTH_KEY"] ?? "";
  const privKey = values["priv-key"] ?? env["SAMBUNG_SNMP_PRIV_KEY"] ?? "";
  const authProtocol = values["auth-protocol"] ?? (authKey === "" ? "none" : "sha");
  const privProtocol = values["priv-protocol"] ?? (privKey === "" ? "none" : "aes");
  if (authProtocol !== "none" && authKey === "") throw new UsageError("--auth-key is missing");
  if (privProtocol !== "none" && privKey === "") throw new UsageError("--priv-key is missing");
  // RFC 3414 §1.4.2: no level has privacy without authentication.
  if (privProtocol !== "none" && authProtocol === "none") {
    throw new UsageError("--priv-protocol: needs --auth-protocol, and --auth-key");
  }
  return { version: "3", user: values.user, authProtocol, authKey, privProtocol, privKey };
}
