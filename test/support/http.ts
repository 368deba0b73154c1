import { join } from "node:path";
import type { AdmissionOptions } from "../../src/http/auth.ts";
import { createHttp } from "../../src/http/create-http.ts";
import type { HttpDeps } from "../../src/http/create-http.ts";
import { createLineProtocolIngest } from "../../src/ingest/accept-line-protocol.ts";
import { createIngest } from "../../src/ingest/ingest.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { createOpenData } from "../../src/report/open-data.ts";
import { createPartnerFeed } from "../../src/report/partner-feed.ts";
import { createReader } from "../../src/report/create-reader.ts";
import { createSlaBook } from "../../src/report/sla/create-sla-book.ts";
import { hashKey, keyPrefix, makeKey } from "../../src/state/keys.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteOptions } from "../../src/state/sqlite.ts";
import type { OutageRecord, Scope } from "../../src/state/state-store.ts";
import { testComplaints } from "./complaints.ts";
import { makeDistrict } from "./inventory.ts";
import { testMetrics } from "./metrics.ts";
import { testPartners } from "./partners.ts";
import { tempDir } from "./temp-dir.ts";

/** A moment on which all tests of the surface agree: 2026-09-21T14:00:00Z, a whole hour. */
export const nowMs = Date.UTC(2026, 8, 21, 14);

/** As the collector has it by default. */
export const testAdmission: AdmissionOptions = {
  limits: { keyPerMinute: 3000, agentPerMinute: 1200, addressPerMinute: 3000, refusedPerMinute: 60 },
  trustProxy: [],
  agentsNeedCertificate: false,
};

export const testOpenData = {
  steward: "Diskominfo",
  producer: "Diskominfo",
  licence: "CC BY 4.0",
  smallestCount: 5,
};

export interface LogLine {
  level: string;
  fields: Record<string, unknown>;
  message: string;
}

const partnerPath = /^\/(api\/v1\/partner|tmf-api)\//;

/** The whole HTTP surface over a real SQLite file, a real ingest and a clock that stands still until it is moved. */
export async function openTestHttp(
  options: {
    inventory?: Inventory;
    deps?: Partial<HttpDeps>;
    sqlite?: SqliteOptions;
    provisional?: readonly OutageRecord[];
    rawMs?: number;
  } = {},
) {
  const folder = tempDir();
  const storeFile = join(folder.path, "sambung.db");
  const stores = openSqlite(storeFile, options.sqlite);
  const { state, series, batchLog } = stores;
  const clock = { ms: nowMs };
  const now = () => clock.ms;
  const held = { inventory: options.inventory ?? makeDistrict() };
  const inventory = () => held.inventory;
  const reader = createReader({
    inventory,
    state,
    series,
    nowMs: now,
    provisional: () => options.provisional ?? [],
  });
  const sla = createSlaBook({
    inventory,
    state,
    series,
    nowMs: now,
    targetStatus: () => reader.targetStatus(),
    version: "0.0.1",
    rawMs: options.rawMs ?? Infinity,
  });
  const ingest = createIngest({
    inventory,
    state,
    series,
    batchLog,
    now,
    agentConfig: { reportIntervalS: 60, dayBytes: null, monthBytes: null, traps: null },
    onStored() {},
  });
  const lineProtocol = createLineProtocolIngest({ inventory, state, series, batchLog, now, onStored() {} });
  const ingestCounts = () => ({ ...ingest.counts(), ...lineProtocol.counts() });
  const followPartners = createPartnerFeed(state, inventory, now);
  const keyFile = join(folder.path, "complaints.key");
  const complaints = testComplaints({ state, inventory, nowMs: now, keyFile });
  const metrics = testMetrics({ reader, state, series, ingestCounts, storeFile, nowMs: now });
  const log: LogLine[] = [];
  const line = (level: string) => (fields: object, message: string) =>
    void log.push({ level, fields: fields as Record<string, unknown>, message });
  const logger = { debug: line("debug"), info: line("info"), error: line("error") };
  const openData = createOpenData({ reader, state, inventory, nowMs: now, options: testOpenData });
  const app = createHttp({
    reader,
    sla,
    openData,
    inventory,
    state,
    series,
    ingest,
    lineProtocol,
    complaints,
    metrics,
    logger,
    nowMs: now,
    version: "0.0.1",
    timeZone: "Asia/Makassar",
    metricsAccess: "read",
    clockDoubt: ingest.clockDoubt,
    admission: testAdmission,
    servesTls: false,
    partners: testPartners(),
    ...options.deps,
  });

  // What the program does every few seconds of its own accord is done before each request that shows it.
  const answer = app.request;
  app.request = async (input, ...rest) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input, "http://localhost");
    if (partnerPath.test(pathname)) await followPartners();
    return answer(input, ...rest);
  };

  async function addKey(name: string, scopes: Scope[]): Promise<string> {
    const key = makeKey("sbk");
    const record = { id: `key_${name}`, name, prefix: keyPrefix(key), scopes };
    await state.addApiKey({ ...record, createdMs: now(), revokedMs: null, hash: hashKey(key) });
    return key;
  }
  const readKey = await addKey("reader", ["read"]);
  const adminKey = await addKey("admin", ["admin"]);

  /** `from`: address of the other end of the connection; left out, there is none. */
  const request = async (path: string, init: RequestInit & { key?: string | null; from?: string } = {}) => {
    const { key = readKey, from, ...rest } = init;
    const headers = new Headers(rest.headers);
    if (key !== null && !headers.has("Authorization")) headers.set("Authorization", `Bearer ${key}`);
    const env = from === undefined ? undefined : { incoming: { socket: { remoteAddress: from } } };
    return app.request(path, { ...rest, headers }, env);
  };
  return {
    app,
    request,
    state,
    series,
    batchLog,
    reader,
    sla,
    ingest,
    held,
    clock,
    log,
    followPartners,
    folder: folder.path,
    readKey,
    adminKey,
    addKey,
    /** The JSON of a GET that must succeed. */
    async get<T = { data: Record<string, unknown>[]; meta: Record<string, unknown> }>(path: string) {
      const response = await request(path);
      if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    post: (path: string, body: unknown, key = adminKey) =>
      request(path, {
        method: "POST",
        key,
        body: JSON.stringify(body),
        headers: { "Content-Type": "application/json" },
      }),
    [Symbol.dispose]() {
      stores.close();
      folder[Symbol.dispose]();
    },
  };
}

export type TestHttp = Awaited<ReturnType<typeof openTestHttp>>;
