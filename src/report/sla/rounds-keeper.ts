import { keepOutageRounds } from "./outage-rounds.ts";
import type { RoundsKeeperDeps } from "./outage-rounds.ts";

export interface KeeperOptions extends RoundsKeeperDeps {
  onError: (error: unknown) => void;
  /** Between two looks for a day that is due, ms. */
  everyMs: number;
}

/** Puts the rounds behind outages aside, a day at a time, for as long as the collector runs. */
export function createRoundsKeeper(options: KeeperOptions): { start(): void; stop(): Promise<void> } {
  const { onError, everyMs } = options;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<unknown> = Promise.resolve();
  const next = () => {
    running = keepOutageRounds(options)
      .catch(onError)
      .then(() => {
        if (timer !== null) timer = setTimeout(next, everyMs).unref();
      });
  };
  return {
    start() {
      timer = setTimeout(next, 0).unref();
    },
    async stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await running;
    },
  };
}
