import { describe, expect, it } from "vitest";
import { findOutages } from "../../src/outage/find-outages.ts";
import { contentOf } from "../../src/outage/revise.ts";
import { epochMs } from "../support/evidence.ts";
import { openDelivery, testOptions } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { agentOf, districtOf, evidenceOfBatches, kec, measureWorld, v1 } from "./world.ts";
import type { Batch } from "./world.ts";

/*
 * A machine tells what a silence was when it is back, which may be long after its last round has left the review.
 */

const intervalS = 300;
const dayS = 86_400;
const district = districtOf(intervalS);
/** Nobody asks for the village: its silence is all that is seen. */
const unwatched = {
  ...district,
  targets: new Map([...district.targets].filter(([key]) => key !== `${kec}/below-v1`)),
};

/** The village loses its power on the second day, and everything is fine for two days after it is back. */
function worldOf(days: number, inventory: typeof district): { batches: Batch[]; endMs: number } {
  const [cutS, backS] = [dayS, (1 + days) * dayS];
  const toS = backS + 2 * dayS;
  const gone = { [v1]: [[cutS, backS] as const] };
  const world = { cut: gone, silent: gone, service: [], lossChance: 0, reboots: [] };
  const batches = measureWorld(world, { intervalS, toS, batchS: 3 * 3600, random: () => 0.5 }).map(
    (batch) => ({ ...batch, rounds: batch.rounds.filter(({ key }) => inventory.targets.has(key)) }),
  );
  const back = batches.find(({ site, lastMs }) => site === v1 && lastMs > epochMs + backS * 1000)!;
  const firstMs = Math.min(...back.rounds.flatMap(({ timeMs }) => timeMs));
  const say = (type: string, timeMs: number, detail: object) =>
    back.events.push({ agent: agentOf(v1), site: v1, timeMs, type, detail: { ...detail } });
  say("agent.start", firstMs - 1_000, { hostBootChanged: true, cleanStop: false });
  say("device.rebooted", firstMs + 30_000, { target: "rt", uptimeS: 60 });
  return { batches, endMs: epochMs + toS * 1000 };
}

const ofVillage = (row: { site: string; service: string | null }) => row.site === v1 && row.service === null;

async function deliverAll(delivery: Delivery, batches: readonly Batch[], restartMs?: number) {
  for (const batch of batches) {
    const isOver = restartMs !== undefined && delivery.clock.ms < restartMs && batch.lastMs >= restartMs;
    if (isOver) await delivery.restart(restartMs);
    await delivery.deliver(batch);
    if (batch.lastMs > delivery.clock.ms) await delivery.settle(batch.lastMs + 1_000);
  }
}

describe("a power cut that is longer than the review", () => {
  it.each([
    ["1.5 days, nobody can ask for it", 1.5, unwatched, false],
    ["3.5 days, nobody can ask for it", 3.5, unwatched, false],
    ["3.5 days, others ask for it", 3.5, district, false],
    ["5.5 days, nobody can ask for it, and the collector starts again meanwhile", 5.5, unwatched, true],
  ] as const)(
    "is found when the machine is back, and stays: %s",
    async (_, days, inventory, restarts) => {
      const { batches, endMs } = worldOf(days, inventory);
      const whole = findOutages(
        evidenceOfBatches(batches, inventory, { fromMs: epochMs, nowMs: endMs, gapFactor: 2.5 }),
        inventory,
        testOptions,
      );
      const expected = whole.outages.filter(ofVillage);
      expect(expected.map(({ cause }) => cause)).toEqual(["power"]);
      await using delivery = openDelivery(inventory, epochMs);
      const backMs = epochMs + (1 + days) * dayS * 1000;
      await deliverAll(delivery, batches, restarts ? backMs - 3_600_000 : undefined);
      await delivery.settle(endMs);
      expect((await delivery.outages()).filter(ofVillage).map(contentOf)).toEqual(expected.map(contentOf));
      const { startMs, endMs: overMs } = expected[0]!;
      const during = (await delivery.states()).filter(
        (state) =>
          state.site === v1 &&
          state.service === "" &&
          state.startMs < overMs! &&
          (state.endMs ?? Infinity) > startMs,
      );
      expect(during.map(({ state, cause }) => [state, cause])).toEqual([["down", "power"]]);
    },
    60_000,
  );
});
