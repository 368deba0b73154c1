import { writeFileSync } from "node:fs";
import { pino } from "pino";
import { createTransport } from "../../probes/transport.ts";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { hashKey, keyPrefix, makeKey } from "../../src/state/keys.ts";
import type { StateStore } from "../../src/state/state-store.ts";
import { tempDir } from "../support/temp-dir.ts";
import { fillDistrict } from "./district.ts";
import { quantile, rowOf } from "./table.ts";
import type { Row } from "./table.ts";

const requests = 20;
const dayMs = 86_400_000;

/** The whole district in one collector: how long the watch takes over a day of it, and how long people wait. */
export async function benchAnswers(): Promise<Row[]> {
  using dir = tempDir();
  const nowMs = Date.now();
  const district = await fillDistrict(dir.file("inventory"), dir.file("sambung.db"), nowMs);
  writeFileSync(dir.file("sambung.yaml"), "inventory: inventory\n");
  const env = {
    SAMBUNG_CONFIG: dir.file("sambung.yaml"),
    SAMBUNG_LISTEN: "127.0.0.1:0",
    SAMBUNG_DATA: dir.path,
  };
  const app = createApp(readConfig(env, dir.path), {
    logger: pino({ level: "silent" }),
    now: Date.now,
    random: Math.random,
    readInventory: () => district.inventory,
    version: "bench",
  });
  try {
    const key = await addKey(app.state, nowMs);
    // The first pass reads the day and writes the table; it runs before the port opens.
    const address = await app.start();
    const first = rowOf(
      "watch, first pass over 160 sites × 24 h, " + `${app.watch.stats().passes} pass`,
      app.watch.stats().lastPassMs,
      "ms",
    );
    await app.watch.settle();
    const next = rowOf("watch, a pass with nothing new", app.watch.stats().lastPassMs, "ms");
    return [first, next, ...(await timeAnswers(address, key, district.monthTarget, nowMs))];
  } finally {
    await app.stop();
  }
}

async function timeAnswers(address: string, key: string, target: string, nowMs: number): Promise<Row[]> {
  const month = `from=${nowMs - 31 * dayMs}&to=${nowMs - dayMs}`;
  const series = `/api/v1/series?target=${target}&metric=rtt_ms&step=1h&${month}`;
  const asked = [
    { name: "/api/v1/map, 160 sites", path: "/api/v1/map", leastRows: 160 },
    { name: "/api/v1/sites, 160 sites", path: "/api/v1/sites", leastRows: 160 },
    { name: "/api/v1/series, a month each 30 s, step 1h", path: series, leastRows: 30 * 24 },
  ];
  const transport = createTransport({ server: address, userAgent: "sambung-bench" });
  const rows: Row[] = [];
  for (const { name, path, leastRows } of asked) {
    const tookMs: number[] = [];
    for (let request = 0; request < requests; request++) {
      const startMs = performance.now();
      const headers = { authorization: `Bearer ${key}` };
      const how = { timeoutMs: 60_000, signal: AbortSignal.timeout(60_000) };
      const response = await transport.send({ method: "GET", path, headers, ...how });
      tookMs.push(performance.now() - startMs);
      if (response.status !== 200) throw new Error(`${path}: ${response.status} ${response.body}`);
      const { data } = JSON.parse(response.body) as { data: unknown[] };
      // A fast answer that says nothing would look like a good one.
      if (data.length < leastRows)
        throw new Error(`${path}: ${data.length} rows, ${leastRows} or more were due`);
    }
    rows.push(rowOf(`${name}, p50 of ${requests}`, quantile(tookMs, 0.5), "ms"));
    rows.push(rowOf(`${name}, p95 of ${requests}`, quantile(tookMs, 0.95), "ms"));
  }
  transport.close();
  return rows;
}

async function addKey(state: StateStore, createdMs: number): Promise<string> {
  const key = makeKey("sbk");
  const record = { id: "key_bench", name: "bench", prefix: keyPrefix(key), createdMs, revokedMs: null };
  await state.addApiKey({ ...record, scopes: ["read"], hash: hashKey(key) });
  return key;
}
