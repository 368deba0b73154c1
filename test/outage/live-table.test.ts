import { describe, expect, it } from "vitest";
import { createTree } from "../../src/inventory/tree.ts";
import { createLiveTable } from "../../src/outage/live-table.ts";
import { defaultDetectOptions } from "../../src/outage/signal.ts";
import { atMs, evidenceOf, smallDistrict } from "../support/evidence.ts";
import type { Watched } from "../support/evidence.ts";

const [noc, hub, village, other] = ["64.08", "64.08.04", "64.08.04.2001", "64.08.04.2002"];
const cutS = 3_600;

/** Sites with a provisional row after the kecamatan was lost with the village below it. */
function rowsWith(more: readonly Watched[]): string[] {
  const ping = (of: string): Watched => ({
    key: `${noc}/below-${of}`,
    role: "site",
    of,
    phaseS: 30,
    bad: [[cutS, Infinity]],
  });
  const watched: Watched[] = [
    { key: `${noc}/anchor`, role: "anchor", phaseS: 30 },
    ping(hub!),
    ping(village!),
    { key: `${village}/anchor`, role: "anchor", measured: [[0, cutS]] },
    ...more,
  ];
  const { targets } = evidenceOf(cutS + 300, watched);
  const inventory = smallDistrict();
  const table = createLiveTable(targets, {
    inventory,
    tree: createTree(inventory),
    options: defaultDetectOptions,
    hearing: {},
    isOnBattery: () => false,
  });
  return table.at(atMs(cutS + 300)).map(({ site }) => site);
}

describe("provisional rows", () => {
  it("are of places that somebody has measured: of one that nobody knows it is not said that it fell with its parent", () => {
    expect(rowsWith([])).toEqual([hub, village]);
  });

  it("are of one that was measured once", () => {
    const once: Watched = { key: `${other}/anchor`, role: "anchor", measured: [[0, 600]] };
    expect(rowsWith([once])).toEqual([hub, village, other]);
  });

  it("are not of one from which nobody ever had an answer: the address may be wrong", () => {
    const never: Watched = {
      key: `${noc}/below-${other}`,
      role: "site",
      of: other!,
      bad: [[0, Infinity]],
      more: { answeredMs: null },
    };
    expect(rowsWith([never])).toEqual([hub, village]);
  });

  it("are not of one that was taken out of the inventory", () => {
    const retired: Watched = {
      key: `${other}/anchor`,
      role: "anchor",
      measured: [[0, 600]],
      more: { retired: true },
    };
    expect(rowsWith([retired])).toEqual([hub, village]);
  });
});
