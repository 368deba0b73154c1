export interface BackoffOptions {
  /** The first wait, in ms. */
  firstMs: number;
  /** The longest wait, in ms; asked each time, since a new configuration may change it. */
  maxMs: () => number;
  /** 0 to 1, as Math.random. */
  random: () => number;
}

export interface Backoff {
  /** Waits grow twofold from one failure to the next. Between half and the whole of it: agents of one cut do not return in step. */
  nextMs(): number;
  reset(): void;
}

export function createBackoff({ firstMs, maxMs, random }: BackoffOptions): Backoff {
  let failures = 0;
  return {
    nextMs() {
      const fullMs = Math.min(maxMs(), firstMs * 2 ** Math.min(failures++, 30));
      return Math.round(fullMs * (0.5 + random() / 2));
    },
    reset() {
      failures = 0;
    },
  };
}
