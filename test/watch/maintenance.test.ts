import { describe, expect, it } from "vitest";
import type { MaintenancePlan } from "../../src/inventory/maintenance.ts";
import { commandActor } from "../../src/state/audit.ts";
import type { MaintenanceChange } from "../../src/state/maintenance-record.ts";
import { epochMs } from "../support/evidence.ts";
import { seededRandom } from "../support/random.ts";
import { openDelivery } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { districtOf, kec, measureWorld, noFaults, v1, v2 } from "./world.ts";

const hourS = 3_600;
const secondMs = (second: number) => epochMs + second * 1000;
const by = commandActor("test");

const plan = (more: Partial<MaintenancePlan> = {}): MaintenancePlan => ({
  id: "m1",
  site: kec,
  fromMs: secondMs(1_700),
  toMs: secondMs(3_700),
  repeat: null,
  untilMs: null,
  reason: "antena",
  author: "Diskominfo",
  ...more,
});

const change = (delivery: Delivery, act: MaintenanceChange["act"], one = plan()) =>
  delivery.state.changeMaintenance(() => [{ act, plan: one, source: "api" }], delivery.clock.ms, by);

const causes = async (delivery: Delivery, asOfMs?: number) =>
  (await delivery.outages(asOfMs)).map(({ site, service, cause, revision }) => [
    site,
    service,
    cause,
    revision,
  ]);

const cutStates = async (delivery: Delivery) =>
  (await delivery.states())
    .filter(({ state }) => state !== "up" && state !== "unknown")
    .map(({ site, service, state, cause }) => [site, service, state, cause]);

/** The kecamatan's uplink is cut from second 1,800 to 3,600; the villages lose it with that. */
async function measured(toS: number, options: Parameters<typeof openDelivery>[2] = {}): Promise<Delivery> {
  const faults = { ...noFaults, cut: { [kec]: [[1_800, 3_600] as const] } };
  const batches = measureWorld(faults, { intervalS: 60, toS, batchS: hourS, random: seededRandom(5) });
  const delivery = openDelivery(districtOf(60), epochMs, options);
  for (const batch of batches) {
    await delivery.deliver(batch);
    await delivery.settle(batch.lastMs);
  }
  return delivery;
}

describe("work that is written down afterwards", () => {
  const short = { windowMs: 2 * hourS * 1000, reachMs: 2 * hourS * 1000 };

  it.each([
    ["within what is under review", 2 * hourS, {}],
    ["long before it", 12 * hourS, short],
  ])("is what the outage is called from then on: %s", async (_name, toS, options) => {
    await using delivery = await measured(toS, options);
    const before = await causes(delivery);
    expect(before.map(([site, , cause]) => [site, cause])).toEqual([
      [kec, "link"],
      [v1, "backhaul"],
      [v2, "backhaul"],
    ]);
    const states = await delivery.states();
    const cut = await cutStates(delivery);
    const knownMs = delivery.clock.ms;

    delivery.clock.ms += 1_000;
    await change(delivery, "made");
    await delivery.settle(delivery.clock.ms);
    expect((await causes(delivery)).map(([site, , cause]) => [site, cause])).toEqual([
      [kec, "maintenance"],
      [v1, "maintenance"],
      [v2, "maintenance"],
    ]);
    expect(await cutStates(delivery)).toEqual(
      cut.map(([site, service, state]) => [site, service, state, "maintenance"]),
    );
    expect(await causes(delivery, knownMs)).toEqual(before);

    const writes = delivery.writes.length;
    await delivery.settle(delivery.clock.ms);
    expect(delivery.writes.length).toBe(writes);

    await change(delivery, "withdrawn");
    await delivery.settle(delivery.clock.ms);
    expect(await causes(delivery)).toEqual(
      before.map(([site, service, cause, revision]) => [site, service, cause, Number(revision) + 2]),
    );
    expect(await delivery.states()).toEqual(states);
  });
});

describe("work that is announced before", () => {
  it("is what the outage is called from its first row on", async () => {
    const faults = { ...noFaults, cut: { [kec]: [[1_800, 3_600] as const] } };
    const batches = measureWorld(faults, { intervalS: 60, toS: 5_400, batchS: 300, random: seededRandom(6) });
    await using delivery = openDelivery(districtOf(60), epochMs);
    await change(delivery, "made");
    for (const batch of batches) {
      await delivery.deliver(batch);
      await delivery.settle(batch.lastMs);
    }
    const told = delivery.writes.flatMap(({ outages }) => outages);
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told.map(({ cause }) => cause))).toEqual(new Set(["maintenance"]));
    const [outage] = await delivery.outages();
    expect(outage!.evidence.at(-1)).toMatchObject({
      fact: "maintenance.announced",
      detail: { plan: "m1", cause: "link" },
    });
  });
});
