import { describe, expect, it } from "vitest";
import { createTree } from "../../src/inventory/tree.ts";
import type { StateSegment } from "../../src/outage/table.ts";
import { queryAccounts } from "../../src/report/account-query.ts";
import { createAreas } from "../../src/report/areas.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { makeDistrict } from "../support/inventory.ts";
import { tempDir } from "../support/temp-dir.ts";
import { writeWatch } from "../support/watch.ts";

/*
 * A village with electricity from 06.00 to 18.00 WITA whose panels are broken from 30 September, 15.00, to 2 October, 09.00:
 * three hours, a day of twelve and three more. The night between two months is one in which nobody expects anything.
 */
const site = "64.08.01";
const ms = (text: string) => Date.parse(`2026-${text}:00+08:00`);
const pieces: [from: string, state: StateSegment["state"]][] = [
  ["09-30T06:00", "up"],
  ["09-30T15:00", "down"],
  ["09-30T18:00", "off"],
  ["10-01T06:00", "down"],
  ["10-01T18:00", "off"],
  ["10-02T06:00", "down"],
  ["10-02T09:00", "up"],
];
const segments = pieces.map(([from, state], index): StateSegment => {
  const next = pieces[index + 1];
  const cause = state === "down" ? "power" : null;
  return {
    site,
    service: "",
    startMs: ms(from),
    endMs: next === undefined ? null : ms(next[0]),
    state,
    cause,
  };
});
const nowMs = ms("10-03T00:00");

describe("a fault that goes on over hours without supply, and over the end of a month", () => {
  it("is an outage of the month in which it began, as long as all that it took of the supply", async () => {
    using dir = tempDir();
    const { state, close } = openSqlite(dir.file("s.db"));
    await writeWatch(state, {
      states: [{ site, service: "", replaceFromMs: 0, knownMs: nowMs, segments }],
    });
    const inventory = makeDistrict();
    const tree = createTree(inventory);
    const place = { inventory, tree, areas: createAreas(inventory) };
    const month = async (from: string, to: string) => {
      const query = { by: "site", sites: [site], fromMs: ms(from), toMs: ms(to) } as const;
      const [row] = await queryAccounts(state, place, query, nowMs, new Map([[site, nowMs]]));
      const { downS, outages, repaired, repairS } = row!.withMaintenance;
      return { downH: downS / 3_600, outages, repaired, repairH: repairS / 3_600 };
    };
    expect(await month("09-01T00:00", "10-01T00:00")).toEqual({
      downH: 3,
      outages: 1,
      repaired: 1,
      repairH: 18,
    });
    expect(await month("10-01T00:00", "11-01T00:00")).toEqual({
      downH: 15,
      outages: 0,
      repaired: 0,
      repairH: 0,
    });
    close();
  });
});
