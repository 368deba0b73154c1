import type { SnmpValue } from "#wire/rounds-v1.ts";
import { counterRise } from "./counter-rise.ts";
import type { Rise } from "./counter-rise.ts";
import type { Rounds } from "./series-store.ts";
import { latestOf, unread } from "./last-read.ts";
import type { LastRead } from "./last-read.ts";
import type { Spread } from "./sketch.ts";
import { spreadRounds } from "./spread-rounds.ts";
import type { SpreadRounds } from "./spread-rounds.ts";

/*
 * What the rounds of a step come to: counts that add up and times whose spread is kept, so that the figures of an hour are
 * made of those of its minutes without loss of truth. A step is [n × stepMs, (n + 1) × stepMs) of epoch time, whatever range is
 * asked for, so that the same step has the same rounds in every picture; only the first and the last one of a range may be
 * cut off. A summary counts as the rounds that it stands for, in all the steps that it covers.
 */
export interface Figures {
  /** Rounds that were made; one that could not be sent for want of a route was, and was not answered. */
  made: number;
  /** Those of them that were answered (icmp) or passed. */
  good: number;
  /** Echoes of icmp. */
  sent: number;
  received: number;
  /** Longest run of lost echoes in a round; null: no round tells. */
  lossRun: number | null;
  /** Seconds until the certificate expires, as last measured, and when that was: as lastAtS of an object. */
  certExpiresS: number | null;
  certAtS: number | null;
  /** By name, see timesOf: all replies of icmp, and the durations of checks that passed. */
  times: Readonly<Record<string, Spread>>;
  /** By SNMP object. */
  objects: Readonly<Record<string, ObjectFigures>>;
}

export interface ObjectFigures extends Rise {
  /** The last number read. Of several in one second the greatest, so that it does not matter which of them came first. */
  last: number | null;
  /** When it was read, in whole seconds of epoch time. */
  lastAtS: number | null;
}

export interface Step {
  startMs: number;
  figures: Figures;
}

/** Names of the times of each kind. */
export const timesOf = {
  icmp: ["rtt"],
  http: ["totalMs", "dnsMs", "connectMs", "tlsMs", "ttfbMs"],
  dns: ["totalMs"],
  tcp: ["connectMs"],
  snmp: [],
} as const;

interface Place {
  startMs: number;
  from: number;
  to: number;
  repliesFrom: number;
  repliesTo: number;
}

/** Of what was before a range, for the poll since which a counter rose, and for summaries that reach into the range. */
export const leadMs = 3_600_000;

/**
 * Figures of the steps of [fromMs, toMs) that have any round, ascending. `rounds` may begin earlier: the rate of a counter is
 * that since the poll before. `objects`: of which SNMP objects; default: of all.
 */
export function* figuresOf(
  rounds: Rounds,
  { fromMs, toMs, stepMs }: { fromMs: number; toMs: number; stepMs: number },
  objects?: readonly string[],
): Generator<Step> {
  const spread = spreadRounds(rounds, { fromMs: rounds.timeMs[0]!, toMs, stepMs });
  if (spread === null) return;
  for (const place of placesOf(spread, { fromMs, toMs, stepMs }))
    yield { startMs: place.startMs, figures: read(spread, place, objects) };
}

function* placesOf(
  rounds: SpreadRounds,
  { fromMs, toMs, stepMs }: { fromMs: number; toMs: number; stepMs: number },
): Generator<Place> {
  const { timeMs } = rounds;
  const recv = rounds.kind === "icmp" ? rounds.recv : null;
  let replies = 0;
  for (let from = 0; from < timeMs.length;) {
    if (timeMs[from]! < fromMs) {
      replies += recv?.[from] ?? 0;
      from += 1;
      continue;
    }
    if (timeMs[from]! >= toMs) return;
    const startMs = Math.floor(timeMs[from]! / stepMs) * stepMs;
    const endMs = Math.min(startMs + stepMs, toMs);
    const place: Place = { startMs, from, to: from, repliesFrom: replies, repliesTo: replies };
    while (place.to < timeMs.length && timeMs[place.to]! < endMs) {
      replies += recv?.[place.to] ?? 0;
      place.to += 1;
    }
    place.repliesTo = replies;
    from = place.to;
    yield place;
  }
}

