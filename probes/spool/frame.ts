import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { AgentEvent } from "#wire/batch-v1.ts";
import type { RoundColumns } from "#wire/rounds-v1.ts";
import type { SpoolState } from "./book.ts";

/*
 * One frame of the log: a head of 104 bytes, then the body, JSON in zstd. Little endian; f64 holds whole numbers to 2^53.
 *
 *    0  u32  magic                       40  u32  rounds
 *    4  u32  CRC-32 of bytes 8 to 103    44  u32  events
 *    8  u32  bytes of the body           48  u32  bytes of the rounds before compression
 *   12  u32  CRC-32 of the body          52  u24  boot (row)   55  u8   flags: 1 with state, 2 clock synced, 4 × level
 *   16  f64  number of the frame         56  f64  fromMonoMs   64  f64  toMonoMs, of its rounds
 *   24  f64  roundsBefore                72  f64  wallMs       80  f64  monoMs, of the reading when it was written
 *   32  f64  lastSeq                     88  f64  uptimeS
 *   96  u32  thinned                    100  u32  covers
 *
 * The head has a sum of its own, so that a frame whose body is damaged still tells how many rounds of what time it held;
 * and roundsBefore, the rounds of all frames before it, measures a hole also where the heads in it are gone.
 *
 * A frame of summaries stands in place of the frames that it was made of: it has the number of the first of them and
 * `covers` how many come after that one; its rounds and `thinned` together are theirs. roundsBefore is 0.
 */
export const headBytes = 104;
/** "SbF1". */
const magic = 0x31466253;
const magicBytes = Buffer.from("SbF1");
/** A frame is at most some 1,000 rounds; a longer body is no frame of ours. */
const maxBodyBytes = 16_777_216;

export interface Reading {
  wallMs: number;
  monoMs: number;
  synced: boolean;
  uptimeS: number;
}

/** 0: rounds as measured; 1: merged to 5-minute summaries; 2: to hourly ones. */
export type Level = 0 | 1 | 2;

export interface FrameHead {
  /** 1, 2, 3 … never used again, but by the summaries of what it held. */
  number: number;
  /** Numbers after its own that it stands for as well. */
  covers: number;
  level: Level;
  roundsBefore: number;
  lastSeq: number;
  rounds: number;
  /** Rounds merged away in its rounds, at all levels together. */
  thinned: number;
  events: number;
  rawBytes: number;
  boot: number;
  hasState: boolean;
  fromMonoMs: number;
  toMonoMs: number;
  reading: Reading;
}

export interface FrameBody {
  rounds: RoundColumns[];
  events: AgentEvent[];
  state?: SpoolState;
}

/** A frame found in a file; `isWhole` false: its head can be read, its body cannot. */
export interface FoundFrame {
  head: FrameHead;
  offset: number;
  bytes: number;
  isWhole: boolean;
  /** The file ends before it does. */
  isCut: boolean;
}

/** Level 9: a tenth smaller than the default for a tenth of a millisecond; the window bounds the memory that it takes. */
const params = { [constants.ZSTD_c_compressionLevel]: 9, [constants.ZSTD_c_windowLog]: 17 };

export function encodeFrame(head: FrameHead, body: FrameBody): Buffer {
  const packed = zstdCompressSync(JSON.stringify(body), { params });
  const frame = Buffer.allocUnsafe(headBytes + packed.length);
  frame.writeUInt32LE(magic, 0);
  frame.writeUInt32LE(packed.length, 8);
  frame.writeUInt32LE(crc32(packed), 12);
  frame.writeDoubleLE(head.number, 16);
  frame.writeDoubleLE(head.roundsBefore, 24);
  frame.writeDoubleLE(head.lastSeq, 32);
  frame.writeUInt32LE(head.rounds, 40);
  frame.writeUInt32LE(head.events, 44);
  frame.writeUInt32LE(head.rawBytes, 48);
  frame.writeUIntLE(head.boot, 52, 3);
  frame.writeUInt8((head.hasState ? 1 : 0) + (head.reading.synced ? 2 : 0) + 4 * head.level, 55);
  const times = [head.fromMonoMs, head.toMonoMs];
  times.push(head.reading.wallMs, head.reading.monoMs, head.reading.uptimeS);
  for (const [index, value] of times.entries()) frame.writeDoubleLE(value, 56 + index * 8);
  frame.writeUInt32LE(head.thinned, 96);
  frame.writeUInt32LE(head.covers, 100);
  frame.writeUInt32LE(crc32(frame.subarray(8, headBytes)), 4);
  packed.copy(frame, headBytes);
  return frame;
}

/** The frame's body, or null when it is not as it was written. */
export function decodeBody(frame: Buffer): FrameBody | null {
  const found = readHead(frame, 0);
  if (found === null || !bodyIsWhole(frame, 0)) return null;
  const body = frame.subarray(headBytes, headBytes + frame.readUInt32LE(8));
  try {
    return JSON.parse(zstdDecompressSync(body).toString("utf8")) as FrameBody;
  } catch {
    return null;
  }
}

/** Every frame in a file, in its order; what lies between them is passed over. */
export function* findFrames(file: Buffer): Generator<FoundFrame> {
  let offset = 0;
  while (offset + headBytes <= file.length) {
    const head = readHead(file, offset);
    if (head !== null) {
      const bytes = headBytes + file.readUInt32LE(offset + 8);
      const isWhole = bodyIsWhole(file, offset);
      yield { head, offset, bytes, isWhole, isCut: offset + bytes > file.length };
      // After a torn frame the next one may begin inside of what it claims to hold.
      offset += isWhole ? bytes : headBytes;
      if (isWhole) continue;
    }
    const next = file.indexOf(magicBytes, head === null ? offset + 1 : offset);
    if (next === -1) break;
    offset = next;
  }
}

function bodyIsWhole(file: Buffer, offset: number): boolean {
  const from = offset + headBytes;
  const to = from + file.readUInt32LE(offset + 8);
  return to <= file.length && crc32(file.subarray(from, to)) === file.readUInt32LE(offset + 12);
}

function readHead(file: Buffer, at: number): FrameHead | null {
  if (at + headBytes > file.length || file.readUInt32LE(at) !== magic) return null;
  if (crc32(file.subarray(at + 8, at + headBytes)) !== file.readUInt32LE(at + 4)) return null;
  if (file.readUInt32LE(at + 8) > maxBodyBytes) return null;
  const flags = file.readUInt8(at + 55);
  return {
    number: file.readDoubleLE(at + 16),
    covers: file.readUInt32LE(at + 100),
    level: Math.min(flags >> 2, 2) as Level,
    roundsBefore: file.readDoubleLE(at + 24),
    lastSeq: file.readDoubleLE(at + 32),
    rounds: file.readUInt32LE(at + 40),
    thinned: file.readUInt32LE(at + 96),
    events: file.readUInt32LE(at + 44),
    rawBytes: file.readUInt32LE(at + 48),
    boot: file.readUIntLE(at + 52, 3),
    hasState: (flags & 1) === 1,
    fromMonoMs: file.readDoubleLE(at + 56),
    toMonoMs: file.readDoubleLE(at + 64),
    reading: {
      wallMs: file.readDoubleLE(at + 72),
      monoMs: file.readDoubleLE(at + 80),
      synced: (flags & 2) === 2,
      uptimeS: file.readDoubleLE(at + 88),
    },
  };
}
