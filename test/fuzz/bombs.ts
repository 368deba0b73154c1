import { gzipSync, zstdCompressSync } from "node:zlib";
import { limits } from "#wire/units.ts";
import { goodBatch } from "./batch-cases.ts";
import { nested, RawJson, toJsonText } from "./json-text.ts";
import type { Shot, UnderFire } from "./under-fire.ts";

/*
 * Small on the wire, huge when unpacked: in one layer, in many members one after another, in layers within layers; and
 * documents within the limits that are as costly to read as can be.
 */

export interface Bomb {
  name: string;
  body: Uint8Array;
  encoding: string;
  /** For the Influx write instead of batches. */
  isWrite?: boolean;
}

const mib = 1_048_576;

/** The same member until the body is as large as may be sent. */
function repeated(member: Uint8Array): Uint8Array {
  const count = Math.floor((limits.compressedBytes - 1) / member.length);
  return Buffer.concat(Array.from({ length: count }, () => member));
}

/** Of a zstd frame: the magic number, no flags, and a window of 128 MiB, the largest that a decoder takes unasked. */
const wideWindow = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (27 - 10) << 3]);
/** A block of run-length coding: 128 KiB of one byte in four. */
const runBlock = Buffer.from([0x02, 0x00, 0x10, 0x20]);

export function makeBombs(agent: string, wallMs: number): Bomb[] {
  const blanks = Buffer.alloc(64 * mib, 0x20);
  const good = goodBatch(agent, 1, wallMs);
  const [icmp] = good.rounds;
  const text = (change: object) => Buffer.from(toJsonText({ ...good, ...change }));
  const zstd = (body: Uint8Array) => zstdCompressSync(body);
  const zeros = (count: number) => new RawJson(`[${"0,".repeat(count - 1)}0]`);
  const inner = zstd(blanks);
  const documents: Record<string, Uint8Array> = {
    "brackets to the limit": Buffer.from("[".repeat(limits.expandedBytes)),
    "objects to the limit": Buffer.from('{"a":'.repeat(3 * mib)),
    "a value nested as deep as the limit": text({ v: nested(8_000_000) }),
    "one text to the limit": Buffer.from(`"${"a".repeat(limits.expandedBytes - 2)}"`),
    "one number to the limit": Buffer.from("9".repeat(limits.expandedBytes)),
    "a key of 15 MB": text({ ["k".repeat(15 * mib)]: 1 }),
    "a key of 15 MB in an event": text({
      events: [{ monoMs: 1, type: "a.b", detail: { ["k".repeat(15 * mib)]: {} } }],
    }),
    "a million keys": text({
      host: Object.fromEntries(Array.from({ length: 1_000_000 }, (_, n) => [`k${n}`, 1])),
    }),
    "seven million rounds": text({ rounds: [{ ...icmp, monoMs: zeros(7_000_000) }] }),
    "a million targets": text({ rounds: new RawJson(`[${"{},".repeat(4_000_000)}{}]`) }),
    "escapes to the limit": Buffer.from(`"${"\\u0000".repeat(2_700_000)}"`),
  };
  return [
    { name: "zstd of 64 MiB", body: inner, encoding: "zstd" },
    { name: "gzip of 64 MiB", body: gzipSync(blanks), encoding: "gzip" },
    { name: "zstd frames to 1 MiB", body: repeated(inner), encoding: "zstd" },
    { name: "gzip members to 1 MiB", body: repeated(gzipSync(blanks)), encoding: "gzip" },
    { name: "zstd in zstd in zstd", body: zstd(zstd(inner)), encoding: "zstd" },
    { name: "gzip in gzip, and called so", body: gzipSync(gzipSync(blanks)), encoding: "gzip, gzip" },
    {
      name: "zstd with a window of 128 MiB",
      body: Buffer.concat([wideWindow, repeated(runBlock)]),
      encoding: "zstd",
    },
    { name: "gzip of 64 MiB as a write", body: gzipSync(blanks), encoding: "gzip", isWrite: true },
    ...Object.entries(documents).map(([name, body]) => ({ name, body: zstd(body), encoding: "zstd" })),
  ];
}

export function bombShot({ body, encoding, isWrite = false }: Bomb, target: UnderFire): Shot {
  const { key } = isWrite ? target.telegraf : target.agent;
  return {
    method: "POST",
    path: isWrite ? "/api/v2/write" : "/api/v1/batches",
    headers: { authorization: `Bearer ${key}`, "content-encoding": encoding },
    body,
  };
}
