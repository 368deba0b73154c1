import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { Hono } from "hono";
import type { Logger } from "pino";
import { publicUrlOf, splitListen } from "./config.ts";
import type { Config, SeriesConfig } from "./config.ts";
import { createRangeCheck } from "./http/client.ts";
import { createHttp } from "./http/create-http.ts";
import { openDoor } from "./http/open-door.ts";
import type { Door } from "./http/open-door.ts";
import { admissionBytes, createAdmission } from "./ingest/admission.ts";
import { createAllowance } from "./ingest/allowance.ts";
import { createLineProtocolIngest } from "./ingest/accept-line-protocol.ts";
import { createComplaintFolder } from "./ingest/complaints/complaint-folder.ts";
import { createComplaintKeeper } from "./ingest/complaints/keep-complaints.ts";
import { createComplaints } from "./ingest/complaints/create-complaints.ts";
import { createComplaintSecret } from "./ingest/complaints/secret.ts";
import { toComplaintOptions } from "./ingest/complaints/settings.ts";
import { createIngest, judgedMs } from "./ingest/ingest.ts";
import type { Touched } from "./ingest/ingest.ts";
import { createLagMeter } from "./ingest/lag.ts";
import type { Inventory } from "./inventory/inventory.ts";
import { createMetrics } from "./metrics.ts";
import { ackPath } from "./http/ack-page.ts";
import { readAckKey } from "./notify/ack-key.ts";
import { createAckTokens } from "./notify/ack-token.ts";
import { checkRoutes } from "./notify/check-routes.ts";
import { createDeliveries } from "./metrics/notifier.ts";
import { createCallback } from "./notify/callback.ts";
import { createChannel } from "./notify/create-channel.ts";
import { createKeeper } from "./notify/keeper.ts";
import { createPlan } from "./notify/create-plan.ts";
import type { Language } from "./notify/payload.ts";
import { createTelegramReplies } from "./notify/telegram-replies.ts";
import { readConditions } from "./watch/condition-readings.ts";
import { createDescribe, createNames } from "./notify/describe.ts";
import { createOutbox } from "./notify/outbox.ts";
import { createPartnerDelivery } from "./notify/partner-delivery.ts";
import { createPlanner } from "./notify/planner.ts";
import { defaultDetectOptions } from "./outage/signal.ts";
import type { ApiDocument } from "./pages/api-document.ts";
import { createApiPages } from "./pages/create-api-pages.ts";
import { createPages } from "./pages/create-pages.ts";
import { createOpenData } from "./report/open-data.ts";
import { createPlace, createReader } from "./report/create-reader.ts";
import { createPartnerFeed } from "./report/partner-feed.ts";
import { toWebhookBody } from "./report/partner-rows.ts";
import { alarmBase, toAlarmNotification } from "./report/tmf-alarm.ts";
import { createOutcomeDays } from "./report/outcome-days.ts";
import type { Reader } from "./report/reader.ts";
import { createSlaBook } from "./report/sla/create-sla-book.ts";
import { createRoundsKeeper } from "./report/sla/rounds-keeper.ts";
import { createWords } from "./report/words.ts";
import { unrouted } from "./state/alert-store.ts";
import { commandActor } from "./state/audit.ts";
import type { Actor, AuditEntry } from "./state/audit.ts";
import { openOuterSeries } from "./series/open-series.ts";
import { dayMs, defaultRetention } from "./series/retention.ts";
import type { Retention } from "./series/retention.ts";
import type { SeriesStore } from "./series/series-store.ts";
import { openSqlite } from "./state/sqlite.ts";
import type { SqliteOptions } from "./state/sqlite.ts";
import type { StateStore } from "./state/state-store.ts";
import { storeTrouble } from "./state/store-trouble.ts";
import { syncMaintenance } from "./watch/sync-maintenance.ts";
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
  /**
   * A door of its own, in plain HTTP on the loopback, for the agent beside a collector that speaks TLS: the certificate is
   * for another name than that, and nothing leaves the machine. Resolves to its address.
   */
  openLocalDoor(): Promise<string>;
  /** Closes everything in reverse order. Twice is fine. */
  stop(): Promise<void>;
  /** Answers a request without a port. */
  fetch(request: Request): Promise<Response>;
  /**
   * Takes a new inventory into force, and new certificate files; throws, and leaves the old one, when it is not right.
   * The audit log has either.
   */
  reload(by: Actor): Promise<void>;
  state: StateStore;
  watch: Watch;
  reader: Reader;
}

