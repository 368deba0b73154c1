import { describe, expect, it } from "vitest";
import { createDescribe, createNames } from "../../src/notify/describe.ts";
import { createPlanner } from "../../src/notify/planner.ts";
import { epochMs } from "../support/evidence.ts";
import { seededRandom, shuffled, whole } from "../support/random.ts";
import { openDelivery } from "./delivery.ts";
import { districtOf, kec, measureWorld, noc, noFaults, v1, v2 } from "./world.ts";
import type { Batch, PlaceCode, Span } from "./world.ts";

/*
 * The whole way: rounds of a small district through ingest's store, the watch, the table and the decision, with the clock
 * running. While a kecamatan is cut off nothing comes from there; afterwards its agents send live rounds first and what
 * they kept in any order, some of it twice.
 */

const intervalS = 30;
const inventory = districtOf(intervalS);
const lookS = 15;
const toS = 90 * 60;

interface Arrival {
  atS: number;
  batch: Batch;
}

/** When each batch gets through: what was measured in a cut waits for its end. */
function arrivals(
  batches: readonly Batch[],
  cutOff: (site: string) => Span[],
  random: () => number,
): Arrival[] {
  const bySite = Map.groupBy(batches, ({ site }) => site);
  return [...bySite].flatMap(([site, ofSite]) => {
    const kept = new Map<number, Batch[]>();
    const live: Arrival[] = [];
    for (const batch of ofSite) {
      const sentS = (batch.lastMs - epochMs) / 1000;
      const cut = cutOff(site).find(([from, to]) => sentS >= from && sentS < to);
      if (cut === undefined) live.push({ atS: sentS + 1 + whole(random, 20), batch });
      else kept.set(cut[1], [...(kept.get(cut[1]) ?? []), batch]);
    }
    const backlog = [...kept].flatMap(([endS, waiting]) =>
      shuffled([...waiting, ...waiting.filter(() => random() < 0.2)], random).map((batch, index) => ({
        atS: endS + 60 + index * (2 + whole(random, 10)),
        batch,
      })),
    );
    return [...live, ...backlog];
  });
}

/** Problems and recoveries; that a cause was found meanwhile is neither. */
async function messagesOf(cut: Partial<Record<PlaceCode, Span[]>>, seed: number): Promise<string[]> {
  const random = seededRandom(seed);
  const batches = measureWorld({ ...noFaults, cut }, { intervalS, toS, batchS: 60, random });
  const path: Record<string, PlaceCode[]> = { [noc]: [noc], [kec]: [kec], [v1]: [v1, kec], [v2]: [v2, kec] };
  const due = arrivals(batches, (site) => path[site]!.flatMap((place) => cut[place] ?? []), random).sort(
    (a, b) => a.atS - b.atS,
  );
  const said: string[] = [];
  const plan = createPlanner({
    inventory: () => inventory,
    channels: [{ id: "log" }],
    nameOf: createNames(() => inventory),
    describe: createDescribe({
      inventory: () => inventory,
      sentence: ({ item }) => ({ id: item.fact, en: item.fact }),
      url: () => null,
    }),
  });
  await using delivery = openDelivery(inventory, epochMs, {}, (now) => {
    const planned = plan(now);
    said.push(...planned.messages.map(({ type, payload }) => `${type} ${payload.root}`));
    return planned;
  });
  for (let nowS = lookS; nowS <= toS; nowS += lookS) {
    while (due.length > 0 && due[0]!.atS <= nowS) await delivery.deliver(due.shift()!.batch);
    await delivery.settle(epochMs + nowS * 1000);
  }
  return said.filter((one) => !one.includes(".update"));
}

describe("messages, from rounds on", () => {
  it.each([1, 2])(
    "are one problem and one recovery for a kecamatan with its villages (seed %i)",
    async (seed) => {
      expect(await messagesOf({ [kec]: [[1_200, 2_700]] }, seed)).toEqual([
        `site.down ${kec}`,
        `site.up ${kec}`,
      ]);
    },
    120_000,
  );

  it.each([3, 4])(
    "tell of a village's own fault after its kecamatan is back (seed %i)",
    async (seed) => {
      const said = await messagesOf({ [kec]: [[1_200, 2_400]], [v1]: [[1_500, 4_200]] }, seed);
      expect(said.filter((one) => one.endsWith(kec))).toEqual([`site.down ${kec}`, `site.up ${kec}`]);
      expect(said.filter((one) => one.endsWith(v1))).toEqual([`site.down ${v1}`, `site.up ${v1}`]);
      expect(said).toHaveLength(4);
      expect(said.indexOf(`site.down ${v1}`)).toBeGreaterThan(0);
    },
    120_000,
  );
});
