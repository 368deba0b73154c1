/*
 * How much goes into one request. A request should take a few seconds at most, so that what happens meanwhile does not
 * wait behind it; and on a fast link it should be as large as the spool makes one, since each costs a round trip.
 *
 * The size is what the link carried within `targetMs`, whole round trip included, so that it settles where a request
 * takes that long, be it for a thin link or for a far one. A request much smaller than that says nothing of how
 * much more would have passed, unless it took long.
 */

/** Longest that a request should take, in ms. */
const targetMs = 4_000;
/** Before anything is known: a second at 64 kbit/s. */
const firstBytes = 8_000;
/** A link that carries less than this in 4 s is dead to an agent. */
const leastBytes = 1_000;
/** As large as the collector takes a batch. */
const mostBytes = 1_000_000;
/** Largest change from one request to the next: one lucky answer must not make the next request a minute long. */
const mostStep = 4;
/** Weight of the newest request in what is remembered of those before. */
const newestWeight = 0.5;
/** Bytes of a round on the wire, until batches have told; five replies to an echo. */
const firstRoundBytes = 14;
const leastRounds = 20;

export interface Pace {
  /** Rounds that a batch composed now should have at most; fewer where only so many bytes may go. */
  rounds(mostBytes?: number): number;
  /** Bytes of a request's body that take some seconds. */
  bytes(): number;
  /** A request was answered; `tookMs` without the time to connect. What is too slow counts at once, the rest is smoothed. */
  answered(request: { bytes: number; rounds: number; tookMs: number }): void;
  /** A request was not answered in time; the next shall be smaller. */
  failed(): void;
  /** Another way to the collector was taken, of which nothing is known. */
  reset(): void;
}

export function createPace(): Pace {
  let bytes = firstBytes;
  let roundBytes = firstRoundBytes;
  const clamp = (value: number) => Math.min(mostBytes, Math.max(leastBytes, value));
  return {
    rounds: (most = mostBytes) => Math.max(leastRounds, Math.floor(Math.min(bytes, most) / roundBytes)),
    bytes: () => Math.round(bytes),
    answered(request) {
      if (request.rounds >= leastRounds) {
        roundBytes += newestWeight * (request.bytes / request.rounds - roundBytes);
      }
      const tookMs = Math.max(1, request.tookMs);
      const isSlow = tookMs > targetMs;
      if (request.bytes < bytes / 2 && !isSlow) return;
      const carried = (request.bytes / tookMs) * targetMs;
      const wanted = Math.min(bytes * mostStep, Math.max(bytes / mostStep, carried));
      if (isSlow) bytes = clamp(Math.min(bytes, wanted));
      else bytes = clamp(bytes + newestWeight * (wanted - bytes));
    },
    failed() {
      bytes = clamp(bytes / 2);
    },
    reset() {
      bytes = firstBytes;
    },
  };
}
