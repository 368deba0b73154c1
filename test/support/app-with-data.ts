import type { Api } from "../../src/http/open-api.ts";
import { createHttp } from "../../src/http/create-http.ts";
import { createLineProtocolIngest } from "../../src/ingest/accept-line-protocol.ts";
import { createIngest } from "../../src/ingest/ingest.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { createOpenData } from "../../src/report/open-data.ts";
import { createReader } from "../../src/report/create-reader.ts";
import { createSlaBook } from "../../src/report/sla/create-sla-book.ts";
import { commandActor } from "../../src/state/audit.ts";
import { hashKey, keyPrefix, makeKey } from "../../src/state/keys.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteOptions, SqliteStores } from "../../src/state/sqlite.ts";
import type { Scope, StoredEvent } from "../../src/state/state-store.ts";
import { testComplaints } from "./complaints.ts";
import {
  fromMs,
  hourMs,
  inventoryOfTest,
  minuteMs,
  nowMs,
  outagesOfTest,
  power,
  roundsAt,
  statesOfTest,
  village,
} from "./day-of-data.ts";
import { testAdmission, testOpenData } from "./http.ts";
import { testMetrics } from "./metrics.ts";
import { tempDir } from "./temp-dir.ts";
import { testPartners } from "./partners.ts";

/* The real stores and the real HTTP surface around the day of day-of-data.ts. */

export interface AppWithData extends AsyncDisposable {
  app: Api;
  inventory: Inventory;
  /** A key of each scope. */
  keys: Record<Exclude<Scope, "partner">, string>;
}

/** `outerSeries`: rounds go to an engine of their own. Default: SQLite. */
export async function appWithData(options: Pick<SqliteOptions, "outerSeries"> = {}): Promise<AppWithData> {
  const dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"), { now: () => nowMs, ...options });
  const inventory = inventoryOfTest();
  const keys = {
    read: await addKey(stores, "read"),
    complaints: await addKey(stores, "complaints"),
    admin: await addKey(stores, "admin"),
  };
  await writeRounds(stores);
  await writeTable(stores);
  await writeComplaint(stores);
  return {
    app: createAppOf(stores, inventory, dir),
    inventory,
    keys,
    [Symbol.asyncDispose]: async () => {
      stores.close();
      dir[Symbol.dispose]();
    },
  };
}

/** What the watch found in that day. */
const writeTable = ({ state }: SqliteStores) =>
  state.writeWatch({ outages: outagesOfTest(), states: statesOfTest(), alerts: [], messages: [] });
/** One case, handled in time. */
async function writeComplaint({ state }: SqliteStores): Promise<void> {
  const cell = { area: village, day: "2026-11-02", channel: "web", topic: "jalan" } as const;
  const dates = { verifiedDay: "2026-11-03", followedUpDay: "2026-11-06", closedDay: "2026-11-16" };
  const one = { ...cell, ...dates, aboutConnectivity: false, status: "closed", hash: "a" } as const;
  const file = { id: "imp_1", surface: "api", fileHash: "x", cases: [one], hidden: [], counts: [] } as const;
  const days = { first: "2026-11-01", last: "2026-11-19" };
  await state.importComplaints({ ...file, refused: 0, days }, nowMs, commandActor("test"));
}

function createAppOf(stores: SqliteStores, inventory: Inventory, dir: { file(name: string): string }): Api {
  const held = { ...stores, inventory: () => inventory, nowMs: () => nowMs };
  const reader = createReader(held);
  const ingest = createIngest({
    ...held,
    now: () => nowMs,
    agentConfig: { reportIntervalS: 60, dayBytes: null, monthBytes: null, traps: null },
    onStored: () => {},
  });
  const quiet = { debug: () => {}, info: () => {}, error: () => {} };
  const lineProtocol = createLineProtocolIngest({ ...held, now: () => nowMs, onStored: () => {} });
  return createHttp({
    ...held,
    reader,
    sla: createSlaBook({
      ...held,
      targetStatus: () => reader.targetStatus(),
      version: "0.0.0-test",
      rawMs: Infinity,
    }),
    openData: createOpenData({ ...held, reader, options: testOpenData }),
    ingest,
    lineProtocol,
    complaints: testComplaints({ ...held, keyFile: dir.file("complaints.key") }),
    metrics: testMetrics({
      ...held,
      storeFile: dir.file("sambung.db"),
      reader,
      ingestCounts: () => ({ ...ingest.counts(), ...lineProtocol.counts() }),
    }),
    metricsAccess: "read",
    clockDoubt: ingest.clockDoubt,
    admission: testAdmission,
    servesTls: false,
    partners: testPartners(),
    logger: quiet,
    timeZone: "Asia/Makassar",
    version: "0.0.0-test",
  });
}

