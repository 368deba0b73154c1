export const dayMs = 86_400_000;

/** How long what is kept, ms. */
export interface Retention {
  /** The rounds themselves. Default 14 days; at least 4, which is what the watch reviews and a day to roll up. */
  rawMs: number;
  /** Figures of 5 minutes. Default a year. */
  fiveMinutesMs: number;
  /** Figures of an hour. Default 10 years. */
  hoursMs: number;
}

export const defaultRetention: Retention = {
  rawMs: 14 * dayMs,
  fiveMinutesMs: 365 * dayMs,
  hoursMs: 3_653 * dayMs,
};

/** The tiers, finest first: length of a step, ms, and how long it is kept. */
export const tiersOf = ({ fiveMinutesMs, hoursMs }: Retention) =>
  [
    { stepMs: 300_000, keptMs: fiveMinutesMs },
    { stepMs: 3_600_000, keptMs: hoursMs },
  ] as const;

export const dayOf = (ms: number): number => Math.floor(ms / dayMs);
