import type { User } from "net-snmp";
import type { SnmpAuth } from "#wire/targets-v1.ts";
import type { NetSnmp } from "./net-snmp-exchange.ts";

/** What opens a device: a community, or a user with the level that its protocols make. Throws on one that SNMP lacks. */
export function toLogin(snmp: NetSnmp, targetId: string, auth: SnmpAuth): string | User {
  if (auth.version !== "3") return auth.community;
  const { authProtocol, privProtocol, authKey, privKey } = auth;
  if (authProtocol === "none") {
    if (privProtocol === "none") return { name: auth.user, level: snmp.SecurityLevel.noAuthNoPriv };
    throw new Error(
      `target ${targetId}: auth.privProtocol ${privProtocol} needs an auth.authProtocol other than none (RFC 3411 §3.4.3)`,
    );
  }
  assertKey(targetId, "authKey", authKey);
  const authentic = { name: auth.user, authProtocol: snmp.AuthProtocols[authProtocol], authKey };
  if (privProtocol === "none") return { ...authentic, level: snmp.SecurityLevel.authNoPriv };
  assertKey(targetId, "privKey", privKey);
  const level = snmp.SecurityLevel.authPriv;
  return { ...authentic, level, privProtocol: snmp.PrivProtocols[privProtocol], privKey };
}

/** An empty key would be hashed like any other. */
function assertKey(targetId: string, field: string, key: string): void {
  if (key === "")
    throw new Error(`target ${targetId}: auth.${field} is empty; 8 characters or more are needed`);
}
