import { describe, expect, it } from "vitest";
import { epochMs } from "../support/evidence.ts";
import { seededRandom } from "../support/random.ts";
import { openDelivery } from "./delivery.ts";
import { districtOf, kec, measureWorld, noFaults, v1 } from "./world.ts";

const secondMs = (second: number) => epochMs + second * 1000;

describe("what is suspected", () => {
  it("is told by the watch while it stands, and written down nowhere", async () => {
    // The kecamatan's agent is silent as well, so that nobody asks for the village.
    const silent = { [kec]: [[3_600, 7_200] as const], [v1]: [[3_600, 5_400] as const] };
    const batches = measureWorld(
      { ...noFaults, silent },
      { intervalS: 60, toS: 7_200, batchS: 60, random: seededRandom(3) },
    );
    await using delivery = openDelivery(districtOf(60), epochMs);
    const suspected = async () => {
      await delivery.settle(delivery.clock.ms);
      return delivery.watch.provisional().map(({ site, provisional }) => [site, provisional]);
    };
    const deliverUntil = async (second: number) => {
      while (batches.length > 0 && batches[0]!.lastMs <= secondMs(second)) {
        delivery.clock.ms = batches[0]!.lastMs;
        await delivery.deliver(batches.shift()!);
      }
      delivery.clock.ms = secondMs(second);
    };
    await deliverUntil(3_660);
    expect(await suspected()).toEqual([]);
    await deliverUntil(4_200);
    expect(await suspected()).toEqual([[v1, true]]);
    expect(await delivery.outages()).toEqual([]);
    await deliverUntil(5_700);
    expect(await suspected()).toEqual([]);
    expect(delivery.writes.flatMap(({ outages }) => outages)).toEqual([]);
  });
});
