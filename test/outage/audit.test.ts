import { describe, expect, it } from "vitest";
import { createTree } from "../../src/inventory/tree.ts";
import { auditTopology } from "../../src/outage/audit.ts";
import { binomialTail } from "../../src/outage/chance.ts";
import type { Outage } from "../../src/outage/table.ts";
import { epochMs } from "../support/evidence.ts";
import { makeInventory, makeSite } from "../support/inventory.ts";
import { seededRandom, shuffled } from "../support/random.ts";

const dayMs = 86_400_000;
const minuteMs = 60_000;
const window = { fromMs: epochMs, toMs: epochMs + 90 * dayMs };

const codes = [1, 2, 3].flatMap((kecamatan) => [
  `64.08.0${kecamatan}`,
  ...Array.from({ length: 6 }, (_, village) => `64.08.0${kecamatan}.200${village + 1}`),
]);
const tree = createTree(makeInventory({ sites: ["64.08", ...codes].map((code) => makeSite(code, code)) }));

const outage = (site: string, startMs: number, more: Partial<Outage> = {}): Outage => ({
  site,
  link: null,
  service: null,
  startMs,
  endMs: startMs + 40 * minuteMs,
  cause: "link",
  confidence: "high",
  evidence: [],
  root: site,
  ...more,
});

/** Sites that fall together on each of these days, a minute apart. */
const together = (sites: readonly string[], days: readonly number[], more: Partial<Outage> = {}) =>
  days.flatMap((day) =>
    sites.map((site, index) => outage(site, epochMs + day * dayMs + 5 * 3_600_000 + index * minuteMs, more)),
  );

/** Three outages a month of every site, each at a moment of its own. */
function unrelated(seed: number): Outage[] {
  const random = seededRandom(seed);
  return codes.flatMap((site) =>
    Array.from({ length: 9 }, () => outage(site, epochMs + Math.floor(random() * 90 * dayMs))),
  );
}

