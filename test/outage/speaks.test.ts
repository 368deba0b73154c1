import { describe, expect, it } from "vitest";
import { speaks, statementsOf } from "../../src/outage/speaks.ts";
import { causes } from "../../src/outage/table.ts";
import type { Cause, EvidenceItem } from "../../src/outage/table.ts";
import { facts } from "../../src/report/facts.ts";

const site = "64.08.04.2001";
const item = (fact: string, target: string | null = null, detail: EvidenceItem["detail"] = {}) => ({
  fact,
  target,
  detail,
});
const stanceOf = (fact: string, cause: Cause, root = site, detail: EvidenceItem["detail"] = {}) =>
  speaks(item(fact, null, detail), { cause, site, root });

describe("what speaks for and against a cause", () => {
  it.each([
    ["power", "host.rebooted", "for"],
    ["power", "device.ranOn", "against"],
    ["power", "gateway.answers", "against"],
    ["link", "gateway.answers", "for"],
    ["link", "power.onBattery", "against"],
    ["link", "siblings.cut", "against"],
    ["link", "signal.low", "against"],
    ["rain", "signal.low", "for"],
    ["rain", "signal.usual", "against"],
    ["hub", "hub.answers", "against"],
    ["backhaul", "hub.answers", "for"],
    ["provider", "noc.answers", "for"],
    ["service", "service.control.ok", "against"],
    ["maintenance", "maintenance.announced", "for"],
    ["unknown", "agent.silent", null],
    ["link", "supply.hours", null],
  ] as const)("%s: %s speaks %s", (cause, fact, stance) => {
    expect(stanceOf(fact, cause)).toBe(stance);
  });

  it("asks where it failed when the name server is blamed", () => {
    expect(stanceOf("service.phase", "dns", site, { phase: "dns" })).toBe("for");
    expect(stanceOf("service.phase", "dns", site, { phase: "connect" })).toBe("against");
  });

  it("takes an answering gateway for a fault above, where the power of a parent is blamed", () => {
    expect(stanceOf("gateway.answers", "power", "64.08.04")).toBe("for");
    expect(stanceOf("host.rebooted", "power", "64.08.04")).toBe("against");
  });

  it("never takes a statement and its opposite alike", () => {
    for (const cause of causes) {
      const said = Object.keys(facts).filter((fact) => stanceOf(fact, cause) !== null);
      for (const fact of said.filter((one) => one.endsWith(".silent"))) {
        const answers = stanceOf(fact.replace(".silent", ".answers"), cause);
        expect([fact, cause, answers]).not.toEqual([fact, cause, stanceOf(fact, cause)]);
      }
    }
  });

  it("is told once however many targets say it, and last where it contradicts", () => {
    const evidence = [
      item("hub.answers"),
      item("gateway.answers", `${site}/gw`),
      item("gateway.answers", `${site}/gw-2`),
      item("noc.silent"),
    ];
    const told = statementsOf({ cause: "link", site, root: site, evidence });
    expect(told.map(({ item: { fact }, stance }) => [fact, stance])).toEqual([
      ["gateway.answers", "for"],
      ["noc.silent", "for"],
      ["hub.answers", "against"],
    ]);
  });
});
