import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { Hono } from "hono";
import type { Logger } from "pino";
import { composeAlerts } from "./compose/alerts.ts";
import { createCalendar } from "./compose/calendar.ts";
import { composeComplaints } from "./compose/complaints.ts";
import { composePartners } from "./compose/partners.ts";
import { createRepeat } from "./compose/repeat.ts";
import { createSlaBudgets } from "./compose/sla-budgets.ts";
import { createSlaCorrections } from "./compose/sla-corrections.ts";
import { composeStores, warnOfSeries } from "./compose/stores.ts";
import type { Config } from "./config.ts";
import { splitListen } from "./config/addresses.ts";
import { createRangeCheck } from "./http/client.ts";
import { createHttp } from "./http/create-http.ts";
import { openDoor } from "./http/open-door.ts";
import type { Door } from "./http/open-door.ts";
import { admissionBytes, createAdmission } from "./ingest/admission.ts";
import { createAllowance } from "./ingest/allowance.ts";
import { createLineProtocolIngest } from "./ingest/accept-line-protocol.ts";
import { createIngest, judgedMs } from "./ingest/ingest.ts";
import type { Touched } from "./ingest/ingest.ts";
import { createLagMeter } from "./ingest/lag.ts";
import type { Inventory } from "./inventory/inventory.ts";
import { createMetrics } from "./metrics.ts";
import { defaultDetectOptions } from "./outage/signal.ts";
import type { ApiDocument } from "./pages/api-document.ts";
import { createApiPages } from "./pages/create-api-pages.ts";
import { createPages } from "./pages/create-pages.ts";
import { createOpenData } from "./report/open-data.ts";
import { createPlace, createReader } from "./report/create-reader.ts";
import { createOutcomeDays } from "./report/outcome-days.ts";
import type { Reader } from "./report/reader.ts";
import { createSlaBook } from "./report/sla/create-sla-book.ts";
import { keepOutageRounds } from "./report/sla/outage-rounds.ts";
import { commandActor } from "./state/audit.ts";
import type { Actor, AuditEntry } from "./state/audit.ts";
import type { StateStore } from "./state/state-store.ts";
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
  const storeFile = join(config.data, "sambung.db");
  const stores = composeStores(storeFile, config.series, deps);
  const { state, series, batchLog } = stores;
  const shared = { state, series, inventory: inForce, now, random: deps.random, logger };
  // The account of SLAs is made further down, from what the watch finds.
  const alerts = composeAlerts(config, {
    ...shared,
    budgets: (nowMs) => budgets(nowMs),
    corrections: (nowMs) => corrections(nowMs),
  });
  const partners = composePartners(config, shared);
  const { complaints, keeper } = composeComplaints(config, shared);
  const { host, port } = splitListen(config.listen);

  const options = watchOptions(config);
  const watch = createWatch({
    inventory: inForce,
    series: stores.evidence.series,
    state,
    now,
    options,
    judgedFromMs: stores.evidence.judgedFromMs,
    planAlerts: alerts.plan,
    onMessages: () => alerts.poke(),
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
    judgedMs: Math.min(judgedMs, stores.judgedMs),
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
    rawMs: stores.rawMs,
  });
  const isQuiet = () => !accepting.admission.isStrained();
  const budgets = createSlaBudgets({ sla, inventory: inForce, isQuiet });
  const corrections = createSlaCorrections({ sla, state, isQuiet });
  const { settledMs, rawMs } = stores;
  const aside = { state, series, place: createPlace(inForce), nowMs: now, settledMs, rawMs };
  const roundsKeeper = createRepeat(() => keepOutageRounds(aside), {
    onError: (error) =>
      logger.error({ err: error }, "rounds behind outages could not be put aside; trying again"),
    everyMs: 60_000,
  });
  const services = () => [...inventory.services.values()].map(({ id, name }) => ({ id, name }));
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
    services,
    version: deps.version,
  });
  const lineProtocol = createLineProtocolIngest(accepting);
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
    ackTokens: alerts.ackTokens,
    metricsAccess: config.metrics,
    clockDoubt: ingest.clockDoubt,
    missingRounds: stores.missingRounds,
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
      deliveries: alerts.deliveries,
      storeFile,
      damagedRows: stores.damagedRows,
      nowMs: now,
      version: deps.version,
      onError: (part, error) => logger.error({ err: error, part }, "metrics: a part could not be read"),
    }),
    pages: new Hono().route("/", pages).route("/", apiPages),
    notFoundPage: (request) => pages.fetch(request),
    partners: partners.surface,
  });

  const doors: Door[] = [];
  const isShared = createRangeCheck([...config.trustProxy, "127.0.0.0/8", "::1"]);
  const opening = { nowMs: now, logger, connections: config.limits.connections, isShared };
  let stopped = false;
  async function reload(by: Actor): Promise<void> {
    for (const door of doors) door.reloadTls();
    const note = (result: "done" | "refused", detail: AuditEntry["detail"]) =>
      state.addAudit({ timeMs: now(), by, action: "inventory.reloaded", subject: "", result, detail });
    try {
      const next = deps.readInventory();
      alerts.check(next);
      await syncMaintenance(state, next, now(), by, "refuse");
      inventory = next;
    } catch (error) {
      await note("refused", { mistakes: (error as Error).message.split("\n").length });
      throw error;
    }
    const counts = { sites: inventory.sites.size, targets: inventory.targets.size };
    logger.info(counts, "inventory reloaded");
    await note("done", counts);
  }
  const calendar = createCalendar({
    inventory: inForce,
    now,
    reload: () => reload(commandActor("calendar")),
    onError: (error) =>
      logger.error(
        { err: error },
        "a link begins or ends today, and the inventory could not be read: the old one stays in force until it is reloaded",
      ),
  });
  return {
    state,
    watch,
    reader,
    fetch: async (request) => http.fetch(request),
    reload,
    async start() {
      // A plan that meets another is no reason to watch nothing.
      const met = await syncMaintenance(state, inventory, now(), commandActor("start"), "skip");
      for (const refused of met) logger.error(refused);
      await warnOfSeries(series, logger);
      await watch.start();
      alerts.start();
      partners.start();
      keeper.start();
      roundsKeeper.start();
      calendar.start();
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
      await calendar.stop();
      await roundsKeeper.stop();
      await keeper.stop();
      await alerts.stop();
      await partners.stop();
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
