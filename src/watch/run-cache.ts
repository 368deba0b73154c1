import type { Kind } from "#wire/rounds-v1.ts";
import type { Target } from "../inventory/inventory.ts";
import type { Run, TargetEvidence } from "../outage/evidence.ts";
import { firstAnswerMs } from "../series/answers.ts";
import type { Rounds, SeriesStore } from "../series/series-store.ts";
import { usualDays } from "../outage/baseline.ts";
import { levelRuns } from "../outage/levels.ts";
import type { SlowRun } from "../outage/slow.ts";
import type { BaselineRow, StateStore } from "../state/state-store.ts";
import { addReadings } from "./readings.ts";
import type { Reading } from "./readings.ts";
import { createRoundTrips, hasRoundTrips, medianLns } from "./round-trips.ts";
import type { RoundTrips } from "./round-trips.ts";
import { addRounds } from "./runs.ts";

/**
 * The run-length form of every target's rounds from one moment on, kept in memory: a few runs for each target, where the
 * rounds would be thousands. Built from the store and brought up to date key by key.
 */
export interface RunCache {
  /** Where the evidence begins that it gives. What lies before it is held for a while: late rounds reach back to it. */
  readonly fromMs: number;
  /** Rounds of a key from `fromMs` on are new, and to be read from the store. */
  touch(key: string, fromMs: number): void;
  /** These rounds are new, and in the store already. Where they follow on what is known, they are not read again. */
  add(rounds: Rounds): void;
  /** Makes the evidence begin earlier or later; earlier than what is held reads everything again. */
  moveStart(fromMs: number): void;
  /** What is usual for the targets, as far as it came out other than stored since this was last asked. */
  takeBaselines(): BaselineRow[];
  /** Reads what was touched since and gives the evidence of all targets, those in force and those that once were. */
  refresh(inForce: Iterable<Target>, retired: Iterable<Target>): Promise<TargetEvidence[]>;
}

interface Entry {
  runs: Run[];
  /** Of a device that tells its signal; ascending. */
  readings: Reading[];
  /** Of a target whose round-trip times tell of a link. */
  roundTrips: RoundTrips | null;
  /** First round ever to which anything came back. */
  answeredMs: number | null;
  /** Another interval makes other runs of the same rounds. */
  intervalMs: number;
  /** The last round before what is held; null: there was none, or what is held goes on from it. */
  beforeMs: number | null;
  /** First round ever: a site that was silent for longer than the cache reaches is not one never measured. */
  firstMs: number | null;
}

/**
 * How much may wait for the next refresh: rounds, and for each piece as much as ten of them, some 50 MB in all. What comes
 * on top of it is read from the store by then.
 */
const defaultMostWaiting = 1_000_000;
const pieceWeight = 10;
/**
 * How much is held before the start of the evidence, ms: a site that comes back after three days has its neighbours judged
 * anew for as long, and an outage in that may have begun two days earlier. Reading the district's rounds again for it takes
 * seconds, and runs are few.
 */
const heldMs = 4 * 86_400_000;
const dayMs = 86_400_000;

/** Rounds on their way into the runs, without their replies, which are the most of them: a median of each is left. */
interface Piece {
  rounds: Rounds;
  lns: Float64Array;
}

