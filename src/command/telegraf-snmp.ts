import type { SnmpAuth, SnmpTarget } from "#wire/targets-v1.ts";
import { precisionOf } from "./telegraf-ping.ts";
import type { TelegrafTexts } from "./telegraf-texts.ts";
import type { TomlTable, TomlValue } from "./telegraf-toml.ts";

/** Columns of ifTable and ifXTable (RFC 2863), the same in every version of SNMP. */
const interfaceColumns = {
  ifAdminStatus: "1.3.6.1.2.1.2.2.1.7",
  ifOperStatus: "1.3.6.1.2.1.2.2.1.8",
  ifInDiscards: "1.3.6.1.2.1.2.2.1.13",
  ifInErrors: "1.3.6.1.2.1.2.2.1.14",
  ifOutDiscards: "1.3.6.1.2.1.2.2.1.19",
  ifOutErrors: "1.3.6.1.2.1.2.2.1.20",
  ifName: "1.3.6.1.2.1.31.1.1.1.1",
} as const;
/** SNMPv1 has no counters of 64 bits. */
const octetColumns = {
  short: { ifInOctets: "1.3.6.1.2.1.2.2.1.10", ifOutOctets: "1.3.6.1.2.1.2.2.1.16" },
  long: { ifHCInOctets: "1.3.6.1.2.1.31.1.1.1.6", ifHCOutOctets: "1.3.6.1.2.1.31.1.1.1.10" },
} as const;

/** Names and numbers are spelled out, so that the box needs no MIB files and no snmptranslate. */
export function snmpInput(target: SnmpTarget, texts: TelegrafTexts): TomlTable {
  const { id, address, port, intervalS, timeoutMs, oids, profile } = target;
  const host = address.includes(":") ? `[${address}]` : address;
  return {
    head: "[[inputs.snmp]]",
    ...(profile === null ? {} : { notes: [texts.interfacesAlone(profile)] }),
    values: {
      agents: [`udp://${host}:${port}`],
      interval: `${intervalS}s`,
      precision: precisionOf(intervalS, timeoutMs / 1000),
      timeout: `${Math.max(1, Math.floor(timeoutMs / 2000))}s`,
      retries: 1,
      ...authOf(target.auth),
    },
    tables: [
      { head: "[inputs.snmp.tags]", values: { target: id } },
      ...Object.entries(oids).map(([name, oid]) => fieldOf("[[inputs.snmp.field]]", name, oid)),
      ...(profile === null ? [] : [interfaceTable(target)]),
    ],
  };
}

function interfaceTable({ auth }: SnmpTarget): TomlTable {
  const columns = { ...interfaceColumns, ...octetColumns[auth.version === "1" ? "short" : "long"] };
  return {
    head: "[[inputs.snmp.table]]",
    values: { name: "interface", index_as_tag: true },
    tables: Object.entries(columns).map(([name, oid]) => fieldOf("[[inputs.snmp.table.field]]", name, oid)),
  };
}

function fieldOf(head: string, name: string, oid: string): TomlTable {
  return { head, values: { name, oid } };
}

/** aes256b extends the key as Blumenthal drafted it, aes256r as Reeder did, which Telegraf names after Cisco. */
const privNames = { none: "", aes: "AES", aes256b: "AES256", aes256r: "AES256C" } as const;

function authOf(auth: SnmpAuth): Record<string, TomlValue> {
  if (auth.version !== "3") return { version: auth.version === "1" ? 1 : 2, community: auth.community };
  const { user, authProtocol, authKey, privProtocol, privKey } = auth;
  if (authProtocol === "none") return { version: 3, sec_name: user, sec_level: "noAuthNoPriv" };
  return {
    version: 3,
    sec_name: user,
    sec_level: privProtocol === "none" ? "authNoPriv" : "authPriv",
    auth_protocol: authProtocol.toUpperCase(),
    auth_password: authKey,
    ...(privProtocol === "none" ? {} : { priv_protocol: privNames[privProtocol], priv_password: privKey }),
  };
}
