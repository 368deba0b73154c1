/** When people are told, in ms. None of it touches the outage table: only the message waits. */
export interface AlertOptions {
  /**
   * How long a problem must be known before anyone is told. Default 60,000 (one round of the shipped targets), from 0: at
   * once. The same time must pass before a change of cause is told.
   */
  holdMs: number;
  /**
   * How long a message waits at most for a parent to be cleared, for neighbours that fall as well, or for a new look at a
   * site whose parent is back. Default 300,000: an agent that is silent is out of mind after 195 s (methods.md §A5), and
   * its last report took up to a minute. Never under `holdMs`.
   */
  maxHoldMs: number;
  /**
   * How long a fault below a parent that is itself cut off waits for that parent's return, at most. Default 4 h: until
   * then people know from the parent's message that the place is cut off, and nobody can tell the two faults apart there.
   */
  hiddenMaxMs: number;
  /**
   * How long a problem must be over before people hear so. Default 120,000: two good rounds (methods.md §A3), and the time
   * within which outages of one root are one incident (outage/revise.ts).
   */
  settleMs: number;
  /** Sites of one area that fall within this time of the first one may share a cause. Default 300,000 (methods.md §B2). */
  areaWindowMs: number;
  /**
   * How many it takes to be one incident without evidence of power; two with it. Default 3: by chance three of eight fall
   * together once in 200 years and district, two every other month (methods.md §B2).
   */
  areaSites: number;
  /**
   * How long a service must have failed from one site alone, with nothing wrong at the site or the service, before anyone
   * is told. Default 600,000: single checks fail for two or three rounds for reasons that nobody finds (methods.md §C1,
   * "unexplained"); at the shipped interval of 60 s this is three times as long.
   */
  lonelyServiceMs: number;
  /** What each new beginning adds to a root's penalty. 1000 (methods.md §A4, after RFC 2439). */
  flapPenalty: number;
  /** Time in which a penalty halves. Default 900,000 (methods.md §A4). */
  flapHalfLifeMs: number;
  /** From this penalty on a root is unstable, and pairs of messages end. Default 3000 (methods.md §A4). */
  flapFrom: number;
  /** Below this one it is stable again. Default 1000 (methods.md §A4). */
  flapUntil: number;
  /** Longest time for which what happened counts as instability. Default 3,600,000 (methods.md §A4): caps the penalty. */
  flapCapMs: number;
  /** An outage of an unstable root that lasts so long is told as an outage. Default 900,000: one half-life. */
  lastingMs: number;
  /**
   * That many more sites than people were told of, and half as many again, are news once it has been so for `maxHoldMs`: those
   * that fell with a parent are found one by one. Default 3, from 1: the number from
   * which on several that fell are one incident (methods.md §B2).
   */
  worseSites: number;
  /** How often at most people hear that an open problem turned out to be something else. Default 3. */
  maxUpdates: number;
}

export const defaultAlertOptions: AlertOptions = {
  holdMs: 60_000,
  maxHoldMs: 300_000,
  hiddenMaxMs: 4 * 3_600_000,
  settleMs: 120_000,
  areaWindowMs: 300_000,
  areaSites: 3,
  lonelyServiceMs: 600_000,
  flapPenalty: 1000,
  flapHalfLifeMs: 900_000,
  flapFrom: 3000,
  flapUntil: 1000,
  flapCapMs: 3_600_000,
  lastingMs: 900_000,
  worseSites: 3,
  maxUpdates: 3,
};
