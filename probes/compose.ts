import type {
  DnsColumns,
  HttpColumns,
  IcmpColumns,
  RoundColumns,
  SnmpColumns,
  TcpColumns,
} from "#wire/rounds-v1.ts";
import { roundMs, roundRttUs } from "#wire/units.ts";
import type { DnsSample, HttpSample, IcmpSample, Sample, SnmpSample, TcpSample } from "./probe.ts";

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
    case "tcp":
      return tcpColumns({ target, monoMs, samples: samples as TcpSample[] });
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
    ...optional(
      "unsent",
      samples.map(({ unsent }) => unsent),
    ),
    ...optional("lossRun", samples.map(openLossRun)),
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
    ...optional(
      "why",
      samples.map(({ why }) => why),
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
    ...optional(
      "tlsError",
      samples.map(({ tlsError }) => tlsError),
    ),
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

function tcpColumns({ target, monoMs, samples }: Column<TcpSample>): TcpColumns {
  return {
    target,
    kind: "tcp",
    monoMs,
    ok: samples.map((sample) => sample.ok),
    phase: samples.map((sample) => sample.phase),
    connectMs: samples.map((sample) => tenths(sample.connectMs)),
  };
}

/** A column that stays away where it would say nothing. */
function optional<K extends string, T>(name: K, cells: (T | null)[]): { [name in K]?: (T | null)[] } {
  return cells.every((cell) => cell === null) ? {} : ({ [name]: cells } as { [name in K]?: (T | null)[] });
}

/** The loss run where sent and recv leave it open, see IcmpColumns. */
function openLossRun({ sent, recv, lossRun }: IcmpSample): number | null {
  return recv > 0 && sent - recv > 1 ? lossRun : null;
}

const tenths = (ms: number | null) => (ms === null ? null : roundMs(ms));

/**
 * Whether the target answered, or null when the round says nothing about it: no echo could be sent, and not because there
 * was no way to it.
 */
export function answered(sample: Sample): boolean | null {
  if (sample.kind !== "icmp") return sample.ok === 1;
  if (sample.sent === 0) return sample.unsent === "route" ? false : null;
  return sample.recv > 0;
}
