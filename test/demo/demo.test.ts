import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Comparison } from "../../probes/demo/compare.ts";
import type { PlannedFault } from "../../probes/demo/plan.ts";
import { startDemo } from "../../probes/demo/run-demo.ts";
import type { Demo } from "../../probes/demo/run-demo.ts";
import { tempDir } from "../support/temp-dir.ts";

/** One kecamatan for four hours with each kind of fault; two faults of one path keep ten minutes between them. */
const plan: PlannedFault[] = [
  { kind: "normal", where: "village", atMin: 0, lengthMin: 240, technology: "vsat" },
  { kind: "link", where: "village", atMin: 8, lengthMin: 9 },
  { kind: "crash", where: "village", atMin: 8, lengthMin: 12 },
  { kind: "power", where: "village", atMin: 10, lengthMin: 8 },
  { kind: "link", where: "kecamatan", atMin: 33, lengthMin: 10 },
  { kind: "dns", where: "kecamatan", atMin: 56, lengthMin: 10 },
  { kind: "service", where: "top", atMin: 70, lengthMin: 12 },
  { kind: "power", where: "kecamatan", atMin: 95, lengthMin: 8 },
  { kind: "link", where: "relay", atMin: 115, lengthMin: 8 },
  { kind: "rain", where: "village", atMin: 143, lengthMin: 8, technology: "radio" },
  { kind: "provider", where: "top", atMin: 165, lengthMin: 8 },
  { kind: "certificate", where: "top", atMin: 185, lengthMin: 8 },
  { kind: "link", where: "village", atMin: -6, lengthMin: 30 },
];

interface AgentRow {
  site: string;
  producedRounds: number;
  storedRounds: number;
  lostRounds: number;
  openRounds: number;
}

describe("the demonstration, one kecamatan for four hours against a real collector", () => {
  const dir = tempDir();
  const stopping = new AbortController();
  const open = new AsyncDisposableStack();
  let demo: Demo;
  let comparison: Comparison;

  beforeAll(async () => {
    const started = await startDemo({
      folder: dir.path,
      listen: "127.0.0.1:0",
      seed: "test-2",
      hours: 4,
      plan,
      only: ["64.08.05"],
      fresh: false,
      nowMs: Date.now,
      signal: stopping.signal,
    });
    demo = open.use(started);
    comparison = await demo.compare();
  }, 60_000);

  afterAll(async () => {
    await open.disposeAsync();
    dir[Symbol.dispose]();
  });

  const verdictsOf = (kind: string, lasts = false) =>
    comparison.faults.filter(({ fault, open: isOpen }) => fault.kind === kind && isOpen === lasts);

  it("finds every scripted fault at every site that it touches, with the root it has", () => {
    expect(comparison.faults).toHaveLength(plan.length);
    for (const { fault, expected, found, roots } of comparison.faults) {
      expect({ fault, found }).toEqual({ fault, found: expected });
      expect(["right", "none"]).toContain(roots);
    }
  });

  it.each(["link", "rain", "provider", "power", "dns", "service", "certificate", "crash"])(
    "tells the cause of a %s fault that is over",
    (kind) => {
      expect(verdictsOf(kind).map(({ causes }) => causes)).toEqual(verdictsOf(kind).map(() => "right"));
      expect(verdictsOf(kind).length).toBeGreaterThan(0);
    },
  );

  it("shows each cause that the tree can have", () => {
    const said = new Set(comparison.faults.flatMap(({ saidCauses }) => saidCauses));
    const shown = [
      "agent",
      "backhaul",
      "dns",
      "hub",
      "link",
      "power",
      "provider",
      "rain",
      "relay",
      "service",
    ];
    expect([...said].toSorted()).toEqual(expect.arrayContaining(shown));
  });

  it("never names a wrong cause for a fault that lasts", () => {
    const unsure = verdictsOf("link", true);
    expect(unsure).toHaveLength(1);
    for (const { causes } of unsure) expect(["right", "unsettled"]).toContain(causes);
  });

  it("tells of nothing that was not scripted, a satellite's long round trips included", () => {
    expect(comparison.unscripted).toEqual([]);
  });

  it("places the edges of what it found within a round", () => {
    for (const { edgeErrorS } of comparison.faults) expect(edgeErrorS ?? 0).toBeLessThanOrEqual(60);
  });

  it("closes the ledger of every agent but one that is still cut off", async () => {
    const { data } = (await demo.admin.get("/api/v1/agents")) as { data: AgentRow[] };
    expect(data).toHaveLength(demo.inventory.sites.length);
    const cut = demo.faults.find(({ endMs }) => endMs > Date.now() && endMs > demo.toMs)!;
    for (const { site, producedRounds, storedRounds, lostRounds, openRounds } of data) {
      expect({ site, openRounds, lostRounds, storedRounds }).toEqual({
        site,
        openRounds: 0,
        lostRounds: 0,
        storedRounds: producedRounds,
      });
    }
    const stored = data.reduce((sum, row) => sum + row.storedRounds, 0);
    const kept = demo.fleet.rounds() - stored;
    const minutesCut = (Date.now() - cut.startMs) / 60_000;
    // Seven targets, a round a minute, since the cut: they wait in its spool.
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(7 * Math.ceil(minutesCut));
  });

  it("writes the script down", () => {
    const scenario = JSON.parse(readFileSync(dir.file("scenario.json"), "utf8")) as { faults: object[] };
    expect(scenario.faults).toHaveLength(plan.length);
  });

  it("has each agent that can report do so once a minute when it is live", async () => {
    const before = demo.fleet.batches();
    const minuteLaterMs = Date.now() + 60_000;
    await demo.fleet.tick(minuteLaterMs);
    await demo.fleet.tick(minuteLaterMs);
    // All but the village whose link is cut.
    expect(demo.fleet.batches() - before).toBe(demo.inventory.sites.length - 1);
  });

  it("goes on without an agent whose key was revoked", async () => {
    const { data } = (await demo.admin.get("/api/v1/agents")) as { data: { id: string; site: string }[] };
    const { id } = data.find(({ site }) => site === "64.08.05")!;
    const answer = await fetch(`${demo.collector.address}/api/v1/agents/${id}`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${demo.collector.adminKey}` },
    });
    expect(answer.ok).toBe(true);
    const before = demo.fleet.batches();
    await demo.fleet.tick(Date.now() + 120_000);
    await demo.fleet.tick(Date.now() + 180_000);
    // Twice all but the revoked one and the village whose link is cut.
    expect(demo.fleet.batches() - before).toBe(2 * (demo.inventory.sites.length - 2));
  });

  it("refuses a folder that holds a demonstration, and leaves it alone", async () => {
    const again = startDemo({
      folder: dir.path,
      listen: "127.0.0.1:0",
      seed: "test",
      hours: 2,
      plan,
      only: ["64.08.05"],
      fresh: false,
      nowMs: Date.now,
      signal: stopping.signal,
    });
    await expect(again).rejects.toMatchObject({ code: "demo.folder", isDemo: true });
    const { data } = (await demo.admin.get("/api/v1/agents")) as { data: AgentRow[] };
    expect(data.length).toBeGreaterThan(0);
  });
});
