import type { DnsColumns, HttpColumns, IcmpColumns, Kind, SnmpColumns } from "#wire/batch-v1.ts";

type Timed<T> = Omit<T, "target" | "monoMs"> & {
  /** `<site>/<target id>`. */
  key: string;
  /** Corrected start of each round, epoch ms, ascending. */
  timeMs: number[];
};

export type IcmpRounds = Timed<IcmpColumns>;
export type SnmpRounds = Timed<SnmpColumns>;
export type HttpRounds = Timed<HttpColumns>;
export type DnsRounds = Timed<DnsColumns>;
/** Rounds of one target in columns of equal length (icmp: rttUs flat, recv[i] values for round i). */
export type Rounds = IcmpRounds | SnmpRounds | HttpRounds | DnsRounds;

/** Which rounds these are, so that writing them again changes nothing. */
export interface RoundsOrigin {
  agent: string;
  seq: number;
}

export interface SeriesStore {
  /** Resolves when the rounds are durable. The same origin twice leaves one copy. */
  append(origin: RoundsOrigin, rounds: readonly Rounds[]): Promise<void>;
  /**
   * Rounds that began in [fromMs, toMs), ascending in time, one entry per key that has any; more than one where the target
   * was measured as more than one kind.
   */
  read(keys: readonly string[], fromMs: number, toMs: number): Promise<Rounds[]>;
  /** When the first round of a key that was ever written began; null: it has none. */
  firstMs(key: string): Promise<number | null>;
  /** Keys that have ever been written, with their kinds in the order in which they came. */
  keys(): Promise<ReadonlyMap<string, readonly Kind[]>>;
}
