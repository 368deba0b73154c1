/** A stretch of time, epoch ms, half-open. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** The stretches by start; those that touch or overlap as one. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else joined.push({ ...span });
  }
  return joined;
}

/** What is left of `span` without the others, which are ascending and do not overlap. */
export function withoutSpans(span: Span, others: readonly Span[]): Span[] {
  const left: Span[] = [];
  let atMs = span.fromMs;
  for (const { fromMs, toMs } of others) {
    if (toMs <= atMs || fromMs >= span.toMs) continue;
    if (fromMs > atMs) left.push({ fromMs: atMs, toMs: fromMs });
    atMs = toMs;
  }
  if (atMs < span.toMs) left.push({ fromMs: atMs, toMs: span.toMs });
  return left;
}

/** What both have; each ascending and without overlap. */
export function commonSpans(some: readonly Span[], others: readonly Span[]): Span[] {
  const common: Span[] = [];
  for (let a = 0, b = 0; a < some.length && b < others.length;) {
    const fromMs = Math.max(some[a]!.fromMs, others[b]!.fromMs);
    const toMs = Math.min(some[a]!.toMs, others[b]!.toMs);
    if (fromMs < toMs) common.push({ fromMs, toMs });
    if (some[a]!.toMs < others[b]!.toMs) a += 1;
    else b += 1;
  }
  return common;
}

/** Time in the spans, which do not overlap, within the window, ms. */
export function lengthWithin(spans: readonly Span[], window: Span): number {
  let sum = 0;
  for (const { fromMs, toMs } of spans)
    sum += Math.max(0, Math.min(toMs, window.toMs) - Math.max(fromMs, window.fromMs));
  return sum;
}

/** Whether a moment is in one of the spans, which are ascending and do not overlap. */
export function isWithin(spans: readonly Span[], timeMs: number): boolean {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.toMs <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low < spans.length && spans[low]!.fromMs <= timeMs;
}
