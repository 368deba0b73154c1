import { describe, expect, it } from "vitest";
import { commandActor } from "../../src/state/audit.ts";
import { atMs, epochMs } from "../support/evidence.ts";
import { seededRandom } from "../support/random.ts";
import { openDelivery } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { districtOf, measureWorld, noFaults, v1 } from "./world.ts";
import type { Batch } from "./world.ts";

/* A village whose uplink is cut for 50 s at second 1,800: agents measure each minute, so that one round at most is lost. */

const toS = 3 * 3_600;

function batches(): Batch[] {
  const faults = { ...noFaults, cut: { [v1]: [[1_800, 1_850] as const] } };
  return measureWorld(faults, { intervalS: 60, toS, batchS: 300, random: seededRandom(3) });
}

async function deliverAll(delivery: Delivery, some: readonly Batch[]): Promise<void> {
  for (const batch of some) {
    await delivery.deliver(batch);
    await delivery.settle(batch.lastMs);
  }
}

describe("lone lost rounds", () => {
  it("are written once, when the next round has told that they were alone, and are neither outage nor state", async () => {
    await using delivery = openDelivery(districtOf(60), epochMs);
    await deliverAll(delivery, batches());
    const [blip, ...more] = await delivery.blips();
    expect(more).toEqual([]);
    expect(blip).toMatchObject({ site: v1, cause: "link", root: v1 });
    expect(blip!.endMs - blip!.startMs).toBe(60_000);
    expect(blip!.startMs).toBeGreaterThan(atMs(1_740));
    expect(delivery.writes.flatMap((write) => write.blips?.found ?? [])).toEqual([blip]);
    expect(await delivery.outages()).toEqual([]);
    expect((await delivery.states()).filter(({ state }) => state !== "up")).toEqual([]);
    const before = delivery.writes.length;
    await delivery.settle(delivery.clock.ms);
    expect(delivery.writes.length).toBe(before);
  });

  it("are withdrawn by a late round that makes an outage of them, and can be read as they were known", async () => {
    await using delivery = openDelivery(districtOf(60), epochMs);
    const faults = { ...noFaults, cut: { [v1]: [[1_800, 1_920] as const] } };
    const all = measureWorld(faults, { intervalS: 60, toS: 3_600, batchS: 60, random: seededRandom(3) });
    const isLate = ({ site, lastMs }: Batch) => site === v1 && lastMs === atMs(1_920);
    await deliverAll(
      delivery,
      all.filter((batch) => !isLate(batch)),
    );
    const known = await delivery.blips();
    expect(known).toHaveLength(1);
    expect(await delivery.outages()).toEqual([]);
    const knownMs = delivery.clock.ms;
    await deliverAll(delivery, all.filter(isLate));
    expect(await delivery.blips()).toEqual([]);
    expect((await delivery.outages()).map(({ site, service }) => [site, service])).toContainEqual([v1, null]);
    expect(await delivery.blips(knownMs)).toEqual(known);
  });

  it("are maintenance when work is announced afterwards, long after they were under review, and not when it is taken back", async () => {
    const short = { windowMs: 3_600_000, reachMs: 3_600_000 };
    await using delivery = openDelivery(districtOf(60), epochMs, short);
    await deliverAll(delivery, batches());
    const before = await delivery.blips();
    const plan = {
      id: "m1",
      site: v1,
      fromMs: atMs(1_500),
      toMs: atMs(2_100),
      repeat: null,
      untilMs: null,
      reason: "antena",
      author: "Diskominfo",
    };
    const change = async (act: "made" | "withdrawn") => {
      delivery.clock.ms += 1_000;
      const by = commandActor("test");
      await delivery.state.changeMaintenance(() => [{ act, plan, source: "api" }], delivery.clock.ms, by);
      await delivery.settle(delivery.clock.ms);
    };
    await change("made");
    expect(await delivery.blips()).toEqual(before.map((blip) => ({ ...blip, cause: "maintenance" })));
    const markedMs = delivery.clock.ms;
    await change("withdrawn");
    expect(await delivery.blips()).toEqual(before);
    expect((await delivery.blips(markedMs)).map(({ cause }) => cause)).toEqual(["maintenance"]);
    await delivery.restart(delivery.clock.ms + 5_000);
    expect(await delivery.blips()).toEqual(before);
  });
});
