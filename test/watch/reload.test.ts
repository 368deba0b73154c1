import { describe, expect, it } from "vitest";
import type { Inventory, Target } from "../../src/inventory/inventory.ts";
import { epochMs } from "../support/evidence.ts";
import { seededRandom } from "../support/random.ts";
import { openDelivery } from "./delivery.ts";
import { districtOf, measureWorld, noFaults, v1, v2 } from "./world.ts";

const secondMs = (second: number) => epochMs + second * 1000;
const intervalS = 60;

/** The inventory with other targets. */
function withTargets(inventory: Inventory, change: (target: Target) => Target | null): Inventory {
  const targets = [...inventory.targets.values()].map(change).filter((target) => target !== null);
  return { ...inventory, targets: new Map(targets.map((target) => [target.key, target])) };
}

const renamed = (target: Target): Target =>
  target.site === v1 && target.key.endsWith("/noc")
    ? { ...target, key: `${v1}/uplink`, probe: { ...target.probe, id: "uplink" } }
    : target;

describe("an inventory that is changed", () => {
  it.each<[string, (target: Target) => Target | null]>([
    ["renamed", renamed],
    ["removed", (target) => (target.site === v1 ? null : target)],
    ["measured more often", (target) => ({ ...target, probe: { ...target.probe, intervalS: 20 } })],
  ])("does not rewrite the past when targets are %s", async (_, change) => {
    const faults = { ...noFaults, cut: { [v1]: [[1_800, 3_000] as const] } };
    const batches = measureWorld(faults, { intervalS, toS: 4_800, batchS: 300, random: seededRandom(11) });
    await using delivery = openDelivery(districtOf(intervalS), epochMs);
    for (const batch of batches) await delivery.deliver(batch);
    await delivery.settle(secondMs(4_860));
    const before = await delivery.outages();
    expect(before.map(({ site, cause }) => [site, cause])).toEqual([[v1, "link"]]);
    delivery.reload(withTargets(districtOf(intervalS), change));
    await delivery.settle(secondMs(4_870));
    expect(await delivery.outages()).toEqual(before);
  });

  it("ends what is open at a site that is taken out, and keeps it", async () => {
    const faults = { ...noFaults, cut: { [v1]: [[1_800, 9_999] as const] } };
    const batches = measureWorld(faults, { intervalS, toS: 3_600, batchS: 300, random: seededRandom(12) });
    await using delivery = openDelivery(districtOf(intervalS), epochMs);
    for (const batch of batches) await delivery.deliver(batch);
    await delivery.settle(secondMs(3_660));
    expect((await delivery.outages())[0]).toMatchObject({ site: v1, endMs: null });
    const { sites, links, ...rest } = withTargets(districtOf(intervalS), (target) =>
      target.site === v1 || target.of === v1 ? null : target,
    );
    const without = <T extends { site?: string; code?: string }>(map: ReadonlyMap<string, T>) =>
      new Map([...map].filter(([, one]) => one.site !== v1 && one.code !== v1));
    delivery.reload({ ...rest, sites: without(sites), links: without(links) });
    await delivery.settle(secondMs(3_700));
    expect((await delivery.outages()).map(({ site, endMs, withdrawn }) => [site, endMs, withdrawn])).toEqual([
      [v1, secondMs(3_700), false],
    ]);
  });
});

describe("an outage older than what is reviewed", () => {
  it("is carried on with its start, and ends when it ends, though its beginning is not read again", async () => {
    const hourS = 3_600;
    const [startS, endS, toS] = [2 * hourS, 30 * hourS, 32 * hourS];
    // A second village goes dark each hour: something always crosses the start of the review.
    const nightly = Array.from({ length: 30 }, (_, i) => [i * hourS + 600, i * hourS + 3_000] as const);
    const faults = { ...noFaults, cut: { [v1]: [[startS, endS] as const], [v2]: nightly } };
    const batches = measureWorld(faults, { intervalS: 300, toS, batchS: hourS, random: seededRandom(13) });
    await using delivery = openDelivery(districtOf(300), epochMs, {
      windowMs: 2 * hourS * 1000,
      reachMs: 2 * hourS * 1000,
    });
    for (const batch of batches) {
      await delivery.deliver(batch);
      await delivery.settle(batch.lastMs + 1_000);
    }
    await delivery.settle(secondMs(toS + 60));
    const [outage, ...more] = (await delivery.outages()).filter(({ site }) => site === v1);
    expect(more).toEqual([]);
    expect(outage).toMatchObject({ cause: "link", withdrawn: false });
    expect(Math.abs(outage!.startMs - secondMs(startS))).toBeLessThanOrEqual(300_000);
    expect(Math.abs(outage!.endMs! - secondMs(endS))).toBeLessThanOrEqual(300_000);
  });
});
