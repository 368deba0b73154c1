import { describe, expect, it } from "vitest";
import type { Blip } from "../../src/outage/blips.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { contentOf } from "../../src/outage/revise.ts";
import { epochMs } from "../support/evidence.ts";
import { seededRandom, shuffled, whole } from "../support/random.ts";
import { faultsOfStates, openDelivery, testOptions } from "./delivery.ts";
import { districtOf, evidenceOfBatches, measureWorld, randomFaults } from "./world.ts";
import type { Batch } from "./world.ts";

/*
 * design.md §2.1: the table is a function of the evidence. Each case is a district of four sites with faults that its
 * seed decides; what fails can be run again by its seed.
 */

const intervalS = 60;
const inventory = districtOf(intervalS);
const toS = 75 * 60;
const endMs = epochMs + toS * 1000 + 20_000;
const cases = 200;
const casesPerTest = 25;
/** Found by trying a thousand seeds: cut evidence at the window's start, sites silent for longer than the window. */
const onceFailed = [1023, 1175, 1269, 1415, 1621, 1635, 1655, 1791];

const worldOf = (seed: number) => {
  const random = seededRandom(seed);
  const faults = randomFaults(random, toS);
  // Every other world misses rounds, some of them nearly half of them: gaps of every length.
  const misses = seededRandom(seed + 1_000_000);
  const share = [0, 0.05, 0, 0.2, 0, 0.45][seed % 6]!;
  const isMissed = () => misses() < share;
  return { random, batches: measureWorld(faults, { intervalS, toS, batchS: 25 * 60, random, isMissed }) };
};

/** The whole evidence at once, through the pure core alone. */
function tableOf(batches: readonly Batch[]) {
  const evidence = evidenceOfBatches(batches, inventory, {
    fromMs: endMs - testOptions.windowMs,
    nowMs: endMs,
    gapFactor: testOptions.gapFactor,
  });
  const { outages, blips } = findOutages(evidence, inventory, testOptions);
  return { outages: outages.map(contentOf).sort(), blips: blips.toSorted(bySite) };
}

const bySite = (a: Blip, b: Blip) => (a.site < b.site ? -1 : a.site > b.site ? 1 : a.startMs - b.startMs);

/** Some batches at a time, in that order, with a look of the watch after each handful; ends at `endMs`. */
async function deliverAll(batches: readonly Batch[], random: () => number, windowMs: number) {
  const delivery = openDelivery(inventory, epochMs, { windowMs });
  const answers: { atMs: number; rows: string; blips: Blip[] }[] = [];
  let heardMs = epochMs;
  for (const batch of batches) {
    await delivery.deliver(batch);
    heardMs = Math.max(heardMs, batch.lastMs);
    if (random() > 0.35) continue;
    await delivery.settle(Math.min(heardMs + whole(random, 3) * 1000, endMs - 60_000));
    answers.push({
      atMs: delivery.clock.ms,
      rows: JSON.stringify(await delivery.outages()),
      blips: await delivery.blips(),
    });
  }
  delivery.clock.ms = endMs - 1_000;
  await delivery.settle(endMs);
  return { delivery, answers };
}

describe("the outage table, whatever the order of arrival", () => {
  it.each([
    ...Array.from({ length: cases / casesPerTest }, (_, index) =>
      Array.from({ length: casesPerTest }, (__, at) => index * casesPerTest + at),
    ),
    onceFailed,
  ])(
    `is that of the whole evidence (seeds %i …)`,
    async (...seeds) => {
      let rows = 0;
      let blips = 0;
      for (const seed of seeds) {
        const { random, batches } = worldOf(seed);
        const expected = tableOf(batches);
        rows += expected.outages.length;
        blips += expected.blips.length;
        const again = batches.filter(() => random() < 0.3);
        // A short window makes late evidence reach behind it.
        const windowMs = seed % 2 === 0 ? testOptions.windowMs : 20 * 60_000;
        for (const order of [batches, shuffled([...batches, ...again], random)]) {
          const { delivery, answers } = await deliverAll(order, random, windowMs);
          await using _ = delivery;
          const name = `seed ${seed}, ${order === batches ? "in order" : "shuffled"}`;
          expect(await delivery.table(), name).toEqual(expected.outages);
          expect(await delivery.blips(), name).toEqual(expected.blips);
          for (const { atMs, rows: then, blips: known } of answers) {
            expect(JSON.stringify(await delivery.outages(atMs)), `${name}, as of ${atMs}`).toBe(then);
            expect(await delivery.blips(atMs), `${name}, as of ${atMs}`).toEqual(known);
          }
          expect(faultsOfStates(await delivery.states()), name).toEqual([]);
          const before = delivery.writes.length;
          await delivery.watch.settle();
          expect(delivery.writes.slice(before), `${name}: writes although nothing changed`).toEqual([]);
        }
      }
      // Worlds in which nothing ever fails would prove nothing.
      expect(rows).toBeGreaterThan(seeds.length);
      expect(blips).toBeGreaterThan(0);
    },
    60_000,
  );
});
