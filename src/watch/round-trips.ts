import { startsOf } from "#wire/summary-v1.ts";
import type { Role } from "../inventory/inventory.ts";
import { hourMs, summarizeHour, usualAt, usualDays } from "../outage/baseline.ts";
import type { HourSummary, Usual } from "../outage/baseline.ts";
import { addRoundTrip, createSlowTrack, endRise } from "../outage/slow.ts";
import type { SlowRun } from "../outage/slow.ts";
import { keptReplies } from "../series/join.ts";
import type { Rounds } from "../series/series-store.ts";
import type { BaselineRow } from "../state/state-store.ts";

/*
 * One target's round-trip times in ascending time: what is usual for it, hour by hour, and where they are longer than that.
 * Of past hours two figures each are kept, in rows of a day; the rounds themselves are forgotten with their hour.
 */

/** Roles whose round-trip times tell of a link: what lies beyond the site. */
const roles: readonly Role[] = ["hub", "noc", "anchor"];
/** A pause after which a shift that lasted is looked for anew, ms; a longer interval of the target counts more. */
const longestPauseMs = 30 * 60_000;
/** Hours of a day, each as its median and its deviation. */
const cells = 48;
/** Steps of a stored logarithm: four hundredths of a percent. */
const steps = 4_000;

export function hasRoundTrips(role: Role, kind: Rounds["kind"]): boolean {
  return kind === "icmp" && roles.includes(role);
}

/** Natural logarithm of each round's median reply, µs; NaN without a reply. Of other kinds nothing. */
export function medianLns(rounds: Rounds): Float64Array {
  if (rounds.kind !== "icmp") return new Float64Array(0);
  const { rttUs } = rounds;
  const kept = keptReplies(rounds);
  const lns = new Float64Array(kept.length);
  let at = 0;
  for (let row = 0; row < kept.length; row++) {
    const count = kept[row]!;
    // Replies come in ascending order.
    const twice = count === 0 ? Number.NaN : rttUs[at + ((count - 1) >> 1)]! + rttUs[at + (count >> 1)]!;
    lns[row] = Math.log(Math.max(1, twice / 2));
    at += count;
  }
  return lns;
}

export interface RoundTrips {
  readonly slow: readonly SlowRun[];
  /** Rounds later than all before. `lns`: as medianLns gives them. Of a summary those count that began from `sinceMs` on. */
  add(rounds: Rounds, lns: Float64Array, sinceMs?: number): void;
  /** Forgets what lay before. */
  moveStart(fromMs: number): void;
  /** Days in which an hour came out other than stored, since this was last asked. */
  takeChanges(): BaselineRow[];
}

/** `stored`: what is known of the days before `fromMs`, a whole hour; what comes later is worked out anew from the rounds. */
export function createRoundTrips(
  key: string,
  fromMs: number,
  pauseMs: number,
  stored: readonly BaselineRow[],
): RoundTrips {
  const mostPauseMs = Math.max(longestPauseMs, pauseMs);
  const days = new Map(stored.map(({ day, hours }) => [day, unpack(hours)]));
  const changed = new Set<number>();
  const track = createSlowTrack();
  let hour = -1;
  let usual: Usual | null = null;
  let lns: number[] = [];
  let lastMs = -Infinity;

  /** Of later hours what is stored may be older than the rounds. */
  const summaryOf = (which: number): HourSummary | null => {
    const at = 2 * (which % 24);
    const row = days.get(Math.floor(which / 24));
    const median = row?.[at] ?? 0;
    return median === 0 ? null : { median: median / steps, deviation: row![at + 1]! / steps };
  };

  function turnTo(next: number): void {
    if (hour >= 0) keep(hour, summarizeHour(lns));
    hour = next;
    lns = [];
    usual = usualAt(hour, summaryOf);
    const oldest = Math.floor(hour / 24) - usualDays - 1;
    for (const day of days.keys()) if (day < oldest && !changed.has(day)) days.delete(day);
  }

  function keep(which: number, summary: HourSummary | null): void {
    const day = Math.floor(which / 24);
    const row = days.get(day) ?? new Uint16Array(cells);
    const at = 2 * (which % 24);
    const [median, deviation] = summary === null ? [0, 0] : [pack(summary.median), pack(summary.deviation)];
    if (row[at] === median && row[at + 1] === deviation) return;
    row[at] = median;
    row[at + 1] = deviation;
    days.set(day, row);
    changed.add(day);
  }

  function addRound(ms: number, ln: number): void {
    const now = Math.floor(ms / hourMs);
    if (now !== hour) turnTo(now);
    if (ms - lastMs > mostPauseMs) endRise(track);
    lastMs = ms;
    if (Number.isNaN(ln)) return;
    lns.push(ln);
    addRoundTrip(track, ms, ln, usual);
  }

  return {
    get slow() {
      return track.runs;
    },
    add({ timeMs, merged, spanMs }, of, sinceMs = fromMs) {
      for (let row = 0; row < timeMs.length; row++) {
        const ms = timeMs[row]!;
        if (merged === undefined || merged[row] === 1) addRound(ms, of[row]!);
        else
          for (const startMs of startsOf(ms, merged[row]!, spanMs![row]!))
            if (startMs >= sinceMs) addRound(startMs, of[row]!);
      }
    },
    moveStart(nextMs) {
      track.runs = track.runs.filter((run) => run.lastMs >= nextMs);
    },
    takeChanges() {
      const rows = [...changed]
        .sort((a, b) => a - b)
        .map((day) => ({ key, day, hours: toBytes(days.get(day)!) }));
      changed.clear();
      return rows;
    },
  };
}

const pack = (ln: number) => Math.min(0xffff, Math.max(1, Math.round(ln * steps)));

/** Little-endian, on whatever machine. */
function toBytes(row: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(2 * cells);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of row.entries()) view.setUint16(2 * index, value, true);
  return bytes;
}

function unpack(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: cells }, (_, index) => view.getUint16(2 * index, true));
}
