import type { Span } from "../inventory/spans.ts";
import type { Blip } from "../outage/blips.ts";

/*
 * Lone lost rounds in accounts (methods.md §A3, §C1). No state has them, so that they are laid over what is up:
 *
 *   up                       their seconds are down, under their cause, in place of up
 *   down, unknown, off       stay what they are: each second is in one class
 *
 * They are time and no outage: no count, no MTTR. Of a service that is reached over the site they take as much, also
 * where its own check passed meanwhile: an interval stands for the chance of hitting a loss that was shorter, so that
 * cutting it down by a check at another moment would leave out of the sum what it is there for.
 */

/** The parts of a site's blips within the span. `blips`: by start; where two overlap, the first has the time of both. */
export function lostWithin<T extends Blip>(blips: readonly T[], { fromMs, toMs }: Span): T[] {
  const lost: T[] = [];
  let sinceMs = fromMs;
  for (const blip of blips) {
    const [startMs, endMs] = [Math.max(blip.startMs, sinceMs), Math.min(blip.endMs, toMs)];
    if (startMs >= endMs) continue;
    lost.push({ ...blip, startMs, endMs });
    sinceMs = endMs;
  }
  return lost;
}
