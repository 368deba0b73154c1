import { describe, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const [noc, kec, v1] = ["64.08", "64.08.04", "64.08.04.2001"] as const;
const [otherKec, otherVillage] = ["64.08.05", "64.08.05.2001"] as const;
type Spans = [number, number][];
const cut: Spans = [[1_800, 3_600]];

/** Another kecamatan with a village; `v1` hangs on it in truth. */
function district(): Inventory {
  const small = smallDistrict();
  const site = (code: string, like: string, parent: string) =>
    [code, { ...small.sites.get(like)!, code, parent }] as const;
  const link = (code: string, like: string, parent: string) =>
    [`l-${code}`, { ...small.links.get(`l-${like}`)!, id: `l-${code}`, site: code, parent }] as const;
  return {
    ...small,
    sites: new Map([...small.sites, site(otherKec, kec, noc), site(otherVillage, v1, otherKec)]),
    links: new Map([...small.links, link(otherKec, kec, noc), link(otherVillage, v1, otherKec)]),
  };
}

function causesOf(villageCut: Spans, hubCut: Spans) {
  const ping = (of: string, bad: Spans): Watched => ({ key: `${noc}/to-${of}`, role: "site", of, bad });
  const village = (code: string, bad: Spans): Watched[] => [
    { key: `${code}/gw`, role: "gateway" },
    { key: `${code}/hub`, role: "hub" },
    { key: `${code}/noc`, role: "noc", bad },
  ];
  const watched = [
    { key: `${noc}/anchor`, role: "anchor" as const },
    ping(kec, []),
    ping(otherKec, hubCut),
    ...village(v1, villageCut),
    ...village(otherVillage, hubCut),
  ];
  const { outages } = findOutages(evidenceOf(7_200, watched), district());
  return outages
    .filter(({ site }) => site === v1)
    .map(({ cause, root, confidence, evidence }) => [
      cause,
      root,
      confidence,
      evidence.some(({ fact }) => fact === "falls.with"),
    ]);
}

describe("a village that was lost and came back with a kecamatan that it does not hang from", () => {
  it("is taken to hang from it, with little confidence", () => {
    expect(causesOf(cut, cut)).toEqual([["backhaul", otherKec, "low", true]]);
  });

  it.each<[string, Spans, Spans]>([
    ["came back earlier", [[1_800, 3_000]], cut],
    ["was lost earlier", [[1_200, 3_600]], cut],
    ["was cut off for two rounds", [[1_800, 1_920]], [[1_800, 1_920]]],
  ])("has a fault of its own where it %s", (_, villageCut, hubCut) => {
    expect(causesOf(villageCut, hubCut)).toEqual([["link", v1, "low", false]]);
  });
});
