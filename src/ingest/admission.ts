import { IngestError } from "./ingest-error.ts";

/*
 * How much work is let in. What is bounded is bytes, compressed and expanded, since they are what memory is spent on;
 * and the event loop's lag, since it is what everybody waits for. Those who are sent away are told when to come again
 * before a byte of what they hold was read.
 *
 * Live batches go before anyone's backlog: the backlog has a smaller share of the bytes, is sent away at a smaller lag,
 * and takes its turn only when no live batch waits for one.
 *
 * Nobody's bodies take the place of all others: whoever promises many and sends none of them is the only one to wait.
 */

/** What a batch carries, as its agent says in the header Sambung-Queue. One that says nothing is taken for live. */
export type Queue = "live" | "backlog";

export interface AdmissionOptions {
  /**
   * Bytes in work at once, compressed and expanded together. Default 48 MiB, from 1; see admissionBytes. A batch that is
   * alone is let in, however large.
   */
  maxBytes?: number;
  /** By how much the event loop is late, ms. */
  lagMs: () => number;
}

export interface Admission {
  /** Lets work of an agent in whose body has so many bytes, or throws IngestError (503) before any of it is read. */
  enter(queue: Queue, bodyBytes: number, agent: string): Ticket;
  /** Whether agents are asked to hold their backlog. */
  isStrained(): boolean;
  /** Bytes in work, and how much was sent away since the start. */
  stats(): { bytes: number; refusedLive: number; refusedBacklog: number };
}

/** One piece of work that was let in. */
export interface Ticket {
  /** Takes more bytes into account, those of the expanded body; throws IngestError (503) when there is no room. */
  reserve(bytes: number): void;
  /** Gives a part of it back, when it turns out to be less. */
  giveBack(bytes: number): void;
  /** Bytes of the body, as they came and expanded. */
  bytes(): number;
  /** Runs the part that takes the processor, when it is its turn. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Gives back all that was reserved. Twice is fine. */
  leave(): void;
}

const mebibyte = 1_048_576;
const mostAdmittedBytes = 48 * mebibyte;
/** What the backlog may have of the bytes: the rest is kept free for live batches. */
const backlogShare = 0.5;
/** Above this share agents are asked to hold their backlog, before any has to be refused. */
const strainedShare = 0.25;
/**
 * An agent whose bodies of one queue have more than this gets no further one in. Two queues and one more body of 1 MiB in
 * each stay below what strains the collector; an agent of ours sends one body at a time, and those of connections that
 * broke meanwhile are small.
 */
const agentShare = 0.1;
/** The event loop's lag above which backlog, and above which live batches too, are sent away, ms. */
const lagLimitMs = { strained: 250, backlog: 1_000, live: 10_000 };
/** What the smallest piece of work counts for: a request takes memory too. */
const leastBytes = 16_384;
/** When to come again, s. */
const retryAfterS = { live: 5, backlog: 15 };
/** Expanded and parsed at once: as many as Node has threads for it. More would only share the same processor. */
const turns = 4;

/** What a heap of so many bytes has room for: parsed, work takes some four times its bytes, and a quarter is for the rest. */
export function admissionBytes(heapBytes: number): number {
  return Math.min(mostAdmittedBytes, Math.floor((heapBytes * 0.75) / 4));
}

export function createAdmission({ maxBytes = mostAdmittedBytes, lagMs }: AdmissionOptions): Admission {
  const waiting: Record<Queue, (() => void)[]> = { live: [], backlog: [] };
  const refused: Record<Queue, number> = { live: 0, backlog: 0 };
  /** Bytes at work by agent; without those that have none. */
  const byAgent: Record<Queue, Map<string, number>> = { live: new Map(), backlog: new Map() };
  let bytes = 0;
  let atWork = 0;

  function hold(queue: Queue, agent: string, more: number): void {
    bytes += more;
    const held = (byAgent[queue].get(agent) ?? 0) + more;
    if (held === 0) byAgent[queue].delete(agent);
    else byAgent[queue].set(agent, held);
  }

  /** `own`: what the same work holds already. */
  function take(queue: Queue, agent: string, more: number, own = 0): void {
    const share = queue === "live" ? maxBytes : maxBytes * backlogShare;
    // Whoever is alone is let in, however large: else what is larger than the share could never be.
    const isFull = bytes > own && bytes + more > share;
    const others = (byAgent[queue].get(agent) ?? 0) - own;
    const isGreedy = others > maxBytes * agentShare;
    if (isFull || isGreedy || lagMs() > lagLimitMs[queue]) {
      refused[queue] += 1;
      const why = isFull
        ? `${bytes} bytes are at work`
        : isGreedy
          ? `${others} bytes of this agent are at work`
          : `the collector is late by ${Math.round(lagMs())} ms`;
      throw new IngestError({
        code: "busy",
        status: 503,
        title: "Busy",
        detail: queue === "live" ? why : `${why}; live batches go before backlog`,
        retryAfterS: retryAfterS[queue],
      });
    }
    hold(queue, agent, more);
  }

  function next(): void {
    const start = waiting.live.shift() ?? waiting.backlog.shift();
    if (start === undefined) atWork -= 1;
    else start();
  }

  return {
    isStrained: () => bytes > maxBytes * strainedShare || lagMs() > lagLimitMs.strained,
    stats: () => ({ bytes, refusedLive: refused.live, refusedBacklog: refused.backlog }),
    enter(queue, bodyBytes, agent) {
      let used = bodyBytes;
      let held = Math.max(used, leastBytes);
      take(queue, agent, held);
      return {
        reserve(more) {
          const wanted = Math.max(used + more, leastBytes);
          if (wanted > held) {
            take(queue, agent, wanted - held, held);
            held = wanted;
          }
          used += more;
        },
        giveBack(less) {
          used -= less;
          const left = Math.max(used, leastBytes);
          hold(queue, agent, left - held);
          held = left;
        },
        bytes: () => used,
        async inTurn(work) {
          if (atWork >= turns) await new Promise<void>((resolve) => waiting[queue].push(resolve));
          else atWork += 1;
          try {
            return await work();
          } finally {
            next();
          }
        },
        leave() {
          hold(queue, agent, -held);
          held = 0;
        },
      };
    },
  };
}
