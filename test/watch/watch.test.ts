import { describe, expect, it } from "vitest";
import { findOutages } from "../../src/outage/find-outages.ts";
import { contentOf } from "../../src/outage/revise.ts";
import { epochMs } from "../support/evidence.ts";
import { seededRandom } from "../support/random.ts";
import { faultsOfStates, openDelivery, testOptions } from "./delivery.ts";
import { districtOf, evidenceOfBatches, kec, measureWorld, noFaults, places, v1, v2 } from "./world.ts";
import type { Batch, Faults } from "./world.ts";

const hourS = 3_600;
const dayS = 24 * hourS;
const secondMs = (second: number) => epochMs + second * 1000;

function tableOf(batches: readonly Batch[], intervalS: number, nowMs: number): string[] {
  const inventory = districtOf(intervalS);
  const { gapFactor } = testOptions;
  const evidence = evidenceOfBatches(batches, inventory, { fromMs: epochMs - dayS * 1000, nowMs, gapFactor });
  return findOutages(evidence, inventory, testOptions).outages.map(contentOf).sort();
}

/** A village cut off for three days, with two cuts of its kecamatan meanwhile and a power cut of its own. */
const longCut: Faults = {
  ...noFaults,
  cut: {
    [v1]: [[5 * hourS, 3 * dayS + 5 * hourS]],
    [kec]: [
      [20 * hourS, 22 * hourS],
      [3 * dayS, 3 * dayS + 9 * hourS],
    ],
    [v2]: [[2 * dayS, 2 * dayS + 4 * hourS]],
  },
  silent: { [v1]: [[30 * hourS, 40 * hourS]] },
  service: [[50 * hourS, 53 * hourS]],
  reboots: [{ site: v1, atS: 40 * hourS }],
};

describe("a backlog of three days", () => {
  // A round each hour is the thinnest that is of any use: more than a quarter of an hour lies between two of them.
  it.each([600, hourS])(
    "gives the table that live rounds would have given (a round each %i s)",
    async (intervalS) => {
      const toS = 4 * dayS;
      const endMs = secondMs(toS) + 5_000;
      const batches = measureWorld(longCut, { intervalS, toS, batchS: 4 * hourS, random: seededRandom(1) });
      const expected = tableOf(batches, intervalS, endMs);
      expect(expected.length).toBeGreaterThan(6);
      const isLate = (batch: Batch) => batch.site === v1 && batch.lastMs > secondMs(5 * hourS);

      for (const late of [false, true]) {
        await using delivery = openDelivery(districtOf(intervalS), epochMs);
        for (const batch of batches) {
          if (late && isLate(batch)) continue;
          await delivery.deliver(batch);
          await delivery.settle(batch.lastMs + 1_000);
        }
        // The backlog comes newest first, which is how an agent sends it.
        const backlog = late ? batches.filter(isLate).reverse() : [];
        for (const batch of backlog) {
          await delivery.deliver(batch);
          await delivery.settle(Math.min(delivery.clock.ms + 100, endMs - 1_000));
        }
        delivery.clock.ms = endMs - 1_000;
        await delivery.settle(endMs);
        expect(await delivery.table(), late ? "late" : "live").toEqual(expected);
        expect(faultsOfStates(await delivery.states())).toEqual([]);
      }
    },
  );

  it("of events alone still tells that the machine started again", async () => {
    const intervalS = 600;
    const toS = 3 * dayS;
    const endMs = secondMs(toS) + 5_000;
    const faults: Faults = {
      ...noFaults,
      cut: { [v1]: [[5 * hourS, 7 * hourS]] },
      reboots: [{ site: v1, atS: 6 * hourS }],
    };
    const batches = measureWorld(faults, { intervalS, toS, batchS: 2 * hourS, random: seededRandom(2) });
    await using delivery = openDelivery(districtOf(intervalS), epochMs);
    for (const batch of batches) await delivery.deliver({ ...batch, events: [] });
    await delivery.settle(endMs - 2_000);
    const told = batches.find(({ events }) => events.length > 0)!;
    await delivery.deliver({ ...told, seq: 1_000, rounds: [] });
    delivery.clock.ms = endMs - 1_000;
    await delivery.settle(endMs);
    expect(await delivery.table()).toEqual(tableOf(batches, intervalS, endMs));
  });
});

