import type { Target } from "../inventory/inventory.ts";
import type { Run, TargetEvidence } from "../outage/evidence.ts";
import { firstAnswerMs } from "../series/answers.ts";
import type { Rounds, SeriesStore } from "../series/series-store.ts";
import { usualDays } from "../outage/baseline.ts";
import { levelRuns } from "../outage/levels.ts";
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
  readonly fromMs: number;
  /** Rounds of a key from `fromMs` on are new, and to be read from the store. */
  touch(key: string, fromMs: number): void;
  /** These rounds are new, and in the store already. Where they follow on what is known, they are not read again. */
  add(rounds: Rounds): void;
  /** Makes the cache begin earlier or later; earlier reads everything again. */
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
  /** First round ever: a site that was silent for longer than the cache reaches is not one never measured. */
  firstMs: number | null;
}

/**
 * How much may wait for the next refresh: rounds, and for each piece as much as ten of them, some 50 MB in all. What comes
 * on top of it is read from the store by then.
 */
const defaultMostWaiting = 1_000_000;
const pieceWeight = 10;
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
  let fromMs = startMs;
  /** By key and kind: a target that came to be measured by other means is two. */
  const entries = new Map<string, Entry>();
  /** Earliest new round by key, to be read. */
  const touched = new Map<string, number>();
  /** New rounds by key and kind, in the order in which they came. */
  const added = new Map<string, Piece[]>();
  let waiting = 0;

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
      firstMs: await series.firstMs(key),
    };
    await readInto(fresh, fromMs);
    return fresh;
  }

  return {
    get fromMs() {
      return fromMs;
    },
    touch,
    add(rounds) {
      const { key, kind, timeMs } = rounds;
      const weight = timeMs.length + pieceWeight;
      if (waiting + weight > mostWaiting) return touch(key, timeMs[0]!);
      waiting += weight;
      const id = `${key} ${kind}`;
      const piece = {
        rounds: kind === "icmp" ? { ...rounds, rttUs: [] } : rounds,
        lns: medianLns(rounds),
      };
      const others = added.get(id);
      if (others === undefined) added.set(id, [piece]);
      else others.push(piece);
    },
    moveStart(nextMs) {
      if (nextMs < fromMs) entries.clear();
      else
        for (const entry of entries.values()) {
          entry.runs = entry.runs.filter((run) => run.lastMs >= nextMs);
          entry.readings = entry.readings.filter(([ms]) => ms >= nextMs);
          entry.roundTrips?.moveStart(nextMs);
        }
      fromMs = nextMs;
    },
    takeBaselines: () => [...entries.values()].flatMap(({ roundTrips }) => roundTrips?.takeChanges() ?? []),
    async refresh(inForce, retired) {
      // What is touched from here on is read by the next refresh, whether or not this one sees it.
      const taken = new Map(touched);
      const pieces = new Map(added);
      touched.clear();
      added.clear();
      waiting = 0;
      const evidence: TargetEvidence[] = [];
      const gone = new Set(retired);
      let loads = 0;
      for (const target of [...inForce, ...gone]) {
        const id = `${target.key} ${target.probe.kind}`;
        let entry = entries.get(id);
        const own = pieces.get(id) ?? [];
        const isTouched = taken.has(target.key);
        const touchMs = isTouched
          ? Math.min(taken.get(target.key)!, firstOf(own))
          : follow(target, entry, own, gapFactor);
        if (entry?.intervalMs !== target.probe.intervalS * 1000 || touchMs !== undefined) {
          entry = await load(target, entry, touchMs);
          entries.set(id, entry);
          // Reading is synchronous below: let requests in between.
          if (++loads % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        evidence.push(toEvidence(target, gone.has(target), entry!, gapFactor));
      }
      return evidence;
    },
  };
}

/**
 * Adds pieces to the runs that they follow on. Answers from where on the store has to be read instead: a piece that came
 * late or twice lies among what is known, and whatever came with it waits for the reading.
 */
function follow(
  { probe }: Target,
  entry: Entry | undefined,
  pieces: readonly Piece[],
  gapFactor: number,
): number | undefined {
  for (const { rounds, lns } of pieces) {
    const lastMs = entry?.runs.at(-1)?.lastMs;
    if (entry === undefined || lastMs === undefined || rounds.timeMs[0]! <= lastMs) return firstOf(pieces);
    addRounds(entry.runs, rounds, probe.intervalS * 1000, gapFactor);
    addReadings(entry.readings, rounds);
    entry.roundTrips?.add(rounds, lns);
    entry.answeredMs ??= firstAnswerMs(rounds);
  }
  return undefined;
}

const firstOf = (pieces: readonly Piece[]) =>
  pieces.reduce((earliest, { rounds }) => Math.min(earliest, rounds.timeMs[0]!), Infinity);

function toEvidence(
  target: Target,
  retired: boolean,
  { runs, readings, roundTrips, firstMs, answeredMs, intervalMs }: Entry,
  gapFactor: number,
): TargetEvidence {
  return {
    key: target.key,
    vantage: target.site,
    role: target.role,
    kind: target.probe.kind,
    of: target.of,
    link: target.link,
    service: target.service,
    intervalMs,
    ...(retired ? { retired } : {}),
    ...(firstMs === null ? {} : { firstMs }),
    answeredMs,
    runs,
    ...(roundTrips === null || roundTrips.slow.length === 0 ? {} : { slow: roundTrips.slow }),
    ...(readings.length === 0 ? {} : { levels: levelRuns(readings, gapFactor * intervalMs) }),
  };
}
