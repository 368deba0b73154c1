import { parseBatch } from "#wire/batch-v1.ts";
import type {
  BatchV1,
  DnsColumns,
  HttpColumns,
  IcmpColumns,
  RoundColumns,
  SnmpColumns,
} from "#wire/batch-v1.ts";
import { roundMs, roundRttUs } from "#wire/units.ts";
import type { DnsSample, HttpSample, IcmpSample, Sample, SnmpSample } from "./probe.ts";

/** One measurement as the spool keeps it. */
export interface Round {
  target: string;
  /** Monotonic time of the start. */
  monoMs: number;
  sample: Sample;
}

interface Column<S extends Sample> {
  target: string;
  monoMs: number[];
  samples: S[];
}

/** Turns rounds into the columns of a batch: one object per target, in the order in which the targets first appear. */
export function toColumns(rounds: readonly Round[]): RoundColumns[] {
  const byTarget = new Map<string, Round[]>();
  for (const round of rounds) {
    const others = byTarget.get(round.target);
    if (others === undefined) byTarget.set(round.target, [round]);
    else others.push(round);
  }
  return [...byTarget].map(([target, own]) => {
    own.sort((a, b) => a.monoMs - b.monoMs);
    return columnsOf(target, own);
  });
}

function columnsOf(target: string, rounds: readonly Round[]): RoundColumns {
  const monoMs = rounds.map((round, index) =>
    index === 0 ? round.monoMs : round.monoMs - rounds[index - 1]!.monoMs,
  );
  const kind = rounds[0]!.sample.kind;
  const samples = rounds.map((round) => {
    if (round.sample.kind !== kind) throw new Error(`target ${target} has rounds of two kinds in one batch`);
    return round.sample;
  });
  switch (kind) {
    case "icmp":
      return icmpColumns({ target, monoMs, samples: samples as IcmpSample[] });
    case "snmp":
      return snmpColumns({ target, monoMs, samples: samples as SnmpSample[] });
    case "http":
      return httpColumns({ target, monoMs, samples: samples as HttpSample[] });
    case "dns":
      return dnsColumns({ target, monoMs, samples: samples as DnsSample[] });
  }
}

function icmpColumns({ target, monoMs, samples }: Column<IcmpSample>): IcmpColumns {
  return {
    target,
    kind: "icmp",
    monoMs,
    sent: samples.map((sample) => sample.sent),
    recv: samples.map((sample) => sample.recv),
    rttUs: samples.flatMap((sample) => sample.rttUs.map(roundRttUs).sort((a, b) => a - b)),
  };
}

function snmpColumns({ target, monoMs, samples }: Column<SnmpSample>): SnmpColumns {
  // A changed configuration may ask for other objects half-way: every name gets a column, null where it was not read.
  const names = new Set(samples.flatMap((sample) => Object.keys(sample.values)));
  return {
    target,
    kind: "snmp",
    monoMs,
    ok: samples.map((sample) => sample.ok),
    values: Object.fromEntries(
      [...names].map((name) => [name, samples.map((sample) => sample.values[name] ?? null)]),
    ),
  };
}

function httpColumns({ target, monoMs, samples }: Column<HttpSample>): HttpColumns {
  return {
    target,
    kind: "http",
    monoMs,
    ok: samples.map((sample) => sample.ok),
    phase: samples.map((sample) => sample.phase),
    status: samples.map((sample) => sample.status),
    dnsMs: samples.map((sample) => tenths(sample.dnsMs)),
    connectMs: samples.map((sample) => tenths(sample.connectMs)),
    tlsMs: samples.map((sample) => tenths(sample.tlsMs)),
    ttfbMs: samples.map((sample) => tenths(sample.ttfbMs)),
    totalMs: samples.map((sample) => tenths(sample.totalMs)),
    certExpiresS: samples.map((sample) => sample.certExpiresS),
  };
}

function dnsColumns({ target, monoMs, samples }: Column<DnsSample>): DnsColumns {
  return {
    target,
    kind: "dns",
    monoMs,
    ok: samples.map((sample) => sample.ok),
    rcode: samples.map((sample) => sample.rcode),
    totalMs: samples.map((sample) => tenths(sample.totalMs)),
  };
}

const tenths = (ms: number | null) => (ms === null ? null : roundMs(ms));

/**
 * Throws WireError when the collector would refuse the round. Asked before a round goes into the spool, since one bad
 * cell would have the whole batch around it refused, and a batch never changes.
 */
export function assertRound(round: Round): void {
  const batch: BatchV1 = {
    v: 1,
    agent: "ag",
    boot: "boot",
    host: { bootId: "host", uptimeS: 0 },
    seq: 1,
    clock: { wallMs: 0, monoMs: round.monoMs, synced: false },
    ledger: { produced: 1, thinned: 0, lost: 0 },
    rounds: toColumns([round]),
    events: [],
  };
  parseBatch(batch);
}

/** Whether the target answered, or null when the round says nothing about it (no echo could be sent). */
export function answered(sample: Sample): boolean | null {
  if (sample.kind !== "icmp") return sample.ok === 1;
  return sample.sent === 0 ? null : sample.recv > 0;
}
