/** Longest times and sizes that either side accepts. Both programs read them here, so that neither promises more. */
export const limits = {
  /** `Content-Length` of a batch, as sent. */
  compressedBytes: 1_048_576,
  /** A batch after decompression. */
  expandedBytes: 16_777_216,
  /** Rounds of one target in one batch. */
  roundsPerTarget: 200_000,
  targetsPerBatch: 2_000,
  eventsPerBatch: 1_000,
  /** Characters of one text, or of its name, in the detail of an event. */
  detailLength: 500,
  /** Echo requests in one ICMP round. */
  echoesPerRound: 1_000,
  /** Rounds merged into one, and the time over which they may lie: an hour of the shortest interval, 1 s. */
  roundsPerSummary: 3_600,
  summarySpanMs: 3_600_000,
  /** No wall clock before this was ever right: the project began later. 2020-01-01T00:00:00Z. */
  earliestWallMs: 1_577_836_800_000,
  /** 9999-12-31T23:59:59.999Z: later than any clock can mean. */
  latestMs: 253_402_300_799_999,
  /** A host that has been up for longer than this has a broken monotonic clock: 100 years. */
  monoMs: 3_155_760_000_000,
  /** Longest RTT that a round may report: 10 minutes. */
  rttUs: 600_000_000,
} as const;

/**
 * Request header of a batch, `live` or `backlog`: under load the backlog is put off first. The batch itself does not
 * say, since it is the same batch whenever it is sent.
 */
export const queueHeader = "Sambung-Queue";

/** RTT as it travels: whole microseconds, to 10 µs above 10 ms, where no probe host is more exact than that. */
export function roundRttUs(rttUs: number): number {
  return rttUs > 10_000 ? Math.round(rttUs / 10) * 10 : Math.round(rttUs);
}

/** A probe's duration as it travels: milliseconds, to 0.1 ms. */
export function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
