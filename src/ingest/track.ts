import { maxDrift, maxWander } from "#wire/clock-fixes.ts";
import type { ClockFix } from "#wire/clock-fixes.ts";

/** A host boot's monotonic clock in true time. */
export interface Track {
  /** Epoch ms of a moment of the monotonic clock; whole, and never earlier for a later moment. */
  at(monoMs: number): number;
  /** By how much that may be wrong, ms. */
  uncertaintyMs(monoMs: number): number;
  /** Where time runs as the monotonic clock does all along: epoch ms = monoMs + this; else null. */
  offsetMs: number | null;
}

/** Time runs as the monotonic clock does, known to `errorMs` at `monoMs`. */
export function straightTrack(offsetMs: number, monoMs: number, errorMs: number): Track {
  const whole = Math.round(offsetMs);
  return {
    offsetMs: whole,
    at: (ms) => ms + whole,
    uncertaintyMs: (ms) => Math.ceil(errorMs + Math.abs(ms - monoMs) * maxDrift),
  };
}

/** Straight from fix to fix; outside of them as fast as the monotonic clock. At least one, ascending. */
export function trackOf(fixes: readonly ClockFix[]): Track {
  const [first, last] = [fixes[0]!, fixes.at(-1)!];
  const offsets = fixes.map(([monoMs, serverMs]) => serverMs - monoMs);
  const isStraight = offsets.every((offset) => offset === offsets[0]);
  const segmentAt = (monoMs: number) => {
    const next = fixes.findIndex((fix) => fix[0] > monoMs);
    return { before: fixes[next - 1]!, after: fixes[next]! };
  };
  return {
    offsetMs: isStraight ? offsets[0]! : null,
    at(monoMs) {
      if (monoMs <= first[0]) return first[1] + monoMs - first[0];
      if (monoMs >= last[0]) return last[1] + monoMs - last[0];
      const { before, after } = segmentAt(monoMs);
      const share = (monoMs - before[0]) / (after[0] - before[0]);
      return Math.round(before[1] + (after[1] - before[1]) * share);
    },
    uncertaintyMs(monoMs) {
      if (monoMs <= first[0]) return Math.ceil(first[2] + (first[0] - monoMs) * maxDrift);
      if (monoMs >= last[0]) return Math.ceil(last[2] + (monoMs - last[0]) * maxDrift);
      return Math.ceil(betweenMs(segmentAt(monoMs), monoMs));
    },
  };
}

/** Within a segment: as wrong as its ends, and as the rate may have changed on the way to the nearer of them. */
function betweenMs({ before, after }: { before: ClockFix; after: ClockFix }, monoMs: number): number {
  const lengthMs = after[0] - before[0];
  const share = (monoMs - before[0]) / lengthMs;
  const endsMs = before[2] + (after[2] - before[2]) * share;
  const nearerMs = Math.min(monoMs - before[0], after[0] - monoMs);
  const turnedMs = Math.abs(after[1] - before[1] - lengthMs);
  // More than a clock can drift: it stood still on the way, as in a machine that slept, and nobody knows where.
  const stoodMs = turnedMs > lengthMs * 2 * maxDrift + before[2] + after[2] ? turnedMs : 0;
  return endsMs + nearerMs * maxWander + stoodMs;
}
