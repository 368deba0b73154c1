import type { BatchV1 } from "#wire/batch-v1.ts";
import { maxDrift } from "#wire/clock-fixes.ts";
import type { ClockFix } from "#wire/clock-fixes.ts";
import type { ClockAnchor, ClockSource } from "../state/state-store.ts";
import { boundsOf } from "./boot-bounds.ts";
import type { Bounds } from "./boot-bounds.ts";
import { straightTrack, trackOf } from "./track.ts";
import type { Track } from "./track.ts";

/** Where a batch lies in time. */
export interface Placement {
  track: Track;
  source: ClockSource;
  /** How wrong any moment of the batch may be, ms. */
  uncertaintyMs: number;
}

export type DatedBatch = Pick<BatchV1, "clock" | "host" | "start" | "rounds" | "events">;

export interface PlacementFacts {
  /** When the request began to arrive, epoch ms. */
  receivedMs: number;
  /** The agent was not there before it was enrolled. */
  enrolledMs: number;
  /** What is known of the machine's boots. Asked for only when the batch does not say enough itself. */
  anchors: () => Promise<readonly ClockAnchor[]>;
}

/** A synced wall clock agreed within a second, and was not set by more than two since (probes/clock.ts), ms. */
const syncedErrorMs = 3_000;
/** A clock that may have drifted by more than this since the last fix needs its arrival as evidence as well, ms. */
const staleMs = 2_000;

/**
 * Places a batch in time by the monotonic clock of its host boot. Order within it never changes. In order of trust:
 *
 * - `exchange` the fixes in the batch, from exchanges with this collector: wire/clock-fixes.ts. Where they are old, the
 *              moment of arrival is one more.
 * - `synced`   the agent's wall clock, which agreed with ours at its last exchange.
 *
 * These two need nothing but the batch, so the same batch gives the same times whenever it arrives; only where the fixes
 * are old does it matter whether a later boot is known. The others:
 *
 * - `anchor`   an earlier placement of the same host boot: its monotonic clock has run on since.
 * - `arrival`  the newest boot that we heard of, without any exchange: its reading was taken as it was sent.
 * - `between`  a boot that was never connected. It lies between the boots before and after it: by the wall clock where that
 *              lies there too, else as late as there is room.
 *
 * Field facts: methods.md §A7.
 */
export async function placeBatch(batch: DatedBatch, facts: PlacementFacts): Promise<Placement> {
  const { wallMs, monoMs, synced, fixes } = batch.clock;
  if (fixes !== undefined && !isStale(batch.clock, fixes)) return place(batch, trackOf(fixes), "exchange");
  if (fixes === undefined && synced)
    return place(batch, straightTrack(wallMs - monoMs, monoMs, syncedErrorMs), "synced");
  const anchors = await facts.anchors();
  const known = anchors.find(({ hostBoot }) => hostBoot === batch.host.bootId);
  const others = anchors.filter(({ hostBoot }) => hostBoot !== batch.host.bootId);
  const bounds = boundsOf(batch, others, facts);
  if (fixes !== undefined) {
    const track = trackOf(fixes);
    // The reading of a boot that is over was not taken as it was sent.
    return place(batch, bounds.isNewest ? freshTrack(batch, track, facts.receivedMs) : track, "exchange");
  }
  if (known !== undefined) {
    const driftMs = Math.abs(monoMs - known.lastMonoMs) * maxDrift;
    const errorMs =
      known.source === "exchange" || known.source === "synced"
        ? known.uncertaintyMs + driftMs
        : widest(bounds, known.offsetMs);
    return place(batch, straightTrack(known.offsetMs, monoMs, errorMs), "anchor");
  }
  const { offsetMs, source } = choose(batch, bounds);
  return place(batch, straightTrack(offsetMs, monoMs, widest(bounds, offsetMs)), source);
}

const isStale = ({ monoMs }: BatchV1["clock"], fixes: readonly ClockFix[]) =>
  (monoMs - fixes.at(-1)![0]) * maxDrift > staleMs;

/**
 * Fixes of before a long cut say little of now: then the reading, taken as the batch was sent, is as old as the request
 * took. Where the arrival agrees with the fixes time runs on to it.
 */
function freshTrack({ clock }: DatedBatch, track: Track, receivedMs: number): Track {
  const { monoMs, fixes } = clock;
  if (receivedMs <= fixes!.at(-1)![1]) return track;
  const errorMs = track.uncertaintyMs(monoMs);
  const lateMs = receivedMs - track.at(monoMs);
  if (Math.abs(lateMs) > errorMs) return track;
  return trackOf([...fixes!, [monoMs, receivedMs, Math.ceil(errorMs + Math.abs(lateMs))]]);
}

function choose({ clock }: DatedBatch, bounds: Bounds): { offsetMs: number; source: ClockSource } {
  const byWallMs = clock.wallMs - clock.monoMs;
  if (bounds.isNewest) return { offsetMs: bounds.latestMs, source: "arrival" };
  const isPlausible = byWallMs >= bounds.earliestMs && byWallMs <= bounds.latestMs;
  return { offsetMs: isPlausible ? byWallMs : bounds.latestMs, source: "between" };
}

const widest = ({ earliestMs, latestMs, errorMs }: Bounds, offsetMs: number) =>
  Math.max(Math.abs(latestMs - offsetMs), Math.abs(offsetMs - earliestMs)) + errorMs;

function place(batch: DatedBatch, track: Track, source: ClockSource): Placement {
  const moments = momentsOf(batch);
  const errors = moments.map((monoMs) => track.uncertaintyMs(monoMs));
  return { track, source, uncertaintyMs: errors.reduce((a, b) => Math.max(a, b), 0) };
}

/** Where the uncertainty of a batch can be largest: at its ends, and midway between the fixes. */
function momentsOf({ clock, rounds, events }: DatedBatch): number[] {
  let [fromMs, toMs] = [clock.monoMs, 0];
  for (const { monoMs } of rounds) {
    let lastMs = 0;
    for (const step of monoMs) lastMs += step;
    fromMs = Math.min(fromMs, monoMs[0]!);
    toMs = Math.max(toMs, lastMs);
  }
  for (const { monoMs } of events) {
    fromMs = Math.min(fromMs, monoMs);
    toMs = Math.max(toMs, monoMs);
  }
  if (toMs < fromMs) return [clock.monoMs];
  const { fixes = [] } = clock;
  const middles = fixes.slice(1).map(([monoMs], index) => (monoMs + fixes[index]![0]) / 2);
  return [fromMs, toMs, ...middles.filter((ms) => ms > fromMs && ms < toMs)];
}
