import type { Span } from "../inventory/spans.ts";
import { joinSpans, withoutSpans } from "../inventory/spans.ts";

/** A village, or whatever has people. */
export interface Place {
  /** Above 0. */
  population: number;
  /** When it was known whether the service could be reached; without overlap. */
  observed: readonly Span[];
  /** When it could not be reached: part of what was observed, without overlap. */
  exposed: readonly Span[];
}

/**
 * Share of person-time in which the service could not be reached: Σ population × exposed / Σ population × observed; null
 * where nothing was observed. Example: 1,000 people out for 6 of 24 hours, 3,000 for none: 6,000 of 96,000, 0.0625.
 */
export function personTimeRatio(places: readonly Place[], window: Span): number | null {
  let [out, all] = [0, 0];
  for (const { population, observed, exposed } of places) {
    out += population * lengthWithin(exposed, window);
    all += population * lengthWithin(observed, window);
  }
  return all === 0 ? null : out / all;
}

/** The days after outages in which what was put off may come in: from the end of each for `afterMs`, the outages left out. */
export function spansAfter(exposed: readonly Span[], afterMs: number): Span[] {
  const outages = joinSpans(exposed);
  const tails = outages.map(({ toMs }) => ({ fromMs: toMs, toMs: toMs + afterMs }));
  return joinSpans(tails).flatMap((tail) => withoutSpans(tail, outages));
}

function lengthWithin(spans: readonly Span[], window: Span): number {
  return spans.reduce(
    (sum, { fromMs, toMs }) =>
      sum + Math.max(0, Math.min(toMs, window.toMs) - Math.max(fromMs, window.fromMs)),
    0,
  );
}
