import type { IcmpTarget } from "#wire/targets-v1.ts";
import type { Log } from "../log.ts";
import type { Clock, IcmpSample } from "../probe.ts";
import type { Resolve } from "../resolve.ts";

/** Measures many ICMP targets by itself, in rounds, until it is stopped. */
export interface IcmpEngine {
  /** Measures these targets from now on. One that did not change is measured on, mostly without a break. */
  update(targets: readonly IcmpTarget[]): void;
  /** Ends what it started; no round is reported from the call on. */
  stop(): Promise<void>;
}

export interface IcmpEngineDeps {
  resolve: Resolve;
  clock: Clock;
  log: Log;
  /** A finished round, those of a target in order. `monoMs`: when its first echo request went out, or should have. */
  onRound(target: IcmpTarget, monoMs: number, sample: IcmpSample): void;
  /** Measuring is refused or limited, or the means to measure broke; the error says which field, or what. */
  onBroken(target: IcmpTarget, error: unknown): void;
  /** 0 to 1; spreads the new starts after a failure. Default: Math.random. */
  random?: () => number;
  /** The program to run. Default: `fping`, from PATH. */
  command?: string;
}