/** The collector: the only place that sees every room. Opens the store; listens only when started. */
export function createApp(config: Config, deps: AppDeps): App {
  const { logger, now } = deps;
  let inventory = deps.readInventory();
  const inForce = () => inventory;
  const kept = retentionOf(config.series);
  const storeFile = join(config.data, "sambung.db");
  const stores = openSqlite(storeFile, { now, ...kept, ...outerOf(config.series, now) });
  const { state, series, batchLog } = stores;
  const { alerts } = config;
  checkRoutes(alerts, inventory);
  const publicUrl = publicUrlOf(config);
  const ackTokens = createAckTokens(readAckKey(join(config.data, "alerts.key")));
  const ackUrlOf = (channel: string, language: Language) => (alert: string, createdMs: number) =>
    publicUrl === null || !alerts.ack.links
      ? null
      : `${publicUrl}${ackPath(ackTokens.make({ alert, channel }, createdMs + alerts.ack.linkHours * 3_600_000), language)}`;
  const deliveries = createDeliveries();
  const channels = alerts.channels.map((channel) =>
    deliveries.watch(createChannel(channel, { timeZone: config.timeZone, now, ackUrlOf })),
  );
  const outbox = createOutbox({
    state,
    channels,
    fallbacks: new Map(Object.entries(alerts.fallbacks)),
    now,
    random: deps.random,
    logger,
  });
  const pageOf = (root: string) =>
    publicUrl === null || root.startsWith("service:") || !inventory.sites.has(root)
      ? publicUrl
      : `${publicUrl}/lokasi/${root}`;
  const listeningSinceMs = now();
  const alertKeeper = createKeeper({
    state,
    inventory: inForce,
    plan: createPlan(alerts, channels),
    steps: alerts.escalation,
    timeZone: config.timeZone,
    readConditions: (nowMs) =>
      readConditions({ inventory: inForce, series, state, listeningSinceMs }, alerts.conditions, nowMs),
    url: pageOf,
    onMessages: () => outbox.poke(),
    onError: (error) => logger.error({ err: error }, "alerts could not be looked after; trying again"),
    now,
  });
  const replies = createTelegramReplies({
    chats: alerts.channels.flatMap((channel) =>
      channel.kind === "telegram" && channel.replies ? [channel] : [],
    ),
    state,
    logger,
    now,
    timeZone: config.timeZone,
  });
  const { host, port } = splitListen(config.listen);

  const options = watchOptions(config);
  const watch = createWatch({
    inventory: inForce,
    series,
    state,
    now,
    options,
    planAlerts: createPlanner({
      inventory: inForce,
      options: {
        holdMs: config.alerts.holdS * 1000,
        maxHoldMs: config.alerts.maxHoldS * 1000,
        lonelyServiceMs: config.alerts.serviceHoldS * 1000,
        settleMs: config.alerts.settleS * 1000,
      },
      channels: [{ id: unrouted }],
      nameOf: createNames(inForce),
      describe: describer(inForce, config.timeZone, pageOf),
    }),
    onMessages: () => alertKeeper.poke(),
    onError: (error) =>
      logger.error({ err: error }, "the outage table could not be brought up to date; trying again"),
  });
  const outcomes = createOutcomeDays(series, inForce);
  const lag = createLagMeter(() => performance.now());
  const accepting = {
    admission: createAdmission({
      maxBytes: admissionBytes(getHeapStatistics().heap_size_limit),
      lagMs: lag.lagMs,
    }),
    allowance: createAllowance({
      roundsPerDay: config.limits.agentRoundsPerDay,
      eventsPerDay: config.limits.agentEventsPerDay,
      now,
    }),
    inventory: inForce,
    state,
    series,
    batchLog,
    now,
    judgedMs: Math.min(judgedMs, (kept.retention?.rawMs ?? Infinity) - judgedLeadMs),
    onStored(touched: Touched) {
      watch.touched(touched);
      outcomes.touched(touched.keys, touched.fromMs);
    },
  };
  const ingest = createIngest({
    ...accepting,
    agentConfig: config.agents,
    onClockDoubt(why) {
      if (why === null) logger.info("this machine's clock is no longer in doubt");
      else logger.error(why);
    },
  });
  const reader = createReader({
    inventory: inForce,
    state,
    series,
    nowMs: now,
    silenceMs: options.silenceMs,
    provisional: () => watch.provisional(),
    outcomes,
    version: deps.version,
  });
  const sla = createSlaBook({
    inventory: inForce,
    state,
    series,
    nowMs: now,
    targetStatus: () => reader.targetStatus(),
    version: deps.version,
  });
  const rawMs = kept.retention?.rawMs ?? defaultRetention.rawMs;
  const roundsKeeper = createRoundsKeeper({
    state,
    series,
    place: createPlace(inForce),
    nowMs: now,
    settledMs: rawMs - judgedLeadMs,
    rawMs,
    onError: (error) =>
      logger.error({ err: error }, "rounds behind outages could not be put aside; trying again"),
    everyMs: 60_000,
  });
  const services = () => [...inventory.services.values()].map(({ id, name }) => ({ id, name }));
  const follow = createPartnerFeed(state, inForce);
  const callback = createCallback({ networks: config.partners.callbackNetworks });
  const spoken = createWords("id", config.timeZone);
  const origin = publicUrlOf(config) ?? "";
  const partnerDelivery = createPartnerDelivery({
    state,
    follow,
    render(hook, change) {
      if (hook.kind === "tmf")
        return toAlarmNotification({ words: spoken, inventory, base: `${origin}${alarmBase}` }, hook, change);
      const isWanted = hook.types.length === 0 || change.record === null || hook.types.includes(change.type);
      return isWanted ? toWebhookBody(spoken, inventory, change) : null;
    },
    post: callback.post,
    now,
    random: deps.random,
    logger,
  });
  const openData = createOpenData({
    reader,
    state,
    inventory: inForce,
    nowMs: now,
    options: config.openData,
  });
  const pages = createPages({
    reader,
    now,
    timeZone: config.timeZone,
    services,
    openData,
    version: deps.version,
  });
  const apiPages = createApiPages({
    document: async () => (await http.request("/openapi.json")).json() as Promise<ApiDocument>,
    now,
    timeZone: config.timeZone,
    version: deps.version,
  });
  const lineProtocol = createLineProtocolIngest(accepting);
  const complaints = createComplaints({
    state,
    inventory: inForce,
    secret: createComplaintSecret(join(config.data, "complaints.key"), state),
    nowMs: now,
    options: toComplaintOptions(config.complaints, config.timeZone),
  });
  const { folder, mode, fileDays } = config.complaints;
  const keeper = createComplaintKeeper({
    complaints,
    folder:
      folder === null
        ? null
        : createComplaintFolder(
            { path: folder, mode, fileDays, settleMs: 10_000 },
            { complaints, nowMs: now, logger },
          ),
    nowMs: now,
    onError: (error) => logger.error({ err: error }, "complaints could not be looked after; trying again"),
    everyMs: 5_000,
  });
  const http = createHttp({
    reader,
    sla,
    openData,
    inventory: inForce,
    state,
    series,
    ingest,
    lineProtocol,
    complaints,
    logger,
    nowMs: now,
    timeZone: config.timeZone,
    version: deps.version,
    ackTokens,
    metricsAccess: config.metrics,
    clockDoubt: ingest.clockDoubt,
    admission: {
      limits: config.limits,
      trustProxy: config.trustProxy,
      agentsNeedCertificate: config.tls !== null && config.tls.requireClientCert !== "none",
    },
    servesTls: config.tls !== null,
    metrics: createMetrics({
      reader,
      state,
      series,
      ingestCounts: () => ({ ...ingest.counts(), ...lineProtocol.counts() }),
      watchStats: () => watch.stats(),
      deliveries,
      storeFile,
      nowMs: now,
      version: deps.version,
      onError: (part, error) => logger.error({ err: error, part }, "metrics: a part could not be read"),
    }),
    pages: new Hono().route("/", pages).route("/", apiPages),
    notFoundPage: (request) => pages.fetch(request),
    partners: { follow, origin, checkCallback: callback.check, poke: () => partnerDelivery.poke() },
  });

  const doors: Door[] = [];
  const isShared = createRangeCheck([...config.trustProxy, "127.0.0.0/8", "::1"]);
  const opening = { nowMs: now, logger, connections: config.limits.connections, isShared };
  let stopped = false;
  return {
    state,
    watch,
    reader,
    fetch: async (request) => http.fetch(request),
    async reload(by) {
      for (const door of doors) door.reloadTls();
      const note = (result: "done" | "refused", detail: AuditEntry["detail"]) =>
        state.addAudit({ timeMs: now(), by, action: "inventory.reloaded", subject: "", result, detail });
      try {
        const next = deps.readInventory();
        checkRoutes(alerts, next);
        await syncMaintenance(state, next, now(), by, "refuse");
        inventory = next;
      } catch (error) {
        await note("refused", { mistakes: (error as Error).message.split("\n").length });
        throw error;
      }
      const counts = { sites: inventory.sites.size, targets: inventory.targets.size };
      logger.info(counts, "inventory reloaded");
      await note("done", counts);
    },
    async start() {
      // A plan that meets another is no reason to watch nothing.
      const met = await syncMaintenance(state, inventory, now(), commandActor("start"), "skip");
      for (const refused of met) logger.error(refused);
      await warnOfSeries(series, logger);
      await watch.start();
      outbox.start();
      alertKeeper.start();
      replies.start();
      partnerDelivery.start();
      keeper.start();
      roundsKeeper.start();
      const fetch = (request: Request, env: object) => http.fetch(request, env);
      const door = await openDoor({ ...opening, host, port, tls: config.tls, fetch });
      doors.push(door);
      return door.address;
    },
    async openLocalDoor() {
      const fetch = (request: Request, env: object) => http.fetch(request, { ...env, beside: true });
      const door = await openDoor({ ...opening, host: "127.0.0.1", port: 0, tls: null, fetch });
      doors.push(door);
      return door.address;
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await Promise.all(doors.map((door) => door.close()));
      lag.stop();
      await roundsKeeper.stop();
      await keeper.stop();
      await replies.stop();
      await alertKeeper.stop();
      await outbox.stop();
      await partnerDelivery.stop();
      await watch.stop();
      stores.close();
    },
  };
}

