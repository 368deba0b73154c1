import type { Clock } from "../probe.ts";

/** Above what, in ms, the wall clock was set and not merely steered, between two questions a second apart. */
const stepMs = 100;

/**
 * Tells, by how much the wall clock was set since the last question, in ms, or 0. fping 5.1 reckons with the wall clock:
 * set forward, it takes every echo under way for lost and sends without a pause to catch up; set back, it is silent.
 */
export function createClockStep(clock: Clock): () => number {
  const apartMs = () => clock.wallMs() - clock.monoMs();
  let seenMs = apartMs();
  return () => {
    let movedMs = apartMs() - seenMs;
    // Between the two readings this program may have been held up; a second pair tells that from a step.
    if (Math.abs(movedMs) >= stepMs) movedMs = apartMs() - seenMs;
    seenMs += movedMs;
    return Math.abs(movedMs) < stepMs ? 0 : movedMs;
  };
}
