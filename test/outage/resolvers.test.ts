import { describe, expect, it } from "vitest";
import { createTree } from "../../src/inventory/tree.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { resolverOf } from "../../src/outage/resolvers.ts";
import { evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";
import { makeInventory, makeSite } from "../support/inventory.ts";

const [noc, kec, v1, v2] = ["64.08", "64.08.04", "64.08.04.2001", "64.08.04.2002"] as const;

type Spans = [number, number][];
/** Names fail; every site reaches the centre meanwhile. */
function dnsRows(bad: Record<string, Spans>, checked: readonly string[] = [noc, kec, v1, v2]) {
  const watched = checked.flatMap((site): Watched[] => [
    { key: `${site}/anchor`, role: "anchor" },
    {
      key: `${site}/lapor`,
      role: "service",
      service: "lapor",
      kind: "http",
      phase: "dns",
      bad: bad[site] ?? [],
    },
  ]);
  const { outages } = findOutages(evidenceOf(7_200, watched), smallDistrict());
  return outages.map(({ site, cause, confidence, root }) => [site, cause, confidence, root]);
}
const hour: Spans = [[1_800, 5_400]];

describe("a resolver that is gone", () => {
  it("is one fault of the kecamatan that it stands at, whoever asks it", () => {
    expect(dnsRows({ [kec]: hour, [v1]: hour, [v2]: [[1_830, 5_430]] })).toEqual([
      [kec, "dns", "medium", kec],
      [v1, "dns", "medium", kec],
      [v2, "dns", "medium", kec],
    ]);
  });

  it("is so also where nobody checks at the kecamatan", () => {
    expect(dnsRows({ [v1]: hour, [v2]: hour }, [noc, v1, v2])).toEqual([
      [v1, "dns", "medium", kec],
      [v2, "dns", "medium", kec],
    ]);
  });

  it("is each village's own where the kecamatan gets its names, and where it is alone", () => {
    expect(dnsRows({ [v1]: hour, [v2]: hour })).toEqual([
      [v1, "dns", "medium", v1],
      [v2, "dns", "medium", v2],
    ]);
    expect(dnsRows({ [v1]: hour })).toEqual([[v1, "dns", "medium", v1]]);
  });
});

describe("whose resolver it is at a moment", () => {
  const villages = [1, 2, 3, 4, 5].map((n) => `64.08.01.200${n}`);
  const tree = createTree(
    makeInventory({
      sites: ["64.08", "64.08.01", ...villages, "64.08.02", "64.08.02.2001"].map((code) =>
        makeSite(code, code),
      ),
    }),
  );
  const told = (failing: readonly string[], fine: readonly string[]) =>
    resolverOf(
      villages[0]!,
      new Map([
        ...failing.map((site) => [site, true] as const),
        ...fine.map((site) => [site, false] as const),
      ]),
      tree,
    );

  it.each([
    ["three of five villages", villages.slice(0, 3), villages.slice(3), "64.08.01"],
    ["two of five", villages.slice(0, 2), villages.slice(2), undefined],
    ["the only one that can tell", villages.slice(0, 1), [], undefined],
    ["most, but not the kecamatan itself", villages, ["64.08.01"], undefined],
    [
      "a kecamatan, and one of two places elsewhere: the zone",
      [...villages, "64.08.02"],
      ["64.08"],
      undefined,
    ],
    ["all of a kecamatan, and nobody else checks", [...villages, "64.08.01"], [], "64.08.01"],
    ["most of the district, and its centre", [...villages, "64.08.01", "64.08"], ["64.08.02"], "64.08"],
    ["most of the district, and not its centre", [...villages, "64.08.01"], ["64.08"], "64.08.01"],
  ])("%s", (_name, failing, fine, root) => {
    expect(told(failing, fine)).toBe(root);
  });
});