/** An engine of its own may be away at the start: batches wait with the agents, and whoever reads the log knows for what. */
async function warnOfSeries(series: SeriesStore, logger: Logger): Promise<void> {
  try {
    await series.ping();
  } catch (error) {
    const reason = storeTrouble(error);
    if (reason === null) throw error;
    logger.error({ reason }, "rounds cannot be stored or read now");
  }
}

/** How long SQLite keeps what; nothing of it where another engine has the rounds. */
function retentionOf(series: SeriesConfig): { retention?: Retention } {
  if (series.engine !== "sqlite") return {};
  const { rawDays, fiveMinuteDays, hourDays } = series.retention;
  return {
    retention: { rawMs: rawDays * dayMs, fiveMinutesMs: fiveMinuteDays * dayMs, hoursMs: hourDays * dayMs },
  };
}

function outerOf(series: SeriesConfig, now: () => number): Pick<SqliteOptions, "outerSeries"> {
  if (series.engine === "sqlite") return {};
  return { outerSeries: (catalogue) => openOuterSeries(series, catalogue, now) };
}

/**
 * What is judged has to have neighbours: where their rounds are gone, those of one that comes late would stand alone and say
 * that everybody else was silent. A day for the roll-up, two for an outage that began before.
 */
const judgedLeadMs = 3 * dayMs;

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

function describer(inventory: () => Inventory, timeZone: string, url: (root: string) => string | null) {
  const spoken = { id: createWords("id", timeZone), en: createWords("en", timeZone) };
  return createDescribe({
    inventory,
    sentence: (said) => ({ id: spoken.id.statement(said), en: spoken.en.statement(said) }),
    url,
  });
}
