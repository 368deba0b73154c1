import { describe, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import type { MaintenanceWindow } from "../../src/inventory/maintenance.ts";
import { createTree } from "../../src/inventory/tree.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { markOutages } from "../../src/outage/maintenance.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const noc = "64.08";
const kec = "64.08.04";
const v1 = "64.08.04.2001";
const v2 = "64.08.04.2002";
const hour = 3_600;

type Spans = [number, number][];
const cut: Spans = [[1_800, 3_600]];

const district = (bad: Record<string, Spans>): Watched[] =>
  (
    [
      { key: `${noc}/anchor`, role: "anchor" },
      { key: `${noc}/below-kec`, role: "site", of: kec },
      { key: `${noc}/below-v1`, role: "site", of: v1 },
      { key: `${noc}/lapor`, role: "service", service: "lapor", kind: "http" },
      ...[v1, v2].flatMap((code): Watched[] => [
        { key: `${code}/gw`, role: "gateway" },
        { key: `${code}/hub`, role: "hub" },
        { key: `${code}/noc`, role: "noc" },
        { key: `${code}/lapor`, role: "service", service: "lapor", kind: "http" },
      ]),
    ] satisfies Watched[]
  ).map((one) => ({ ...one, bad: bad[one.key] ?? [] }));

const at = (code: string, spans: Spans, ...ids: string[]) =>
  Object.fromEntries(ids.map((id) => [`${code}/${id}`, spans]));
const linkCut = at(v1, cut, "hub", "noc", "lapor");
const hubDead = {
  ...at(v1, cut, "hub", "noc", "lapor"),
  ...at(v2, cut, "hub", "noc", "lapor"),
  ...at(noc, cut, "below-kec", "below-v1"),
};

const window = (fromS: number, toS: number, target: Partial<MaintenanceWindow>): MaintenanceWindow => ({
  id: "m1",
  fromMs: atMs(fromS),
  toMs: atMs(toS),
  reason: "antena baru",
  author: "Diskominfo",
  ...target,
});

function tableOf(
  bad: Record<string, Spans>,
  maintenance: MaintenanceWindow[],
  nowS = 2 * hour,
  inventory: Inventory = smallDistrict(),
) {
  return findOutages({ ...evidenceOf(nowS, district(bad)), maintenance }, inventory);
}

const causesOf = (...given: Parameters<typeof tableOf>) =>
  tableOf(...given).outages.map(({ site, cause, root }) => [site, cause, root]);

describe("announced work", () => {
  it.each([
    ["the site", { site: v1 }],
    ["its subtree", { subtree: kec }],
    ["its link", { link: `l-${v1}` }],
    ["its provider", { provider: "Penyedia" }],
  ])("on %s takes what was cut within it", (_name, target) => {
    expect(causesOf(linkCut, [window(1_500, 4_000, target)])).toEqual([[v1, "maintenance", v1]]);
  });

  it.each([
    ["another site", window(1_500, 4_000, { site: v2 })],
    ["the site above alone", window(1_500, 4_000, { site: kec })],
    ["less than half of the time", window(0, 2_000, { site: v1 })],
  ])("leaves the cause of what broke by itself: %s", (_name, one) => {
    expect(causesOf(linkCut, [one])).toEqual([[v1, "link", v1]]);
  });

  it("on a kecamatan's hub takes what its villages lose by it", () => {
    expect(causesOf(hubDead, [window(1_500, 4_000, { site: kec })])).toEqual([
      [kec, "maintenance", kec],
      [v1, "maintenance", kec],
      [v2, "maintenance", kec],
    ]);
  });

  it("on a village that is cut off by the hub explains nothing", () => {
    expect(causesOf(hubDead, [window(1_500, 4_000, { site: v1 })]).find(([site]) => site === v1)).toEqual([
      v1,
      "hub",
      kec,
    ]);
  });

  it("on a service takes what all saw fail", () => {
    const failing = { ...at(noc, cut, "lapor"), ...at(v1, cut, "lapor"), ...at(v2, cut, "lapor") };
    const found = tableOf(failing, [window(1_500, 4_000, { service: "lapor" })]);
    expect(found.outages.map(({ site, service, cause }) => [site, service, cause])).toEqual([
      [noc, "lapor", "maintenance"],
      [v1, "lapor", "maintenance"],
      [v2, "lapor", "maintenance"],
    ]);
    expect(found.states.filter(({ cause }) => cause === "maintenance")).toHaveLength(3);
  });

  it("keeps the evidence, what the cause would be, and every second of the states", () => {
    const plain = tableOf(linkCut, []);
    const marked = tableOf(linkCut, [window(1_500, 4_000, { site: v1 })]);
    const [before, after] = [plain.outages[0]!, marked.outages[0]!];
    expect(after).toEqual({
      ...before,
      cause: "maintenance",
      confidence: "high",
      evidence: [
        ...before.evidence,
        {
          fact: "maintenance.announced",
          target: null,
          detail: { plan: "m1", reason: "antena baru", cause: "link", confidence: before.confidence },
        },
      ],
    });
    const withoutCause = (table: typeof plain) =>
      table.states.map((segment) => ({ ...segment, cause: null }));
    expect(withoutCause(marked)).toEqual(withoutCause(plain));
    const ofVillage = marked.states.filter(({ site, state }) => site === v1 && state !== "up");
    expect(ofVillage.map(({ service, state, cause }) => [service, state, cause])).toEqual([
      ["", "down", "maintenance"],
      ["lapor", "unreachable", "maintenance"],
    ]);
  });

  it("that is taken back gives the outage its cause back, with nothing but the row at hand", () => {
    const works = [window(1_500, 4_000, { site: v1 })];
    const [plain, marked] = [tableOf(linkCut, []).outages, tableOf(linkCut, works).outages];
    const tree = createTree(smallDistrict());
    expect(markOutages(marked, [], tree, atMs(2 * hour))).toEqual(plain);
    expect(markOutages(plain, works, tree, atMs(2 * hour))).toEqual(marked);
    // What does not change is the same row, so that nothing is written.
    expect(markOutages(marked, works, tree, atMs(2 * hour))[0]).toBe(marked[0]);
  });

  it("is no excuse for what lasts half an hour beyond it, until that has ended", () => {
    const dead: Spans = [[1_800, 9_000]];
    const lasting = at(v1, dead, "hub", "noc", "lapor");
    const work = [window(0, 7_000, { site: v1 })];
    expect(causesOf(lasting, work, 8_700)).toEqual([[v1, "maintenance", v1]]);
    expect(causesOf(lasting, work, 8_800)).toEqual([[v1, "link", v1]]);
    expect(causesOf(lasting, work, 10_800)).toEqual([[v1, "maintenance", v1]]);
  });

  it("explains nothing that broke more than half an hour before it, however much of it the work covers", () => {
    const dead: Spans = [[3_600, 18_000]];
    const lasting = at(v1, dead, "hub", "noc", "lapor");
    const work = (fromS: number) => [window(fromS, 16_000, { site: v1 })];
    for (const nowS of [8_000, 12_000, 17_000, 20_000])
      expect(causesOf(lasting, work(5_500), nowS)).toEqual([[v1, "link", v1]]);
    expect(causesOf(lasting, work(5_300), 12_000)).toEqual([[v1, "maintenance", v1]]);
  });

  it("in two pieces that follow each other is one explanation", () => {
    const pieces = [window(1_800, 2_500, { site: v1 }), window(2_500, 3_100, { id: "m2", site: v1 })];
    expect(causesOf(linkCut, [pieces[0]!])).toEqual([[v1, "link", v1]]);
    expect(causesOf(linkCut, pieces)).toEqual([[v1, "maintenance", v1]]);
  });

  it("on one of two links says nothing of the site, on both it does", () => {
    const small = smallDistrict();
    const second = { ...small.links.get(`l-${v1}`)!, id: "second", provider: "Lain" };
    const two = { ...small, links: new Map([...small.links, ["second", second]]) };
    const first = window(1_500, 4_000, { link: `l-${v1}` });
    expect(causesOf(linkCut, [first], 2 * hour, two)).toEqual([[v1, "link", v1]]);
    const other = window(1_700, 4_000, { id: "m2", provider: "Lain" });
    expect(causesOf(linkCut, [first, other], 2 * hour, two)).toEqual([[v1, "maintenance", v1]]);
  });
});
