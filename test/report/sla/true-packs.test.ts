import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWatch } from "../../../src/watch/watch.ts";
import { measureDistrict } from "../../support/district-rounds.ts";
import { epochMs } from "../../support/evidence.ts";
import { openTestHttp } from "../../support/http.ts";
import { needs } from "../../support/needs.ts";
import { troubledDistricts } from "../../support/random-district.ts";
import type { Fault, RandomDistrict } from "../../support/random-district.ts";
import { createWriter } from "../../support/rounds.ts";
import { enrol } from "../../support/watch.ts";
import { testOptions } from "../../watch/delivery.ts";
import { verify } from "./sla-world.ts";

const lacking = needs({ commands: ["python3"] });
const toS = 2 * 3_600;

/** Rounds into the store, outages by the watch, and the packs of all links. */
async function packsOf(district: RandomDistrict, faults: readonly Fault[]): Promise<string[]> {
  using http = await openTestHttp({ inventory: district.inventory });
  const { clock, state, series, batchLog } = http;
  clock.ms = epochMs + (toS + 600) * 1000;
  const errors: unknown[] = [];
  const watch = createWatch({
    inventory: () => district.inventory,
    state,
    series,
    now: () => clock.ms,
    options: testOptions,
    planAlerts: () => ({ alerts: [], messages: [] }),
    onMessages() {},
    onError: (error) => void errors.push(error),
  });
  const pieces = measureDistrict(district, faults, { toS, pieceS: toS });
  for (const site of district.sites) {
    const agent = await enrol(state, site, epochMs);
    const write = createWriter(batchLog, agent);
    for (const { rounds, events } of pieces.filter((piece) => piece.site === site)) {
      const told = events.map((event) => ({ ...event, agent: agent.id }));
      await write(rounds, { events: told, lateFromMs: epochMs });
      watch.touched({ keys: rounds.map(({ key }) => key), fromMs: epochMs, rounds });
    }
  }
  await watch.settle();
  await watch.stop();
  expect(errors).toEqual([]);
  return await Promise.all(
    [...district.inventory.links.keys()].map(async (link) => {
      const response = await http.request(`/api/v1/sla/${link}/evidence?period=2025-11`);
      expect(response.status).toBe(200);
      return response.text();
    }),
  );
}

describe.skipIf(lacking !== null)(
  `packs of what was measured${lacking === null ? "" : `: ${lacking}`}`,
  () => {
    it("are borne out by their rounds, whatever befell the regency", { timeout: 600_000 }, async () => {
      let [rounds, silence] = [0, 0];
      await fc.assert(
        fc.asyncProperty(troubledDistricts(toS, ["cut", "silent", "power"]), async ({ district, faults }) => {
          const { status, said, beside } = verify(await packsOf(district, faults));
          expect(said.filter((line) => !line.startsWith("OK: "))).toEqual([]);
          expect(status).toBe(0);
          for (const line of beside) {
            const found = /lost: (\d+); .* power cut: (\d+); .* no more: 0$/.exec(line);
            rounds += Number(found?.[1] ?? 0);
            silence += Number(found?.[2] ?? 0);
          }
        }),
        { numRuns: 14, seed: 21 },
      );
      expect(rounds).toBeGreaterThan(8);
      expect(silence).toBeGreaterThan(0);
    });
  },
);
