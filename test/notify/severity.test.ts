import { describe, expect, it } from "vitest";
import { severityOf, worse } from "../../src/notify/severity.ts";
import { treeInventory } from "./tree-world.ts";

const inventory = treeInventory;
const fault = (root: string, sites: number, given: { isService?: boolean; isUnstable?: boolean } = {}) =>
  severityOf({ root, sites, isService: false, isUnstable: false, ...given }, inventory);

describe("severityOf", () => {
  it.each([
    ["one village", fault("64.08.01.2001", 1), "medium"],
    ["a village that comes and goes", fault("64.08.01.2001", 1, { isUnstable: true }), "low"],
    ["a relaying village with one behind it", fault("64.08.01.2001", 2), "high"],
    ["a kecamatan alone", fault("64.08.01", 1), "high"],
    ["a kecamatan with four", fault("64.08.01", 5), "critical"],
    ["five sites of an area", fault("64.08.01", 5, { isUnstable: true }), "critical"],
    ["the top with another", fault("64.08", 2), "critical"],
    ["the top alone", fault("64.08", 1), "high"],
    ["a service from one place", fault("64.08.01.2001", 1, { isService: true }), "low"],
    ["a service for everybody", fault("service:lapor", 1, { isService: true }), "critical"],
    ["a site that nobody knows any more", fault("64.99", 1), "medium"],
  ])("of %s", (_, severity, expected) => {
    expect(severity).toBe(expected);
  });

  it("never falls while an alert lasts", () => {
    expect([worse("low", "high"), worse("high", "low"), worse("high", "high")]).toEqual([
      "high",
      "high",
      "high",
    ]);
  });
});
