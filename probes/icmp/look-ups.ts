import { startDeadline } from "../deadline.ts";
import type { Address, Resolve } from "../resolve.ts";
import { findAddress } from "./address.ts";
import type { Entry } from "./entry.ts";

export interface LookUps {
  /** The address of a named target, the one it has if that still holds; null when the name does not resolve. */
  ask(entry: Entry): Promise<Address | null>;
  /** What is under way resolves to null. */
  stop(): void;
}

/** Bound of one look-up, in ms. */
const timeoutMs = 5_000;
/** A configuration of 2,000 names must not become 4,000 questions at once over a thin link. */
const maxConcurrent = 16;

export function createLookUps(resolve: Resolve): LookUps {
  const abort = new AbortController();
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async ask({ target, address }) {
      if (running >= maxConcurrent) await new Promise<void>((go) => waiting.push(go));
      running++;
      try {
        using deadline = startDeadline({ signal: abort.signal, timeoutMs });
        return await findAddress(resolve, target, deadline, address);
      } finally {
        running--;
        waiting.shift()?.();
      }
    },
    stop() {
      abort.abort();
    },
  };
}