describe("the audit of the topology", () => {
  it("proposes the hub that a site falls with, where the inventory has it under another", () => {
    const noise = unrelated(1).filter(({ site }) => site !== "64.08.01.2003");
    const found = auditTopology(
      [...noise, ...together(["64.08.02", "64.08.01.2003"], [3, 17, 40, 66])],
      tree,
      window,
    );
    expect(found).toEqual([
      {
        kind: "hub",
        hub: "64.08.02",
        sites: ["64.08.01.2003"],
        days: 4,
        chance: expect.closeTo(0, 4),
        cause: "link",
        firstMs: epochMs + 3 * dayMs + 5 * 3_600_000 + minuteMs,
        lastMs: epochMs + 66 * dayMs + 5 * 3_600_000 + minuteMs,
      },
    ]);
  });

  it("proposes sites that fall together without a hub as a group, with what took them", () => {
    const sites = ["64.08.01.2001", "64.08.02.2004", "64.08.03.2006"];
    const [found, ...rest] = auditTopology(
      [...unrelated(2), ...together(sites, [1, 2, 5, 9, 30, 31, 50, 70, 80, 85], { cause: "power" })],
      tree,
      window,
    );
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ kind: "group", hub: null, sites, days: 10, cause: "power" });
    expect(found!.chance).toBeLessThan(1e-6);
  });

  it("proposes nothing for outages that a known parent explains, nor for a site under its own hub", () => {
    const explained = [3, 17, 40, 66].flatMap((day) => [
      outage("64.08.02", epochMs + day * dayMs),
      ...[1, 2, 3].map((village) =>
        outage(`64.08.02.200${village}`, epochMs + day * dayMs, { root: "64.08.02", cause: "backhaul" }),
      ),
    ]);
    const ownHub = together(["64.08.03", "64.08.03.2001"], [4, 18, 41, 67]);
    expect(auditTopology([...explained, ...ownHub], tree, window)).toEqual([]);
  });

  it("takes a storm that cuts many in one night for no group, and twice for too few", () => {
    const storm = Array.from({ length: 6 }, (_, hour) =>
      codes.map((site, index) => outage(site, epochMs + 10 * dayMs + hour * 3_600_000 + index * 5_000)),
    ).flat();
    const twice = together(["64.08.01.2001", "64.08.02.2001"], [40, 50]);
    expect(auditTopology(storm, tree, window)).toEqual([]);
    expect(auditTopology(twice, tree, window)).toEqual([]);
  });

  it("takes what cuts off more than a third of the district at once for the district's, however often", () => {
    const atOnce = (sites: readonly string[]) =>
      [3, 17, 40, 66].flatMap((day) =>
        sites.map((site, index) => outage(site, epochMs + day * dayMs + index * 2_000, { cause: "power" })),
      );
    // Seven of 22 sites are a third, and eight are more.
    const villages = codes.filter((code) => code.length > "64.08.01".length);
    expect(auditTopology(atOnce(villages.slice(0, 8)), tree, window)).toEqual([]);
    expect(auditTopology(atOnce(villages.slice(0, 7)), tree, window)).toMatchObject([
      { kind: "group", sites: villages.slice(0, 7), days: 4, cause: "power" },
    ]);
    // What two villages share shows beside it.
    const pair = ["64.08.01.2001", "64.08.02.2004"];
    const found = auditTopology([...atOnce(codes), ...together(pair, [4, 18, 41])], tree, window);
    expect(found).toMatchObject([{ kind: "group", sites: pair, days: 3, cause: "link" }]);
  });

  it("takes for no group what hangs together over many, each with the next", () => {
    const villages = codes.filter((code) => code.length > "64.08.01".length);
    const chain = villages
      .slice(1)
      .flatMap((code, index) => together([villages[index]!, code], [3 + index, 30 + index, 60 + index]));
    expect(auditTopology(chain, tree, window, { leastShare: 0.3 })).toEqual([]);
    expect(auditTopology(chain, tree, window, { leastShare: 0.3, mostOfDistrict: 1 })).toMatchObject([
      { kind: "group", sites: villages },
    ]);
  });

  it("proposes no pair of which one falls so often that it meets the other by chance", () => {
    const often = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        outage("64.08.02.2004", epochMs + (index * 90 * dayMs) / count + 11 * minuteMs, {
          endMs: epochMs + (index * 90 * dayMs) / count + 15 * minuteMs,
        }),
      );
    const pair = ["64.08.01.2001", "64.08.02.2004"];
    // The other of the two falls three times, each time with it. Where the one fell 600 times that is nothing, of ten it is.
    const others = codes
      .filter((site) => !pair.includes(site))
      .map((site, index) => outage(site, epochMs + (70 + index / 2) * dayMs));
    const with3 = (count: number) =>
      auditTopology([...often(count), ...together(pair, [3, 17, 40]), ...others], tree, window);
    expect(with3(10)).toMatchObject([{ kind: "group", sites: pair, days: 3 }]);
    expect(with3(600)).toEqual([]);
  });

  it("proposes no pair that falls apart more often than together", () => {
    const pair = ["64.08.01.2001", "64.08.02.2004"];
    const alone = (count: number) =>
      pair.flatMap((site, at) =>
        Array.from({ length: count }, (_, index) =>
          outage(site, epochMs + (50 + 3 * index) * dayMs + at * 7_200_000),
        ),
      );
    const together4 = together(pair, [3, 17, 30, 44]);
    expect(auditTopology([...together4, ...alone(4)], tree, window)).toMatchObject([
      { sites: pair, days: 4 },
    ]);
    expect(auditTopology([...together4, ...alone(5)], tree, window)).toEqual([]);
  });

  it("proposes nothing by chance: in 200 districts without a pattern it is silent in 199 or more", () => {
    const loud = Array.from({ length: 200 }, (_, seed) => auditTopology(unrelated(seed + 10), tree, window));
    expect(loud.filter((found) => found.length > 0).length).toBeLessThanOrEqual(1);
  });

  it("says the same whatever the order of the outages", () => {
    const all = [
      ...unrelated(3),
      ...together(["64.08.02", "64.08.01.2003", "64.08.01.2004"], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ];
    const expected = JSON.stringify(auditTopology(all, tree, window));
    expect(expected).toContain("64.08.01.2003");
    for (let seed = 0; seed < 20; seed++)
      expect(JSON.stringify(auditTopology(shuffled(all, seededRandom(seed)), tree, window))).toBe(expected);
  });

  it("leaves out services, sites that left the inventory and what began before the window", () => {
    const days = [3, 17, 40, 66];
    const sites = ["64.08.01.2001", "64.08.02.2004"];
    expect(auditTopology(together(sites, days, { service: "lapor" }), tree, window)).toEqual([]);
    expect(auditTopology(together(["64.08.01.2001", "64.08.09.2001"], days), tree, window)).toEqual([]);
    expect(
      auditTopology(together(sites, days), tree, { fromMs: epochMs + 20 * dayMs, toMs: window.toMs }),
    ).toEqual([]);
  });
});

describe("the binomial tail", () => {
  it.each([
    // Exact sums of the terms, by hand.
    { trials: 8, chance: 0.5, least: 8, tail: 1 / 256 },
    { trials: 3, chance: 0.1, least: 1, tail: 1 - 0.9 ** 3 },
    { trials: 10, chance: 0.01, least: 2, tail: 1 - 0.99 ** 10 - 10 * 0.01 * 0.99 ** 9 },
    { trials: 5, chance: 0.3, least: 0, tail: 1 },
    { trials: 5, chance: 0.3, least: 6, tail: 0 },
    { trials: 5, chance: 0, least: 1, tail: 0 },
    { trials: 5, chance: 1, least: 5, tail: 1 },
    { trials: 2_000, chance: 0.001, least: 0, tail: 1 },
  ])("of $least or more of $trials at $chance is $tail", ({ trials, chance, least, tail }) => {
    expect(binomialTail(trials, chance, least)).toBeCloseTo(tail, 12);
  });
});
