import type { IcmpRounds, Rounds, RoundsOrigin, SnmpRounds } from "../../src/series/series-store.ts";

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** A midnight; long past, so that nothing is of the future. */
export const day0Ms = Date.UTC(2026, 2, 2);

export interface Batch {
  origin: RoundsOrigin;
  rounds: Rounds[];
}

/** Echoes of 5, one round each 30 s; what comes back differs from round to round, and now and then nothing does. */
export function echoes(key: string, fromMs: number, count: number): IcmpRounds {
  const rounds: IcmpRounds = { key, kind: "icmp", timeMs: [], sent: [], recv: [], rttUs: [] };
  for (let index = 0; index < count; index++) {
    const timeMs = fromMs + index * 30_000;
    const seed = Math.floor(timeMs / 30_000);
    const recv = seed % 37 === 0 ? 0 : seed % 11 === 0 ? 4 : 5;
    const replies = Array.from(
      { length: recv },
      (_, reply) => 20_000 + ((seed * 7919 + reply * 104_729) % 3_000) * 10,
    );
    rounds.timeMs.push(timeMs);
    rounds.sent.push(5);
    rounds.recv.push(recv);
    rounds.rttUs.push(...replies.sort((a, b) => a - b));
  }
  return rounds;
}

/** A router's counter, read each 5 minutes and 7 s after the step's beginning; its rate differs from poll to poll. */
export function polls(key: string, fromMs: number, count: number): SnmpRounds {
  const timeMs = Array.from({ length: count }, (_, at) => fromMs + at * 300_000 + 7_000);
  const countAt = (ms: number) => {
    const at = Math.floor((ms - day0Ms) / 300_000) + 1_000;
    // 4.2 MB a poll, and each seventh time 4.6.
    return 4_000_000_000 + at * 3_000_000 + Math.floor(at / 7) * 9_000_000 + (at % 7) * 1_234_567;
  };
  return {
    key,
    kind: "snmp",
    timeMs,
    ok: timeMs.map(() => 1),
    values: {
      sysUpTime: timeMs.map((ms) => (ms - day0Ms + 30 * dayMs) / 10),
      "ifHCInOctets.2": timeMs.map(countAt),
    },
  };
}

/** The same as batches of ten rounds of an agent of their own, the first of them `seq` 1. */
export function inBatches(key: string, fromMs: number, batches: number, agent = `ag_${key}`): Batch[] {
  return Array.from({ length: batches }, (_, index) => ({
    origin: { agent, seq: index + 1 },
    rounds: [echoes(key, fromMs + index * 10 * 30_000, 10)],
  }));
}

/** Rounds of every kind with whatever a column may hold. */
export function everyKind(atMs: number): Rounds[] {
  const timeMs = [atMs, atMs + 30_000, atMs + 30_001];
  return [
    {
      key: "64.08/icmp",
      kind: "icmp",
      timeMs,
      sent: [5, 0, 5],
      recv: [2, 0, 5],
      rttUs: [999, 10_010, 1, 2, 2, 599_999_990, 600_000_000],
      unsent: [null, "route", null],
      lossRun: [2, null, null],
    },
    {
      key: "64.08/icmp-summaries",
      kind: "icmp",
      timeMs: [atMs, atMs + 300_000],
      merged: [10, 1],
      spanMs: [270_000, 0],
      sent: [50, 5],
      recv: [49, 3],
      rttUs: [20_000, 20_010, 20_050, 21_000, 90_000, 7, 8, 9],
      lossRun: [1, null],
    },
    {
      key: "64.08/snmp",
      kind: "snmp",
      timeMs,
      ok: [1, 0, 1],
      values: {
        sysUpTime: [812_345, null, 4_294_967_295],
        "ifHCInOctets.2": [9_007_199_254_740_991, null, "18446744073709551615"],
        "sysName.0": ['Pusk "A", \\ = b', null, "baris 1\nbaris 2\u0000\u0007 ±°é漢"],
        "level.1": [-71.5, 1.428571428571428, 1e-300],
        empty: ["", "0x", null],
        // As the tags and columns of engines are called.
        site: [3, 4, null],
        target: [null, "x", 5],
        agent: [1, 2, 3],
        time: [1, null, "1970-01-01"],
        name: ["n", null, 1],
      },
      why: [null, "timeout", null],
    },
    {
      key: "64.08/http",
      kind: "http",
      timeMs,
      ok: [1, 0, 0],
      phase: [null, "tls", "dns"],
      status: [200, null, null],
      dnsMs: [0.1, 12.3, 5_000],
      connectMs: [1.25, 33.333333333333336, null],
      tlsMs: [2, null, null],
      ttfbMs: [3, null, null],
      totalMs: [4, 5, 6],
      certExpiresS: [86_400, -5, null],
      tlsError: [null, "CERT_HAS_EXPIRED", null],
    },
    {
      key: "64.08/dns",
      kind: "dns",
      timeMs,
      ok: [1, 0, 0],
      rcode: ["NOERROR", "NXDOMAIN", null],
      totalMs: [5.5, 6, null],
    },
    {
      key: "64.08/tcp",
      kind: "tcp",
      timeMs: [atMs],
      ok: [0],
      phase: ["connect"],
      connectMs: [null],
      merged: [12],
      spanMs: [3_300_000],
    },
  ];
}
