import { SeriesTrouble } from "../series/series-trouble.ts";
import { within } from "./within.ts";

export interface Pinged {
  /** Rejects when the store cannot be written or read. */
  ping(): Promise<void>;
}

/**
 * How long a ping is waited for, ms: less than what asks waits itself, which is 5 s for a container's health check and 10 s for
 * Prometheus, so that either hears why and not nothing.
 */
export const pulseWaitMs = 3_000;

/**
 * Whether a store answers, for those who cannot wait as long as a machine may hang. There is one ping at a time; after one
 * that was waited for in vain everybody is told so at once, until it has ended.
 */
export function createPulse(store: Pinged, waitMs = pulseWaitMs): () => Promise<void> {
  let running: { ping: Promise<void>; isLate: boolean } | null = null;
  const hangs = () =>
    new SeriesTrouble(
      `no answer within ${waitMs / 1000} s: its machine or disk hangs, or something between drops what is sent to it`,
    );
  return async () => {
    if (running?.isLate === true) throw hangs();
    running ??= begin();
    const mine = running;
    await within(waitMs, mine.ping, () => {
      mine.isLate = true;
      return hangs();
    });
  };

  function begin() {
    const ping = store.ping().finally(() => (running = null));
    // Whoever waited has been told; one that fails later is nobody's any more.
    ping.catch(() => {});
    return { ping, isLate: false };
  }
}
