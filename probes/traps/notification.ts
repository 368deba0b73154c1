/*
 * A trap or an inform, whatever its version. One of SNMPv1 is translated as RFC 3584 §3.1 says: generic traps 0 to 5
 * become coldStart … egpNeighborLoss of SNMPv2-MIB, an enterprise's own becomes enterprise.0.specific, the time stamp is
 * sysUpTime, and the agent's address is kept beside the packet's.
 */
export interface Notification {
  /** Value of snmpTrapOID. */
  oid: string;
  /** sysUpTime of the sender, in s; null where it is missing. */
  uptimeS: number | null;
  /** Of an inform: what its retransmissions repeat. */
  requestId: number | null;
  /** Whom a SNMPv1 trap says it comes from; null in the others. */
  agentAddress: string | null;
  /** Without sysUpTime and snmpTrapOID. */
  varbinds: ReceivedVarbind[];
}

export interface ReceivedVarbind {
  oid: string;
  /** Tag of the BER type. */
  type: number;
  value: unknown;
}

/** What net-snmp's receiver gives. */
export interface ReceivedPdu {
  type: number;
  id?: number;
  varbinds?: ReceivedVarbind[];
  community?: string;
  user?: string;
  /** SNMPv1 alone. */
  enterprise?: string;
  agentAddr?: string;
  generic?: number;
  specific?: number;
  upTime?: number;
}

const trapV1Tag = 0xa4;
const informTag = 0xa6;
const sysUpTime = "1.3.6.1.2.1.1.3.0";
const snmpTrapOid = "1.3.6.1.6.3.1.1.4.1.0";
const genericTraps = "1.3.6.1.6.3.1.1.5";
const enterpriseSpecific = 6;
/** snmpTrapAddress (RFC 3584 §3.1): who sent it first, where a proxy passed it on. */
const snmpTrapAddress = "1.3.6.1.6.3.18.1.3.0";

/** Null: no trap that says which one it is. */
export function readNotification(pdu: ReceivedPdu): Notification | null {
  const varbinds = pdu.varbinds ?? [];
  if (pdu.type === trapV1Tag) return fromV1(pdu, varbinds);
  const oid = varbinds.find((varbind) => varbind.oid === snmpTrapOid)?.value;
  if (typeof oid !== "string") return null;
  const ticks = varbinds.find((varbind) => varbind.oid === sysUpTime)?.value;
  const sender = varbinds.find((varbind) => varbind.oid === snmpTrapAddress)?.value;
  return {
    oid,
    uptimeS: toSeconds(ticks),
    requestId: pdu.type === informTag ? (pdu.id ?? null) : null,
    agentAddress: typeof sender === "string" ? sender : null,
    varbinds: varbinds.filter((varbind) => varbind.oid !== snmpTrapOid && varbind.oid !== sysUpTime),
  };
}

function fromV1(pdu: ReceivedPdu, varbinds: ReceivedVarbind[]): Notification | null {
  const { generic, specific, enterprise } = pdu;
  const oid =
    generic === enterpriseSpecific ? `${enterprise}.0.${specific}` : `${genericTraps}.${(generic ?? -1) + 1}`;
  if (!/^\d+(\.\d+)+$/.test(oid)) return null;
  return {
    oid,
    uptimeS: toSeconds(pdu.upTime),
    requestId: null,
    agentAddress: pdu.agentAddr ?? null,
    varbinds,
  };
}

function toSeconds(ticks: unknown): number | null {
  return typeof ticks === "number" && Number.isFinite(ticks) ? Math.floor(ticks / 100) : null;
}
