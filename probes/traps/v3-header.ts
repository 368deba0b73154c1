import { BerError, berTypes, open, openTag, readInteger } from "../snmp/ber.ts";
import type { Cursor } from "../snmp/ber.ts";

/*
 * What an SNMPv3 message (RFC 3412 §6) says of itself before anything in it is proved:
 *
 *   SEQUENCE { INTEGER 3,
 *     SEQUENCE { msgID, msgMaxSize, OCTET STRING msgFlags, msgSecurityModel },
 *     OCTET STRING { SEQUENCE { OCTET STRING engineID, INTEGER boots, INTEGER time, OCTET STRING user, … } },
 *     scopedPDU }
 */
export interface V3Header {
  /** Authoritative engine, hexadecimal; empty in a discovery. */
  engineId: string;
  user: string;
}

/** Null: not SNMPv3, or not readable. */
export function readV3Header(packet: Buffer): V3Header | null {
  try {
    return readHeader({ bytes: packet, at: 0, tag: 0 });
  } catch (error) {
    if (error instanceof BerError) return null;
    throw error;
  }
}

function readHeader(cursor: Cursor): V3Header | null {
  const end = openTag(cursor, cursor.bytes.length, berTypes.sequence);
  if (readInteger(cursor, end) !== 3) return null;
  // The sequence of message id, size, flags and security model.
  cursor.at = open(cursor, end);
  const securityEnd = openTag(cursor, end, berTypes.octets);
  const parametersEnd = openTag(cursor, securityEnd, berTypes.sequence);
  const engineId = readOctets(cursor, parametersEnd).toString("hex");
  readInteger(cursor, parametersEnd);
  readInteger(cursor, parametersEnd);
  return { engineId, user: readOctets(cursor, parametersEnd).toString("latin1") };
}

function readOctets(cursor: Cursor, limit: number): Buffer {
  const end = openTag(cursor, limit, berTypes.octets);
  const octets = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return octets;
}
