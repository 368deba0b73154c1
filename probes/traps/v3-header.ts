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

const integer = 0x02;
const octets = 0x04;
const sequence = 0x30;

/** Null: not SNMPv3, or not readable. */
export function readV3Header(packet: Buffer): V3Header | null {
  const message = readTlv(packet, 0);
  if (message?.tag !== sequence) return null;
  const version = readTlv(message.value, 0);
  if (version?.tag !== integer || version.value.length !== 1 || version.value[0] !== 3) return null;
  const header = readTlv(message.value, version.end);
  const security = header === null ? null : readTlv(message.value, header.end);
  if (security?.tag !== octets) return null;
  const parameters = readTlv(security.value, 0);
  if (parameters?.tag !== sequence) return null;
  const [engineId, , , user] = readAll(parameters.value);
  if (engineId?.tag !== octets || user?.tag !== octets) return null;
  return { engineId: engineId.value.toString("hex"), user: user.value.toString("latin1") };
}

interface Tlv {
  tag: number;
  value: Buffer;
  /** Offset of what follows. */
  end: number;
}

/** One element of BER with a definite length of at most two bytes: a UDP datagram holds no longer one. */
function readTlv(buffer: Buffer, at: number): Tlv | null {
  const tag = buffer[at];
  const short = buffer[at + 1];
  if (tag === undefined || short === undefined) return null;
  const lengthBytes = short < 0x80 ? 0 : short - 0x80;
  const start = at + 2 + lengthBytes;
  if (lengthBytes > 2 || short === 0x80 || start > buffer.length) return null;
  const length = lengthBytes === 0 ? short : buffer.readUIntBE(at + 2, lengthBytes);
  const end = start + length;
  return end > buffer.length ? null : { tag, value: buffer.subarray(start, end), end };
}

function readAll(buffer: Buffer): Tlv[] {
  const elements: Tlv[] = [];
  for (let at = 0; at < buffer.length;) {
    const element = readTlv(buffer, at);
    if (element === null) break;
    elements.push(element);
    at = element.end;
  }
  return elements;
}
