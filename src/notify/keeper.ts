import { defaultTimeZone } from "../inventory/local-time.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { unrouted } from "../state/alert-store.ts";
import type { AlertEntry, ConditionReading } from "../state/alert-store.ts";
import type { NewMessage, OutboxMessage, StateStore } from "../state/state-store.ts";
import { stepConditions } from "./conditions.ts";
import type { Watched } from "./conditions.ts";
import { makeDigests } from "./digest.ts";
import type { Known } from "./digest.ts";
import { dispatch } from "./dispatch.ts";
import type { At, DispatchPlan, News } from "./dispatch.ts";
import { escalate } from "./escalate.ts";
import type { EscalationStep } from "./escalate.ts";
import type { Escalation } from "./payload.ts";
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
    | "dueMessages"
    | "toldMessages"
    | "heldMessages"
    | "openConditions"
    | "toldAlerts"
    | "alertEntry"
    | "acks"
    | "writeAlerts"
  >;
  inventory: () => Inventory;
  plan: DispatchPlan;
  steps: readonly EscalationStep[];
  timeZone?: string;
  /** How things stand now. */
  readConditions: (nowMs: number) => Promise<ConditionReading[]>;
  /** Whether what an open condition is of is looked for at all, as by its threshold and the inventory. */
  watched: (nowMs: number) => Promise<(condition: Watched) => boolean>;
  /** Sites where announced work goes on. */
  workedOn: (nowMs: number) => Promise<ReadonlySet<string>>;
  /** Which providers have said that they know of their part of an alert. */
  providersWhoKnow: (payload: News["payload"]) => Promise<NonNullable<Escalation["providers"]>>;
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

  async function toldOf(news: readonly News["payload"][]) {
    const told = await state.toldMessages({
      alerts: [...new Set(news.map(({ alert }) => alert))],
      incidents: [...new Set(news.map(({ incident }) => incident))],
    });
    return told.filter(({ channel }) => channel !== unrouted);
  }

  async function route(): Promise<void> {
    for (;;) {
      const found = await state.dueMessages(unrouted, now(), batch);
      if (found.length === 0) return;
      const news = found.map(toNews);
      const at = here();
      const messages = dispatch(news, await toldOf(payloadsOf(news)), plan, at);
      const used = found.map(({ id }) => ({ id, by: "routes" }));
      await state.writeAlerts({ messages, used, nowMs: at.nowMs });
      if (messages.length > 0) options.onMessages();
    }
  }

  async function lookAtConditions(): Promise<void> {
    const at = here();
    const readings = await options.readConditions(at.nowMs);
    const isWatched = await options.watched(at.nowMs);
    const context = { inventory: at.inventory, nowMs: at.nowMs, timeZone, isWatched, url: options.url };
    const { changed, news } = stepConditions(await state.openConditions(), readings, context);
    if (changed.length === 0) return;
    const messages = dispatch(news, await toldOf(payloadsOf(news)), plan, at);
    await state.writeAlerts({ conditions: changed, messages, nowMs: at.nowMs });
    if (messages.length > 0) options.onMessages();
  }

  async function lookForAnswers(): Promise<void> {
    if (options.steps.length === 0) return;
    const records = [...(await state.toldAlerts()), ...(await state.openConditions())];
    const told = records.flatMap(({ toldMs, facts }) =>
      toldMs === null || facts === null ? [] : [facts as News["payload"]],
    );
    const at = here();
    const acks = await state.acks(told.map(({ alert }) => alert));
    const open = told.filter(({ alert }) => !acks.has(alert));
    const due = escalate(open, options.steps, await toldOf(open), plan, at);
    if (due.length === 0) return;
    const workedOn = await options.workedOn(at.nowMs);
    const messages = due.filter(({ payload }) => !isAllWork((payload as News["payload"]).sites, workedOn));
    if (messages.length === 0) return;
    await state.writeAlerts({ messages: await withProviders(messages), nowMs: at.nowMs });
    options.onMessages();
  }

  /** Says of each who among the providers knows of it. */
  async function withProviders(messages: readonly NewMessage[]): Promise<NewMessage[]> {
    const made: NewMessage[] = [];
    for (const [, ofAlert] of Map.groupBy(messages, ({ alert }) => alert)) {
      const providers = await options.providersWhoKnow(ofAlert[0]!.payload as News["payload"]);
      for (const message of ofAlert) {
        const payload = message.payload as News["payload"];
        const escalation = { ...payload.escalation!, ...(providers.length === 0 ? {} : { providers }) };
        made.push({ ...message, payload: { ...payload, escalation } });
      }
    }
    return made;
  }

  async function lookForDigests(): Promise<void> {
    const nowMs = now();
    const held = await state.heldMessages(nowMs);
    if (held.length === 0) return;
    const { messages, used } = makeDigests(held, await knownOf(held), nowMs, options.url("digest"));
    await state.writeAlerts({ messages, used, nowMs });
    options.onMessages();
  }

  /** How the alerts stand by now, of which messages were kept. */
  async function knownOf(held: readonly OutboxMessage[]): Promise<Known> {
    const alerts = [...new Set(held.map(({ alert }) => alert))];
    const entries: [string, AlertEntry][] = [];
    for (const alert of alerts) {
      const entry = await state.alertEntry(alert);
      if (entry !== null) entries.push([alert, entry]);
    }
    return { told: await state.toldMessages({ alerts, incidents: [] }), entries: new Map(entries) };
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

const payloadsOf = (news: readonly News[]) => news.map(({ payload }) => payload);

/** Nobody is asked to look after what somebody works on. */
function isAllWork(sites: readonly string[], workedOn: ReadonlySet<string>): boolean {
  return sites.length > 0 && sites.every((site) => workedOn.has(site));
}

function toNews({ payload, dedupeKey }: OutboxMessage): News {
  return { payload: payload as News["payload"], what: dedupeKey.split(":")[1]! };
}
