import { SeriesTrouble } from "../series/series-trouble.ts";
import { within } from "./within.ts";

export interface Pinged {
  /** Rejects when the store cannot be written or read. */
  ping(): Promise<void>;
}

export interface Pulse {
  /** Resolves when the store answers; rejects when it says what is the matter with it, or nothing for too long. */
  ask(): Promise<void>;
  /** What to say of a store that was waited for in vain and has not answered since; null: none is. */
  hangs(): SeriesTrouble | null;
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
export function createPulse(store: Pinged, waitMs = pulseWaitMs): Pulse {
  let running: { ping: Promise<void>; isLate: boolean } | null = null;
  const trouble = () =>
    new SeriesTrouble(
      `no answer within ${waitMs / 1000} s: its machine or disk hangs, or something between drops what is sent to it`,
    );
  const hangs = () => (running?.isLate === true ? trouble() : null);
  return {
    hangs,
    async ask() {
      const known = hangs();
      if (known !== null) throw known;
      running ??= begin();
      const mine = running;
      await within(waitMs, mine.ping, () => {
        mine.isLate = true;
        return trouble();
      });
    },
  };

  function begin() {
    const ping = store.ping().finally(() => (running = null));
    // Whoever waited has been told; one that fails later is nobody's any more.
    ping.catch(() => {});
    return { ping, isLate: false };
  }
}
