import { joinSpans, withoutSpans } from "../../inventory/spans.ts";
import type { Span } from "../../inventory/spans.ts";

/* Arithmetic of stretches of time, in whole ms. Every list is ascending and does not overlap. */

export function subtract(spans: readonly Span[], others: readonly Span[]): Span[] {
  return spans.flatMap((span) => withoutSpans(span, others));
}

export function intersect(spans: readonly Span[], others: readonly Span[]): Span[] {
  return subtract(spans, subtract(spans, others));
}

export function unite(...lists: readonly (readonly Span[])[]): Span[] {
  return joinSpans(lists.flat());
}

export function lengthMs(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}