/** `startMs`, and every later start: a whole hour, since what is usual is kept by the hour. */
export function createRunCache(
  series: SeriesStore,
  startMs: number,
  gapFactor: number,
  baselines: StateStore["baselines"],
  mostWaiting = defaultMostWaiting,
): RunCache {
  /** Where what is held begins, and where the evidence does that is given. */
  let fromMs = startMs;
  let givenMs = startMs;
  /** A target that came to be measured by other means is two. */
  const entries = byKind<Entry>();
  /** Earliest new round by key, to be read. */
  const touched = new Map<string, number>();
  /** New rounds, in the order in which they came. */
  let added = byKind<Piece[]>();
  let waiting = 0;
  let refreshing = false;

  const touch = (key: string, touchedFromMs: number) =>
    void touched.set(key, Math.min(touchedFromMs, touched.get(key) ?? Infinity));

  async function load(target: Target, entry: Entry | undefined, touchMs: number | undefined): Promise<Entry> {
    const { key, probe } = target;
    const intervalMs = probe.intervalS * 1000;
    const lastMs = entry?.runs.at(-1)?.lastMs;
    const readInto = async ({ runs, readings, roundTrips }: Entry, sinceMs: number) => {
      const found = await series.read([key], sinceMs, Number.MAX_SAFE_INTEGER);
      const rounds = found.find(({ kind }) => kind === probe.kind);
      if (rounds === undefined) return;
      addRounds(runs, rounds, intervalMs, gapFactor, sinceMs);
      addReadings(readings, rounds, sinceMs);
      roundTrips?.add(rounds, medianLns(rounds), sinceMs);
    };
    const isLater = lastMs !== undefined && touchMs !== undefined && touchMs > lastMs;
    if (entry?.intervalMs === intervalMs && isLater) {
      await readInto(entry, lastMs + 1);
      entry.answeredMs ??= await series.answeredMs(key, probe.kind);
      return entry;
    }
    const firstDay = Math.floor(fromMs / dayMs) - usualDays;
    const fresh: Entry = {
      runs: [],
      readings: [],
      roundTrips: hasRoundTrips(target.role, probe.kind)
        ? createRoundTrips(
            key,
            fromMs,
            gapFactor * intervalMs,
            await baselines(key, firstDay, Number.MAX_SAFE_INTEGER),
          )
        : null,
      answeredMs: await series.answeredMs(key, probe.kind),
      intervalMs,
      beforeMs: null,
      firstMs: await series.firstMs(key),
    };
    await readInto(fresh, fromMs);
    const begunMs = fresh.runs[0]?.firstMs ?? Infinity;
    if (begunMs > fromMs + gapFactor * intervalMs) fresh.beforeMs = await lastBefore(target, fresh.firstMs);
    return fresh;
  }

  /** The last round of a target that is silent where what is held begins: looked for further and further back. */
  async function lastBefore({ key, probe }: Target, firstRoundMs: number | null): Promise<number | null> {
    if (firstRoundMs === null) return null;
    let spanMs = dayMs;
    for (let toMs = fromMs; toMs > firstRoundMs; spanMs *= 2) {
      const found = await series.read([key], toMs - spanMs, toMs);
      const last = found.find(({ kind }) => kind === probe.kind);
      if (last !== undefined) return lastStart(last);
      toMs -= spanMs;
    }
    return null;
  }

  return {
    get fromMs() {
      return givenMs;
    },
    touch,
    add(rounds) {
      const { key, kind, timeMs } = rounds;
      const piece = { rounds: kind === "icmp" ? { ...rounds, rttUs: [] } : rounds, lns: medianLns(rounds) };
      const others = added[kind].get(key);
      // At once where nothing waits that has to go before it: what is held until the next refresh outlives the young
      // generation, and costs the collection of the old one.
      if (others === undefined && !refreshing && !touched.has(key)) {
        const entry = entries[kind].get(key);
        if (entry !== undefined && follow(entry, piece, gapFactor)) return;
      }
      const weight = timeMs.length + pieceWeight;
      if (waiting + weight > mostWaiting) return touch(key, timeMs[0]!);
      waiting += weight;
      if (others === undefined) added[kind].set(key, [piece]);
      else others.push(piece);
    },
    moveStart(nextMs) {
      givenMs = nextMs;
      if (nextMs < fromMs) {
        for (const known of Object.values(entries)) known.clear();
        fromMs = nextMs;
      }
      const keptMs = nextMs - heldMs;
      if (keptMs <= fromMs) return;
      for (const known of Object.values(entries)) {
        for (const entry of known.values()) {
          const dropped = entry.runs.findLast((run) => run.lastMs < keptMs);
          entry.beforeMs = dropped?.lastMs ?? entry.beforeMs;
          entry.runs = entry.runs.filter((run) => run.lastMs >= keptMs);
          entry.readings = entry.readings.filter(([ms]) => ms >= keptMs);
          entry.roundTrips?.moveStart(keptMs);
        }
      }
      fromMs = keptMs;
    },
    takeBaselines: () =>
      [...entries.icmp.values()].flatMap(({ roundTrips }) => roundTrips?.takeChanges() ?? []),
    async refresh(inForce, retired) {
      // What is touched from here on is read by the next refresh, whether or not this one sees it.
      const taken = new Map(touched);
      const pieces = added;
      touched.clear();
      added = byKind();
      waiting = 0;
      refreshing = true;
      try {
        const evidence: TargetEvidence[] = [];
        const gone = new Set(retired);
        let loads = 0;
        for (const target of [...inForce, ...gone]) {
          const { key, probe } = target;
          let entry = entries[probe.kind].get(key);
          const own = pieces[probe.kind].get(key) ?? [];
          const touchMs = taken.has(key)
            ? Math.min(taken.get(key)!, firstOf(own))
            : followAll(entry, own, gapFactor);
          if (entry?.intervalMs !== probe.intervalS * 1000 || touchMs !== undefined) {
            entry = await load(target, entry, touchMs);
            entries[probe.kind].set(key, entry);
            // Reading is synchronous below: let requests in between.
            if (++loads % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          const slow = entry!.roundTrips?.slow.filter(({ lastMs }) => lastMs >= givenMs) ?? [];
          evidence.push(toEvidence(target, gone.has(target), since(entry!, givenMs), slow, gapFactor));
        }
        return evidence;
      } finally {
        refreshing = false;
      }
    },
  };
}

const byKind = <T>(): Record<Kind, Map<string, T>> => ({
  icmp: new Map(),
  snmp: new Map(),
  http: new Map(),
  dns: new Map(),
  tcp: new Map(),
});

/**
 * Adds pieces to the runs that they follow on. Answers from where on the store has to be read instead: a piece that came
 * late or twice lies among what is known, and whatever came with it waits for the reading.
 */
function followAll(
  entry: Entry | undefined,
  pieces: readonly Piece[],
  gapFactor: number,
): number | undefined {
  for (const piece of pieces)
    if (entry === undefined || !follow(entry, piece, gapFactor)) return firstOf(pieces);
  return undefined;
}

/** Adds a piece to the runs, where it follows on them. */
function follow(entry: Entry, { rounds, lns }: Piece, gapFactor: number): boolean {
  const { runs, readings, roundTrips, intervalMs } = entry;
  const lastMs = runs.at(-1)?.lastMs;
  if (lastMs === undefined || rounds.timeMs[0]! <= lastMs) return false;
  addRounds(runs, rounds, intervalMs, gapFactor);
  addReadings(readings, rounds);
  roundTrips?.add(rounds, lns);
  entry.answeredMs ??= firstAnswerMs(rounds);
  return true;
}

/** Start of the last round, also of those that a summary stands for. */
const lastStart = ({ timeMs, spanMs }: Rounds) => timeMs.at(-1)! + (spanMs?.at(-1) ?? 0);

const firstOf = (pieces: readonly Piece[]) =>
  pieces.reduce((earliest, { rounds }) => Math.min(earliest, rounds.timeMs[0]!), Infinity);

/** The runs and readings that reach to `fromMs` or lie behind it. */
function since(entry: Entry, fromMs: number): Entry {
  const { runs, readings } = entry;
  const begins = runs.findIndex((run) => run.lastMs >= fromMs);
  const before = begins === -1 ? runs.at(-1) : runs[begins - 1];
  return {
    ...entry,
    beforeMs: before?.lastMs ?? entry.beforeMs,
    runs: begins === 0 ? runs : begins === -1 ? [] : runs.slice(begins),
    readings: readings.length === 0 ? readings : readings.filter(([ms]) => ms >= fromMs),
  };
}

/** What the inventory says of a target, as evidence has it. */
export function targetFacts(
  target: Target,
): Pick<TargetEvidence, "key" | "vantage" | "role" | "kind" | "of" | "link" | "service"> {
  const { key, site: vantage, role, of, link, service } = target;
  return { key, vantage, role, kind: target.probe.kind, of, link, service };
}

function toEvidence(
  target: Target,
  retired: boolean,
  { runs, readings, beforeMs, firstMs, answeredMs, intervalMs }: Entry,
  slow: readonly SlowRun[],
  gapFactor: number,
): TargetEvidence {
  return {
    ...targetFacts(target),
    intervalMs,
    ...(retired ? { retired } : {}),
    ...(firstMs === null ? {} : { firstMs }),
    ...(beforeMs === null ? {} : { beforeMs }),
    answeredMs,
    runs,
    ...(slow.length === 0 ? {} : { slow }),
    ...(readings.length === 0 ? {} : { levels: levelRuns(readings, gapFactor * intervalMs) }),
  };
}
