import type { Logger } from "pino";
import { messageIdOf } from "../state/partner-store.ts";
import type {
  PartnerChange,
  PartnerDelivery,
  PartnerHook,
  PartnerDeliveryStore,
} from "../state/partner-store.ts";
import type { Callback, CallbackOutcome } from "./callback.ts";
import { webhookKey } from "./credentials.ts";
import { askedMs, standardWaitsMs, withJitter } from "./retry.ts";
import { createWakeLoop } from "./wake-loop.ts";
import { signWebhook } from "./webhook.ts";

/*
 * Delivers what changed for a provider to the addresses that it registered: Standard Webhooks 1.0.0, and TM Forum's hub.
 *
 * At least once: a change is marked after the other side took it, and a crash in between sends it again under the same
 * webhook-id. In order for each outage: what waits holds back what came after it of the same outage, and of no other.
 * After the last try of the specification's schedule the hook is disabled, and so it is when its key is no longer in force.
 */

export interface PartnerDeliveryOptions {
  state: PartnerDeliveryStore;
  /** Brings the providers' records up to the outage table. */
  follow: () => Promise<void>;
  /** null: this hook is not told of it. */
  render: (hook: PartnerHook, change: PartnerChange) => string | null;
  post: Callback["post"];
  /** Epoch ms. */
  now: () => number;
  /** From [0, 1). */
  random: () => number;
  logger: Pick<Logger, "info" | "warn" | "error">;
  /** Longest time between two looks at the store, ms. Default 2,000. */
  pollMs?: number;
  /** Until the answer begins, ms. Default 15,000: the specification asks for 15 to 30 s. */
  timeoutMs?: number;
}

export interface PartnerDeliveries {
  start(): void;
  /** Ends deliveries under way: they stay due. Twice is fine. */
  stop(): Promise<void>;
  /** Delivers everything that is due now, once. */
  drain(): Promise<void>;
  /** There may be something new: look now, and at this hook even if it rests after failures. */
  poke(hook?: string): void;
}

/** How long a hook rests after it failed, ms, doubled with each further failure: a dead one is not asked for each outage. */
const restMs = 5_000;
const longestRestMs = 300_000;
const keyless = "the key that registered it was revoked, or has expired";

export function createPartnerDelivery(options: PartnerDeliveryOptions): PartnerDeliveries {
  const { state, follow, render, post, now, random, logger, pollMs = 2_000, timeoutMs = 15_000 } = options;
  const working = new Map<string, Promise<void>>();
  /** Failures in a row. A hook that is not in it was not asked since the start. */
  const rests = new Map<string, { failures: number; untilMs: number }>();
  const loop = createWakeLoop(async () => {
    await pump().catch((error: unknown) => logger.error({ err: error }, "partners: cannot read what is due"));
    return pollMs;
  });

  async function pump(): Promise<void> {
    await follow();
    for (const hook of await state.hooksWithoutKey(now())) await disable(hook, keyless, now());
    for (const hook of await state.dueHooks(now())) {
      if (working.has(hook) || (rests.get(hook)?.untilMs ?? 0) > now()) continue;
      const work = deliverAll(hook)
        .catch((error: unknown) => logger.error({ err: error, hook }, "partners: delivery stopped early"))
        .finally(() => working.delete(hook));
      working.set(hook, work);
    }
  }

  async function deliverAll(hook: string): Promise<void> {
    while (!loop.signal.aborted) {
      const next = await state.nextDelivery(hook, now());
      if (next === null || !(await deliver(next))) return;
    }
  }

  /** Whether the hook can be asked again at once. */
  async function deliver({ hook, change, attempts }: PartnerDelivery): Promise<boolean> {
    const body = render(hook, change);
    if (body === null) {
      await state.skipDelivery(hook.id, change.seq);
      return true;
    }
    const headers = headersFor(hook, change, body, now());
    const outcome = await post(hook.url, { headers, body, timeoutMs }, loop.signal, now());
    // What the other side had got to when we stopped is unknown. It stays due.
    if ("failed" in outcome && loop.signal.aborted) return false;
    const told = { hook: hook.id, provider: hook.provider, type: change.type, seq: change.seq };
    if ("status" in outcome && outcome.status >= 200 && outcome.status < 300) {
      // After one failure it may be the message that is refused, and the others' success says nothing of it. After a start
      // nobody knows.
      const wasAway = (rests.get(hook.id)?.failures ?? 2) > 1;
      rests.set(hook.id, { failures: 0, untilMs: 0 });
      await state.delivered(hook.id, change.seq, now(), wasAway);
      logger.info(told, "partners: delivered");
      return true;
    }
    await refuse(hook, change, attempts, outcome);
    logger.warn({ ...told, reason: reasonOf(outcome) }, "partners: not delivered");
    return false;
  }

  async function refuse(
    hook: PartnerHook,
    change: PartnerChange,
    attempts: number,
    outcome: CallbackOutcome,
  ): Promise<void> {
    const reason = reasonOf(outcome);
    const nowMs = now();
    const waitMs = standardWaitsMs[attempts];
    const asked = "status" in outcome ? askedMs(outcome.retryAfterS) : 0;
    const jittered = withJitter(waitMs ?? 0, random);
    await state.notDelivered(hook.id, change.seq, reason, nowMs + Math.max(jittered, asked));
    const isGone = "status" in outcome && outcome.status === 410;
    if (isGone || waitMs === undefined) {
      await disable(hook.id, isGone ? reason : `${attempts + 1} tries, the last: ${reason}`, nowMs);
      return;
    }
    const failures = (rests.get(hook.id)?.failures ?? 0) + 1;
    const rest = Math.min(longestRestMs, restMs * 2 ** (failures - 1));
    rests.set(hook.id, { failures, untilMs: nowMs + Math.max(rest, asked) });
  }

  async function disable(hook: string, reason: string, nowMs: number): Promise<void> {
    await state.disableHook(hook, reason, nowMs);
    rests.delete(hook);
    logger.error({ hook, reason }, "partners: webhook disabled");
  }

  return {
    start: loop.start,
    poke(hook) {
      if (hook !== undefined) rests.delete(hook);
      loop.poke();
    },
    async stop() {
      await loop.stop();
      await Promise.all(working.values());
    },
    async drain() {
      await Promise.all(working.values());
      await pump();
      await Promise.all(working.values());
    },
  };
}

function reasonOf(outcome: CallbackOutcome): string {
  return "failed" in outcome ? outcome.failed : `answered ${outcome.status}`;
}

function headersFor(
  hook: PartnerHook,
  change: PartnerChange,
  body: string,
  nowMs: number,
): Record<string, string> {
  const common = { "content-type": "application/json", "user-agent": "sambung" };
  if (hook.kind === "tmf") return common;
  const id = messageIdOf(hook.id, change.seq);
  const timestamp = String(Math.floor(nowMs / 1000));
  const keys = hook.secrets
    .filter(({ untilMs }) => untilMs === null || untilMs > nowMs)
    .map(({ secret }) => webhookKey(secret)!);
  return {
    ...common,
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": keys.map((key) => signWebhook(key, id, timestamp, body)).join(" "),
  };
}
