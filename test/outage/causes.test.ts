import { describe, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import type { Evidence, LevelRun } from "../../src/outage/evidence.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const noc = "64.08";
const kec = "64.08.04";
const v1 = "64.08.04.2001";
const v2 = "64.08.04.2002";
const hour = 3_600;

type Spans = [number, number][];
const cut: Spans = [[1_800, 3_600]];

/** No agent at the kecamatan: it is looked at from above and from below alone. */
function district(
  bad: Record<string, Spans>,
  more: Partial<Record<string, Partial<Watched>>> = {},
): Watched[] {
  const all: Watched[] = [
    { key: `${noc}/gw`, role: "gateway" },
    { key: `${noc}/anchor`, role: "anchor" },
    { key: `${noc}/below-kec`, role: "site", of: kec },
    { key: `${noc}/below-v1`, role: "site", of: v1 },
    ...[v1, v2].flatMap((code): Watched[] => [
      { key: `${code}/gw`, role: "gateway" },
      { key: `${code}/hub`, role: "hub" },
      { key: `${code}/noc`, role: "noc" },
      { key: `${code}/anchor`, role: "anchor" },
    ]),
  ];
  return all.map((one) => ({
    ...one,
    ...(bad[one.key] === undefined ? {} : { bad: bad[one.key]! }),
    ...more[one.key],
  }));
}

const at = (code: string, spans: Spans, ...ids: string[]) =>
  Object.fromEntries(ids.map((id) => [`${code}/${id}`, spans]));

function find(watched: Watched[], more: Partial<Evidence> = {}, inventory: Inventory = smallDistrict()) {
  const { outages } = findOutages({ ...evidenceOf(2 * hour, watched), ...more }, inventory);
  return outages.map(({ site, cause, root, confidence }) => [site, cause, root, confidence]).sort();
}

/** The second village hangs on the first one's radio. */
function relayed(): Inventory {
  const inventory = smallDistrict();
  const link = inventory.links.get(`l-${v2}`)!;
  return { ...inventory, links: new Map([...inventory.links, [link.id, { ...link, parent: v1 }]]) };
}

describe("what broke above a village", () => {
  it("is the kecamatan's uplink where its hub answers from below, though it has no agent", () => {
    const bad = {
      ...at(noc, cut, "below-kec", "below-v1"),
      ...at(v1, cut, "noc", "anchor"),
      ...at(v2, cut, "noc", "anchor"),
    };
    expect(find(district(bad))).toEqual([
      [kec, "backhaul", kec, "high"],
      [v1, "backhaul", kec, "high"],
      [v2, "backhaul", kec, "high"],
    ]);
  });

  it("is no fault of the kecamatan's while that is up: the village's own way to the world", () => {
    expect(find(district(at(v1, cut, "noc", "anchor")))).toEqual([[v1, "link", v1, "low"]]);
  });

  it("is no fault of the kecamatan's, of which nobody knows, while most others get through it", () => {
    const inventory = smallDistrict();
    const v3 = "64.08.04.2003";
    const [site, link] = [inventory.sites.get(v2)!, inventory.links.get(`l-${v2}`)!];
    const three: Inventory = {
      ...inventory,
      sites: new Map([...inventory.sites, [v3, { ...site, code: v3 }]]),
      links: new Map([...inventory.links, [`l-${v3}`, { ...link, id: `l-${v3}`, site: v3 }]]),
    };
    const blind = district(at(v1, cut, "noc", "anchor")).filter(({ key }) => !key.includes("/below-"));
    const third = blind
      .filter(({ key }) => key.startsWith(v2))
      .map((one) => ({ ...one, key: one.key.replace(v2, v3) }));
    expect(find([...blind, ...third], {}, three)).toEqual([[v1, "link", v1, "low"]]);
    // One who gets through may have another way.
    expect(find(blind)).toEqual([[v1, "backhaul", kec, "medium"]]);
  });

  it.each([
    [2, "backhaul"],
    [3, "hub"],
  ])("is told by most who ask for the hub: of four villages %i do not reach it", (silent, cause) => {
    const inventory = smallDistrict();
    const [site, link] = [inventory.sites.get(v2)!, inventory.links.get(`l-${v2}`)!];
    const villages = [v1, v2, "64.08.04.2003", "64.08.04.2004"];
    const four: Inventory = {
      ...inventory,
      sites: new Map([...inventory.sites, ...villages.map((code) => [code, { ...site, code }] as const)]),
      links: new Map([
        ...inventory.links,
        ...villages.map((code) => [`l-${code}`, { ...link, id: `l-${code}`, site: code }] as const),
      ]),
    };
    const watched: Watched[] = [
      { key: `${noc}/anchor`, role: "anchor" },
      { key: `${noc}/below-kec`, role: "site", of: kec, bad: cut },
      ...villages.flatMap((code, place): Watched[] => [
        { key: `${code}/gw`, role: "gateway" },
        { key: `${code}/hub`, role: "hub", bad: place < silent ? cut : [] },
        { key: `${code}/noc`, role: "noc", bad: cut },
      ]),
    ];
    const found = find(watched, {}, four);
    expect(found.filter(([code]) => code === kec).map(([, what, root]) => [what, root])).toEqual([
      [cause, kec],
    ]);
  });

  it("is the hub when it answers nobody, by one village alone where the other has no word", () => {
    const bad = { ...at(noc, cut, "below-kec", "below-v1"), ...at(v1, cut, "hub", "noc", "anchor") };
    const gone = {
      measured: [
        [0, 1_800],
        [3_600, 9_999],
      ] as Spans,
    };
    const silent = Object.fromEntries(["gw", "hub", "noc", "anchor"].map((id) => [`${v2}/${id}`, gone]));
    expect(find(district(bad, silent))).toEqual([
      [kec, "hub", kec, "medium"],
      [v1, "hub", kec, "medium"],
      [v2, "hub", kec, "low"],
    ]);
  });

  it("is told from below when nobody looks from above", () => {
    const bad = { ...at(v1, cut, "noc", "anchor"), ...at(v2, cut, "noc", "anchor") };
    const blind = {
      measured: [
        [0, 1_700],
        [3_700, 9_999],
      ] as Spans,
    };
    const found = find(district(bad, { [`${noc}/below-kec`]: blind, [`${noc}/below-v1`]: blind }));
    expect(found).toEqual([
      [kec, "backhaul", kec, "high"],
      [v1, "backhaul", kec, "high"],
      [v2, "backhaul", kec, "high"],
    ]);
  });

  it.each([
    { silent: 3, of: 4, isHub: true },
    { silent: 2, of: 3, isHub: true },
    { silent: 2, of: 4, isHub: false },
  ])("is the hub when $silent of $of that ask get no answer: $isHub", ({ silent, of, isHub }) => {
    const small = smallDistrict();
    const codes = Array.from({ length: of }, (_, index) => `${kec}.200${index + 1}`);
    const [site, link] = [small.sites.get(v1)!, small.links.get(`l-${v1}`)!];
    const inventory = {
      ...small,
      sites: new Map([...small.sites, ...codes.map((code) => [code, { ...site, code }] as const)]),
      links: new Map([
        ...small.links,
        ...codes.map((code) => [`l-${code}`, { ...link, id: `l-${code}`, site: code }] as const),
      ]),
    };
    const watched: Watched[] = [
      { key: `${noc}/anchor`, role: "anchor" },
      { key: `${noc}/below-kec`, role: "site", of: kec, bad: cut },
      ...codes.flatMap((code, index): Watched[] => [
        { key: `${code}/gw`, role: "gateway" },
        { key: `${code}/hub`, role: "hub", bad: index < silent ? cut : [] },
        { key: `${code}/noc`, role: "noc", bad: cut },
      ]),
    ];
    const found = find(watched, {}, inventory).map(([code, cause, root]) => [code, cause, root]);
    const [lost, left] = [codes.slice(0, silent), codes.slice(silent)];
    const cutOff = (code: string) => (isHub ? [code, "hub", kec] : [code, "link", code]);
    expect(found.filter(([code]) => lost.includes(String(code)))).toEqual(lost.map(cutOff));
    expect(found.filter(([code]) => left.includes(String(code)))).toEqual(
      left.map((code) => [code, "backhaul", kec]),
    );
  });

  it("is nothing when a hub ignores echoes and forwards", () => {
    expect(find(district({ ...at(v1, cut, "hub"), ...at(v2, cut, "hub") }))).toEqual([]);
  });

  it("is the provider when the centre reaches no public address either", () => {
    const bad = { ...at(noc, cut, "anchor"), ...at(v1, cut, "anchor"), ...at(v2, cut, "anchor") };
    expect(find(district(bad))).toEqual([
      [noc, "link", noc, "medium"],
      [v1, "provider", noc, "high"],
      [v2, "provider", noc, "high"],
    ]);
  });

  it("is nothing when a village alone has no public address but the centre", () => {
    expect(find(district(at(v1, cut, "anchor")))).toEqual([]);
  });

  it.each([
    ["its radio answers", at(v2, cut, "noc", "anchor"), "high"],
    ["its radio is silent too", at(v2, cut, "hub", "noc", "anchor"), "medium"],
  ])("is the village that relays, whatever broke there, when %s", (_name, below, confidence) => {
    const bad = { ...at(v1, cut, "hub", "noc", "anchor"), ...below, ...at(noc, cut, "below-v1") };
    expect(find(district(bad), {}, relayed())).toEqual([
      [v1, "link", v1, "high"],
      [v2, "relay", v1, confidence],
    ]);
  });

  it("is the hub also for a village behind one that relays", () => {
    const dead = ["hub", "noc", "anchor"];
    const bad = {
      ...at(v1, cut, ...dead),
      ...at(v2, cut, "noc", "anchor"),
      ...at(noc, cut, "below-kec", "below-v1"),
    };
    expect(find(district(bad), {}, relayed())).toEqual([
      [kec, "hub", kec, "high"],
      [v1, "hub", kec, "medium"],
      [v2, "hub", kec, "high"],
    ]);
  });
});

describe("a village's own link", () => {
  const fade: Spans = [[1_800, 2_700]];
  const lost = at(v1, fade, "hub", "noc", "anchor");
  const radio = (...levels: LevelRun[]): Partial<Evidence> => {
    const evidence = evidenceOf(2 * hour, district(lost));
    const device = { key: `${v1}/radio`, role: "device" as const, kind: "snmp" as const, levels };
    return { targets: [...evidence.targets, { ...evidence.targets[0]!, ...device, vantage: v1, runs: [] }] };
  };
  const run = (fromS: number, toS: number, isLow: boolean): LevelRun => ({
    isLow,
    firstMs: atMs(fromS),
    lastMs: atMs(toS),
  });

  it("fades in the rain when its radio hears far less than usual", () => {
    const levels = radio(run(0, 1_700, false), run(1_760, 2_760, true), run(2_820, 7_000, false));
    expect(find([], levels)).toEqual([[v1, "rain", v1, "high"]]);
  });

  it("is cut when its radio hears as usual, whatever the rounds beside it say", () => {
    const poor = {
      weak: [
        [1_200, 1_800],
        [2_700, 3_300],
      ] as Spans,
    };
    const rainy = evidenceOf(2 * hour, district(lost, { [`${v1}/anchor`]: poor }));
    const device = radio(run(0, 7_000, false)).targets!.at(-1)!;
    expect(find([], { targets: [...rainy.targets, device] })).toEqual([[v1, "link", v1, "high"]]);
  });

  it("fades in the rain when nobody can read its radio and many rounds before or after are poor", () => {
    const poor = {
      [`${v1}/anchor`]: {
        weak: [
          [1_200, 1_800],
          [2_700, 3_300],
        ] as Spans,
      },
    };
    expect(find(district(lost, poor))).toEqual([[v1, "rain", v1, "medium"]]);
    const before = { [`${v1}/anchor`]: { weak: [[1_200, 1_800]] as Spans } };
    expect(find(district(lost, before))).toEqual([[v1, "rain", v1, "medium"]]);
    const few = { [`${v1}/anchor`]: { weak: [[1_680, 1_800]] as Spans } };
    expect(find(district(lost, few))).toEqual([[v1, "link", v1, "high"]]);
  });

  it("is cut and does not fade where it is a fibre", () => {
    const links = [...smallDistrict().links.values()];
    const fibre = links.map((link) => [link.id, { ...link, technology: "fibre" as const }] as const);
    const before = { [`${v1}/anchor`]: { weak: [[1_200, 1_800]] as Spans } };
    const found = find(district(lost, before), {}, { ...smallDistrict(), links: new Map(fibre) });
    expect(found).toEqual([[v1, "link", v1, "high"]]);
  });

  it("is cut when some of its rounds are always poor, as many before it as at other times", () => {
    const weak = Array.from({ length: 14 }, (_, at): [number, number] => [120 + at * 500, 300 + at * 500]);
    const often = { [`${v1}/anchor`]: { weak: weak.filter(([fromS]) => fromS < 1_800 || fromS > 3_600) } };
    expect(find(district(lost, often))).toEqual([[v1, "link", v1, "high"]]);
  });

  it("is cut when it lasts longer than a storm's fade", () => {
    const poor = {
      [`${v1}/anchor`]: {
        weak: [
          [600, 1_800],
          [4_500, 5_400],
        ] as Spans,
      },
    };
    const long = at(v1, [[1_800, 4_500]], "hub", "noc", "anchor");
    expect(find(district(long, poor))).toEqual([[v1, "link", v1, "high"]]);
  });
});

describe("the edges of an outage", () => {
  it("lie closer than its own rounds say, where others saw it at other seconds", () => {
    const bad = {
      ...at(noc, cut, "below-kec", "below-v1"),
      ...at(v1, cut, "noc", "anchor"),
      ...at(v2, cut, "noc", "anchor"),
    };
    const phases = Object.fromEntries(
      [`${noc}/below-kec`, `${noc}/below-v1`, `${v1}/noc`, `${v1}/anchor`, `${v2}/noc`, `${v2}/anchor`].map(
        (key, index) => [key, { phaseS: index * 10 + 3 }],
      ),
    );
    const { outages } = findOutages(evidenceOf(2 * hour, district(bad, phases)), smallDistrict());
    expect(outages).toHaveLength(3);
    for (const { startMs, endMs } of outages) {
      expect(Math.abs(startMs - atMs(1_800))).toBeLessThanOrEqual(5_000);
      expect(Math.abs(endMs! - atMs(3_600))).toBeLessThanOrEqual(5_000);
    }
    expect(new Set(outages.map(({ startMs }) => startMs)).size).toBe(1);
  });

  it("of two faults that come at nearly the same time stay apart", () => {
    const bad = {
      ...at(v1, [[1_800, 3_600]], "hub", "noc", "anchor"),
      ...at(v2, [[1_850, 3_640]], "hub", "noc", "anchor"),
    };
    const phases = Object.fromEntries(
      [v1, v2].flatMap((code, place) =>
        ["hub", "noc", "anchor"].map((id, index) => [
          `${code}/${id}`,
          { phaseS: 1 + place * 10 + index * 2, intervalS: 20 },
        ]),
      ),
    );
    const { outages } = findOutages(evidenceOf(2 * hour, district(bad, phases)), smallDistrict());
    const starts = outages.map(({ site, startMs }) => [site, (startMs - atMs(0)) / 1000] as const).sort();
    expect(starts.map(([site]) => site)).toEqual([v1, v2]);
    expect(Math.abs(starts[0]![1] - 1_800)).toBeLessThanOrEqual(10);
    expect(Math.abs(starts[1]![1] - 1_850)).toBeLessThanOrEqual(10);
  });

  it("are not drawn to a round that was lost by itself just before or after", () => {
    // One round is lost, the next one passes, and then the site is cut off; and so at its end.
    const lone: [number, number][] = [
      [1_680, 1_740],
      [1_800, 3_600],
      [3_660, 3_720],
    ];
    const { outages } = findOutages(
      evidenceOf(2 * hour, district({ ...at(v1, lone, "hub", "noc", "anchor") })),
      smallDistrict(),
    );
    expect(outages).toHaveLength(1);
    expect(Math.abs(outages[0]!.startMs - atMs(1_800))).toBeLessThanOrEqual(30_000);
    expect(Math.abs(outages[0]!.endMs! - atMs(3_600))).toBeLessThanOrEqual(30_000);
  });
});
