import { join } from "node:path";
import type { Logger } from "pino";
import { publicUrlOf } from "../config.ts";
import type { Config } from "../config.ts";
import { ackPath } from "../http/ack-page.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { createDeliveries } from "../metrics/notifier.ts";
import { readAckKey } from "../notify/ack-key.ts";
import { createAckTokens } from "../notify/ack-token.ts";
import { createChatMoves } from "../notify/chat-moves.ts";
import { checkRoutes } from "../notify/check-routes.ts";
import { createChannels } from "../notify/create-channel.ts";
import { createFallbacks, createPlan, createSteps } from "../notify/create-plan.ts";
import { createDescribe, createNames } from "../notify/describe.ts";
import { createKeeper } from "../notify/keeper.ts";
import { createOutbox } from "../notify/outbox.ts";
import type { Language } from "../notify/payload.ts";
import { createPlanner } from "../notify/planner.ts";
import { createProviderAcks } from "../notify/provider-acks.ts";
import { createTelegramReplies } from "../notify/telegram-replies.ts";
import { createWords } from "../report/words.ts";
import type { SeriesStore } from "../series/series-store.ts";
import { unrouted } from "../state/alert-store.ts";
import type { StateStore } from "../state/state-store.ts";
import { readConditions } from "../watch/condition-readings.ts";
import type { ReadingDeps } from "../watch/condition-readings.ts";
import { readSitesWorkedOn } from "../watch/maintenance.ts";
import { readWatched } from "../watch/watched-conditions.ts";

export interface AlertsDeps {
  state: StateStore;
  series: SeriesStore;
  inventory: () => Inventory;
  now: () => number;
  random: () => number;
  logger: Logger;
  /** What is left of what contracts allow (sla-budgets.ts). */
  budgets: ReadingDeps["budgets"];
  /** Whether issued months still say what is known (sla-corrections.ts). */
  corrections: ReadingDeps["corrections"];
}

/** From what the watch finds to what people read: planner, keeper, outbox, channels, replies. */
export function composeAlerts(config: Config, deps: AlertsDeps) {
  const { state, series, inventory, now, random, logger, budgets, corrections } = deps;
  const { alerts, timeZone } = config;
  const check = (of: Inventory) => checkRoutes(alerts, of);
  check(inventory());
  const publicUrl = publicUrlOf(config);
  const ackTokens = createAckTokens(readAckKey(join(config.data, "alerts.key")));
  const lastsMs = alerts.ack.linkHours * 3_600_000;
  const ackUrlOf = (channel: string, language: Language) => (alert: string, createdMs: number) => {
    if (publicUrl === null || !alerts.ack.links) return null;
    return `${publicUrl}${ackPath(ackTokens.make({ alert, channel }, createdMs + lastsMs), language)}`;
  };
  const deliveries = createDeliveries();
  const chatMoves = createChatMoves(state);
  const channels = alerts.channels
    .flatMap((channel) => createChannels(channel, { timeZone, now, state, ackUrlOf, chatMoves }))
    .map((channel) => deliveries.watch(channel));
  const outbox = createOutbox({
    state,
    channels,
    fallbacks: createFallbacks(alerts),
    now,
    random,
    logger,
  });
  const pageOf = (root: string) =>
    publicUrl === null || root.startsWith("service:") || !inventory().sites.has(root)
      ? publicUrl
      : `${publicUrl}/lokasi/${root}`;
  const listeningSinceMs = now();
  const keeper = createKeeper({
    state,
    inventory,
    plan: createPlan(alerts, channels),
    steps: createSteps(alerts),
    timeZone,
    readConditions: (nowMs) =>
      readConditions(
        { inventory, series, state, listeningSinceMs, budgets, corrections },
        alerts.conditions,
        nowMs,
      ),
    watched: (nowMs) => readWatched({ inventory, state }, alerts.conditions, nowMs),
    workedOn: (nowMs) => readSitesWorkedOn(state, inventory(), nowMs),
    providersWhoKnow: createProviderAcks(state),
    url: pageOf,
    onMessages: () => outbox.poke(),
    onError: (error) => logger.error({ err: error }, "alerts could not be looked after; trying again"),
    now,
  });
  const replies = createTelegramReplies({
    chats: alerts.channels.flatMap((channel) =>
      channel.kind === "telegram" && channel.replies ? [channel] : [],
    ),
    moves: chatMoves,
    state,
    logger,
    now,
    timeZone,
  });
  const spoken = { id: createWords("id", timeZone), en: createWords("en", timeZone) };
  return {
    ackTokens,
    deliveries,
    /** Throws where a route names what the inventory does not have. */
    check,
    /** What the watch asks whom to tell of what it found. */
    plan: createPlanner({
      inventory,
      options: {
        holdMs: alerts.holdS * 1000,
        maxHoldMs: alerts.maxHoldS * 1000,
        lonelyServiceMs: alerts.serviceHoldS * 1000,
        settleMs: alerts.settleS * 1000,
      },
      channels: [{ id: unrouted }],
      nameOf: createNames(inventory),
      describe: createDescribe({
        inventory,
        sentence: (said) => ({ id: spoken.id.statement(said), en: spoken.en.statement(said) }),
        url: pageOf,
      }),
    }),
    poke: () => keeper.poke(),
    start() {
      outbox.start();
      keeper.start();
      replies.start();
    },
    async stop() {
      await replies.stop();
      await keeper.stop();
      await outbox.stop();
    },
  };
}
