import { crc32, inflateRawSync } from "node:zlib";

/*
 * Files in a ZIP archive that is in memory, as far as a spreadsheet needs it (APPNOTE 6.3.10, 4.3): stored or deflated, not
 * encrypted, not split, below 4 GiB. Whatever the archive says of itself is checked against what is there.
 */

/** An archive that is not as it must be; `code` for programs. */
export class ZipError extends Error {
  readonly code: "broken" | "locked" | "large";
  constructor(code: ZipError["code"], message: string) {
    super(message);
    this.name = "ZipError";
    this.code = code;
  }
}

export interface Zip {
  /** The content of a file; null: there is none of the name. */
  read(name: string): Buffer | null;
}

interface Entry {
  flags: number;
  method: number;
  crc: number;
  compressed: number;
  expanded: number;
  offset: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endLength = 22;
const maxComment = 65_535;

/** `maxExpandedBytes`: most that all files that are read may have together when they are expanded. */
export function openZip(bytes: Buffer, maxExpandedBytes: number): Zip {
  const entries = readDirectory(bytes);
  let left = maxExpandedBytes;
  return {
    read(name) {
      const entry = entries.get(name);
      if (entry === undefined) return null;
      if ((entry.flags & 1) !== 0) throw new ZipError("locked", "the archive is encrypted");
      if (entry.expanded > left) throw new ZipError("large", "the archive expands to more than is allowed");
      const content = expand(slice(bytes, entry), entry, left);
      if (crc32(content) !== entry.crc) throw broken("the checksum of a file does not fit");
      left -= content.length;
      return content;
    },
  };
}

function readDirectory(bytes: Buffer): Map<string, Entry> {
  const end = findEnd(bytes);
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  const entries = new Map<string, Entry>();
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || bytes.readUInt32LE(at) !== entrySignature)
      throw broken("the directory does not fit");
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    entries.set(name, {
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      compressed: bytes.readUInt32LE(at + 20),
      expanded: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

function findEnd(bytes: Buffer): number {
  const first = Math.max(0, bytes.length - endLength - maxComment);
  for (let at = bytes.length - endLength; at >= first; at--) {
    if (bytes.readUInt32LE(at) === endSignature) return at;
  }
  throw broken("there is no directory at its end");
}

function slice(bytes: Buffer, { offset, compressed }: Entry): Buffer {
  if (offset + 30 > bytes.length || bytes.readUInt32LE(offset) !== localSignature)
    throw broken("a file is not where the directory says");
  const from = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  if (from + compressed > bytes.length) throw broken("a file ends too early");
  return bytes.subarray(from, from + compressed);
}

function expand(content: Buffer, { method, expanded }: Entry, maxBytes: number): Buffer {
  if (method === 0) return content;
  if (method !== 8) throw broken("a file is compressed in an unknown way");
  try {
    return inflateRawSync(content, { maxOutputLength: Math.max(1, Math.min(expanded, maxBytes)) });
  } catch (error) {
    throw broken("a file cannot be expanded", error);
  }
}

function broken(message: string, cause?: unknown): ZipError {
  const error = new ZipError("broken", message);
  if (cause !== undefined) error.cause = cause;
  return error;
}
