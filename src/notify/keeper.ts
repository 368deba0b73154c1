import { defaultTimeZone } from "../inventory/local-time.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { unrouted } from "../state/alert-store.ts";
import type { ConditionReading } from "../state/alert-store.ts";
import type { OutboxMessage, StateStore } from "../state/state-store.ts";
import { stepConditions } from "./conditions.ts";
import { makeDigests } from "./digest.ts";
import { dispatch } from "./dispatch.ts";
import type { At, DispatchPlan, News } from "./dispatch.ts";
import { escalate } from "./escalate.ts";
import type { EscalationStep, Unanswered } from "./escalate.ts";
import { createWakeLoop } from "./wake-loop.ts";

/*
 * Brings what was found to those who are to hear of it, and looks after what only time calls for:
 *
 *   what the watch wrote down ──routes, quiet hours, budget──▶ messages for channels, or kept for a digest
 *   readings of conditions ─────hold, hysteresis─────────────▶ the same
 *   told and not answered ──────steps────────────────────────▶ messages of an escalation
 *   kept, and the digest's hour has come ────────────────────▶ one message for each channel
 *
 * Each of these reads, decides without I/O, and writes whole: after a crash in between it is done once, not twice.
 */

export interface KeeperOptions {
  state: Pick<
    StateStore,
    "dueMessages" | "toldMessages" | "heldMessages" | "openConditions" | "toldAlerts" | "acks" | "writeAlerts"
  >;
  inventory: () => Inventory;
  plan: DispatchPlan;
  steps: readonly EscalationStep[];
  timeZone?: string;
  /** How things stand now. */
  readConditions: (nowMs: number) => Promise<ConditionReading[]>;
  url: (root: string) => string | null;
  /** Called after messages for channels were written. */
  onMessages: () => void;
  onError: (error: unknown) => void;
  now: () => number;
  /** Longest time between two looks, ms. Default 15,000, from 100. */
  lookMs?: number;
  /** Time between two looks at the conditions, which read what was measured, ms. Default 60,000. */
  conditionsMs?: number;
  /** Most pieces of news that are routed at once. Default 1,000. */
  batch?: number;
}

export interface Keeper {
  start(): void;
  /** Twice is fine. */
  stop(): Promise<void>;
  /** Does now all that there is to do. */
  look(): Promise<void>;
  /** The watch wrote something down: route it now. */
  poke(): void;
}

export function createKeeper(options: KeeperOptions): Keeper {
  const { state, now, plan, timeZone = defaultTimeZone, lookMs = 15_000 } = options;
  const { conditionsMs = 60_000, batch = 1_000 } = options;
  let nextLookMs = -Infinity;
  const routing = createWakeLoop(async () => {
    const works = [route];
    if (performance.now() >= nextLookMs) {
      works.push(lookForAnswers, lookForDigests);
      nextLookMs = performance.now() + lookMs;
    }
    await look(works);
    return Math.max(0, nextLookMs - performance.now());
  });
  // By itself: an engine that is slow, or hangs, keeps nobody from hearing of what the watch found.
  const measuring = createWakeLoop(async () => {
    await look([lookAtConditions]);
    return conditionsMs;
  });

  function here(): At {
    const inventory = options.inventory();
    const holidays = inventory.holidays ?? new Map<string, never>();
    return { nowMs: now(), inventory, calendar: { timeZone, holidays } };
  }

  async function toldOf(news: readonly { payload: News["payload"] }[]) {
    const told = await state.toldMessages({
      alerts: [...new Set(news.map(({ payload }) => payload.alert))],
      incidents: [...new Set(news.map(({ payload }) => payload.incident))],
    });
    return told.filter(({ channel }) => channel !== unrouted);
  }

  async function route(): Promise<void> {
    for (;;) {
      const found = await state.dueMessages(unrouted, now(), batch);
      if (found.length === 0) return;
      const news = found.map(toNews);
      const at = here();
      const messages = dispatch(news, await toldOf(news), plan, at);
      const used = found.map(({ id }) => ({ id, by: "routes" }));
      await state.writeAlerts({ messages, used, nowMs: at.nowMs });
      if (messages.length > 0) options.onMessages();
    }
  }

  async function lookAtConditions(): Promise<void> {
    const at = here();
    const readings = await options.readConditions(at.nowMs);
    const context = { inventory: at.inventory, nowMs: at.nowMs, url: options.url };
    const { changed, news } = stepConditions(await state.openConditions(), readings, context);
    if (changed.length === 0) return;
    const messages = dispatch(news, await toldOf(news), plan, at);
    await state.writeAlerts({ conditions: changed, messages, nowMs: at.nowMs });
    if (messages.length > 0) options.onMessages();
  }

  async function lookForAnswers(): Promise<void> {
    if (options.steps.length === 0) return;
    const records = [...(await state.toldAlerts()), ...(await state.openConditions())];
    const told = records.flatMap(({ id, toldMs, facts }): (Unanswered & { id: string })[] =>
      toldMs === null || facts === null ? [] : [{ id, toldMs, payload: facts as News["payload"] }],
    );
    const acks = await state.acks(told.map(({ id }) => id));
    const open = told.filter(({ id }) => !acks.has(id));
    const at = here();
    const messages = escalate(open, options.steps, await toldOf(open), plan, at);
    if (messages.length === 0) return;
    await state.writeAlerts({ messages, nowMs: at.nowMs });
    options.onMessages();
  }

  async function lookForDigests(): Promise<void> {
    const nowMs = now();
    const { messages, used } = makeDigests(await state.heldMessages(nowMs), nowMs, options.url("digest"));
    if (used.length === 0) return;
    await state.writeAlerts({ messages, used, nowMs });
    options.onMessages();
  }

  async function look(works = [route, lookAtConditions, lookForAnswers, lookForDigests]): Promise<void> {
    // One that fails does not keep the others from their work.
    for (const work of works) await work().catch(options.onError);
  }

  return {
    start() {
      routing.start();
      measuring.start();
    },
    async stop() {
      await Promise.all([routing.stop(), measuring.stop()]);
    },
    poke: routing.poke,
    look: () => look(),
  };
}

function toNews({ payload, dedupeKey }: OutboxMessage): News {
  return { payload: payload as News["payload"], what: dedupeKey.split(":")[1]! };
}
