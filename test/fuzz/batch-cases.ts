import { dictionary1, dictionary1Encoding } from "#wire/dictionary-1.ts";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { toJsonText } from "./json-text.ts";
import { mutate, mutation } from "./mutate.ts";

/** Targets of the site that is fired at, one of each kind. */
export const targets = { icmp: "gw", snmp: "rt", http: "lapor", dns: "lapor-dns", tcp: "mail" } as const;

const clockMonoMs = 10_000_000;

/** A good batch of all kinds; `wallMs`: when it is sent. */
export function goodBatch(agent: string, seq: number, wallMs: number) {
  const times = [clockMonoMs - 120_000, 30_000, 30_000];
  const three = <T>(cell: T) => [cell, cell, cell];
  return {
    v: 1,
    agent,
    boot: "boot-1",
    host: { bootId: "host-1", uptimeS: clockMonoMs / 1_000 },
    seq,
    clock: { wallMs, monoMs: clockMonoMs, synced: true },
    ledger: { produced: 1_000_000_000, thinned: 0, lost: 0 },
    rounds: [
      {
        target: targets.icmp,
        kind: "icmp",
        monoMs: times,
        sent: three(5),
        recv: [2, 0, 1],
        rttUs: [20_110, 20_240, 19_000],
        lossRun: [2, null, 4],
      },
      {
        target: targets.snmp,
        kind: "snmp",
        monoMs: times,
        ok: [1, 0, 1],
        values: { sysUpTime: [812_345, null, 815_345], "ifHCInOctets.2": ["18446744073709551615", null, 4] },
        why: [null, "timeout", null],
      },
      {
        target: targets.http,
        kind: "http",
        monoMs: times,
        ok: [1, 0, 1],
        phase: [null, "dns", null],
        status: [200, null, 204],
        dnsMs: [1.5, 12.5, 2],
        connectMs: [20, null, 21],
        tlsMs: [40.1, null, 41],
        ttfbMs: [60, null, 61],
        totalMs: [122, 12.5, 125],
        certExpiresS: [8_000_000, null, -5],
      },
      {
        target: targets.dns,
        kind: "dns",
        monoMs: times,
        ok: [1, 1, 0],
        rcode: ["NOERROR", "NOERROR", null],
        totalMs: [3.1, 2, null],
      },
      {
        target: targets.tcp,
        kind: "tcp",
        monoMs: times,
        ok: [1, 0, 1],
        phase: [null, "timeout", null],
        connectMs: [2, null, 3],
      },
    ],
    events: [
      {
        monoMs: clockMonoMs - 200_000,
        type: "agent.start",
        detail: { hostBootChanged: true, note: "ok", n: 1.5 },
      },
    ],
  };
}

const packers: Record<string, (text: Uint8Array) => Uint8Array> = {
  identity: (text) => text,
  gzip: (text) => gzipSync(text),
  zstd: (text) => zstdCompressSync(text),
  [dictionary1Encoding]: (text) => zstdCompressSync(text, { dictionary: dictionary1 }),
};

/** Changes of single bytes, and where the rest is cut off. */
export interface ByteFault {
  flips: { at: number; mask: number }[];
  keep: number | null;
  insert: { at: number; bytes: Uint8Array } | null;
}

export const byteFault: fc.Arbitrary<ByteFault> = fc.record({
  flips: fc.array(fc.record({ at: fc.nat(100_000), mask: fc.integer({ min: 1, max: 255 }) }), {
    maxLength: 4,
  }),
  keep: fc.option(fc.nat(100_000), { freq: 3 }),
  insert: fc.option(fc.record({ at: fc.nat(100_000), bytes: fc.uint8Array({ maxLength: 40 }) }), { freq: 3 }),
});

export function damage(body: Uint8Array, { flips, keep, insert }: ByteFault): Uint8Array {
  let bytes = Uint8Array.from(body);
  if (bytes.length === 0) return bytes;
  for (const { at, mask } of flips) bytes[at % bytes.length]! ^= mask;
  if (insert !== null) {
    const at = insert.at % bytes.length;
    bytes = Uint8Array.from([...bytes.subarray(0, at), ...insert.bytes, ...bytes.subarray(at)]);
  }
  return keep === null ? bytes : bytes.subarray(0, keep % bytes.length);
}

/** How a body is packed, and what its header calls it. */
export const packing = fc.record({
  packer: fc.constantFrom("identity", "gzip", "zstd"),
  label: fc.oneof(
    { weight: 6, arbitrary: fc.constant("same") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "gzip",
        "zstd",
        "identity",
        "br",
        "deflate",
        "GZIP",
        "gzip, gzip",
        "zstd, gzip",
        "",
        "*",
        "constructor",
        "__proto__",
        "toString",
        "x".repeat(3_000),
      ),
    },
  ),
});

export function pack(
  text: Uint8Array,
  { packer, label }: { packer: string; label: string },
): { body: Uint8Array; encoding: string } {
  return { body: packers[packer]!(text), encoding: label === "same" ? packer : label };
}

/** Few, so that what is taken in the end does not grow with the runs, and memory can be compared; often a repetition. */
const seq = fc.integer({ min: 1, max: 300 });

/** A batch with mutations of its document. */
export const mutatedBatch = fc.record({
  seq,
  mutations: fc.array(mutation, { maxLength: 3 }),
  packing,
});

export const damagedBatch = fc.record({
  seq,
  beforePacking: fc.option(byteFault),
  afterPacking: fc.option(byteFault),
  packing,
});

export const mutatedText = (
  { seq, mutations }: { seq: number; mutations: Parameters<typeof mutate>[1] },
  agent: string,
  wallMs: number,
): Uint8Array => Buffer.from(toJsonText(mutate(goodBatch(agent, seq, wallMs), mutations)));
