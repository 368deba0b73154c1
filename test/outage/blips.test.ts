import { describe, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import type { MaintenanceWindow } from "../../src/inventory/maintenance.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const v1 = "64.08.04.2001";
const v2 = "64.08.04.2002";
type Spans = [number, number][];
/** The round at 1,800 s, and the one after it as well. */
const once: Spans = [[1_790, 1_830]];
const twice: Spans = [[1_790, 1_890]];

/** Each village asks NOC and anchor at the beginning of each minute. */
function tableOf(
  bad: Record<string, Spans>,
  inventory: Inventory = smallDistrict(),
  { toS = 3_600, nowS = toS, maintenance = [], measured }: World = {},
) {
  const watched = [v1, v2].flatMap((code) =>
    (["noc", "anchor", "hub"] as const).map((role): Watched => {
      const key = `${code}/${role}`;
      return { key, role, phaseS: 0, bad: bad[key] ?? [], ...(measured === undefined ? {} : { measured }) };
    }),
  );
  return findOutages({ ...evidenceOf(toS, watched, nowS), maintenance }, inventory);
}

interface World {
  toS?: number;
  nowS?: number;
  maintenance?: MaintenanceWindow[];
  measured?: Spans;
}

const beyond = (code: string, spans: Spans) => ({ [`${code}/noc`]: spans, [`${code}/anchor`]: spans });
const both = (code: string, spans: Spans) => ({ ...beyond(code, spans), [`${code}/hub`]: spans });

describe("blips", () => {
  it("are rounds that all that lies beyond a site lost alone: half an interval to either side, and no outage", () => {
    const { blips, outages, states } = tableOf(both(v1, once));
    expect(blips).toEqual([
      { site: v1, startMs: atMs(1_770), endMs: atMs(1_830), cause: "link", measured: "link", root: v1 },
    ]);
    expect(outages).toEqual([]);
    expect(states.filter(({ site }) => site === v1).map(({ state }) => state)).toEqual(["up"]);
  });

  it("are none where anything answered", () => {
    expect(tableOf({ [`${v1}/noc`]: once }).blips).toEqual([]);
  });

  it("are none where the rounds make an outage", () => {
    const { blips, outages } = tableOf(both(v1, twice));
    expect([blips.length, outages.length]).toEqual([0, 1]);
  });

  it.each<[string, World]>([
    ["as the last round so far: the next one may make it an outage", { toS: 1_801, nowS: 1_805 }],
    ["nor while that round is carried on", { toS: 1_801, nowS: 1_900 }],
    [
      "beside a gap",
      {
        measured: [
          [0, 1_801],
          [2_400, 3_600],
        ],
      },
    ],
  ])("are none %s", (_, world) => {
    expect(tableOf(both(v1, once), smallDistrict(), world).blips).toEqual([]);
  });

  /*
   * The village lost the round at 1,800, the kecamatan those at 1,770 and 1,830 to it: it was cut off for longer than an
   * interval, from between 1,740 and 1,770 to between 1,830 and 1,860.
   */
  it("are longer than an interval where another vantage lost two rounds, and an interval where it lost one or none", () => {
    const span = (bad: Spans) => {
      const watched: Watched[] = [
        { key: `${v1}/noc`, role: "noc", phaseS: 0, bad: once },
        { key: "64.08.04/below", role: "site", of: v1, phaseS: 30, bad },
        { key: "64.08.04/noc", role: "noc", phaseS: 0 },
      ];
      const { blips } = findOutages(evidenceOf(3_600, watched), smallDistrict());
      return blips.map(({ startMs, endMs }) => [(startMs - atMs(0)) / 1000, (endMs - atMs(0)) / 1000]);
    };
    expect(span([[1_760, 1_840]])).toEqual([[1_755, 1_845]]);
    expect(span([[1_820, 1_840]])).toEqual([[1_785, 1_845]]);
    expect(span([])).toEqual([[1_770, 1_830]]);
  });

  it("are the kecamatan's uplink's where its hub answered meanwhile", () => {
    const [blip] = tableOf(beyond(v1, once)).blips;
    expect(blip).toMatchObject({ site: v1, cause: "backhaul", root: "64.08.04" });
  });

  it("are their own where the hub's answers were poor as well: they came over the same link", () => {
    const [first, ...rest] = [v1, v2].flatMap((code) =>
      (["hub", "noc"] as const).map((role): Watched => ({ key: `${code}/${role}`, role, phaseS: 0 })),
    );
    const poor = { ...first!, weak: once };
    const lost = rest.map((one) => (one.key === `${v1}/noc` ? { ...one, bad: once } : one));
    const [blip] = findOutages(evidenceOf(3_600, [poor, ...lost]), smallDistrict()).blips;
    expect(blip).toMatchObject({ site: v1, cause: "link", root: v1 });
  });

  it("are maintenance where work was announced on what they are of, and keep what was measured", () => {
    const work = (site: string) => ({
      maintenance: [
        { id: "m1", site, fromMs: atMs(1_700), toMs: atMs(1_900), reason: "antena", author: "Diskominfo" },
      ],
    });
    const causes = (bad: Record<string, Spans>, site: string) =>
      tableOf(bad, smallDistrict(), work(site)).blips.map(({ cause, measured }) => [cause, measured]);
    expect(causes(both(v1, once), v1)).toEqual([["maintenance", "link"]]);
    expect(causes(both(v1, once), v2)).toEqual([["link", "link"]]);
    expect(causes(beyond(v1, once), "64.08.04")).toEqual([["maintenance", "backhaul"]]);
  });

  it("stay blips outside of the hours of supply: whoever lost a single round had power", () => {
    const small = smallDistrict();
    const village = { ...small.sites.get(v1)!, supplyHours: [{ fromMin: 18 * 60, toMin: 6 * 60 }] };
    const lit = { ...small, sites: new Map([...small.sites, [v1, village]]) };
    const { blips, states } = tableOf(both(v1, once), lit);
    expect(blips).toHaveLength(1);
    expect(states.filter(({ site }) => site === v1).map(({ state }) => state)).toEqual(["up"]);
  });

  it("are the relaying village's behind one that has one at the same moment, and else the site's own", () => {
    const small = smallDistrict();
    const behind = { ...small.links.get(`l-${v2}`)!, parent: v1 };
    const relayed = { ...small, links: new Map([...small.links, [behind.id, behind]]) };
    const causes = (bad: Record<string, Spans>, inventory: Inventory) =>
      tableOf(bad, inventory).blips.map(({ site, cause }) => [site, cause]);
    const bad = { ...both(v1, once), ...both(v2, once) };
    expect(causes(bad, relayed)).toEqual([
      [v1, "link"],
      [v2, "relay"],
    ]);
    expect(causes(bad, small)).toEqual([
      [v1, "link"],
      [v2, "link"],
    ]);
  });
});
