/** Does something again and again, a while after each end, for as long as the collector runs. */
export interface Repeat {
  start(): void;
  /** Resolves when the pass under way has ended. Twice is fine. */
  stop(): Promise<void>;
}

/** `everyMs`: between the end of one pass and the begin of the next. A pass that fails is told, and the next comes all the same. */
export function createRepeat(
  pass: () => Promise<unknown>,
  { everyMs, onError }: { everyMs: number; onError: (error: unknown) => void },
): Repeat {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<unknown> = Promise.resolve();
  const next = () => {
    running = pass()
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
