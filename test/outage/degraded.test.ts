import { describe, expect, it } from "vitest";
import type { TargetEvidence } from "../../src/outage/evidence.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import type { SlowRun } from "../../src/outage/slow.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const v1 = "64.08.04.2001";
type Spans = [number, number][];

/** The village's own evidence and its states, as [state, cause, start in minutes]. */
function statesOf(change: Record<string, Partial<Watched>>, toS = 7_200, nowS = toS) {
  const watched: Watched[] = [
    { key: "64.08/anchor", role: "anchor" },
    { key: `${v1}/gw`, role: "gateway" },
    { key: `${v1}/hub`, role: "hub" },
    { key: `${v1}/noc`, role: "noc" },
    { key: `${v1}/anchor`, role: "anchor" },
    { key: `${v1}/radio`, role: "device", kind: "snmp" },
  ];
  const given = watched.map((one) => ({ ...one, ...change[one.key.split("/")[1]!], key: one.key }));
  const mine = given.map((one) => (one.key.startsWith(v1) ? one : watched[0]!));
  const table = findOutages(evidenceOf(toS, mine, nowS), smallDistrict());
  return {
    outages: table.outages.map(({ site, cause }) => [site, cause]),
    states: table.states
      .filter(({ site, service }) => site === v1 && service === "")
      .map(({ state, cause, startMs }) => [state, cause, Math.round((startMs - atMs(0)) / 60_000)]),
  };
}

const poor: Spans = [[1_800, 3_600]];
const everywhere = { hub: { weak: poor }, noc: { weak: poor }, anchor: { weak: poor } };
const slow = (fromS: number, toS: number, ratio: number): Partial<Watched> => ({
  more: { slow: [{ firstMs: atMs(fromS), lastMs: atMs(toS), ratio } satisfies SlowRun] },
});
const level = (isLow: boolean): Partial<Watched> => ({
  more: {
    levels: [
      { isLow: false, firstMs: atMs(0), lastMs: atMs(1_700) },
      { isLow, firstMs: atMs(1_800), lastMs: atMs(3_500) },
      { isLow: false, firstMs: atMs(3_600), lastMs: atMs(7_200) },
    ] satisfies TargetEvidence["levels"],
  },
});

describe("a site that loses echoes", () => {
  it("is degraded while it does, and has no outage", () => {
    expect(statesOf(everywhere)).toEqual({
      outages: [],
      states: [
        ["up", null, 0],
        ["degraded", "link", 30],
        ["up", null, 60],
      ],
    });
  });

  it("is so from two poor rounds in three on, and not with one in four", () => {
    const each = (every: number, of: number): Spans =>
      Array.from({ length: 30 }, (_, index): [number, number] => [
        1_800 + index * 60,
        1_860 + index * 60,
      ]).filter((_, index) => index % of < every);
    const alike = (weak: Spans) => statesOf({ hub: { weak }, noc: { weak }, anchor: { weak } }).states;
    expect(alike(each(2, 3)).map(([state]) => state)).toEqual(["up", "degraded", "up"]);
    expect(alike(each(1, 2)).map(([state]) => state)).toEqual(["up", "degraded", "up"]);
    expect(alike(each(1, 4))).toEqual([["up", null, 0]]);
    // Three poor rounds are chance.
    expect(alike([[1_800, 1_980]])).toEqual([["up", null, 0]]);
  });

  it("is up where another address beyond it answers as ever", () => {
    expect(statesOf({ hub: { weak: poor }, anchor: { weak: poor } }).states).toEqual([["up", null, 0]]);
  });

  it("is degraded by the way beyond its parent where the parent's gateway answers as ever", () => {
    expect(statesOf({ noc: { weak: poor }, anchor: { weak: poor } }).states[1]).toEqual([
      "degraded",
      "backhaul",
      30,
    ]);
  });

  it("suffers from congestion where echoes take more than twice as long as well", () => {
    const busy = (ratio: number) => ({ ...slow(1_900, 3_500, ratio), weak: poor });
    const states = (ratio: number) =>
      statesOf({ hub: busy(ratio), noc: busy(ratio), anchor: busy(ratio) }).states;
    expect(states(2.5)[1]).toEqual(["degraded", "congestion", 30]);
    expect(states(1.8)[1]).toEqual(["degraded", "link", 30]);
  });

  it("suffers from rain where its radio hears far less meanwhile", () => {
    expect(statesOf({ ...everywhere, radio: level(true) }).states[1]).toEqual(["degraded", "rain", 30]);
    expect(statesOf({ ...everywhere, radio: level(false) }).states[1]).toEqual(["degraded", "link", 30]);
  });

  it("is degraded up to the cut and from its end on, with nothing good in between", () => {
    const shoulders: Spans = [
      [1_200, 1_800],
      [3_000, 3_600],
    ];
    const both = { weak: shoulders, bad: [[1_800, 3_000]] as Spans };
    const { states, outages } = statesOf({ hub: both, noc: both, anchor: both });
    expect(states.map(([state]) => state)).toEqual(["up", "degraded", "down", "degraded", "up"]);
    expect(outages).toEqual([[v1, "rain"]]);
  });

  it("goes on being degraded until three rounds in a row were clean", () => {
    const weak: Spans = [[1_800, 3_480]];
    const states = (nowS: number) =>
      statesOf({ hub: { weak }, noc: { weak }, anchor: { weak } }, nowS, nowS).states.map(([state]) => state);
    expect(states(3_600)).toEqual(["up", "degraded"]);
    expect(states(3_900)).toEqual(["up", "degraded", "up"]);
  });
});

describe("a site whose echoes take longer than usual", () => {
  it("is degraded while they do", () => {
    const late = slow(1_800, 3_540, 3);
    expect(statesOf({ hub: late, noc: late, anchor: late })).toEqual({
      outages: [],
      states: [
        ["up", null, 0],
        ["degraded", "link", 30],
        ["up", null, 60],
      ],
    });
  });

  it("is up where they do so to one far address alone", () => {
    expect(statesOf({ anchor: slow(1_800, 3_540, 3) }).states).toEqual([["up", null, 0]]);
  });
});
