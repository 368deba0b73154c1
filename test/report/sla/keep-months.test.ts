import { expect, it } from "vitest";
import type { Inventory } from "../../../src/inventory/inventory.ts";
import { createKeptMonths } from "../../../src/report/sla/keep-months.ts";
import { commandActor } from "../../../src/state/audit.ts";
import { openSqlite } from "../../../src/state/sqlite.ts";
import { makeDistrict } from "../../support/inventory.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { segments, writeWatch } from "../../support/watch.ts";

const dayMs = 86_400_000;
const october = { fromMs: 100 * dayMs, toMs: 131 * dayMs };
const site = "64.08.01.2001";

function setUp() {
  const dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"));
  const { state } = stores;
  const at = { nowMs: 140 * dayMs, inventory: makeDistrict() as Inventory, made: 0 };
  const keptOf = createKeptMonths({ state, inventory: () => at.inventory, nowMs: () => at.nowMs });
  return {
    at,
    state,
    /** Whether the answer was made for this question. */
    async isMade(month = october, who = "") {
      const before = at.made;
      await keptOf(who, month, async () => {
        at.made += 1;
        return [];
      });
      return at.made > before;
    },
    keptOf,
    [Symbol.dispose]() {
      stores.close();
      dir[Symbol.dispose]();
    },
  };
}

it("a month is given again for a minute", async () => {
  using of = setUp();
  expect(await Promise.all([of.isMade(), of.isMade()])).toContain(true);
  expect(of.at.made).toBe(1);
  of.at.nowMs += 59_999;
  expect(await of.isMade()).toBe(false);
  of.at.nowMs += 1;
  expect(await of.isMade()).toBe(true);
  of.at.nowMs -= 1;
  expect(await of.isMade()).toBe(true);
});

it("a month is made anew when anything was learned: of sites, links, work, or the inventory", async () => {
  using of = setUp();
  const { at, state } = of;
  const isMadeOnce = async () => [await of.isMade(), await of.isMade()];
  expect(await isMadeOnce()).toEqual([true, false]);
  // It began before the month.
  const states = { ...segments(site, "", [[50 * dayMs, "down", "link"]]), knownMs: 1 };
  await writeWatch(state, { states: [states] });
  expect(await isMadeOnce()).toEqual([true, false]);
  const link = `${site}-1`;
  const ofLink = states.segments.map((each) => ({ ...each, link }));
  await writeWatch(state, { states: [{ ...states, link, segments: ofLink }] });
  expect(await isMadeOnce()).toEqual([true, false]);
  const plan = {
    id: "mnt_1",
    link,
    fromMs: october.fromMs,
    toMs: october.fromMs + 1000,
    repeat: null,
    untilMs: null,
    reason: "r",
    author: "a",
  };
  await state.changeMaintenance(() => [{ act: "made", source: "api", plan }], at.nowMs, commandActor("test"));
  expect(await isMadeOnce()).toEqual([true, false]);
  at.inventory = makeDistrict();
  expect(await isMadeOnce()).toEqual([true, false]);
});

it("three months are kept, and none that failed", async () => {
  using of = setUp();
  const monthAt = (n: number) => ({ fromMs: n * dayMs, toMs: (n + 30) * dayMs });
  for (const n of [1, 2, 3, 4]) expect(await of.isMade(monthAt(n))).toBe(true);
  expect(await of.isMade(monthAt(2))).toBe(false);
  expect(await of.isMade(monthAt(1))).toBe(true);
  const failing = () => Promise.reject(new Error("no disk"));
  await expect(of.keptOf("", monthAt(9), failing)).rejects.toThrow("no disk");
  expect(await of.isMade(monthAt(9))).toBe(true);
});

it("what is kept for one is nobody else's, and nobody else drives it out", async () => {
  using of = setUp();
  const monthAt = (n: number) => ({ fromMs: n * dayMs, toMs: (n + 30) * dayMs });
  expect(await of.isMade(monthAt(1))).toBe(true);
  for (const n of [1, 2, 3, 4, 5]) expect(await of.isMade(monthAt(n), "Telkom")).toBe(true);
  expect(await of.isMade(monthAt(1))).toBe(false);
  expect(await of.isMade(monthAt(5), "Telkom")).toBe(false);
});
