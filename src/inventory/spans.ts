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
