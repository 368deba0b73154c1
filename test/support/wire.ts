import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { dictionary1, dictionary1Encoding } from "#wire/dictionary-1.ts";
import type { BatchV1 } from "../../src/wire/batch-v1.ts";

/** A small good batch; `over` replaces parts of it. */
export function exampleBatch(over: Partial<BatchV1> = {}): BatchV1 {
  return {
    v: 1,
    agent: "ag_000000000001",
    boot: "9f1c2d3e",
    host: { bootId: "0aebe093-9827", uptimeS: 81_234 },
    seq: 1,
    clock: { wallMs: 1_763_785_200_000, monoMs: 81_234_567, synced: true },
    ledger: { produced: 4, thinned: 0, lost: 0 },
    rounds: [
      {
        target: "gw",
        kind: "icmp",
        monoMs: [81_170_000, 30_000],
        sent: [5, 5],
        recv: [2, 0],
        rttUs: [20_110, 20_240],
      },
      {
        target: "lapor",
        kind: "http",
        monoMs: [81_171_000],
        ok: [0],
        phase: ["dns"],
        status: [null],
        dnsMs: [12.5],
        connectMs: [null],
        tlsMs: [null],
        ttfbMs: [null],
        totalMs: [12.5],
        certExpiresS: [null],
      },
      { target: "lapor-dns", kind: "dns", monoMs: [81_172_000], ok: [1], rcode: ["NOERROR"], totalMs: [3.1] },
    ],
    events: [
      { monoMs: 81_000_000, type: "agent.start", detail: { hostBootChanged: true, cleanStop: false } },
    ],
    ...over,
  };
}

/** The document in a body of the agent. */
export function unpackBatch(body: Uint8Array, encoding: string | undefined): unknown {
  const dictionary = encoding === dictionary1Encoding ? dictionary1 : undefined;
  if (dictionary === undefined && encoding !== "zstd") throw new Error(`a batch came as ${encoding}`);
  return JSON.parse(
    zstdDecompressSync(body, dictionary === undefined ? {} : { dictionary }).toString("utf8"),
  );
}

export function packBatch(batch: unknown): Uint8Array {
  return zstdCompressSync(JSON.stringify(batch));
}
