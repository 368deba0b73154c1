import { describe, expect, it } from "vitest";
import type { EventEvidence } from "../../src/outage/evidence.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const noc = "64.08";
const kec = "64.08.04";
const v1 = "64.08.04.2001";
const dead: [number, number][] = [[1_800, 2_100]];

/** The village's agent measured all the while, and nothing answered it, its own gateway included. */
const watched: Watched[] = [
  { key: `${noc}/gw`, role: "gateway" },
  { key: `${noc}/anchor`, role: "anchor" },
  { key: `${kec}/gw`, role: "gateway" },
  { key: `${kec}/hub`, role: "hub" },
  { key: `${kec}/noc`, role: "noc" },
  { key: `${v1}/gw`, role: "gateway", bad: dead },
  { key: `${v1}/hub`, role: "hub", bad: dead },
  { key: `${v1}/noc`, role: "noc", bad: dead },
];

const event = (second: number, type: string, detail: EventEvidence["detail"]): EventEvidence => ({
  site: v1,
  timeMs: atMs(second),
  type,
  detail,
});
const rebooted = (second: number, uptimeS: number) =>
  event(second, "device.rebooted", { target: "rt", uptimeS });
const find = (events: EventEvidence[], targets = watched) =>
  findOutages({ ...evidenceOf(3_600, targets), events }, smallDistrict()).outages.map(
    ({ site, cause, confidence, root }) => ({ site, cause, confidence, root }),
  );

describe("a gateway that answers nobody while its village's agent measures", () => {
  it("is the village's access when a device there began anew meanwhile", () => {
    expect(find([rebooted(2_160, 80)])).toEqual([
      { site: v1, cause: "link", confidence: "medium", root: v1 },
    ]);
  });

  it.each([
    ["nothing began anew", []],
    ["what began anew had started long before", [rebooted(2_160, 1_200)]],
    ["it began anew long afterwards", [rebooted(2_500, 100)]],
    ["the UPS told of a cut", [event(1_790, "power.onBattery", { target: "ups" }), rebooted(2_160, 80)]],
  ])("stays unknown when %s", (_name, events) => {
    expect(find(events)).toEqual([{ site: v1, cause: "unknown", confidence: "low", root: v1 }]);
  });

  it("is no matter of a router that answers", () => {
    const targets = watched.map((one) => (one.key === `${v1}/gw` ? { ...one, bad: [] } : one));
    expect(find([rebooted(2_160, 80)], targets)).toMatchObject([{ cause: "link", confidence: "high" }]);
  });
});
