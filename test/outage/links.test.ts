import { describe, expect, it } from "vitest";
import { findOutages } from "../../src/outage/find-outages.ts";
import { revise } from "../../src/outage/revise.ts";
import { atMs, districtWithBackup, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const noc = "64.08";
const kec = "64.08.04";
const v1 = "64.08.04.2001";
const primary = `l-${v1}`;
const backup = "vsat-2001";
type Spans = [number, number][];

const over = (link: string) => ({ more: { link } });
/** Village 2001 tests each of its links, and what lies beyond by whichever is in use. */
const all: Watched[] = [
  { key: `${noc}/anchor`, role: "anchor" },
  { key: `${noc}/below-kec`, role: "site", of: kec },
  { key: `${kec}/noc`, role: "noc" },
  { key: `${kec}/gw`, role: "gateway" },
  { key: `${v1}/gw`, role: "gateway" },
  { key: `${v1}/noc`, role: "noc" },
  { key: `${v1}/hub-1`, role: "hub", ...over(primary) },
  { key: `${v1}/noc-1`, role: "noc", ...over(primary) },
  { key: `${v1}/noc-2`, role: "noc", ...over(backup) },
];

function find(
  bad: Record<string, Spans>,
  {
    without = [],
    measured = {},
    toS = 7_200,
    inventory = districtWithBackup(),
    weak = {},
  }: {
    without?: string[];
    measured?: Record<string, Spans>;
    toS?: number;
    inventory?: ReturnType<typeof smallDistrict>;
    weak?: Record<string, Spans>;
  } = {},
) {
  const watched = all
    .filter(({ key }) => !without.includes(key))
    .map((one) => ({
      ...one,
      ...(bad[one.key] === undefined ? {} : { bad: bad[one.key]! }),
      ...(weak[one.key] === undefined ? {} : { weak: weak[one.key]! }),
      ...(measured[one.key] === undefined ? {} : { measured: measured[one.key]! }),
    }));
  return findOutages(evidenceOf(toS, watched), inventory);
}

type Table = ReturnType<typeof find>;
const rows = ({ outages }: Table) =>
  outages.map(({ site, link, ofLink, cause, root }) => [site, link, ofLink ?? false, cause, root]);
const statesOf = ({ states }: Table, link?: string) =>
  states
    .filter((state) => state.site === v1 && state.link === link && state.service === "")
    .map(({ state, cause }) => [state, cause]);
const at = (ids: string[], spans: Spans) => Object.fromEntries(ids.map((id) => [`${v1}/${id}`, spans]));
const cut: Spans = [[1_800, 3_600]];

describe("a site with two links", () => {
  it("is up while one of them is, and the other has an outage of its own", () => {
    const table = find(at(["hub-1", "noc-1"], cut));
    expect(rows(table)).toEqual([[v1, primary, true, "link", v1]]);
    const [outage] = table.outages;
    expect(Math.abs(outage!.startMs - atMs(1_800))).toBeLessThanOrEqual(60_000);
    expect(Math.abs(outage!.endMs! - atMs(3_600))).toBeLessThanOrEqual(60_000);
    expect(statesOf(table)).toEqual([["up", null]]);
    expect(statesOf(table, primary)).toEqual([
      ["up", null],
      ["down", "link"],
      ["up", null],
    ]);
    expect(statesOf(table, backup)).toEqual([["up", null]]);
  });

  it("runs on its backup meanwhile, which the evidence says; of a cut backup it does not", () => {
    const told = (ids: string[]) =>
      find(at(ids, cut)).outages.flatMap(({ evidence }) =>
        evidence.map(({ fact, detail }) => [fact, detail]),
      );
    expect(told(["hub-1", "noc-1"])).toContainEqual(["link.onBackup", { link: backup }]);
    expect(told(["noc-2"]).map(([fact]) => fact)).toEqual(["gateway.answers", "noc.silent"]);
  });

  it("is down where both are, and each link for its own time", () => {
    const table = find({
      ...at(["hub-1", "noc-1"], [[1_200, 4_800]]),
      ...at(["noc-2"], [[2_400, 3_600]]),
      ...at(["noc"], [[2_400, 3_600]]),
    });
    expect(rows(table)).toEqual([
      [v1, primary, true, "link", v1],
      [v1, null, false, "link", v1],
      [v1, backup, true, "link", v1],
    ]);
    const minutes = table.outages.map(({ startMs, endMs }) => Math.round((endMs! - startMs) / 60_000));
    expect(minutes).toEqual([60, 20, 20]);
    expect(statesOf(table)).toEqual([
      ["up", null],
      ["down", "link"],
      ["up", null],
    ]);
  });

  it("keeps running on the backup when the kecamatan that its primary link hangs from is cut off", () => {
    const table = find({ ...at(["noc-1"], cut), [`${kec}/noc`]: cut, [`${noc}/below-kec`]: cut });
    expect(rows(table)).toEqual([
      [kec, `l-${kec}`, false, "link", kec],
      [v1, primary, true, "backhaul", kec],
    ]);
    expect(statesOf(table)).toEqual([["up", null]]);
    expect(statesOf(table, primary)[1]).toEqual(["unreachable", "backhaul"]);
  });

  it("has a fault of its own, and no backhaul, where the hub of one link answers and the kecamatan is up", () => {
    const table = find(at(["noc-1"], cut));
    expect(rows(table)).toEqual([[v1, primary, true, "link", v1]]);
    expect(table.outages[0]!.confidence).toBe("low");
  });

  it("is not taken to be down with the parent of one of them when its agent is silent", () => {
    const silent = Object.fromEntries(
      all.filter(({ key }) => key.startsWith(v1)).map(({ key }) => [key, [[0, 1_800]] as Spans]),
    );
    const bad = {
      [`${kec}/noc`]: [[1_800, 9_999]] as Spans,
      [`${noc}/below-kec`]: [[1_800, 9_999]] as Spans,
    };
    const withBoth = find(bad, { measured: silent });
    expect(statesOf(withBoth).at(-1)).toEqual(["unknown", null]);
    expect(statesOf(withBoth, backup).at(-1)).toEqual(["unknown", null]);
    const withOne = find(bad, { measured: silent, inventory: smallDistrict() });
    expect(statesOf(withOne).at(-1)).toEqual(["unreachable", "backhaul"]);
  });

  it("is not known, rather than down, where one link is silent and nobody tests the other", () => {
    const table = find(at(["hub-1", "noc-1"], cut), { without: [`${v1}/noc`, `${v1}/noc-2`] });
    expect(rows(table)).toEqual([[v1, primary, true, "link", v1]]);
    expect(statesOf(table)).toEqual([
      ["up", null],
      ["unknown", null],
      ["up", null],
    ]);
  });

  it("knows nothing of its links while its own router is silent", () => {
    const table = find(at(["gw", "noc", "hub-1", "noc-1", "noc-2"], cut));
    expect(rows(table)).toEqual([[v1, null, false, "unknown", v1]]);
    expect(statesOf(table, primary)[1]).toEqual(["unknown", null]);
  });

  it("has a link that is degraded while the other carries it", () => {
    const table = find({}, { weak: at(["hub-1", "noc-1"], cut) });
    expect(statesOf(table)).toEqual([["up", null]]);
    expect(statesOf(table, primary)[1]).toEqual(["degraded", "link"]);
    expect(table.outages).toEqual([]);
  });
});

describe("a site with one link", () => {
  it("has no rows for the link beside its own", () => {
    const table = find(at(["hub-1", "noc-1", "noc"], cut), {
      inventory: smallDistrict(),
      without: [`${v1}/noc-2`],
    });
    expect(rows(table)).toEqual([[v1, primary, false, "link", v1]]);
    expect(table.states.filter(({ link }) => link !== undefined)).toEqual([]);
  });
});

describe("what has never been seen", () => {
  const never = { more: { answeredMs: null } };
  const witness: Watched = { key: `${kec}/below-v1`, role: "site", of: v1, bad: [[0, 9_999]] };
  const kecamatan: Watched[] = [
    { key: `${kec}/noc`, role: "noc" },
    { key: `${kec}/gw`, role: "gateway" },
  ];
  const find = (watched: Watched[]) =>
    findOutages(evidenceOf(3_600, [...kecamatan, ...watched]), smallDistrict());

  it("is no site that is down, but one of which nothing is known", () => {
    const table = find([{ ...witness, ...never }]);
    expect(table.outages).toEqual([]);
    expect(table.states.filter(({ site }) => site === v1)).toEqual([]);
    expect(find([witness]).outages.map(({ site }) => site)).toEqual([v1]);
  });

  it("is no address that speaks against the link", () => {
    const own: Watched[] = [
      { key: `${v1}/gw`, role: "gateway", bad: [[0, 9_999]], ...never },
      { key: `${v1}/anchor`, role: "anchor", bad: [[0, 9_999]], ...never },
      { key: `${v1}/noc`, role: "noc", bad: cut },
    ];
    const table = find(own);
    expect(table.outages.map(({ site, cause }) => [site, cause])).toEqual([[v1, "link"]]);
    expect(find(own.slice(0, 2)).outages).toEqual([]);
  });

  it("is down from its first answer on, and not before", () => {
    const later: Watched = {
      key: `${v1}/noc`,
      role: "noc",
      bad: [
        [0, 1_200],
        [2_400, 3_000],
      ],
    };
    const table = find([{ ...later, more: { answeredMs: atMs(1_214) } }]);
    expect(table.outages.map(({ startMs }) => Math.round((startMs - atMs(0)) / 60_000))).toEqual([40]);
    const states = table.states.filter(({ site }) => site === v1);
    expect(states.map(({ state }) => state)).toEqual(["unknown", "up", "down", "up"]);
  });
});

describe("revisions of a link's outages", () => {
  it("are kept apart from those of the site, which may last the same time", () => {
    const whole = find(at(["noc", "hub-1", "noc-1", "noc-2"], cut)).outages;
    expect(whole.length).toBe(3);
    let made = 0;
    const idOf = () => `out_${++made}`;
    const common = { fromMs: atMs(0) - 86_400_000, idOf };
    const first = revise({ ...common, previous: [], table: whole, knownMs: atMs(7_300) });
    expect(new Set(first.map(({ id }) => id)).size).toBe(3);
    const again = revise({ ...common, previous: first, table: whole, knownMs: atMs(7_400) });
    expect(again).toEqual([]);
    const shorter = whole.map((outage) =>
      outage.link === backup ? { ...outage, endMs: outage.endMs! - 600_000 } : outage,
    );
    const changed = revise({ ...common, previous: first, table: shorter, knownMs: atMs(7_500) });
    expect(changed.map(({ link, ofLink, revision }) => [link, ofLink, revision])).toEqual([
      [backup, true, 2],
    ]);
  });
});
