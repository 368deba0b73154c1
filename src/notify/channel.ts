import type { OutboxMessage } from "../state/state-store.ts";
import type { AlertPayload } from "./payload.ts";

/** The other side has it. `note`: something an operator should see although it arrived. */
export interface Delivered {
  delivered: true;
  note?: string;
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
  /** Aborting `signal` means that the program stops: what the outcome was is then unknown. */
  deliver(message: OutboxMessage, signal: AbortSignal): Promise<Outcome>;
}

/** The payload of a message that the planner queued. */
export function alertOf(message: OutboxMessage): AlertPayload {
  return message.payload as AlertPayload;
}
