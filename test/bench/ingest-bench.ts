import { dictionary1Encoding } from "#wire/dictionary-1.ts";
import { countRounds } from "#wire/batch-v1.ts";
import { startCollector } from "../../probes/demo/collector.ts";
import type { Collector } from "../../probes/demo/collector.ts";
import { createDoor } from "../../probes/demo/door.ts";
import { createTransport } from "../../probes/transport.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { tempDir } from "../support/temp-dir.ts";
import { cpuSecondsOf } from "./cpu-seconds.ts";
import { idleEntries, openStore, writeBenchInventory } from "./collector-parts.ts";
import { batchStream, benchSite, fibre, take, twentyTargets } from "./rounds.ts";
import { rowOf } from "./table.ts";
import type { Row } from "./table.ts";
import { packBatch } from "../../probes/pack.ts";

/**
 * warmUp: batches sent before the clock runs, since a collector that has run for a day is compiled code. parallel: how many
 * are under way at once; a district's agents do not wait for each other, and batches that wait together share a transaction.
 */
const shapes = {
  live: { roundsPerTarget: 2, batches: 1_400, warmUp: 400, parallel: 1 },
  "live, 16 at once": { roundsPerTarget: 2, batches: 2_800, warmUp: 400, parallel: 16 },
  backlog: { roundsPerTarget: 200, batches: 40, warmUp: 10, parallel: 1 },
} as const;
type Shape = keyof typeof shapes;

const atLeast = 50_000;

/** Rounds stored per second of processor time: by acceptBatch alone, and by a whole collector over HTTP. */
export async function benchIngest(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const shape of Object.keys(shapes) as Shape[]) {
    rows.push(
      rowOf(`rounds/CPU s, acceptBatch, ${describe(shape)}`, await byFunction(shape), "", { atLeast }),
    );
  }
  for (const shape of Object.keys(shapes) as Shape[]) {
    const label = `rounds/CPU s, HTTP and watch included, ${describe(shape)}`;
    rows.push(rowOf(label, await byHttp(shape), "", { atLeast }));
  }
  return rows;
}

function describe(shape: Shape): string {
  return `${shape}: ${shapes[shape].roundsPerTarget} rounds × 20 targets a batch`;
}

function bodiesOf(agent: string, shape: Shape) {
  const { roundsPerTarget, batches, warmUp } = shapes[shape];
  // The last round is of now, as it is in life.
  const startMs = Date.now() - (batches + warmUp) * roundsPerTarget * 30_000;
  const stream = batchStream({
    agent,
    targets: twentyTargets,
    path: fibre,
    roundsPerTarget,
    intervalS: 30,
    startMs,
  });
  return take(stream, batches + warmUp).map((batch) => ({
    rounds: countRounds(batch),
    body: packBatch(batch).body,
  }));
}

async function byFunction(shape: Shape): Promise<number> {
  using dir = tempDir();
  writeBenchInventory(dir.file("inventory"), idleEntries(twentyTargets));
  const { stores, ingest, addAgent } = openStore(
    dir.file("bench.db"),
    readInventory(dir.file("inventory"), {}),
  );
  const { record } = await addAgent(benchSite);
  const bodies = bodiesOf(record.id, shape);
  const { warmUp, parallel } = shapes[shape];
  const accept = (body: Uint8Array) => ingest.acceptBatch(record, body, dictionary1Encoding);
  await sendAll(bodies.slice(0, warmUp), parallel, accept);
  const before = process.cpuUsage();
  const rounds = await sendAll(bodies.slice(warmUp), parallel, accept);
  const { user, system } = process.cpuUsage(before);
  stores.close();
  return rounds / ((user + system) / 1e6);
}

/** Sends everything in so many lanes, each one after the other; answers the rounds sent. */
async function sendAll(
  bodies: readonly { body: Uint8Array; rounds: number }[],
  parallel: number,
  send: (body: Uint8Array, lane: number) => Promise<unknown>,
): Promise<number> {
  const waiting = bodies.values();
  const lane = async (_: unknown, index: number) => {
    for (const { body } of waiting) await send(body, index);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return bodies.reduce((sum, { rounds }) => sum + rounds, 0);
}

/** The collector is a process of its own, so that the sender's work is not counted as the collector's. */
async function byHttp(shape: Shape): Promise<number> {
  using dir = tempDir();
  writeBenchInventory(dir.file("inventory"), idleEntries(twentyTargets));
  const collector = await startCollector({ folder: dir.path, listen: "127.0.0.1:0" });
  const stopping = new AbortController();
  try {
    const { agentId, key } = await enrolAt(collector, benchSite, stopping.signal);
    const { warmUp, parallel } = shapes[shape];
    const transports = Array.from({ length: parallel }, () =>
      createTransport({ server: collector.address, userAgent: "sambung-bench" }),
    );
    const send = async (body: Uint8Array, lane: number) => {
      const headers = {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        "content-encoding": dictionary1Encoding,
      };
      const request = { method: "POST", path: "/api/v1/batches", headers, body } as const;
      const response = await transports[lane]!.send({
        ...request,
        timeoutMs: 30_000,
        signal: stopping.signal,
      });
      if (response.status !== 200)
        throw new Error(`the collector answered ${response.status}: ${response.body}`);
    };
    const bodies = bodiesOf(agentId, shape);
    await sendAll(bodies.slice(0, warmUp), parallel, send);
    const before = cpuSecondsOf(collector.pid);
    const rounds = await sendAll(bodies.slice(warmUp), parallel, send);
    const cpuS = cpuSecondsOf(collector.pid) - before;
    for (const transport of transports) transport.close();
    return rounds / cpuS;
  } finally {
    stopping.abort();
    await collector.stop();
  }
}

/** Makes a token as an administrator does and enrols with it. */
export async function enrolAt(collector: Collector, site: string, signal: AbortSignal) {
  const door = createDoor(collector.address, () => collector.adminKey, signal);
  const { data } = (await door.post("/api/v1/agents/tokens", { site })) as { data: { token: string } };
  const identity = await door.enrol(data.token);
  door.close();
  return identity;
}
