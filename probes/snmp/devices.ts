import { createRecentIds } from "./community-exchange.ts";
import type { RecentIds } from "./community-exchange.ts";

/*
 * What is known of a device, by its address and port: shared by all targets that name it, kept from round to round.
 */

export interface Device {
  /** Whether it answers GETBULK. Some never do, some answer with an error, some with nothing in it. */
  bulk: "unknown" | "doubted" | "works" | "broken";
  /** Objects that it puts into one answer to GETNEXT and GETBULK, at most. */
  varbindsPerAnswer: number;
  /** Octets that one of its answers to GETBULK may take. */
  answerBytes: number;
  /** Longer answers than those that need no fragments were tried, and did not arrive. */
  fragmentsLost: boolean;
  /** Objects that it answers to in one GET. */
  oidsPerGet: number;
  /** Time to its last answers, smoothed; null before the first. */
  rttMs: number | null;
  readonly recentIds: RecentIds;
  /** Waits for its turn to ask: an agent's receive buffer overflows where many ask at once. Null: the time was up. */
  enter(signal: AbortSignal): Promise<Disposable | null>;
  /** After a reboot the device may be another one. */
  forget(): void;
}

export interface DeviceBook {
  of(key: string): Device;
}

/** Questions under way at one device. */
const inFlight = 2;

/** No agent is asked for more objects at once. */
const mostVarbinds = 256;
const initialOidsPerGet = 40;

/** What a path of 1,500 octets carries in one piece, tunnels allowed for. */
const wholeAnswerBytes = 1_400;
/** Four fragments. Each datagram costs the agent as much CPU as the decoding of some 40 counters. */
const longAnswerBytes = 5_600;

/** After a walk in which all went well. */
export function allowLongerAnswers(device: Device): void {
  if (!device.fragmentsLost) device.answerBytes = Math.min(longAnswerBytes, 2 * device.answerBytes);
}

/** After silence: perhaps fragments do not pass. */
export function keepAnswersWhole(device: Device): void {
  if (device.answerBytes > wholeAnswerBytes) device.fragmentsLost = true;
  device.answerBytes = wholeAnswerBytes;
}

/** What was learned is tried anew after a day: devices are replaced and their firmware is. */
const rememberMs = 86_400_000;

export function createDeviceBook(nowMs: () => number): DeviceBook {
  const book = new Map<string, { device: Device; untilMs: number }>();
  let sweepAtMs = nowMs() + rememberMs;
  return {
    of(key) {
      const now = nowMs();
      if (now > sweepAtMs) {
        for (const [known, { untilMs }] of book) if (now > untilMs) book.delete(known);
        sweepAtMs = now + rememberMs;
      }
      let entry = book.get(key);
      if (entry === undefined) book.set(key, (entry = { device: createDevice(), untilMs: now + rememberMs }));
      if (now > entry.untilMs) {
        entry.device.forget();
        entry.untilMs = now + rememberMs;
      }
      return entry.device;
    },
  };
}

export function createDevice(): Device {
  const queue: (() => void)[] = [];
  let free = inFlight;
  const leave = () => {
    const next = queue.shift();
    if (next === undefined) free++;
    else next();
  };
  const turn = (): Disposable => ({ [Symbol.dispose]: leave });

  return {
    bulk: "unknown",
    varbindsPerAnswer: mostVarbinds,
    answerBytes: wholeAnswerBytes,
    fragmentsLost: false,
    oidsPerGet: initialOidsPerGet,
    rttMs: null,
    recentIds: createRecentIds(),
    enter(signal) {
      if (signal.aborted) return Promise.resolve(null);
      if (free > 0) {
        free--;
        return Promise.resolve(turn());
      }
      return new Promise((resolve) => {
        const go = () => {
          signal.removeEventListener("abort", giveUp);
          resolve(turn());
        };
        const giveUp = () => {
          queue.splice(queue.indexOf(go), 1);
          resolve(null);
        };
        queue.push(go);
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
    forget() {
      this.bulk = "unknown";
      this.varbindsPerAnswer = mostVarbinds;
      this.answerBytes = wholeAnswerBytes;
      this.fragmentsLost = false;
      this.oidsPerGet = initialOidsPerGet;
      this.rttMs = null;
    },
  };
}