/** What most kinds have nothing of. */
export const noFigures = {
  sent: 0,
  received: 0,
  lossRun: null,
  certExpiresS: null,
  certAtS: null,
  times: {},
  objects: {},
} as const;

function read(rounds: SpreadRounds, place: Place, objects: readonly string[] | undefined): Figures {
  if (rounds.kind === "icmp") {
    const us = rounds.rttUs.slice(place.repliesFrom, place.repliesTo);
    return { ...noFigures, ...countEchoes(rounds, place), times: { rtt: { us } } };
  }
  const checks = countChecks(rounds, place);
  if (rounds.kind === "snmp") {
    const figures: Record<string, ObjectFigures> = {};
    for (const name of objects ?? Object.keys(rounds.values)) {
      const cells = rounds.values[name];
      if (cells === undefined) continue;
      const { value, atS } = lastOf(rounds, cells, place, toNumber);
      figures[name] = { last: value, lastAtS: atS, ...counterRise(rounds, name, place) };
    }
    return { ...noFigures, ...checks, objects: figures };
  }
  const columns = rounds as unknown as Record<string, (number | null)[]>;
  const times = Object.fromEntries(
    timesOf[rounds.kind].map((name) => [name, { us: passedUs(columns[name]!, rounds, place) }]),
  );
  const { value: certExpiresS, atS: certAtS } =
    rounds.kind === "http" ? lastOf(rounds, rounds.certExpiresS, place, (cell) => cell) : unread;
  return { ...noFigures, ...checks, certExpiresS, certAtS, times };
}

/** Rounds [from, to) of icmp. */
export function countEchoes(
  rounds: Extract<Rounds, { kind: "icmp" }>,
  { from, to }: { from: number; to: number },
): Pick<Figures, "made" | "good" | "sent" | "received" | "lossRun"> {
  const count = { made: 0, good: 0, sent: 0, received: 0, lossRun: null as number | null };
  for (let row = from; row < to; row++) {
    const sent = rounds.sent[row]!;
    const received = rounds.recv[row]!;
    const weight = rounds.merged?.[row] ?? 1;
    if (sent === 0) {
      if (rounds.unsent?.[row] === "route") count.made += weight;
      continue;
    }
    count.sent += sent;
    count.received += received;
    count.made += weight;
    if (received > 0) count.good += weight;
    const run = rounds.lossRun?.[row] ?? runOf(sent, sent - received, weight);
    if (run !== null) count.lossRun = Math.max(count.lossRun ?? 0, run);
  }
  return count;
}

/**
 * The round tells where sent and received leave more than one possibility. Otherwise it is none, one, or all of them, and a
 * round that still does not tell came from somebody who does not know.
 */
const runOf = (sent: number, lost: number, merged: number): number | null =>
  lost === 0 || (merged === 1 && (lost === 1 || lost === sent)) ? lost : null;

type Checks = Pick<Exclude<SpreadRounds, { kind: "icmp" }>, "ok" | "merged">;

function countChecks({ ok, merged }: Checks, { from, to }: Place): Pick<Figures, "made" | "good"> {
  const count = { made: 0, good: 0 };
  for (let row = from; row < to; row++) {
    const weight = merged?.[row] ?? 1;
    count.made += weight;
    count.good += ok[row]! * weight;
  }
  return count;
}

function passedUs(cells: readonly (number | null)[], { ok, merged }: Checks, { from, to }: Place): number[] {
  const passed: number[] = [];
  for (let row = from; row < to; row++) {
    const cell = cells[row] ?? null;
    if (ok[row] !== 1 || cell === null) continue;
    for (let left = merged?.[row] ?? 1; left > 0; left--) passed.push(Math.round(cell * 1000));
  }
  return passed;
}

function lastOf<T>(
  { timeMs }: Pick<Rounds, "timeMs">,
  cells: readonly T[],
  { from, to }: Place,
  toValue: (cell: T) => number | null,
): LastRead {
  const read: LastRead[] = [];
  for (let row = to - 1; row >= from; row--) {
    const atS = Math.floor(timeMs[row]! / 1000);
    if (read.length > 0 && atS < read[0]!.atS!) break;
    const value = toValue(cells[row]!);
    if (value !== null) read.push({ value, atS });
  }
  return latestOf(read);
}

function toNumber(cell: SnmpValue): number | null {
  if (typeof cell === "number") return cell;
  return cell !== null && /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : null;
}
