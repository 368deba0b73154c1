import { describe, expect, it } from "vitest";
import { createTree } from "../../src/inventory/tree.ts";
import { readStandings } from "../../src/outage/standing.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const kec = "64.08.04";
const village = "64.08.04.2001";
const tree = createTree(smallDistrict());
const standingsOf = (watched: readonly Watched[], toS = 1_200) =>
  readStandings(evidenceOf(toS, watched), tree, 2.5);

describe("readStandings", () => {
  it("knows nothing of a site that nobody measured", () => {
    const all = standingsOf([{ key: `${kec}/gw`, role: "gateway", phaseS: 0 }]);
    expect(all.size).toBe(0);
  });

  it("has the last good word and since when there was no other", () => {
    const all = standingsOf([{ key: `${kec}/noc`, role: "noc", phaseS: 0, bad: [[300, 420]] }]);
    expect(all.get(kec)).toEqual({
      goodMs: atMs(1_140),
      goodSinceMs: atMs(420),
      goodBeforeMs: atMs(240),
      badMs: atMs(360),
    });
  });

  it("takes a hole for what it is", () => {
    const measured: [number, number][] = [
      [0, 300],
      [900, 1_200],
    ];
    const all = standingsOf([{ key: `${kec}/noc`, role: "noc", phaseS: 0, measured }]);
    expect(all.get(kec)).toEqual({
      goodMs: atMs(1_140),
      goodSinceMs: atMs(900),
      goodBeforeMs: atMs(240),
      badMs: null,
    });
  });

  it("is cleared of a hole by others who looked at it meanwhile", () => {
    const measured: [number, number][] = [
      [0, 300],
      [900, 1_200],
    ];
    const all = standingsOf([
      { key: `${kec}/noc`, role: "noc", phaseS: 0, measured },
      { key: "64.08/below", role: "site", of: kec, phaseS: 30 },
    ]);
    expect(all.get(kec)).toMatchObject({ goodMs: atMs(1_170), goodSinceMs: atMs(30), goodBeforeMs: null });
  });

  it("hears a single bad round, which is no outage yet", () => {
    const all = standingsOf([{ key: `${kec}/noc`, role: "noc", phaseS: 0, bad: [[1_140, 1_200]] }]);
    expect(all.get(kec)).toMatchObject({ goodMs: atMs(1_080), badMs: atMs(1_140) });
  });

  it("asks what lies beyond a village and not its own gateway or its hub", () => {
    const all = standingsOf([
      { key: `${village}/gw`, role: "gateway", phaseS: 0 },
      { key: `${village}/hub`, role: "hub", phaseS: 0 },
      { key: `${village}/noc`, role: "noc", phaseS: 0, bad: [[600, 1_200]] },
    ]);
    expect(all.get(village)).toMatchObject({ goodMs: atMs(540), badMs: atMs(1_140) });
  });

  it("does not doubt a place because a service fails that it looks at", () => {
    const all = standingsOf([
      { key: "64.08/lapor", role: "service", service: "lapor", kind: "http", phaseS: 0, bad: [[600, 1_200]] },
    ]);
    expect(all.size).toBe(0);
  });
});
