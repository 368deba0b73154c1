import { lost } from "./fping-lines.ts";

/** A round whose echoes are settled, all that can be told of it without asking the kernel. */
export interface LaneRound {
  startMs: number;
  /** Echoes of which the outcome is known. */
  sent: number;
  /** Echoes of which nothing was ever heard: they were not sent. */
  unsent: number;
  /** Ascending. */
  rttUs: number[];
  lossRun: number;
}

export interface LanePace {
  /** Echoes a round. */
  count: number;
  periodMs: number;
  timeoutMs: number;
}

/** How long after its timeout the outcome of an echo may be on its way to us, in ms, before a reason is looked for. */
export const graceMs = 2_000;
/** Where no reason is found, the machine may only be busy: how long the outcome is waited for then, in ms. */
export const patienceMs = 15_000;
/** How late, against the grid, lines may be read before the grid itself is taken to have moved. */
const slackMs = 300;

const unknown = 0;

/*
 * The echoes of one target as one fping sends them, cut into rounds of `count`. fping numbers them 0, 1, 2 … on a grid
 * of periodMs and tells their outcomes in any order. They are kept in a ring from the first echo of the open round on:
 *
 *   ring[n % length]   0 unknown · -1 lost · otherwise RTT in µs + 1
 *
 * When the first line comes late, because the pipe is read in batches, the echo seems to have gone out late. So the
 * grid is put where the earliest line would have it.
 */
export class Lane {
  readonly #count: number;
  readonly #periodMs: number;
  readonly #timeoutMs: number;
  readonly #ring: Int32Array;
  /** Number of the open round's first echo. */
  #first = 0;
  /** Settled echoes of the open round. */
  #known = 0;
  /** When echo 0 went out. */
  #originMs = Infinity;
  #observed = false;
  #lastStartMs = 0;

  constructor({ count, periodMs, timeoutMs }: LanePace) {
    this.#count = count;
    this.#periodMs = periodMs;
    this.#timeoutMs = timeoutMs;
    this.#ring = new Int32Array(2 * count + Math.ceil((timeoutMs + patienceMs + slackMs) / periodMs) + 1);
  }

  /** When the first echo should go out, for as long as no line tells when it did. Until then no round is over. */
  expect(originMs: number): void {
    this.#originMs = originMs;
  }

  /** Takes a line of fping. False: the echo is beyond what can be kept; close rounds and come again. */
  take(sequence: number, rttUs: number, nowMs: number): boolean {
    if (sequence < this.#first) return true;
    if (sequence >= this.#first + this.#ring.length) return false;
    const at = sequence % this.#ring.length;
    if (this.#ring[at] !== unknown) return true;
    this.#ring[at] = rttUs === lost ? lost : rttUs + 1;
    if (sequence < this.#first + this.#count) this.#known++;
    this.#observe(nowMs - (rttUs === lost ? this.#timeoutMs : rttUs / 1000) - sequence * this.#periodMs);
    return true;
  }

  #observe(originMs: number): void {
    if (!this.#observed || originMs < this.#originMs) this.#originMs = originMs;
    else if (originMs > this.#originMs + slackMs) this.#originMs = originMs - slackMs;
    this.#observed = true;
  }

  /** The open round, if every outcome is known. The next one is open then. */
  close(nowMs: number): LaneRound | null {
    return this.#known === this.#count ? this.cut(nowMs) : null;
  }

  /** By how much, in ms, the last outcome of the open round is later than it can be; negative while it may come. */
  lateMs(nowMs: number): number {
    const lastMs = this.#originMs + (this.#first + this.#count - 1) * this.#periodMs;
    return nowMs - lastMs - this.#timeoutMs;
  }

  /** The open round as it is now. */
  cut(nowMs: number): LaneRound {
    const round = this.#read(nowMs);
    this.#first += this.#count;
    this.#known = 0;
    for (let n = this.#first; n < this.#first + this.#count; n++) {
      if (this.#ring[n % this.#ring.length] !== unknown) this.#known++;
    }
    return round;
  }

  #read(nowMs: number): LaneRound {
    const rttUs: number[] = [];
    let sent = 0;
    let run = 0;
    let lossRun = 0;
    for (let n = this.#first; n < this.#first + this.#count; n++) {
      const at = n % this.#ring.length;
      const outcome = this.#ring[at]!;
      this.#ring[at] = unknown;
      // An echo that was not sent neither prolongs a run of lost ones nor ends it.
      if (outcome === unknown) continue;
      sent++;
      run = outcome === lost ? run + 1 : 0;
      lossRun = Math.max(lossRun, run);
      if (outcome !== lost) rttUs.push(outcome - 1);
    }
    const gridMs = Math.min(nowMs, Math.round(this.#originMs + this.#first * this.#periodMs));
    this.#lastStartMs = Math.max(this.#lastStartMs, gridMs);
    rttUs.sort((a, b) => a - b);
    return { startMs: this.#lastStartMs, sent, unsent: this.#count - sent, rttUs, lossRun };
  }
}
