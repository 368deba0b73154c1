import type { Clock } from "./probe.ts";

/*
 * Whether a connection is worth keeping until it is needed again. Kept, it costs nothing as long as nobody on the way
 * forgets it; closed, the next request pays for a handshake. Two forget it:
 *
 *   the server   closes it after an idle time that it announces (`Keep-Alive: timeout=65`), or that is learned from its
 *                closing. Nothing but a request holds it, so a connection that is needed later than that is given up.
 *   a NAT        drops it without a word (RFC 5382 REQ-5 wants 124 minutes; mobile networks have been seen with five).
 *                Keep-alive probes of TCP hold it, at two segments each: cheaper than a handshake, or not.
 */

/** Idle time that every NAT on the way is believed to bear, until one did not. */
const firstNatIdleMs = 240_000;
const leastNatIdleMs = 15_000;
/** A server that closes when its idle time is over may do so just as the next request sets out. */
const serverMarginMs = 1_000;
/** What was learned is tried anew after this: the server may only have been restarted, or the board moved. */
const forgetAfterMs = 6 * 3_600_000;

export type Keeping =
  | { keep: false }
  /** `probeEveryMs`: keep-alive probes while idle; null: none are needed. */
  | { keep: true; probeEveryMs: number | null };

export interface KeepOpen {
  /** What to do with a connection that is needed again `idleMs` after its last use. Costs in bytes on the wire. */
  decide(idleMs: number, cost: { handshakeBytes: number; probeBytes: number }): Keeping;
  /** The server announced after how long it closes. */
  announced(serverIdleMs: number): void;
  /** The server closed it after it was idle for so long. */
  closedByServer(idleMs: number): void;
  /** It was dead when it was used again after so long, and a new one was not. */
  wasDead(idleMs: number): void;
}

export function createKeepOpen(clock: Pick<Clock, "monoMs">): KeepOpen {
  let announcedMs: number | null = null;
  const server = createMemory(clock, Number.POSITIVE_INFINITY);
  const nat = createMemory(clock, firstNatIdleMs);
  return {
    decide(idleMs, { handshakeBytes, probeBytes }) {
      if (idleMs + serverMarginMs >= (announcedMs ?? server.value())) return { keep: false };
      const natIdleMs = nat.value();
      if (idleMs <= natIdleMs) return { keep: true, probeEveryMs: null };
      const probes = Math.floor(idleMs / natIdleMs);
      if (probes * probeBytes >= handshakeBytes) return { keep: false };
      return { keep: true, probeEveryMs: natIdleMs };
    },
    announced(serverIdleMs) {
      announcedMs = serverIdleMs;
    },
    closedByServer: (idleMs) => server.learn(idleMs),
    wasDead: (idleMs) => nat.learn(Math.max(leastNatIdleMs, idleMs / 2)),
  };
}

/** The least of what was learned, for some hours. */
function createMemory(clock: Pick<Clock, "monoMs">, otherwise: number) {
  let learned = otherwise;
  let learnedAtMs = Number.NEGATIVE_INFINITY;
  const value = () => (clock.monoMs() - learnedAtMs > forgetAfterMs ? otherwise : learned);
  return {
    value,
    learn(idleMs: number) {
      learned = Math.min(value(), idleMs);
      learnedAtMs = clock.monoMs();
    },
  };
}
