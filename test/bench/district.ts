import { writeDemoInventory } from "../../probes/demo/inventory.ts";
import { createModel } from "../../probes/demo/measure.ts";
import { dayPlan, placeFaults } from "../../probes/demo/plan.ts";
import { createSimulatedAgent } from "../../probes/demo/simulated-agent.ts";
import { createWorld } from "../../probes/demo/world.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { configFor } from "../../src/inventory/config-for.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { openStore } from "./collector-parts.ts";
import { batchStream, fibre, take } from "./rounds.ts";

const sitesFile = new URL("../../src/inventory/kutai-timur/sites.csv", import.meta.url);
const hourMs = 3_600_000;

export interface District {
  inventory: Inventory;
  rounds: number;
  /** Site and full name of the target that has a month of rounds, one each 30 s. */
  monthSite: string;
  monthTarget: string;
}

/**
 * Fills a database with a day of the whole district, from the model and with the faults of the demonstration, in
 * batches of an hour, and with a month of one target in live batches of a minute.
 */
export async function fillDistrict(folder: string, file: string, nowMs: number): Promise<District> {
  const seed = "bench";
  const demo = writeDemoInventory({ folder, sitesFile, seed, only: [] });
  const inventory = readInventory(folder, {});
  const fromMs = nowMs - 24 * hourMs;
  const world = createWorld(demo, placeFaults(demo, { plan: dayPlan, fromMs, toMs: nowMs, seed }));
  const model = createModel(demo, world, seed);
  const { stores, ingest, addAgent } = openStore(file, inventory);
  const agents = [];
  for (const { code: site } of demo.sites) {
    const { record, key } = await addAgent(site);
    const identity = { agentId: record.id, key, site };
    const parts = { identity, targets: configFor(inventory, site), measure: model(site), world, seed };
    agents.push({ record, agent: createSimulatedAgent({ ...parts, version: "bench", startMs: fromMs }) });
  }
  for (let atMs = fromMs; atMs < nowMs; atMs += hourMs) {
    for (const { record, agent } of agents) {
      for (const piece of world.pieces(record.site, atMs, Math.min(atMs + hourMs, nowMs)))
        agent.advance(piece.toMs);
      for (const batch of agent.compose()) {
        await ingest.acceptBatch(record, Buffer.from(JSON.stringify(batch)), "identity");
      }
    }
  }
  const monthSite = demo.sites.at(-1)!.code;
  // Beside the site's own agent and ahead of its day: the rounds of the two do not meet.
  const { record } = await addAgent(monthSite);
  const batches = 30 * 24 * 60;
  const stream = batchStream({
    agent: record.id,
    targets: [{ id: "gw", kind: "icmp" }],
    path: fibre,
    roundsPerTarget: 2,
    intervalS: 30,
    startMs: fromMs - batches * 60_000,
  });
  for (const batch of take(stream, batches)) {
    await ingest.acceptBatch(record, Buffer.from(JSON.stringify(batch)), "identity");
  }
  const { rounds } = ingest.counts();
  stores.close();
  return { inventory, rounds, monthSite, monthTarget: `${monthSite}/gw` };
}
