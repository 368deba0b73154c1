/** Chance that a seed repeats: the same text gives the same numbers, on every machine. */
export interface Random {
  /** 0 to 1, 1 excluded. */
  next(): number;
  between(low: number, high: number): number;
  /** Mean 1, never negative, with the long tail that queues have. */
  exponential(): number;
  /** Mean 0, deviation 1. */
  normal(): number;
  pick<T>(list: readonly T[]): T;
}

export function createRandom(seed: string): Random {
  const next = mulberry32(hash(seed));
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    exponential: () => -Math.log(1 - next()),
    // Box and Muller 1958.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new Error("nothing to pick from");
      return list[Math.floor(next() * list.length)]!;
    },
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** Tommy Ettinger's generator of 2017: 32 bits of state, enough for a demonstration. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
