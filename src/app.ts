import { join } from "node:path";
import { serve } from "@hono/node-server";
import type { ServerType } from "@hono/node-server";
import { Hono } from "hono";
import type { Logger } from "pino";
import { publicUrlOf, splitListen } from "./config.ts";
import type { ChannelConfig, Config } from "./config.ts";
import { createHttp } from "./http/create-http.ts";
import { createAdmission } from "./ingest/admission.ts";
import { createLineProtocolIngest } from "./ingest/accept-line-protocol.ts";
import { createIngest } from "./ingest/ingest.ts";
import type { Touched } from "./ingest/ingest.ts";
import { createLagMeter } from "./ingest/lag.ts";
import type { Inventory } from "./inventory/inventory.ts";
import { createMetrics } from "./metrics.ts";
import type { Channel } from "./notify/channel.ts";
import { createDescribe } from "./notify/describe.ts";
import { createEmailChannel } from "./notify/email.ts";
import { createOutbox } from "./notify/outbox.ts";
import { createPlanner } from "./notify/planner.ts";
import { createTelegramChannel } from "./notify/telegram.ts";
import { createWebhookChannel } from "./notify/webhook.ts";
import { defaultDetectOptions } from "./outage/signal.ts";
import { createPages } from "./pages/create-pages.ts";
import { createReader } from "./report/create-reader.ts";
import type { Reader } from "./report/reader.ts";
import { createWords } from "./report/words.ts";
import { openSqlite } from "./state/sqlite.ts";
import type { StateStore } from "./state/state-store.ts";
import { createWatch } from "./watch/watch.ts";
import type { Watch } from "./watch/watch.ts";

export interface AppDeps {
  logger: Logger;
  /** Wall clock, epoch ms. */
  now: () => number;
  random: () => number;
  /** Reads and checks the inventory; called at the start and for each reload. Throws when it is not right. */
  readInventory: () => Inventory;
  version: string;
}

export interface App {
  /** Brings the table up to date, then opens the port. Resolves to the address. */
  start(): Promise<string>;
  /** Closes everything in reverse order. Twice is fine. */
  stop(): Promise<void>;
  /** Answers a request without a port. */
  fetch(request: Request): Promise<Response>;
  /** Takes a new inventory into force; throws, and leaves the old one, when it is not right. */
  reload(): void;
  state: StateStore;
  watch: Watch;
  reader: Reader;
}

/** The collector: the only place that sees every room. Opens the store; listens only when started. */
export function createApp(config: Config, deps: AppDeps): App {
  const { logger, now } = deps;
  let inventory = deps.readInventory();
  const inForce = () => inventory;
  const stores = openSqlite(join(config.data, "sambung.db"));
  const { state, series, batchLog } = stores;
  const channels = config.alerts.channels.map((channel) => createChannel(channel, config.timeZone, now));
  const outbox = createOutbox({ state, channels, now, random: deps.random, logger });
  const { host, port } = splitListen(config.listen);

  const options = watchOptions(config);
  const watch = createWatch({
    inventory: inForce,
    series,
    state,
    now,
    options,
    planAlerts: createPlanner({
      state,
      holdMs: config.alerts.holdS * 1000,
      channels,
      describe: describer(inForce, config.timeZone, publicUrlOf(config)),
    }),
    onMessages: () => outbox.poke(),
    onError: (error) =>
      logger.error({ err: error }, "the outage table could not be brought up to date; trying again"),
  });
  const lag = createLagMeter(() => performance.now());
  const accepting = {
    admission: createAdmission({ lagMs: lag.lagMs }),
    inventory: inForce,
    state,
    series,
    batchLog,
    now,
    onStored: (touched: Touched) => watch.touched(touched),
  };
  const ingest = createIngest({ ...accepting, agentConfig: config.agents });
  const reader = createReader({
    inventory: inForce,
    state,
    series,
    nowMs: now,
    silenceMs: options.silenceMs,
  });
  const services = () => [...inventory.services.values()].map(({ id, name }) => ({ id, name }));
  const pages = createPages({ reader, now, timeZone: config.timeZone, services, version: deps.version });
  const lineProtocol = createLineProtocolIngest(accepting);
  const http = createHttp({
    reader,
    inventory: inForce,
    state,
    series,
    ingest,
    lineProtocol,
    logger,
    nowMs: now,
    timeZone: config.timeZone,
    version: deps.version,
    metricsAccess: config.metrics,
    metrics: createMetrics({
      reader,
      state,
      ingestCounts: () => ({ ...ingest.counts(), ...lineProtocol.counts() }),
      nowMs: now,
    }),
    pages: new Hono().route("/", pages),
    notFoundPage: (request) => pages.fetch(request),
  });

  let server: ServerType | null = null;
  let stopped = false;
  return {
    state,
    watch,
    reader,
    fetch: async (request) => http.fetch(request),
    reload() {
      inventory = deps.readInventory();
      logger.info({ sites: inventory.sites.size, targets: inventory.targets.size }, "inventory reloaded");
    },
    async start() {
      await watch.start();
      outbox.start();
      server = serve({ fetch: http.fetch, hostname: host, port });
      await once(server);
      const address = server.address();
      return `http://${host.includes(":") ? `[${host}]` : host}:${typeof address === "object" && address !== null ? address.port : port}`;
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      if (server !== null) await closeServer(server);
      lag.stop();
      await outbox.stop();
      await watch.stop();
      stores.close();
    },
  };
}

function watchOptions(config: Config) {
  const { reportIntervalS } = config.agents;
  const { badRounds, heardWithinS, silenceS } = config.outages;
  return {
    ...defaultDetectOptions,
    badRounds,
    heardWithinMs: (heardWithinS ?? reportIntervalS * 1.25) * 1000,
    silenceMs: (silenceS ?? reportIntervalS * 3.25) * 1000,
    windowMs: 86_400_000,
    reachMs: 172_800_000,
    minPassMs: 1_000,
    tickMs: 5_000,
  };
}

function describer(inventory: () => Inventory, timeZone: string, publicUrl: string | null) {
  const spoken = { id: createWords("id", timeZone), en: createWords("en", timeZone) };
  return createDescribe({
    inventory,
    sentence: (item) => ({ id: spoken.id.fact(item), en: spoken.en.fact(item) }),
    url: ({ root }) =>
      publicUrl === null || root.startsWith("service:") ? publicUrl : `${publicUrl}/lokasi/${root}`,
  });
}

function createChannel(config: ChannelConfig, timeZone: string, now: () => number): Channel {
  switch (config.kind) {
    case "webhook":
      return createWebhookChannel({ id: config.id, url: config.url, secrets: config.secrets, now });
    case "email": {
      const { user, password, kind: _, ...rest } = config;
      return createEmailChannel({
        ...rest,
        timeZone,
        ...(user === undefined || password === undefined ? {} : { auth: { user, password } }),
      });
    }
    case "telegram": {
      const { threadId, baseUrl, kind: _, ...rest } = config;
      return createTelegramChannel({
        ...rest,
        timeZone,
        ...(threadId === undefined ? {} : { threadId }),
        ...(baseUrl === undefined ? {} : { baseUrl }),
      });
    }
  }
}

/** Resolves when the port is open; rejects when it cannot be. */
function once(server: ServerType): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
}

/** Lets answers under way finish, then ends connections that stay open. */
function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeIdleConnections" in server) server.closeIdleConnections();
    setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), 1_000).unref();
  });
}