describe("time in which nobody measured", () => {
  const intervalS = 300;
  const make = (silentFromS: number, silentToS: number) =>
    measureWorld(
      { ...noFaults, silent: Object.fromEntries(places.map((place) => [place, [[silentFromS, silentToS]]])) },
      { intervalS, toS: silentToS + 2 * hourS, batchS: 30 * 60, random: seededRandom(3) },
    );

  it.each([
    ["ran on", true],
    ["was off as well", false],
  ])("is unknown and never up, whether the collector %s", async (_, ranOn) => {
    const [fromS, toS] = [6 * hourS, 3 * dayS];
    const batches = make(fromS, toS);
    const before = batches.filter(({ lastMs }) => lastMs <= secondMs(fromS));
    const after = batches.filter(({ lastMs }) => lastMs > secondMs(toS));
    await using delivery = openDelivery(districtOf(intervalS), epochMs);
    await delivery.enrolAll();
    for (const batch of before) await delivery.deliver(batch);
    await delivery.settle(secondMs(fromS));
    if (ranOn)
      for (let second = fromS + hourS; second < toS; second += hourS) await delivery.settle(secondMs(second));
    else await delivery.restart(secondMs(toS));
    for (const batch of after) {
      await delivery.deliver(batch);
      await delivery.settle(batch.lastMs);
    }
    const states = await delivery.states();
    expect(faultsOfStates(states)).toEqual([]);
    for (const [view, segments] of Map.groupBy(states, ({ site, service }) => `${site}|${service}`)) {
      expect(
        segments.map(({ state }) => state),
        view,
      ).toEqual(["up", "unknown", "up"]);
      const [, unknown] = segments;
      expect(Math.abs(unknown!.startMs - secondMs(fromS)), view).toBeLessThanOrEqual(2 * intervalS * 1000);
      expect(Math.abs(unknown!.endMs! - secondMs(toS)), view).toBeLessThanOrEqual(2 * intervalS * 1000);
    }
    expect(await delivery.table()).toEqual([]);
  });
});

describe("a pass", () => {
  it("writes nothing when nothing changed, though time goes on and an outage lasts", async () => {
    const faults: Faults = { ...noFaults, cut: { [v1]: [[1_800, 9_999]] } };
    const intervalS = 60;
    const toS = 3_600;
    const batches = measureWorld(faults, { intervalS, toS, batchS: 60, random: seededRandom(4) });
    await using delivery = openDelivery(districtOf(intervalS), epochMs);
    const steady = secondMs(2_400);
    let writes = 0;
    for (const batch of batches) {
      await delivery.deliver(batch);
      await delivery.settle(batch.lastMs);
      if (batch.lastMs <= steady) writes = delivery.writes.length;
    }
    expect((await delivery.outages()).map(({ site, endMs, cause }) => [site, endMs, cause])).toEqual([
      [v1, null, "link"],
    ]);
    expect(writes).toBeGreaterThan(0);
    expect(delivery.writes.length).toBe(writes);
    expect(delivery.watch.stats().passes).toBe(batches.length);
  });

  it("that never came, since the collector died after the batch was stored, is made up for at the next start", async () => {
    const intervalS = 60;
    const faults: Faults = { ...noFaults, cut: { [v1]: [[600, 1_200]] } };
    const options = { intervalS, toS: 1_800, batchS: 300, random: seededRandom(6) };
    const batches = measureWorld(faults, options);
    const endMs = secondMs(2 * dayS);
    await using delivery = openDelivery(districtOf(intervalS), endMs - 5_000);
    for (const batch of batches) await delivery.deliver(batch);
    await delivery.restart(endMs);
    expect(await delivery.table()).toEqual(tableOf(batches, intervalS, endMs));
  });

  it("that fails is reported, and the next one makes up for it", async () => {
    const intervalS = 60;
    const batches = measureWorld(
      { ...noFaults, cut: { [v1]: [[600, 1_200]] } },
      { intervalS, toS: 1_800, batchS: 300, random: seededRandom(5) },
    );
    const endMs = secondMs(2 * dayS);
    await using delivery = openDelivery(districtOf(intervalS), endMs - 5_000);
    // All of it is older than what is under review without a reason.
    for (const batch of batches) await delivery.deliver(batch);
    delivery.failNextWrite(new Error("disk full"));
    await expect(delivery.settle(endMs - 2_000)).rejects.toThrow("disk full");
    delivery.errors.length = 0;
    expect(await delivery.outages()).toEqual([]);
    delivery.clock.ms = endMs - 1_000;
    await delivery.settle(endMs);
    expect(await delivery.table()).toEqual(tableOf(batches, intervalS, endMs));
    expect(delivery.watch.stats().errors).toBe(1);
  });
});
