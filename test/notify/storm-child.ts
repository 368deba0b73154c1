import { fstatSync, openSync, writeSync } from "node:fs";
import pino from "pino";
import { createAlertmanagerChannel } from "../../src/notify/alertmanager.ts";
import type { Channel } from "../../src/notify/channel.ts";
import { createChatMoves } from "../../src/notify/chat-moves.ts";
import { createEmailChannel } from "../../src/notify/email.ts";
import { createKeeper } from "../../src/notify/keeper.ts";
import { createNtfyChannel } from "../../src/notify/ntfy.ts";
import { createOutbox } from "../../src/notify/outbox.ts";
import { messageKey } from "../../src/notify/planner.ts";
import { createTelegramChannel } from "../../src/notify/telegram.ts";
import { createWebhookChannel } from "../../src/notify/webhook.ts";
import { createWhatsappChannel } from "../../src/notify/whatsapp.ts";
import { unrouted } from "../../src/state/alert-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { anAlertRecord } from "./factories.ts";
import { stormEvents } from "./storm-events.ts";
import type { StormEvent, StormOptions } from "./storm-events.ts";

/*
 * The sending half of the collector as a process of its own, that can be killed: the real store, keeper, outbox and
 * channels. What the watch would have found is written down as the watch writes it, a piece at a time; how far that has
 * come is noted after it in a file, so that a kill in between writes a piece again, which changes nothing.
 */

const options = JSON.parse(process.argv[2]!) as StormOptions & { file: string };
const stores = openSqlite(options.file);
const { state } = stores;
/** Time runs faster here, from a moment that outlives a kill: waits of minutes pass in seconds. */
const now = () => Math.round(options.epochMs + (Date.now() - options.startMs) * options.speed);
const { peers, secret, timeoutMs } = options;

const all: Channel[] = [
  createWebhookChannel({ id: "hook", url: peers.hook, secrets: [secret], timeoutMs, now: Date.now }),
  createEmailChannel({
    id: "mail",
    host: "127.0.0.1",
    port: peers.mailPort,
    security: "none",
    from: "Sambung <sambung@example.go.id>",
    to: "noc@example.go.id",
    timeoutMs: 5_000,
  }),
  createTelegramChannel({
    id: "telegram",
    token: "1:a",
    chatId: "-100",
    baseUrl: peers.telegram,
    timeoutMs,
    moves: createChatMoves(state),
  }),
  createWhatsappChannel({
    id: "whatsapp",
    phoneNumberId: "106540352242922",
    token: "t",
    to: "6281234567890",
    template: "gangguan",
    baseUrl: peers.whatsapp,
    timeoutMs,
    now,
  }),
  createNtfyChannel({ id: "ntfy", url: peers.ntfy, topic: "kutim", timeoutMs, now }),
  ...(peers.alertmanager === null
    ? []
    : [createAlertmanagerChannel({ id: "prom", url: peers.alertmanager, timeoutMs: 5_000, state, now })]),
];
const channels = all.filter(({ id }) => options.channels === null || options.channels.includes(id));

const outbox = createOutbox({
  state,
  channels,
  fallbacks: new Map(options.fallbacks),
  now,
  random: Math.random,
  logger: pino({ level: "silent" }),
  pollMs: 100,
});
const keeper = createKeeper({
  state,
  inventory: () => ({
    sites: new Map(),
    links: new Map(),
    contracts: new Map(),
    services: new Map(),
    targets: new Map(),
  }),
  plan: {
    routes: options.routes ?? [{ to: channels.map(({ id }) => id), severity: "low", quiet: true }],
    machines: new Set(["hook", "prom"]),
    quiet: options.quiet,
    budget: options.budget,
    digestMin: options.digestMin,
  },
  steps: options.steps,
  readConditions: async () => [],
  watched: async () => () => true,
  workedOn: async () => new Set(),
  providersWhoKnow: async () => [],
  url: () => null,
  onMessages: () => outbox.poke(),
  onError: (error) => {
    throw error;
  },
  now,
  lookMs: 300,
});

async function find({ payload, what, isOver }: StormEvent): Promise<void> {
  const { alert, incident, type } = payload;
  const createdMs = now();
  const record = anAlertRecord({ id: alert, incident, facts: payload, closedMs: isOver ? createdMs : null });
  const dedupeKey = messageKey(alert, what, unrouted);
  const message = { dedupeKey, channel: unrouted, type, alert, incident, payload };
  await state.writeWatch({
    outages: [],
    states: [],
    alerts: [record],
    messages: [{ ...message, createdMs, nextTryMs: createdMs }],
  });
}

outbox.start();
keeper.start();
const events = stormEvents(options);
const progress = openSync(`${options.file}.at`, "a+");
const beganMs = performance.now();
// One byte for each: outlives a kill of the process, half of one is not possible, and it costs the store nothing.
const first = fstatSync(progress).size;
for (let at = first; at < events.length; at += 1) {
  await find(events[at]!);
  writeSync(progress, ".");
  keeper.poke();
  const lateMs = performance.now() - beganMs - (at + 1 - first) * options.everyMs;
  await new Promise((resolve) => (lateMs >= 0 ? setImmediate(resolve) : setTimeout(resolve, -lateMs)));
}
process.send?.("all found");
// The parent asks when it wants to know what is left.
process.on("message", () => {
  void (async () => {
    const waiting = (await state.pendingMessages()).reduce((sum, { count }) => sum + count, 0);
    const held = await state.heldMessages(Number.MAX_SAFE_INTEGER);
    process.send?.({ waiting, held: held.length });
  })();
});
