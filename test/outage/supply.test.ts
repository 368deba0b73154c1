import { describe, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { applySupply } from "../../src/outage/supply.ts";
import type { Outage, OutageTable } from "../../src/outage/table.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

/*
 * The generator of the first village runs from 18.00 to 06.00 WITA. The epoch of these tests is midnight UTC, 08.00 WITA:
 * supply begins at hour 10 and ends at hour 22, and again at 34.
 */

const v1 = "64.08.04.2001";
const v2 = "64.08.04.2002";
const h = (hours: number) => atMs(hours * 3_600);

function district(): Inventory {
  const small = smallDistrict();
  const village = { ...small.sites.get(v1)!, supplyHours: [{ fromMin: 18 * 60, toMin: 6 * 60 }] };
  return { ...small, sites: new Map([...small.sites, [v1, village]]) };
}

const outage = (fromH: number, toH: number | null, more: Partial<Outage> = {}): Outage => ({
  site: v1,
  link: null,
  service: null,
  startMs: h(fromH),
  endMs: toH === null ? null : h(toH),
  cause: "power",
  confidence: "high",
  evidence: [],
  root: v1,
  ...more,
});

function apply(rows: Outage[], nowH: number): OutageTable {
  const states = rows.flatMap((row) => [
    { site: row.site, service: "", startMs: h(0), endMs: row.startMs, state: "up" as const, cause: null },
    {
      site: row.site,
      service: "",
      startMs: row.startMs,
      endMs: row.endMs,
      state: row.root === row.site ? ("down" as const) : ("unreachable" as const),
      cause: row.cause,
    },
  ]);
  return applySupply({ outages: rows, states, suspects: [], blips: [] }, district(), h(nowH));
}

const spans = ({ outages }: OutageTable) =>
  outages.map(({ site, startMs, endMs }) => [
    site,
    (startMs - h(0)) / 3_600_000,
    endMs === null ? null : (endMs - h(0)) / 3_600_000,
  ]);
const statesOf = ({ states }: OutageTable) =>
  states.map(({ state, startMs }) => [state, (startMs - h(0)) / 3_600_000]);

describe("the table of a village with hours of supply", () => {
  const hour = 3_600;
  const silent: [number, number][] = [
    [0, 2 * hour],
    [4 * hour, 6 * hour],
  ];
  const watched: Watched[] = [
    { key: "64.08/anchor", role: "anchor" },
    { key: "64.08.04/below", role: "site", of: v1, bad: [[2 * hour, 4 * hour]] },
    { key: "64.08.04/noc", role: "noc" },
    { key: `${v1}/noc`, role: "noc", measured: silent },
    { key: `${v1}/lapor`, role: "service", service: "lapor", kind: "http", measured: silent },
  ];
  const table = (inventory: Inventory) => findOutages(evidenceOf(6 * hour, watched), inventory);
  const shown = ({ states }: OutageTable) =>
    states.filter(({ site }) => site === v1).map(({ service, state }) => `${service} ${state}`.trim());

  it("has it off where others do not reach it by day, and its services with it", () => {
    const [known, expected] = [table(smallDistrict()), table(district())];
    expect(known.outages).toHaveLength(1);
    expect(shown(known)).toEqual([
      "up",
      "down",
      "up",
      "lapor up",
      "lapor unreachable",
      "lapor unknown",
      "lapor up",
    ]);
    expect(expected.outages).toEqual([]);
    expect(shown(expected)).toEqual([
      "up",
      "off",
      "up",
      "lapor up",
      "lapor off",
      "lapor unknown",
      "lapor up",
    ]);
  });
});

describe("a village with hours of supply", () => {
  it.each([
    ["a day without power, to the minute", outage(22, 34)],
    ["a generator stopped early and started late", outage(21.6, 34.4)],
    ["a silence of which nothing is known yet", outage(22, null, { cause: "unknown", confidence: "low" })],
  ])("has no outage by %s, and is off", (_name, row) => {
    const table = apply([row], row.endMs === null ? 30 : 40);
    expect(table.outages).toEqual([]);
    expect(table.states.at(-1)).toMatchObject({ state: "off", cause: null });
  });

  it("is down from the beginning of the supply when the generator does not start", () => {
    const row = outage(22, null);
    expect(spans(apply([row], 34.5))).toEqual([]);
    const late = apply([row], 35);
    expect(spans(late)).toEqual([[v1, 34, null]]);
    expect(late.outages[0]!.evidence).toEqual([
      { fact: "supply.hours", target: null, detail: { timeMs: h(22) } },
    ]);
    expect(statesOf(late)).toEqual([
      ["up", 0],
      ["off", 22],
      ["down", 34],
    ]);
  });

  it("does not recover by the end of the supply; once it is back, the outage ended there", () => {
    expect(spans(apply([outage(14, null)], 30))).toEqual([[v1, 14, null]]);
    expect(spans(apply([outage(14, 34.2)], 40))).toEqual([[v1, 14, 22]]);
  });

  it("has one outage of a generator that is broken for three nights, and is off on the days between them", () => {
    const table = apply([outage(19, 85)], 96);
    expect(spans(table)).toEqual([[v1, 19, 85]]);
    expect(table.outages[0]!.evidence).toEqual([
      { fact: "supply.hours", target: null, detail: { timeMs: h(19) } },
    ]);
    expect(statesOf(table)).toEqual([
      ["up", 0],
      ["down", 19],
      ["off", 22],
      ["down", 34],
      ["off", 46],
      ["down", 58],
      ["off", 70],
      ["down", 82],
    ]);
    expect(table.states.at(-1)!.endMs).toBe(h(85));
  });

  it("is off by day while it lasts, and down again when the supply should have begun", () => {
    const row = outage(19, null);
    expect(spans(apply([row], 30))).toEqual([[v1, 19, null]]);
    const untilNoon = [
      ["up", 0],
      ["down", 19],
      ["off", 22],
    ];
    expect(statesOf(apply([row], 21))).toEqual(untilNoon.slice(0, 2));
    expect(statesOf(apply([row], 30))).toEqual(untilNoon);
    expect(apply([row], 30).states.at(-1)!.endMs).toBeNull();
    expect(statesOf(apply([row], 36))).toEqual([...untilNoon, ["down", 34]]);
  });

  it("has an outage by a cut link at any hour, and by lost power within its hours", () => {
    expect(spans(apply([outage(23, 25, { cause: "link" })], 40))).toEqual([[v1, 23, 25]]);
    expect(spans(apply([outage(14, 16)], 40))).toEqual([[v1, 14, 16]]);
  });

  it("takes along what hangs on it", () => {
    const table = apply([outage(22, 34), outage(22, 34.2, { site: v2, root: v1, cause: "relay" })], 40);
    expect(table.outages).toEqual([]);
    expect(statesOf(table).filter(([state]) => state === "off")).toHaveLength(2);
  });

  it("leaves what hangs on it one outage as well", () => {
    const table = apply([outage(19, 37), outage(19, 37, { site: v2, root: v1, cause: "relay" })], 48);
    expect(spans(table)).toEqual([
      [v1, 19, 37],
      [v2, 19, 37],
    ]);
    const ofChild = table.states.filter(({ site }) => site === v2);
    expect(ofChild.map(({ state, startMs }) => [state, (startMs - h(0)) / 3_600_000])).toEqual([
      ["up", 0],
      ["unreachable", 19],
      ["off", 22],
      ["unreachable", 34],
    ]);
    const open = apply([outage(19, null), outage(19, null, { site: v2, root: v1, cause: "relay" })], 30);
    expect(spans(open)).toEqual([
      [v1, 19, null],
      [v2, 19, null],
    ]);
  });

  it("says nothing of sites that have power around the clock", () => {
    const rows = [outage(23, 25, { site: v2, root: v2 })];
    expect(spans(apply(rows, 40))).toEqual([[v2, 23, 25]]);
  });
});