async function addKey({ state }: SqliteStores, scope: Scope): Promise<string> {
  const key = makeKey("sbk");
  const record = { id: `key_${scope}`, name: scope, prefix: keyPrefix(key), scopes: [scope] };
  await state.addApiKey({ ...record, createdMs: fromMs, revokedMs: null, hash: hashKey(key) });
  return key;
}

async function enrol({ state }: SqliteStores, id: string): Promise<string> {
  const [token, key] = [makeKey("sbe"), makeKey("sba")];
  await state.addEnrolToken({
    hash: hashKey(token),
    site: village,
    prefix: "sbe_test",
    kind: "sambung",
    expiresMs: nowMs,
    nowMs: fromMs,
  });
  const own = { keyHash: hashKey(key), keyPrefix: keyPrefix(key), hardware: "test", version: "0.0.0" };
  await state.redeemEnrolToken(hashKey(token), fromMs, { id, ...own });
  return id;
}

/** What the agent's spool thinned and lost before this day: so many rounds that it made and that are not here. */
const gone = { thinned: 110, lost: 40 };

/** As ingest stores what a spool says of that, in the first batch of the day. */
function eventsOfSpool(agent: string) {
  const event = (type: string, detail: StoredEvent["detail"]): StoredEvent => ({
    agent,
    site: village,
    timeMs: fromMs,
    type,
    detail: { fromMs: fromMs - 2 * hourMs, toMs: fromMs - hourMs, ...detail },
  });
  return [
    event("spool.thinned", { rounds: gone.thinned, summaries: 12, stepS: 300 }),
    event("spool.lost", { rounds: gone.lost, reason: "full" }),
  ];
}

/**
 * A round a minute of each target of the village, in batches of an hour. Nothing while the power was off; the second
 * last batch is still with the agent. Its predecessor, an agent that was taken down, is revoked.
 */
export async function writeRounds(stores: SqliteStores): Promise<void> {
  const agent = await enrol(stores, "ag_village1");
  await stores.state.revokeAgent(await enrol(stores, "ag_village0"), fromMs);
  let seq = 0;
  let produced = gone.thinned + gone.lost;
  for (let hourAtMs = fromMs; hourAtMs < nowMs; hourAtMs += hourMs) {
    if (hourAtMs >= power.startMs && hourAtMs < power.endMs) continue;
    const timeMs = Array.from({ length: 60 }, (_, minute) => hourAtMs + minute * minuteMs);
    const rounds = roundsAt(timeMs);
    const count = rounds.length * timeMs.length;
    produced += count;
    seq += 1;
    if (hourAtMs === nowMs - 2 * hourMs) continue;
    await stores.batchLog.commit(
      {
        agent,
        site: village,
        seq,
        boot: "boot1",
        hostBoot: "host1",
        rounds: count,
        producedRounds: produced,
        thinnedRounds: gone.thinned,
        lostRounds: gone.lost,
        waitingRounds: count,
        oldestMs: 2 * hourMs,
        sentBytes: seq * 4_000,
        wallMs: hourAtMs + hourMs,
        monoMs: hourAtMs - fromMs + hourMs,
        synced: true,
        receivedMs: hourAtMs + hourMs,
        offsetMs: fromMs,
        uncertaintyMs: 0,
        clockSource: "synced",
        lateFromMs: null,
        events: seq === 1 ? eventsOfSpool(agent) : [],
      },
      rounds,
    );
  }
}
