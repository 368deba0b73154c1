import { describe, expect, it } from "vitest";
import { createTree } from "../../src/inventory/tree.ts";
import type { Outage } from "../../src/outage/table.ts";
import { createLiveRows } from "../../src/replay/live-rows.ts";
import { atMs, smallDistrict } from "../support/evidence.ts";

const v1 = "64.08.04.2001";
const tree = createTree(smallDistrict());
const work = {
  id: "m1",
  site: v1,
  fromMs: atMs(0),
  toMs: atMs(3_600),
  reason: "antena",
  author: "Diskominfo",
};
const cut: Outage[] = [
  {
    site: v1,
    link: null,
    service: null,
    startMs: atMs(1_000),
    endMs: null,
    cause: "unknown",
    confidence: "low",
    evidence: [],
    root: v1,
  },
];

describe("rows of live verdicts", () => {
  it("are announced work until half an hour after it, as in the collector", () => {
    const rows = createLiveRows({ maintenance: [work] }, tree);
    rows.update(cut, atMs(1_200));
    const causeAt = (second: number) => rows.since(atMs(0), atMs(second)).map(({ cause }) => cause);
    expect(causeAt(1_200)).toEqual(["maintenance"]);
    expect(causeAt(3_600 + 1_799)).toEqual(["maintenance"]);
    expect(causeAt(3_600 + 1_800)).toEqual(["unknown"]);
  });

  it("keep their name while they last, and are forgotten some time after their end", () => {
    const rows = createLiveRows({ maintenance: [] }, tree);
    expect(rows.update(cut, atMs(1_200))).toBe(true);
    expect(rows.update(cut, atMs(1_260))).toBe(false);
    const [open] = rows.since(atMs(0), atMs(1_260));
    expect(rows.update([], atMs(1_500))).toBe(true);
    expect(rows.since(atMs(0), atMs(1_500))).toMatchObject([{ id: open!.id, endMs: atMs(1_500) }]);
    expect(rows.since(atMs(1_500), atMs(2_000))).toEqual([]);
  });
});
