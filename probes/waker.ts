/** A wait that can be cut short. */
export interface Waker {
  /** Resolves after `ms`, or at the next wake, or at once when a wake came since the last wait. */
  wait(ms: number): Promise<void>;
  wake: () => void;
}

export function createWaker(): Waker {
  let woken = false;
  let end: (() => void) | null = null;
  return {
    async wait(ms) {
      if (!woken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      woken = false;
      end = null;
    },
    wake() {
      woken = true;
      end?.();
    },
  };
}

/** Resolves after `ms`, or as soon as it is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const waker = createWaker();
  signal.addEventListener("abort", waker.wake, { once: true });
  if (signal.aborted) waker.wake();
  return waker.wait(ms).finally(() => signal.removeEventListener("abort", waker.wake));
}
