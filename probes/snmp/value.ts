import snmp from "net-snmp";
import type { Varbind } from "net-snmp";
import type { SnmpValue } from "#wire/batch-v1.ts";

/** Longest text that a batch carries for one object; a DisplayString is at most as long (RFC 2579 §2). */
const maxTextLength = 255;

/** One answered object as it travels. An object that the device does not have is null. */
export function toSnmpValue(varbind: Varbind): SnmpValue {
  if (snmp.isVarbindError(varbind)) return null;
  const { type, value } = varbind;
  if (Buffer.isBuffer(value)) {
    return type === snmp.ObjectType.Counter64 ? readCounter64(value) : readOctets(value);
  }
  if (typeof value === "bigint") return fromBigInt(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") return value.slice(0, maxTextLength);
  return value ?? null;
}

/** net-snmp leaves a Counter64 in its BER bytes: one to nine, unsigned, leading zeros dropped or one kept as a sign. */
function readCounter64(bytes: Buffer): SnmpValue {
  return fromBigInt(bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString("hex")}`));
}

function fromBigInt(value: bigint): SnmpValue {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= 0n ? Number(value) : value.toString();
}

/**
 * Text if the octets are text, else hexadecimal digits: a physical address, a DateAndTime. Octets cannot tell which
 * they are, so that a physical address made of six printable characters comes out as text.
 */
function readOctets(octets: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return octets.toString("hex").slice(0, maxTextLength - 1);
  }
  const printable = /^[^\p{Cc}]*$/u.test(text.replace(/[\t\r\n]/g, ""));
  return printable ? text.slice(0, maxTextLength) : octets.toString("hex").slice(0, maxTextLength - 1);
}
