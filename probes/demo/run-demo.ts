import { join } from "node:path";
import { startCollector } from "./collector.ts";
import type { Collector } from "./collector.ts";
import { compare } from "./compare.ts";
import type { Comparison } from "./compare.ts";
import { createDoor } from "./door.ts";
import type { Door } from "./door.ts";
import { enrolFleet } from "./fleet.ts";
import type { Fleet } from "./fleet.ts";
import { prepareFolder, writeScenario } from "./folder.ts";
import { writeDemoInventory } from "./inventory.ts";
import type { DemoInventory } from "./inventory.ts";
import { placeFaults } from "./plan.ts";
import type { PlannedFault } from "./plan.ts";
import { compareSettled, readTold, wait } from "./settle.ts";
import { createWorld } from "./world.ts";
import type { Fault, World } from "./world.ts";

export interface DemoOptions {
  /** Folder for everything that the demonstration writes. */
  folder: string;
  /** host:port of the collector; port 0 takes a free one. */
  listen: string;
  /** The same seed gives the same links, faults and measurements. */
  seed: string;
  /** Length of the history in hours, 1 to 24: a collector that starts anew looks back a day. */
  hours: number;
  plan: readonly PlannedFault[];
  /** Codes of kecamatan; empty: the whole district. */
  only: readonly string[];
  /** Throws away an earlier demonstration in the folder. */
  fresh: boolean;
  nowMs: () => number;
  signal: AbortSignal;
  onStep?: (step: DemoStep) => void;
}

export type DemoStep =
  | { name: "enrolled"; count: number; of: number }
  | { name: "delivered"; toMs: number; doneRatio: number; rounds: number }
  | { name: "settling" };

export interface Demo extends AsyncDisposable {
  collector: Collector;
  admin: Door;
  inventory: DemoInventory;
  world: World;
  fleet: Fleet;
  faults: Fault[];
  fromMs: number;
  /** End of the history; from here on the agents live in real time. */
  toMs: number;
  /** How long the history took to deliver, ms. */
  tookMs: number;
  /** Asks the collector what it makes of it all, once its table rests, and holds that against the script. */
  compare(): Promise<Comparison>;
  /** Agents report each minute until the signal. */
  live(): Promise<void>;
}

const sitesFile = new URL("../../src/inventory/kutai-timur/sites.csv", import.meta.url);
const blockMs = 3_600_000;

/** Writes the inventory, starts a collector, enrols the agents and delivers the history. Resolves when it is there. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { folder, seed, signal, nowMs, onStep } = options;
  prepareFolder(options);
  const inventory = writeDemoInventory({
    folder: join(folder, "inventory"),
    sitesFile,
    seed,
    only: options.only,
  });
  const toMs = Math.floor(nowMs() / 60_000) * 60_000;
  const fromMs = toMs - options.hours * 3_600_000;
  const faults = placeFaults(inventory, { plan: options.plan, fromMs, toMs, seed });
  writeScenario(join(folder, "scenario.json"), { seed, fromMs, toMs, faults });
  const world = createWorld(inventory, faults);
  const collector = await startCollector({ folder, listen: options.listen });
  try {
    const { address, adminKey } = collector;
    const admin = createDoor(address, () => adminKey, signal);
    const of = inventory.sites.length;
    const enrol = { address, admin, inventory, world, seed, startMs: fromMs, signal };
    const onEnrolled = (count: number) => onStep?.({ name: "enrolled", count, of });
    const fleet = await enrolFleet({ ...enrol, onEnrolled });
    const startedMs = nowMs();
    await deliverHistory(fleet, fromMs, toMs, onStep);
    const tookMs = nowMs() - startedMs;
    // What happened meanwhile, so that the agents live in the present from here on.
    await fleet.advance(nowMs());
    return {
      collector,
      admin,
      inventory,
      world,
      fleet,
      faults,
      fromMs,
      toMs,
      tookMs,
      async compare() {
        onStep?.({ name: "settling" });
        return compareSettled(
          (told, atMs) => compare(faults, told, inventory, world, atMs),
          (atMs) => readTold(admin, fromMs, atMs),
          nowMs,
          signal,
        );
      },
      live: () => live(fleet, nowMs, signal),
      async [Symbol.asyncDispose]() {
        fleet.close();
        admin.close();
        await collector.stop();
      },
    };
  } catch (error) {
    await collector.stop();
    throw error;
  }
}

/** Hour by hour for all agents, so that the collector's table follows time as it would in life. */
async function deliverHistory(
  fleet: Fleet,
  fromMs: number,
  toMs: number,
  onStep: DemoOptions["onStep"],
): Promise<void> {
  for (let atMs = fromMs; atMs < toMs;) {
    atMs = Math.min(atMs + blockMs, toMs);
    await fleet.advance(atMs);
    const doneRatio = (atMs - fromMs) / (toMs - fromMs);
    onStep?.({ name: "delivered", toMs: atMs, doneRatio, rounds: fleet.rounds() });
  }
}

async function live(fleet: Fleet, nowMs: () => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await fleet.tick(nowMs());
    await wait(1_000, signal);
  }
}
