import { describe, expect, it } from "vitest";
import { decodeChunk, encodeChunk } from "../../src/series/chunk.ts";
import { clipRounds, joinRounds, splitRounds } from "../../src/series/join.ts";
import type { IcmpRounds, Rounds } from "../../src/series/series-store.ts";

const icmp = (over: Partial<IcmpRounds> = {}): IcmpRounds => ({
  key: "64.08/gw",
  kind: "icmp",
  timeMs: [1_763_785_200_123, 1_763_785_230_125, 1_763_785_260_124],
  sent: [5, 5, 0],
  recv: [3, 0, 0],
  rttUs: [20110, 20240, 612_340],
  ...over,
});

const examples: [string, Rounds][] = [
  ["icmp with reasons and loss runs", icmp({ unsent: [null, null, "route"], lossRun: [2, null, null] })],
  [
    "tcp",
    { key: "a/p", kind: "tcp", timeMs: [1, 2], ok: [1, 0], phase: [null, "timeout"], connectMs: [2.5, null] },
  ],
  ["icmp with a lost and an unsent round", icmp()],
  [
    "icmp of which two rounds were merged",
    icmp({
      sent: [50, 5, 15],
      recv: [49, 2, 0],
      rttUs: [20_110, 20_240, 20_300, 20_400, 90_000, 41, 42],
      lossRun: [1, null, 5],
      merged: [10, 1, 3],
      spanMs: [29_000, 0, 60_000],
    }),
  ],
  [
    "snmp that was merged",
    {
      key: "a/rt",
      kind: "snmp",
      timeMs: [0, 300_000],
      ok: [1, 1],
      values: { sysUpTime: [30_000, 60_000] },
      merged: [10, 10],
      spanMs: [270_000, 270_000],
    },
  ],
  ["icmp below 10 ms, to the µs", icmp({ sent: [2, 1, 1], recv: [2, 1, 1], rttUs: [41, 9999, 1, 0] })],
  ["one round", icmp({ timeMs: [5], sent: [1], recv: [1], rttUs: [600_000_000] })],
  [
    "http with nulls, tenths and a negative expiry",
    {
      key: "64.08/lapor",
      kind: "http",
      timeMs: [1, 2, 3],
      ok: [1, 0, 0],
      phase: [null, "dns", "tls"],
      status: [200, null, null],
      dnsMs: [1.5, null, 0.1],
      connectMs: [20, null, 21.7],
      tlsMs: [40.25, null, null],
      ttfbMs: [80, null, null],
      totalMs: [81.3, 5000, 30],
      certExpiresS: [7_776_000, null, -86_400],
      tlsError: [null, null, "CERT_HAS_EXPIRED"],
    },
  ],
  [
    "dns",
    {
      key: "a/d",
      kind: "dns",
      timeMs: [10, 10, 400],
      ok: [1, 0, 0],
      rcode: ["NOERROR", "NXDOMAIN", null],
      totalMs: [3.2, 4, null],
    },
  ],
  [
    "snmp with floats, texts, a counter beyond 2^53 and a dead poll",
    {
      key: "a/rt",
      kind: "snmp",
      timeMs: [0, 60_000, 120_000],
      ok: [1, 0, 1],
      values: {
        sysUpTime: [812_345, null, 818_345],
        "ifHCInOctets.2": [9_007_199_254_740_991, null, "18446744073709551615"],
        temperature: [-3.14159, null, 21.5],
        sysName: ["desa-é", null, "desa-é"],
        big: [4_503_599_627_370_496, null, -4_503_599_627_370_496],
        none: [null, null, null],
      },
      why: [null, "timeout", null],
    },
  ],
];

describe("chunk", () => {
  it.each(examples)("gives back %s exactly", (_, rounds) => {
    expect(decodeChunk(rounds.key, rounds.kind, rounds.timeMs[0]!, encodeChunk(rounds))).toEqual(rounds);
  });

  it("gives back columns longer than a bitmap byte with nulls anywhere", () => {
    const timeMs = Array.from({ length: 37 }, (_, i) => i * 60_000);
    const totalMs = timeMs.map((_, i) => (i % 3 === 0 ? null : i / 10));
    const rounds: Rounds = {
      key: "a/d",
      kind: "dns",
      timeMs,
      ok: timeMs.map(() => 1),
      rcode: timeMs.map(() => "NOERROR"),
      totalMs,
    };
    expect(decodeChunk("a/d", "dns", 0, encodeChunk(rounds))).toEqual(rounds);
  });

  it("refuses a torn chunk", () => {
    const bytes = encodeChunk(icmp());
    expect(() => decodeChunk("64.08/gw", "icmp", 0, bytes.subarray(0, bytes.length - 2))).toThrow(RangeError);
  });
});

describe("joining and clipping", () => {
  const early = icmp({ timeMs: [10, 30], sent: [2, 2], recv: [1, 2], rttUs: [100, 200, 300] });
  const late = icmp({ timeMs: [20, 40], sent: [1, 1], recv: [1, 0], rttUs: [999] });

  it("sorts rounds of overlapping pieces and keeps each with its own replies", () => {
    expect(joinRounds([early, late])).toEqual(
      icmp({ timeMs: [10, 20, 30, 40], sent: [2, 1, 2, 1], recv: [1, 1, 2, 0], rttUs: [100, 999, 200, 300] }),
    );
  });

  it("keeps what rounds were merged, and says of others that they were not", () => {
    const summary = icmp({
      timeMs: [50],
      sent: [50],
      recv: [49],
      rttUs: [1, 2, 3, 4, 5],
      merged: [10],
      spanMs: [40],
    });
    const joined = joinRounds([early, summary])!;
    expect(joined).toEqual(
      icmp({
        timeMs: [10, 30, 50],
        sent: [2, 2, 50],
        recv: [1, 2, 49],
        rttUs: [100, 200, 300, 1, 2, 3, 4, 5],
        merged: [1, 1, 10],
        spanMs: [0, 0, 40],
      }),
    );
    // It reaches to 90, and is cut from the others with its own replies.
    expect(clipRounds(joined, 90, 99)).toEqual(summary);
    expect(clipRounds(joined, 91, 99)).toBeNull();
    expect([...splitRounds(joined, 50)].map(({ timeMs }) => timeMs)).toEqual([[10, 30], [50]]);
  });

  it("takes the half-open range", () => {
    expect(clipRounds(early, 10, 30)).toEqual(icmp({ timeMs: [10], sent: [2], recv: [1], rttUs: [100] }));
    expect(clipRounds(early, 31, 99)).toBeNull();
  });
});
