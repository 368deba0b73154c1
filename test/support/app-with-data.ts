import type { Api } from "../../src/http/open-api.ts";
import { createHttp } from "../../src/http/create-http.ts";
import { createLineProtocolIngest } from "../../src/ingest/accept-line-protocol.ts";
import { createIngest } from "../../src/ingest/ingest.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { createMetrics } from "../../src/metrics.ts";
import { createOpenData } from "../../src/report/open-data.ts";
import { createReader } from "../../src/report/create-reader.ts";
import { hashKey, keyPrefix, makeKey } from "../../src/state/keys.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import type { Scope } from "../../src/state/state-store.ts";
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
import { tempDir } from "./temp-dir.ts";
import { testPartners } from "./partners.ts";

/* The real stores and the real HTTP surface around the day of day-of-data.ts. */

export interface AppWithData extends AsyncDisposable {
  app: Api;
  inventory: Inventory;
  /** A key of each scope. */
  keys: Record<Exclude<Scope, "partner">, string>;
}

export async function appWithData(): Promise<AppWithData> {
  const dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"));
  const inventory = inventoryOfTest();
  const keys = {
    read: await addKey(stores, "read"),
    complaints: await addKey(stores, "complaints"),
    admin: await addKey(stores, "admin"),
  };
  await writeRounds(stores);
  await stores.state.writeWatch({
    outages: outagesOfTest(),
    states: statesOfTest(),
    alerts: [],
    messages: [],
  });
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
    openData: createOpenData({ ...held, reader, options: testOpenData }),
    ingest,
    lineProtocol,
    complaints: testComplaints({ ...held, keyFile: dir.file("complaints.key") }),
    metrics: createMetrics({
      ...held,
      reader,
      ingestCounts: () => ({ ...ingest.counts(), ...lineProtocol.counts() }),
    }),
    metricsAccess: "read",
    admission: testAdmission,
    servesTls: false,
    partners: testPartners(held.state, held.inventory),
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

/**
 * A round a minute of each target of the village, in batches of an hour. Nothing while the power was off; the second
 * last batch is still with the agent. Its predecessor, an agent that was taken down, is revoked.
 */
async function writeRounds(stores: SqliteStores): Promise<void> {
  const agent = await enrol(stores, "ag_village1");
  await stores.state.revokeAgent(await enrol(stores, "ag_village0"), fromMs);
  let seq = 0;
  let produced = 0;
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
        thinnedRounds: 0,
        lostRounds: 0,
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
        events: [],
      },
      rounds,
    );
  }
}
