import { describe, expect, it } from "vitest";
import { createConfident, findContradicted } from "../../src/replay/confident.ts";
import type { Outage } from "../../src/outage/table.ts";

const row = (more: Partial<Outage>): Outage => ({
  site: "a",
  link: null,
  service: "lapor",
  startMs: 0,
  endMs: null,
  cause: "service",
  confidence: "high",
  evidence: [],
  root: "service:lapor",
  ...more,
});

function said(...looks: Outage[][]) {
  const confident = createConfident();
  for (const [at, rows] of looks.entries()) confident.hear(rows, at * 60_000);
  return confident.said();
}

describe("causes said with confidence", () => {
  it("count once while they are said, and again when they come back", () => {
    expect(said([row({})], [row({})], [], [row({})]).map(({ knownMs }) => knownMs)).toEqual([0, 180_000]);
  });

  it("are not those that were shown as a guess, nor that nothing is known", () => {
    expect(said([row({ confidence: "medium" }), row({ cause: "unknown" })])).toEqual([]);
  });

  it("are borne out by an outage of that cause at that time", () => {
    expect(findContradicted(said([], [row({})]), { outages: [row({ endMs: 60_000 })] })).toEqual([]);
  });

  it("are contradicted by another cause, or by nothing at all", () => {
    const one = said([], [], [row({})]);
    const found = (outages: Outage[]) => findContradicted(one, { outages }).map((each) => each.found);
    expect(found([row({ cause: "dns" })])).toEqual(["dns"]);
    expect(found([row({ service: null, cause: "backhaul", root: "hub" })])).toEqual(["backhaul"]);
    expect(found([row({ startMs: 600_000 })])).toEqual([null]);
  });
});
