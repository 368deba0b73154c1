import type { Varbind } from "./reader.ts";

/*
 * The part of BER (X.690) that SNMP answers are made of (RFC 3417 §8), read strictly: definite lengths alone, nothing
 * reaches beyond what holds it. It is written for the one path that costs: an interface table every round.
 */

export const berTypes = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  ipAddress: 0x40,
  counter32: 0x41,
  gauge32: 0x42,
  timeTicks: 0x43,
  opaque: 0x44,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
} as const;

/** `truncated`: it says that it is longer than it is · `garbage`: anything else. */
export class BerError extends Error {
  readonly why: "garbage" | "truncated";

  constructor(why: "garbage" | "truncated", message: string) {
    super(message);
    this.name = "BerError";
    this.why = why;
  }
}

/** Where the reading stands. `tag` is that of the element opened last. */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
  tag: number;
}

/** Opens the next element, which has to end by `limit`; the cursor stands at its content, the answer is where that ends. */
export function open(cursor: Cursor, limit: number): number {
  const { bytes } = cursor;
  let at = cursor.at;
  if (at + 2 > limit) throw new BerError("truncated", "an element ends before its length");
  cursor.tag = bytes[at++]!;
  let length = bytes[at++]!;
  if (length >= 0x80) {
    const octets = length & 0x7f;
    // Four octets of length are 4 GiB. Longer forms only carry leading zeros, which no agent has been seen to send.
    if (octets === 0 || octets > 4) throw new BerError("garbage", "a length that no datagram has");
    if (at + octets > limit) throw new BerError("truncated", "an element ends in its length");
    length = bytes.readUIntBE(at, octets);
    at += octets;
  }
  if (at + length > limit) throw new BerError("truncated", "an element is longer than what holds it");
  cursor.at = at;
  return at + length;
}

export function openTag(cursor: Cursor, limit: number, tag: number): number {
  const end = open(cursor, limit);
  if (cursor.tag !== tag) throw new BerError("garbage", `tag ${cursor.tag} where ${tag} belongs`);
  return end;
}

/** Reads an INTEGER and leaves the cursor behind it. */
export function readInteger(cursor: Cursor, limit: number): number {
  const end = openTag(cursor, limit, berTypes.integer);
  return Number(integerOf(cursor, end));
}

function integerOf(cursor: Cursor, end: number): number | bigint {
  const { bytes, at } = cursor;
  const length = end - at;
  cursor.at = end;
  if (length >= 1 && length <= 6) return bytes.readIntBE(at, length);
  // INTEGER is 32 bits wide, but some agents fill eight octets.
  if (length === 7 || length === 8) return narrow(BigInt.asIntN(length * 8, bigOf(bytes, at, end)));
  throw new BerError("garbage", `an INTEGER of ${length} octets`);
}

/** Counter32, Gauge32 and TimeTicks. Agents that forget the leading zero octet mean the unsigned value all the same. */
function unsigned32Of(cursor: Cursor, end: number): number {
  const { bytes, at } = cursor;
  const length = end - at;
  cursor.at = end;
  if (length < 1 || length > 8) throw new BerError("garbage", `32 bits in ${length} octets`);
  if (length <= 4) return bytes.readUIntBE(at, length);
  return bytes.readUInt32BE(end - 4);
}

/** One to nine octets, leading zeros dropped or one kept as a sign; some agents send none for zero. */
function counter64Of(cursor: Cursor, end: number): number | bigint {
  const { bytes, at } = cursor;
  const length = end - at;
  cursor.at = end;
  if (length === 0) return 0;
  if (length <= 6) return bytes.readUIntBE(at, length);
  if (length > 9) throw new BerError("garbage", `64 bits in ${length} octets`);
  return narrow(BigInt.asUintN(64, bigOf(bytes, at, end)));
}

function bigOf(bytes: Buffer, at: number, end: number): bigint {
  return BigInt(`0x${bytes.toString("hex", at, end)}`);
}

function narrow(value: bigint): number | bigint {
  const isSafe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
  return isSafe ? Number(value) : value;
}

/** An OID whose text is known already, so that only what comes after it is turned into text. */
export interface KnownOid {
  text: string;
  bytes: Buffer;
}

/** Largest number of arcs that an OID may have (RFC 2578 §3.5). */
const maxArcs = 128;

export function readOid(cursor: Cursor, limit: number, known?: KnownOid): string {
  const end = openTag(cursor, limit, berTypes.oid);
  return oidOf(cursor, end, known);
}

function oidOf(cursor: Cursor, end: number, known?: KnownOid): string {
  const { bytes } = cursor;
  let at = cursor.at;
  cursor.at = end;
  if (at === end) return "0.0";
  if ((bytes[end - 1]! & 0x80) !== 0) throw new BerError("garbage", "an OID that ends inside a number");
  let text = "";
  if (known !== undefined && startsWith(bytes, at, end, known.bytes)) {
    text = known.text;
    at += known.bytes.length;
  }
  let arcs = 0;
  while (at < end) {
    let arc = 0;
    let octet: number;
    do {
      octet = bytes[at++]!;
      arc = arc * 128 + (octet & 0x7f);
    } while (octet >= 0x80);
    if (arc > 0xffff_ffff || ++arcs > maxArcs) throw new BerError("garbage", "an OID out of range");
    if (text === "") text = arc < 80 ? `${Math.floor(arc / 40)}.${arc % 40}` : `2.${arc - 80}`;
    else text += `.${arc}`;
  }
  return text;
}

function startsWith(bytes: Buffer, at: number, end: number, prefix: Buffer): boolean {
  if (end - at < prefix.length) return false;
  for (let i = prefix.length - 1; i >= 0; i--) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

/** Reads one value with its tag, as a Varbind carries it. Octets are copied: the datagram is not held. */
export function readValue(cursor: Cursor, limit: number): Pick<Varbind, "type" | "value"> {
  const end = open(cursor, limit);
  const type = cursor.tag;
  const { bytes, at } = cursor;
  switch (type) {
    case berTypes.counter64:
      return { type, value: counter64Of(cursor, end) };
    case berTypes.counter32:
    case berTypes.gauge32:
    case berTypes.timeTicks:
      return { type, value: unsigned32Of(cursor, end) };
    case berTypes.integer:
      return { type, value: integerOf(cursor, end) };
    case berTypes.oid:
      return { type, value: oidOf(cursor, end) };
    case berTypes.octets:
    case berTypes.opaque:
      cursor.at = end;
      return { type, value: Buffer.from(bytes.subarray(at, end)) };
    case berTypes.ipAddress:
      cursor.at = end;
      if (end - at !== 4) throw new BerError("garbage", `an IpAddress of ${end - at} octets`);
      return { type, value: bytes.subarray(at, end).join(".") };
    case berTypes.null:
    case berTypes.noSuchObject:
    case berTypes.noSuchInstance:
    case berTypes.endOfMibView:
      cursor.at = end;
      return { type, value: null };
    default:
      throw new BerError("garbage", `a value with tag ${type}`);
  }
}
