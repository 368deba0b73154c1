import { expect, it } from "vitest";
import { epochMs } from "../support/evidence.ts";
import { seededRandom } from "../support/random.ts";
import { openDelivery } from "./delivery.ts";
import { districtOf, measureWorld, noFaults, v1 } from "./world.ts";

it("counts runs, outages that were found, and what late rounds corrected of them", async () => {
  const intervalS = 60;
  const toS = 3_600;
  const batches = measureWorld(
    { ...noFaults, cut: { [v1]: [[600, 1_800]] } },
    { intervalS, toS, batchS: 300, random: seededRandom(5) },
  );
  await using delivery = openDelivery(districtOf(intervalS), epochMs);
  expect(delivery.watch.stats()).toMatchObject({ found: 0, revised: 0 });
  for (const batch of batches) {
    await delivery.deliver(batch);
    await delivery.settle(batch.lastMs + 1_000);
  }
  const outages = await delivery.outages();
  expect(outages.length).toBeGreaterThan(0);
  const { passes, errors, found, revised, lastEndMs } = delivery.watch.stats();
  expect(errors).toBe(0);
  expect(passes).toBeGreaterThanOrEqual(batches.length);
  // One that was found and withdrawn again is counted too.
  expect(found).toBeGreaterThanOrEqual(outages.length);
  // Each was written while it lasted, and again when it was over.
  expect(revised).toBeGreaterThan(0);
  expect(lastEndMs).toBe(delivery.clock.ms);
});
