import type { SnmpValue } from "#wire/rounds-v1.ts";
import { berTypes } from "./ber.ts";
import type { Varbind } from "./reader.ts";

/** Longest text that a batch carries for one object; a DisplayString is at most as long (RFC 2579 §2). */
const maxTextLength = 255;

/** One answered object as it travels. An object that the device does not have is null. */
export function toSnmpValue({ type, value }: Varbind): SnmpValue {
  if (Buffer.isBuffer(value)) return type === berTypes.opaque ? readOpaque(value) : readOctets(value);
  if (typeof value === "bigint") return fromBigInt(value);
  if (typeof value === "string") return value.slice(0, maxTextLength);
  return value;
}

function fromBigInt(value: bigint): SnmpValue {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= 0n ? Number(value) : value.toString();
}

/** Opaque is used for one thing: floating point (net-snmp's NET-SNMP-TC, tags 9F 78 and 9F 79). */
function readOpaque(octets: Buffer): SnmpValue {
  if (octets[0] === 0x9f && octets[1] === 0x78 && octets[2] === 4 && octets.length === 7) {
    return finite(octets.readFloatBE(3));
  }
  if (octets[0] === 0x9f && octets[1] === 0x79 && octets[2] === 8 && octets.length === 11) {
    return finite(octets.readDoubleBE(3));
  }
  return octets.toString("hex").slice(0, maxTextLength - 1);
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/**
 * Text if the octets are text, else hexadecimal digits: a physical address, a DateAndTime. Octets cannot tell which
 * they are, so that a physical address made of six printable characters comes out as text.
 */
export function readOctets(octets: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return octets.toString("hex").slice(0, maxTextLength - 1);
  }
  const printable = /^[^\p{Cc}]*$/u.test(text.replace(/[\t\r\n]/g, ""));
  return printable ? text.slice(0, maxTextLength) : octets.toString("hex").slice(0, maxTextLength - 1);
}
