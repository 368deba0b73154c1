import { setTimeout as sleep } from "node:timers/promises";

/** Work that is done again and again: after a while, or at once when somebody knows that there is something to do. */
export interface WakeLoop {
  start(): void;
  /** There may be something new: do the work now, or once more after what is under way. */
  poke(): void;
  /** Resolves when the work under way has ended. Twice is fine. */
  stop(): Promise<void>;
  /** Aborted by `stop`. */
  signal: AbortSignal;
}

/** `work` resolves to how long to wait for the next time, ms, and never rejects. */
export function createWakeLoop(work: () => Promise<number>): WakeLoop {
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  let wake = Promise.withResolvers<void>();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Made before the work: whoever pokes while it goes on has it done once more.
      wake = Promise.withResolvers<void>();
      const waitMs = await work();
      const timer = new AbortController();
      await Promise.race([wake.promise, sleep(waitMs, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
    }
  }

  return {
    signal: stopping.signal,
    start() {
      running ??= run();
    },
    poke() {
      wake.resolve();
    },
    async stop() {
      stopping.abort();
      wake.resolve();
      await running;
    },
  };
}
