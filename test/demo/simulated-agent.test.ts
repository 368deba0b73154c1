import { describe, expect, it } from "vitest";
import type { AgentTarget } from "#wire/targets-v1.ts";
import { countRounds, parseBatch } from "#wire/batch-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { writeDemoInventory } from "../../probes/demo/inventory.ts";
import type { DemoInventory } from "../../probes/demo/inventory.ts";
import { createModel } from "../../probes/demo/measure.ts";
import { dayPlan, placeFaults } from "../../probes/demo/plan.ts";
import { createSimulatedAgent } from "../../probes/demo/simulated-agent.ts";
import type { SimulatedAgent } from "../../probes/demo/simulated-agent.ts";
import { createWorld } from "../../probes/demo/world.ts";
import type { Fault } from "../../probes/demo/world.ts";
import { contractAt } from "../../src/inventory/validity.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { tempDir } from "../support/temp-dir.ts";

const sitesFile = new URL("../../src/inventory/kutai-timur/sites.csv", import.meta.url);
const startMs = Date.parse("2026-11-20T00:00:00Z");
const minuteMs = 60_000;
const village = "64.08.05.2001";

function district(seed: string): DemoInventory {
  using dir = tempDir();
  return writeDemoInventory({ folder: dir.path, sitesFile, seed, only: [] });
}

const targets: AgentTarget[] = [
  {
    id: "gw",
    kind: "icmp",
    intervalS: 60,
    timeoutMs: 3_000,
    address: "192.0.2.1",
    count: 5,
    sizeBytes: 56,
    dscp: 0,
    family: null,
  },
  {
    id: "hub",
    kind: "icmp",
    intervalS: 60,
    timeoutMs: 3_000,
    address: "192.0.2.2",
    count: 5,
    sizeBytes: 56,
    dscp: 0,
    family: null,
  },
];

function agentWith(faults: Fault[], seed = "test"): SimulatedAgent {
  const inventory = district(seed);
  const world = createWorld(inventory, faults);
  const identity = { agentId: "ag_test01", key: `sba_${"k".repeat(36)}`, site: village };
  const measure = createModel(inventory, world, seed)(village);
  return createSimulatedAgent({ identity, targets, measure, world, seed, version: "test", startMs });
}

const roundsOf = (batches: readonly BatchV1[]) => batches.reduce((sum, batch) => sum + countRounds(batch), 0);

describe("a simulated agent", () => {
  it("measures the same for the same seed, and something else for another", () => {
    const batchOf = (seed: string) => {
      const agent = agentWith([], seed);
      agent.advance(startMs + 60 * minuteMs);
      return agent.compose();
    };
    expect(batchOf("a")).toEqual(batchOf("a"));
    expect(batchOf("a")).not.toEqual(batchOf("b"));
  });

  it("makes batches that the wire accepts, each round once however it is cut into blocks", () => {
    const whole = agentWith([]);
    whole.advance(startMs + 60 * minuteMs);
    const inPieces = agentWith([]);
    const batches = [7, 20, 41, 60].flatMap((minute) => {
      inPieces.advance(startMs + minute * minuteMs);
      return inPieces.compose();
    });
    for (const batch of batches) parseBatch(JSON.parse(JSON.stringify(batch)));
    expect(roundsOf(batches)).toBe(120);
    expect(batches.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(batches.at(-1)!.ledger).toEqual({ produced: 120, thinned: 0, lost: 0 });
    const sorted = (values: number[]) => values.toSorted((a, b) => a - b);
    const rttOf = (all: readonly BatchV1[]) =>
      all.flatMap(({ rounds }) => rounds.flatMap((column) => (column.kind === "icmp" ? column.rttUs : [])));
    expect(sorted(rttOf(batches))).toEqual(sorted(rttOf(whole.compose())));
  });

  it("comes back from a power cut with a new host boot, and from a crash with the old one", () => {
    const fault = (kind: Fault["kind"], fromMin: number, toMin: number): Fault => ({
      kind,
      site: village,
      startMs: startMs + fromMin * minuteMs,
      endMs: startMs + toMin * minuteMs,
    });
    const agent = agentWith([fault("power", 10, 20), fault("crash", 30, 40)]);
    const batches = [10, 20, 30, 40, 50].flatMap((minute) => {
      agent.advance(startMs + minute * minuteMs);
      return agent.compose();
    });
    const [first, afterPower, afterCrash] = batches;
    expect(batches).toHaveLength(3);
    expect(afterPower!.host.bootId).not.toBe(first!.host.bootId);
    expect(afterPower!.host.uptimeS).toBe(600);
    expect(afterCrash!.host.bootId).toBe(afterPower!.host.bootId);
    expect(afterCrash!.boot).not.toBe(afterPower!.boot);
    expect(batches.map(({ events }) => events[0]!.detail.hostBootChanged)).toEqual([false, true, false]);
    expect(roundsOf(batches)).toBe(60);
  });
});

describe("the demonstration's inventory and plan", () => {
  it("writes an inventory that the collector takes, with links at all sites", () => {
    using dir = tempDir();
    const { sites } = writeDemoInventory({ folder: dir.path, sitesFile, seed: "test", only: [] });
    const read = readInventory(dir.path, {});
    expect(read.sites.size).toBe(sites.length);
    expect(read.links.size).toBe(sites.length);
    expect([...read.targets.values()].filter(({ role }) => role === "site")).toHaveLength(sites.length - 1);
    // Each contract is that of the link's own provider, and there is a promise to look at.
    const promised = [...read.links.values()].filter(({ contract }) => contract !== null);
    const contracts = promised.map((link) => contractAt(read, link, 0)!);
    expect(contracts.map(({ provider }) => provider)).toEqual(promised.map(({ provider }) => provider));
    expect(new Set(contracts.map(({ slaRatio }) => slaRatio))).toEqual(new Set([0.98, null]));
  });

  it("places at least eighteen faults, none within ten minutes of another on its path, whatever the seed", () => {
    const toMs = startMs + 24 * 60 * minuteMs;
    for (const seed of ["1", "2", "3", "4", "5"]) {
      const inventory = district(seed);
      const faults = placeFaults(inventory, { plan: dayPlan, fromMs: startMs, toMs, seed });
      const world = createWorld(inventory, faults);
      expect(faults.filter(({ kind }) => kind !== "normal").length).toBeGreaterThanOrEqual(18);
      // Those of the service are on everybody's path and break nobody's; what is normal is no fault.
      const ofPaths = faults.filter(({ kind }) => !["service", "certificate", "normal"].includes(kind));
      const clashes = ofPaths.flatMap((one) =>
        ofPaths.filter(
          (other) =>
            other !== one &&
            world.pathOf(one.site).includes(other.site) &&
            one.startMs < other.endMs + 10 * minuteMs &&
            other.startMs < one.endMs + 10 * minuteMs,
        ),
      );
      expect(clashes).toEqual([]);
    }
  });
});
