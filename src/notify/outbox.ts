import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { OutboxMessage, StateStore } from "../state/state-store.ts";
import type { Channel, Outcome } from "./channel.ts";
import { alertIdOf } from "./planner.ts";
import { askedMs, nextTryMs } from "./retry.ts";

/*
 * Takes what is due from the state store and gives it to the channels.
 *
 * At least once: a message is marked sent after the channel took it. A crash in between sends it again under the same
 * id, by which webhook receivers and mail servers can tell.
 *
 * Each channel works on its own, one message after another in the order in which they were queued. A channel that fails,
 * or that asks to be left alone, rests; the others do not notice.
 */

export interface OutboxOptions {
  state: Pick<StateStore, "dueMessages" | "messageSent" | "messageFailed" | "openAlerts">;
  channels: readonly Channel[];
  /** Epoch ms. */
  now: () => number;
  /** From [0, 1). */
  random: () => number;
  logger: Pick<Logger, "info" | "warn" | "error">;
  /** Longest time between two looks at the store, ms. Default 5,000, from 100. */
  pollMs?: number;
  /** Messages of one channel that are read at once. Default 1,000: more than a district has alerts in a storm. */
  batch?: number;
}

export interface Outbox {
  start(): void;
  /** Ends deliveries under way: their messages stay due. Twice is fine. */
  stop(): Promise<void>;
  /** Delivers everything that is due now, once; resolves when all of it was tried. */
  drain(): Promise<void>;
  /** There may be something new: look now. */
  poke(): void;
}

/** Stands for all channels that are configured no more; none can have this name. */
const nobodys = "";

/** How long a channel rests after a failure that may pass, ms: a dead one is not asked once for each message. */
const restMs = 5_000;

export function createOutbox(options: OutboxOptions): Outbox {
  const { state, now, random, logger, pollMs = 5_000, batch = 1_000 } = options;
  const channels = new Map(options.channels.map((channel) => [channel.id, channel]));
  const working = new Map<string, Promise<void>>();
  const restUntilMs = new Map<string, number>();
  /** Delivered, but the store could not write it down yet: never to be sent again by this process. */
  const unrecorded = new Set<string>();
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  let wake = Promise.withResolvers<void>();

  /**
   * Sets every idle channel to work on what is due for it. Each is asked for by itself: what has piled up for a dead
   * one would fill any common list.
   */
  async function pump(): Promise<void> {
    for (const id of channels.keys()) {
      if (working.has(id) || (restUntilMs.get(id) ?? 0) > now()) continue;
      setToWork(id, await state.dueMessages(now(), batch, { only: id }));
    }
    setToWork(nobodys, await state.dueMessages(now(), batch, { except: [...channels.keys()] }));
  }

  function setToWork(id: string, messages: OutboxMessage[]): void {
    if (messages.length === 0 || working.has(id) || stopping.signal.aborted) return;
    const work = deliverAll(id, messages)
      .catch((error: unknown) => logger.error({ err: error, channel: id }, "outbox: channel stopped early"))
      .finally(() => working.delete(id));
    working.set(id, work);
  }

  async function deliverAll(id: string, messages: OutboxMessage[]): Promise<void> {
    messages.sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
    for (const message of messages) {
      if (stopping.signal.aborted) return;
      if (unrecorded.has(message.id)) await record(message, { delivered: true });
      else if ((restUntilMs.get(id) ?? 0) <= now()) await handle(message);
    }
  }

  async function handle(message: OutboxMessage): Promise<void> {
    const channel = channels.get(message.channel);
    if (channel === undefined) return giveUp(message, "no channel of this name is configured");
    if (await isStale(message)) return giveUp(message, "over before it could be delivered");
    const outcome = await tryDeliver(channel, message);
    // What the other side had got to when we stopped is unknown. The message stays due.
    if (!outcome.delivered && stopping.signal.aborted) return;
    await record(message, outcome);
  }

  /** A problem that could not be told while it lasted is not told afterwards; the message that it is over says all. */
  async function isStale(message: OutboxMessage): Promise<boolean> {
    if (message.type.endsWith(".up")) return false;
    // A problem that was over and began anew is another alert; this message is of the first.
    const open = await state.openAlerts();
    return !open.some(({ id }) => id === alertIdOf(message.dedupeKey));
  }

  async function tryDeliver(channel: Channel, message: OutboxMessage): Promise<Outcome> {
    try {
      return await channel.deliver(message, stopping.signal);
    } catch (error) {
      logger.error({ err: error, channel: channel.id, message: message.id }, "outbox: channel threw");
      return { delivered: false, permanent: false, reason: `failed inside: ${String(error)}` };
    }
  }

  async function record(message: OutboxMessage, outcome: Outcome): Promise<void> {
    const { id, channel, attempts, type } = message;
    if (outcome.delivered) {
      unrecorded.add(id);
      if (!(await isWritten(id))) return;
      if (outcome.note === undefined) logger.info({ message: id, channel, type }, "outbox: delivered");
      else logger.warn({ message: id, channel, type, note: outcome.note }, "outbox: delivered, but");
      return;
    }
    if (outcome.permanent) return giveUp(message, outcome.reason);
    const nowMs = now();
    restUntilMs.set(channel, nowMs + Math.max(restMs, askedMs(outcome.retryAfterS)));
    const { retryAfterS } = outcome;
    const next = nextTryMs({
      nowMs,
      attempts,
      random,
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    });
    if (next === null) return giveUp(message, outcome.reason);
    await state.messageFailed(id, nowMs, outcome.reason, next);
    logger.warn(
      { message: id, channel, type, reason: outcome.reason, nextTryMs: next },
      "outbox: will retry",
    );
  }

  /** A store that takes nothing for a while holds up no message that waits behind this one. */
  async function isWritten(id: string): Promise<boolean> {
    try {
      await state.messageSent(id, now());
    } catch (error) {
      logger.error({ err: error, message: id }, "outbox: delivered, but that cannot be written down yet");
      return false;
    }
    unrecorded.delete(id);
    return true;
  }

  async function giveUp(message: OutboxMessage, reason: string): Promise<void> {
    await state.messageFailed(message.id, now(), reason, null);
    const { id, channel, type } = message;
    logger.error({ message: id, channel, type, reason }, "outbox: given up");
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = Promise.withResolvers<void>();
      await pump().catch((error: unknown) => logger.error({ err: error }, "outbox: cannot read what is due"));
      await woken();
    }
  }

  /** Until poked, stopped, or the next look is due. */
  async function woken(): Promise<void> {
    const timer = new AbortController();
    await Promise.race([wake.promise, sleep(pollMs, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      wake.resolve();
      await running;
      await Promise.all(working.values());
    },
    async drain() {
      // A channel that is at work has an older list; its end makes room for what came since.
      await Promise.all(working.values());
      await pump();
      await Promise.all(working.values());
    },
    poke() {
      wake.resolve();
    },
  };
}
