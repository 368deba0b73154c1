import { describe, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
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
function tableOf(bad: Record<string, Spans>, inventory: Inventory = smallDistrict()) {
  const watched = [v1, v2].flatMap((code) =>
    (["noc", "anchor"] as const).map((role): Watched => {
      const key = `${code}/${role}`;
      return { key, role, phaseS: 0, bad: bad[key] ?? [] };
    }),
  );
  return findOutages(evidenceOf(3_600, watched), inventory);
}

const both = (code: string, spans: Spans) => ({ [`${code}/noc`]: spans, [`${code}/anchor`]: spans });

describe("blips", () => {
  it("are rounds that all that lies beyond a site lost alone: half an interval to either side, and no outage", () => {
    const { blips, outages, states } = tableOf(both(v1, once));
    expect(blips).toEqual([{ site: v1, startMs: atMs(1_770), endMs: atMs(1_830), cause: "link" }]);
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
