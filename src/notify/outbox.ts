import type { Logger } from "pino";
import { unrouted } from "../state/alert-store.ts";
import type { OutboxMessage, StateStore } from "../state/state-store.ts";
import type { Channel, Delivered, NotDelivered, Outcome } from "./channel.ts";
import { messageKey } from "./planner.ts";
import { askedMs, nextTryMs } from "./retry.ts";
import { createWakeLoop } from "./wake-loop.ts";

/*
 * Takes what is due from the state store and gives it to the channels.
 *
 * At least once: a message is marked sent after the channel took it. A crash in between sends it again under the same
 * id, by which webhook receivers and mail servers can tell.
 *
 * Each channel works on its own, one message after another in the order in which they were queued. A channel that fails,
 * or that asks to be left alone, rests; the others do not notice. What a channel that is down cannot deliver goes to its
 * fallbacks, whose key of the same message keeps it from going there twice. When a channel is back, all that waits for its
 * next try is tried at once.
 */

export interface OutboxOptions {
  state: Pick<
    StateStore,
    | "dueMessages"
    | "strandedMessages"
    | "messageSent"
    | "messageFailed"
    | "messageOvertaken"
    | "isAlertOpen"
    | "acks"
    | "handOver"
    | "retryNow"
  >;
  channels: readonly Channel[];
  /** Which channels take over what another cannot deliver, by id; without a circle. Default: none does. */
  fallbacks?: ReadonlyMap<string, readonly string[]>;
  /** Epoch ms. */
  now: () => number;
  /** From [0, 1). */
  random: () => number;
  logger: Pick<Logger, "info" | "warn" | "error">;
  /** Longest time between two looks at the store, ms. Default 5,000, from 100. */
  pollMs?: number;
  /**
   * Messages of one channel that are read at once. Default 100: what is read is read again after a failure, and a channel that
   * delivers asks for the next at once.
   */
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

/** Between two looks for messages of channels that are configured no more, ms. */
const nobodysEveryMs = 60_000;

/** How long a channel rests after a failure that may pass, ms: a dead one is not asked once for each message. */
const restMs = 5_000;

/** So many failures one after another and a channel is down. At the shortest this takes half a minute. */
const downAfter = 3;
/** Whoever asks to be left alone for no longer than this is not down, s. */
const shortWaitS = 120;
/** What could not be delivered for so long goes to the next channel, whatever was asked for, ms. */
const patienceMs = 600_000;

export function createOutbox(options: OutboxOptions): Outbox {
  const { state, now, random, logger, pollMs = 5_000, batch = 100 } = options;
  const channels = new Map(options.channels.map((channel) => [channel.id, channel]));
  const working = new Map<string, Promise<void>>();
  const restUntilMs = new Map<string, number>();
  const repeatAtMs = new Map<string, number>();
  /** Delivered, but the store could not write it down yet: never to be sent again by this process. */
  const unrecorded = new Map<string, Delivered>();
  /** What channels are at work on, and have not come to; what is handed over meanwhile is taken out. */
  const inHand = new Set<string>();
  /** Failures one after another, by channel. */
  const failures = new Map<string, number>();
  let nobodysLookMs = -Infinity;
  const loop = createWakeLoop(async () => {
    await pump().catch((error: unknown) => logger.error({ err: error }, "outbox: cannot read what is due"));
    return pollMs;
  });

  /**
   * Sets every idle channel to work on what is due for it. Each is asked for by itself: what has piled up for a dead
   * one would fill any common list.
   */
  async function pump(): Promise<void> {
    for (const id of channels.keys()) {
      if (working.has(id) || (restUntilMs.get(id) ?? 0) > now()) continue;
      setToWork(id, await state.dueMessages(id, now(), batch));
    }
    // Looking for what nobody is configured for goes over all that waits: not at each poke of a storm.
    if (now() < nobodysLookMs) return;
    nobodysLookMs = now() + nobodysEveryMs;
    setToWork(nobodys, await state.strandedMessages([...channels.keys(), unrouted], batch));
  }

  function setToWork(id: string, messages: OutboxMessage[]): void {
    if (working.has(id) || loop.signal.aborted || (messages.length === 0 && !isRepeatDue(id))) return;
    for (const message of messages) inHand.add(message.id);
    const work = deliverAll(id, messages)
      .catch((error: unknown) => {
        logger.error({ err: error, channel: id }, "outbox: channel stopped early");
        return 0;
      })
      .then((count) => {
        for (const message of messages) inHand.delete(message.id);
        // Idle before the loop is woken, which passes over whoever is at work.
        working.delete(id);
        // There may be more than were read at once, or something that waited for one of these.
        if (count > 0) loop.poke();
      });
    working.set(id, work);
  }

  /** How many of them are done with. */
  async function deliverAll(id: string, messages: OutboxMessage[]): Promise<number> {
    let done = 0;
    for (const message of messages) {
      if (loop.signal.aborted) return done;
      const known = unrecorded.get(message.id);
      const isResting = (restUntilMs.get(id) ?? 0) > now();
      const isStillOurs = inHand.delete(message.id);
      if (known !== undefined) done += (await record(message, known)) ? 1 : 0;
      else if (!isResting && isStillOurs) done += (await handle(message)) ? 1 : 0;
    }
    // Not beside a delivery: what is over must not be said to last after its end was told.
    if (isRepeatDue(id) && !loop.signal.aborted) await repeat(channels.get(id)!);
    return done;
  }

  function isRepeatDue(id: string): boolean {
    const dueMs = Math.max(repeatAtMs.get(id) ?? 0, restUntilMs.get(id) ?? 0);
    return channels.get(id)?.repeat !== undefined && dueMs <= now();
  }

  async function repeat({ id, repeat: again }: Channel): Promise<void> {
    repeatAtMs.set(id, now() + again!.everyMs);
    const outcome = await again!.lasting(loop.signal);
    if (outcome.delivered || loop.signal.aborted) return;
    restUntilMs.set(id, now() + Math.max(restMs, askedMs(outcome.retryAfterS)));
    logger.warn({ channel: id, reason: outcome.reason }, "outbox: what lasts could not be said again");
  }

  /** Whether it is done with. */
  async function handle(message: OutboxMessage): Promise<boolean> {
    const channel = channels.get(message.channel);
    if (channel === undefined) {
      const reason = "no channel of this name is configured";
      return (await handOver(message, reason, message)) || giveUp(message, reason);
    }
    if (await isAnswered(message)) return giveUp(message, "acknowledged before it could be delivered");
    if (channel.isMachine !== true && (await isStale(message))) return overtake(message);
    const outcome = await tryDeliver(channel, message);
    // What the other side had got to when we stopped is unknown. The message stays due.
    if (!outcome.delivered && loop.signal.aborted) return false;
    return record(message, outcome);
  }

  /** A problem that could not be told while it lasted is not told afterwards; the message that it is over says all. */
  async function isStale(message: OutboxMessage): Promise<boolean> {
    if (message.type.endsWith(".up") || message.type === "digest") return false;
    // A problem that was over and began anew is another alert; this message is of the first.
    return !(await state.isAlertOpen(message.alert));
  }

  /** An escalation says that nobody knows. */
  async function isAnswered({ alert, payload }: OutboxMessage): Promise<boolean> {
    if (!isEscalation(payload)) return false;
    return (await state.acks([alert])).has(alert);
  }

  async function tryDeliver(channel: Channel, message: OutboxMessage): Promise<Outcome> {
    try {
      return await channel.deliver(message, loop.signal);
    } catch (error) {
      logger.error({ err: error, channel: channel.id, message: message.id }, "outbox: channel threw");
      return { delivered: false, permanent: false, reason: `failed inside: ${String(error)}` };
    }
  }

  /** Writes down what came of a try. Whether the message is done with. */
  async function record(message: OutboxMessage, outcome: Outcome): Promise<boolean> {
    const { id, channel, type } = message;
    if (!outcome.delivered) return recordFailure(message, outcome);
    unrecorded.set(id, outcome);
    if (!(await isWritten(id, outcome))) return false;
    if (outcome.note === undefined) logger.info({ message: id, channel, type }, "outbox: delivered");
    else logger.warn({ message: id, channel, type, note: outcome.note }, "outbox: delivered, but");
    const wasDown = (failures.get(channel) ?? 0) >= downAfter;
    failures.delete(channel);
    if (wasDown) await state.retryNow(channel, now());
    return true;
  }

  async function recordFailure(message: OutboxMessage, outcome: NotDelivered): Promise<boolean> {
    const { id, channel, attempts, type } = message;
    const { permanent, reason, retryAfterS } = outcome;
    const nowMs = now();
    if (permanent) return (await handOver(message, reason, { id })) || giveUp(message, reason);
    restUntilMs.set(channel, nowMs + Math.max(restMs, askedMs(retryAfterS)));
    if ((retryAfterS ?? Infinity) > shortWaitS) failures.set(channel, (failures.get(channel) ?? 0) + 1);
    const isDown = (failures.get(channel) ?? 0) >= downAfter || nowMs - message.createdMs >= patienceMs;
    if (isDown && (await handOver(message, reason))) return true;
    const usual = nextTryMs({
      nowMs,
      attempts,
      random,
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    });
    if (usual === null) return giveUp(message, reason);
    const next = notBeyondPatience(message, usual, nowMs + askedMs(retryAfterS));
    await state.messageFailed(id, nowMs, reason, next);
    logger.warn({ message: id, channel, type, reason, nextTryMs: next }, "outbox: will retry");
    return false;
  }

  /** Where there is a fallback the try that decides on it comes when patience ends, and never before it was asked for. */
  function notBeyondPatience(
    { channel, createdMs }: OutboxMessage,
    usualMs: number,
    askedForMs: number,
  ): number {
    if (options.fallbacks?.has(channel) !== true) return usualMs;
    return Math.max(askedForMs, Math.min(usualMs, createdMs + patienceMs));
  }

  /** Gives what waits for this channel to the next. Whether this message is among what somebody else tells now. */
  async function handOver(
    { id, channel }: OutboxMessage,
    reason: string,
    only?: { id: string },
  ): Promise<boolean> {
    const chain = chainOf(channel);
    if (chain.length === 0) return false;
    const given = await state.handOver(channel, chain, now(), only);
    const to = [...new Set(given.flatMap((one) => one.to))];
    if (given.length > 0) logger.warn({ channel, to, count: given.length, reason }, "outbox: handed over");
    for (const one of given) inHand.delete(one.id);
    return given.some((one) => one.id === id);
  }

  /** Who is to take over from a channel, then who from those, and so on. */
  function chainOf(channel: string): string[][] {
    const chain: string[][] = [];
    for (let next = [channel]; ;) {
      next = [...new Set(next.flatMap((one) => options.fallbacks?.get(one) ?? []))];
      if (next.length === 0) return chain;
      chain.push(next);
    }
  }

  /** A store that takes nothing for a while holds up no message that waits behind this one. */
  async function isWritten(id: string, { remoteId, note }: Delivered): Promise<boolean> {
    try {
      await state.messageSent(id, now(), remoteId, note);
    } catch (error) {
      logger.error({ err: error, message: id }, "outbox: delivered, but that cannot be written down yet");
      return false;
    }
    unrecorded.delete(id);
    return true;
  }

  /** The end of a problem will say all; who was to hear of the problem hears of its end. */
  async function overtake(message: OutboxMessage): Promise<true> {
    const reason = "over before it could be delivered";
    if (isEscalation(message.payload)) return giveUp(message, reason);
    const { id, channel, type, alert } = message;
    await state.messageOvertaken(id, now(), reason, messageKey(alert, "recovery", channel));
    logger.info({ message: id, channel, type, reason }, "outbox: left to its end");
    return true;
  }

  async function giveUp(message: OutboxMessage, reason: string): Promise<true> {
    await state.messageFailed(message.id, now(), reason, null);
    const { id, channel, type } = message;
    logger.error({ message: id, channel, type, reason }, "outbox: given up");
    return true;
  }

  return {
    start: loop.start,
    poke: loop.poke,
    async stop() {
      await loop.stop();
      await Promise.all(working.values());
    },
    async drain() {
      // A channel that is at work has an older list; its end makes room for what came since.
      await Promise.all(working.values());
      await pump();
      await Promise.all(working.values());
    },
  };
}

const isEscalation = (payload: unknown) => (payload as { escalation?: unknown }).escalation !== undefined;
