import type { DnsColumns, HttpColumns, IcmpColumns, Kind, SnmpColumns, TcpColumns } from "#wire/rounds-v1.ts";
import type { Step } from "./figures.ts";

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
export type TcpRounds = Timed<TcpColumns>;
/**
 * Rounds of one target in columns of equal length (icmp: rttUs flat, recv[i] values for round i, fewer of a summary). An
 * optional column is there only where one of its cells says something. Summaries: wire/summary-v1.ts.
 */
export type Rounds = IcmpRounds | SnmpRounds | HttpRounds | DnsRounds | TcpRounds;

/** Of the rounds of a check nothing but when they began and whether it passed (1) or not (0). */
export type Outcomes = Pick<TcpRounds, "key" | "timeMs" | "ok" | "merged" | "spanMs"> & {
  kind: Exclude<Kind, "icmp" | "snmp">;
};

/** Which rounds these are, so that writing them again changes nothing. */
export interface RoundsOrigin {
  agent: string;
  seq: number;
}

export interface StepQuery {
  fromMs: number;
  toMs: number;
  /** Length of a step, a multiple of `finestStepMs`. */
  stepMs: number;
  /** SNMP objects that are asked for. Default: all. */
  objects?: readonly string[];
}

/** Steps of the rounds of one kind, ascending. */
export interface KindSteps {
  kind: Kind;
  steps: Step[];
}

export interface SeriesStore {
  /**
   * Resolves when the rounds are durable. The same origin again, as after a crash before the ledger, leaves one copy. Throws
   * SeriesTrouble where the store cannot take them now; nothing, or some of them, is stored then, and writing them again is right.
   */
  append(origin: RoundsOrigin, rounds: readonly Rounds[]): Promise<void>;
  /**
   * Rounds that began in [fromMs, toMs), ascending in time, one entry per key that has any; more than one where the target
   * was measured as more than one kind. A summary that began earlier and of which a round began in it is among them. Exactly as
   * they were written, but that an SNMP object of which no round has a value may be left out.
   */
  read(keys: readonly string[], fromMs: number, toMs: number): Promise<Rounds[]>;
  /**
   * The same of checks (HTTP, name look-ups, TCP), read for a month of a district: without what else they measured, and in
   * as many pieces of a key as they come in, ascending one after another. Where the rounds are gone, as summaries of those in
   * a row that said the same: exact are when the first and the last of them began and how many there were.
   */
  outcomes(keys: readonly string[], fromMs: number, toMs: number): Promise<Outcomes[]>;
  /** What the rounds of each step come to, of rounds that are no longer kept as well. */
  steps(key: string, query: StepQuery): Promise<KindSteps[]>;
  /** Shortest step, ms, that is still kept of all these keys from `fromMs` on; 1: the rounds themselves. */
  finestStepMs(keys: readonly string[], fromMs: number): number;
  /** When the first round of a key that was ever written began; null: it has none. */
  firstMs(key: string): Promise<number | null>;
  /** When the first round of the key of this kind began to which anything came back; null: there is none. */
  answeredMs(key: string, kind: Kind): Promise<number | null>;
  /** Keys that have ever been written, with their kinds in the order in which they came. */
  keys(): Promise<ReadonlyMap<string, readonly Kind[]>>;
  /** Throws SeriesTrouble where rounds cannot be written or read now. */
  ping(): Promise<void>;
}
