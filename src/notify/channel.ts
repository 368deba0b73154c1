import type { OutboxMessage } from "../state/state-store.ts";
import type { Payload } from "./payload.ts";

/** The other side has it. `note`: something an operator should see although it arrived. */
export interface Delivered {
  delivered: true;
  note?: string;
  /** What the other side calls the message, so that an answer to it can be told from others. */
  remoteId?: string;
}

export interface NotDelivered {
  delivered: false;
  /** True: it will never work, such as an endpoint that says it is gone; no further try is made. */
  permanent: boolean;
  /** For people and logs; never holds a secret. */
  reason: string;
  /** The other side asked to be left alone for so long, seconds. */
  retryAfterS?: number;
}

export type Outcome = Delivered | NotDelivered;

/** One way to reach people or machines. A delivery that fails is an outcome; only a bug of ours throws. */
export interface Channel {
  /** Name in the configuration, unique; messages are queued under it. */
  id: string;
  /**
   * Machines read it: each message is delivered in its turn, also when the problem is over by then. Default: people do, and
   * what is over is told as over.
   */
  isMachine?: boolean;
  /** For another side that forgets what it is not told of: says all that lasts once more, every so many ms. */
  repeat?: { everyMs: number; lasting(signal: AbortSignal): Promise<Outcome> };
  /** Aborting `signal` means that the program stops: what the outcome was is then unknown. */
  deliver(message: OutboxMessage, signal: AbortSignal): Promise<Outcome>;
}

/** The payload of a message that we queued. */
export function alertOf(message: OutboxMessage): Payload {
  return message.payload as Payload;
}
