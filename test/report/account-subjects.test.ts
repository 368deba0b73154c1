import { describe, expect, it } from "vitest";
import { createTree } from "../../src/inventory/tree.ts";
import type { StateSegment } from "../../src/outage/table.ts";
import { linkSubject, siteSubject } from "../../src/report/account-subjects.ts";
import { createMaintenanceView } from "../../src/report/maintenance-view.ts";
import { makeDistrict, makeLink } from "../support/inventory.ts";

const site = "64.08.01";
const inventory = makeDistrict();
const backup = makeLink(inventory.sites.get(site)!, { id: "backup", provider: "Lain" });
const maintenance = createMaintenanceView([], inventory, createTree(inventory));

const [first] = createTree(inventory).linksOf(site);
const only = { siblings: [first!], timeZone: "Asia/Makassar", trackedSinceMs: Infinity, nowMs: 4_000 };
const several = { ...only, siblings: [first!, backup] };

const segment = (startMs: number, endMs: number | null, state: StateSegment["state"]): StateSegment => ({
  site,
  service: "",
  startMs,
  endMs,
  state,
  cause: state === "up" ? null : "link",
});
const segments = [
  segment(0, 1_000, "up"),
  segment(1_000, 2_000, "down"),
  segment(2_000, 3_000, "unreachable"),
  segment(3_000, null, "up"),
];

const standings = ({ segments: own, standingOf }: ReturnType<typeof siteSubject>) =>
  own.map((one) => [one.startMs, one.endMs, standingOf(one)]);

describe("what a site's time says", () => {
  it("of itself: a dead parent cuts it off as well", () => {
    expect(standings(siteSubject(site, { segments, ofLinks: [], blips: [], maintenance }))).toEqual([
      [0, 1_000, "up"],
      [1_000, 2_000, "down"],
      [2_000, 3_000, "down"],
      [3_000, null, "up"],
    ]);
  });

  it("of its only link: behind a dead parent nobody measures it", () => {
    const [link] = createTree(inventory).linksOf(site);
    expect(standings(linkSubject(link!, only, { segments, ofLinks: [], blips: [], maintenance }))).toEqual([
      [0, 1_000, "up"],
      [1_000, 2_000, "down"],
      [2_000, 3_000, "unknown"],
      [3_000, null, "up"],
    ]);
  });

  it("of one of two links: what is measured of it, and else only that both are down with the site", () => {
    const ofLinks = [
      { ...segment(0, 3_500, "up"), link: "backup" },
      { ...segment(3_500, null, "down"), link: "backup" },
      { ...segment(0, null, "down"), link: "other" },
    ];
    expect(standings(linkSubject(backup, several, { segments, ofLinks, blips: [], maintenance }))).toEqual([
      [0, 3_500, "up"],
      [3_500, null, "down"],
    ]);
    expect(
      standings(linkSubject(backup, several, { segments, ofLinks: [], blips: [], maintenance })),
    ).toEqual([
      [0, 1_000, "unknown"],
      [1_000, 2_000, "down"],
      [2_000, 3_000, "unknown"],
      [3_000, null, "unknown"],
    ]);
  });
});
