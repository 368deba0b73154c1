/** A value that is made at most once in `maxAgeMs`; those who ask while it is being made wait for the same one. */
export function createFresh<T>(
  maxAgeMs: number,
  nowMs: () => number,
  make: () => Promise<T>,
): () => Promise<T> {
  let held: { value: Promise<T>; sinceMs: number } | null = null;
  return () => {
    if (held !== null && nowMs() - held.sinceMs < maxAgeMs) return held.value;
    const mine = { value: make(), sinceMs: nowMs() };
    held = mine;
    // What failed is not kept: the next one to ask tries again.
    mine.value.catch(() => {
      if (held === mine) held = null;
    });
    return mine.value;
  };
}
