import type { BatchV1 } from "#wire/batch-v1.ts";
import type { Kind } from "#wire/rounds-v1.ts";
import { toColumns } from "../../probes/compose.ts";
import type { Round } from "../../probes/compose.ts";
import { createRandom } from "../../probes/demo/random.ts";
import type { Random } from "../../probes/demo/random.ts";
import type { Sample } from "../../probes/probe.ts";

/** The site whose agent the benchmarks are: 20 targets, as a kecamatan with its devices and services has. */
export const benchSite = "64.08.05";

export interface BenchTarget {
  id: string;
  kind: Kind;
}

const several = (kind: Kind, count: number): BenchTarget[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${kind}-${index + 1}`, kind }));

export const twentyTargets: readonly BenchTarget[] = [
  ...several("icmp", 10),
  ...several("http", 4),
  ...several("dns", 3),
  ...several("snmp", 3),
];

/** Base round trip and mean queueing, ms. */
export interface Path {
  baseMs: number;
  queueMs: number;
  lossRatio: number;
}
export const fibre: Path = { baseMs: 20, queueMs: 2, lossRatio: 0.001 };
export const vsat: Path = { baseMs: 600, queueMs: 25, lossRatio: 0.01 };

const rttMs = ({ baseMs, queueMs }: Path, random: Random) => baseMs + queueMs * random.exponential();

/** A plausible measurement: every reply differs, as it does in life, or compression would be flattered. */
export function sampleOf(kind: Kind, path: Path, monoMs: number, random: Random): Sample {
  const ms = () => rttMs(path, random);
  switch (kind) {
    case "icmp": {
      const isLost = Array.from({ length: 5 }, () => random.next() < path.lossRatio);
      const rttUs = isLost.filter((lost) => !lost).map(() => Math.round(ms() * 1000));
      return { kind, sent: 5, recv: rttUs.length, rttUs, unsent: null, lossRun: longestRun(isLost) };
    }
    case "dns":
      return { kind, ok: 1, rcode: "NOERROR", totalMs: ms() };
    case "http":
      return {
        kind,
        ok: 1,
        phase: null,
        status: 200,
        dnsMs: ms(),
        connectMs: ms(),
        tlsMs: 2 * ms(),
        ttfbMs: ms() + 40 * random.exponential(),
        totalMs: 5 * ms(),
        certExpiresS: 8_000_000 - Math.floor(monoMs / 1000),
        tlsError: null,
      };
    case "tcp":
      return { kind, ok: 1, phase: null, connectMs: ms() };
    case "snmp":
      return {
        kind,
        ok: 1,
        values: {
          sysUpTime: Math.floor(monoMs / 10),
          "ifOperStatus.2": 1,
          "ifHCInOctets.2": Math.floor(monoMs * 210 + 50_000 * random.next()),
          "ifHCOutOctets.2": Math.floor(monoMs * 40 + 9_000 * random.next()),
        },
        why: null,
      };
  }
}

function longestRun(isLost: readonly boolean[]): number {
  let longest = 0;
  let run = 0;
  for (const lost of isLost) {
    run = lost ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

export interface BatchStreamOptions {
  agent: string;
  targets: readonly BenchTarget[];
  path: Path;
  /** Rounds of each target in a batch. */
  roundsPerTarget: number;
  /** Seconds between two rounds of a target. */
  intervalS: number;
  /** Epoch ms of the first round; the machine booted a day before. */
  startMs: number;
}

const bootedMs = 86_400_000;

/** Batches of one agent, one after another, as it makes them: the same columns, its own seqs and ledger. */
export function* batchStream(options: BatchStreamOptions): Generator<BatchV1> {
  const { agent, targets, path, roundsPerTarget, startMs } = options;
  const intervalMs = options.intervalS * 1000;
  const random = createRandom(`${agent}/${path.baseMs}`);
  let produced = 0;
  for (let seq = 1; ; seq++) {
    const rounds: Round[] = [];
    const fromMs = bootedMs + (seq - 1) * roundsPerTarget * intervalMs;
    for (const [index, { id, kind }] of targets.entries()) {
      for (let round = 0; round < roundsPerTarget; round++) {
        // A scheduler starts a round within a few ms of its time.
        const late = Math.floor(3 * random.exponential());
        const monoMs = fromMs + round * intervalMs + Math.floor((index * intervalMs) / targets.length) + late;
        rounds.push({ target: id, monoMs, sample: sampleOf(kind, path, monoMs, random) });
      }
    }
    produced += rounds.length;
    const monoMs = fromMs + roundsPerTarget * intervalMs + 1_000;
    yield {
      v: 1,
      agent,
      boot: "9f1c64d2a0b35e7788990011",
      host: { bootId: "0c7e2a8e-5b0f-4c56-9d67-3f8f6f3f2a11", uptimeS: Math.floor(monoMs / 1000) },
      seq,
      clock: { wallMs: startMs - bootedMs + monoMs, monoMs, synced: true },
      ledger: { produced, thinned: 0, lost: 0 },
      rounds: toColumns(rounds),
      events: [],
    };
  }
}

/** The first `count` of a stream. */
export function take<T>(stream: Iterator<T>, count: number): T[] {
  return Array.from({ length: count }, () => stream.next().value as T);
}
