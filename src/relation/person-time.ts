import type { Span } from "../inventory/spans.ts";
import { joinSpans, lengthWithin, withoutSpans } from "../inventory/spans.ts";

/** A village, or whatever has people. */
export interface PlaceTime {
  /** Inhabitants, or 1 where places count alike; above 0. */
  weight: number;
  /** When it was known whether the service could be reached; ascending, without overlap. */
  measured: readonly Span[];
  /** When it could not be reached: part of what was measured, ascending, without overlap. */
  out: readonly Span[];
}

/**
 * Share of person-time in which the service could not be reached: Σ weight × out / Σ weight × measured; null where nothing
 * was measured. Example: 1,000 people out for 6 of 24 hours, 3,000 for none: 6,000 of 96,000, 0.0625.
 */
export function personTimeRatio(places: readonly PlaceTime[], window: Span): number | null {
  let [part, whole] = [0, 0];
  for (const { weight, measured, out } of places) {
    part += weight * lengthWithin(out, window);
    whole += weight * lengthWithin(measured, window);
  }
  return whole === 0 ? null : part / whole;
}

/** The days after outages in which what was put off may come in: from the end of each for `afterMs`, the outages left out. */
export function spansAfter(out: readonly Span[], afterMs: number): Span[] {
  const outages = joinSpans(out);
  const tails = outages.map(({ toMs }) => ({ fromMs: toMs, toMs: toMs + afterMs }));
  return joinSpans(tails).flatMap((tail) => withoutSpans(tail, outages));
}
