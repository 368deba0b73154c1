import { expect, it } from "vitest";
import type { Outage } from "../../src/outage/table.ts";
import { passedWhileCut } from "../../src/replay/drop-in.ts";
import { atMs, evidenceOf } from "../support/evidence.ts";

const site = "64.08.04.2001";
const scenario = { fromMs: atMs(0), toMs: atMs(7_200), stepMs: 60_000, services: ["lapor"], centre: "64.08" };

/** Cut off from 1,800 to 3,600 s, with a check that passed but in `bad`. */
function shareOf(bad: [number, number][], cause: Outage["cause"] = "link") {
  const { targets } = evidenceOf(7_200, [
    { key: `${site}/lapor`, role: "service", service: "lapor", kind: "http", phaseS: 0, bad },
  ]);
  const row = { site, link: null, service: null, startMs: atMs(1_800), endMs: atMs(3_600), cause } as Outage;
  return passedWhileCut(targets, { outages: [row] }, scenario as never);
}

it("tells in how much of the time cut off a check passed, edges left out", () => {
  expect(shareOf([[1_800, 3_600]])).toBe(0);
  expect(shareOf([[1_860, 3_600]])).toBe(0);
  expect(shareOf([[1_800, 2_700]])).toBeCloseTo((3_540 - 2_700) / 1_680, 3);
  expect(shareOf([])).toBe(1);
  expect(shareOf([], "provider")).toBeNull();
});
