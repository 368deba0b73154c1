import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSlaBudgets } from "../../src/compose/sla-budgets.ts";
import { monthSpan } from "../../src/inventory/local-time.ts";
import { openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { makeContract, makeDistrict } from "../support/inventory.ts";
import { segments, writeWatch } from "../support/watch.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The clock of the tests stands in September 2026. */
const { fromMs, toMs } = monthSpan("2026-09", "Asia/Makassar")!;
const site = "64.08.01.2001";
const inventory = (slaRatio: number | null) => {
  const district = makeDistrict();
  const link = { ...district.links.get(`${site}-1`)!, contract: "c1" };
  return {
    ...district,
    links: new Map([...district.links, [link.id, link]]),
    contracts: new Map([["c1", makeContract({ id: "c1", slaRatio })]]),
  };
};
let http: TestHttp;
let accounts: string[] = [];

beforeEach(async () => {
  http = await openTestHttp({ inventory: inventory(0.99) });
  accounts = [];
  await writeWatch(http.state, {
    states: [
      segments(site, "", [
        [fromMs - dayMs, "up"],
        [fromMs + dayMs, "down", "link"],
        [fromMs + dayMs + 6 * hourMs, "up"],
      ]),
    ],
  });
});
afterEach(() => http[Symbol.dispose]());

function openBudgets({
  slaRatio = 0.99,
  isQuiet = () => true,
}: { slaRatio?: number | null; isQuiet?: () => boolean } = {}) {
  const terms = inventory(slaRatio);
  return createSlaBudgets({
    sla: {
      month: (month, ...more) => {
        accounts.push(month);
        return http.sla.month(month, ...more);
      },
    },
    inventory: () => terms,
    isQuiet,
  });
}

describe("what is left of the downtime that contracts allow", () => {
  it("is that of links with a promise, in the month that lasts by the wall clock of the district", async () => {
    const budgets = openBudgets();
    const allowedMs = 0.01 * 30 * dayMs;
    expect(await budgets(http.clock.ms)).toEqual([
      { link: `${site}-1`, allowedMs, leftMs: allowedMs - 6 * hourMs },
    ]);
    http.clock.ms = toMs + 1000;
    expect(await budgets(http.clock.ms)).toMatchObject([{ leftMs: 0.01 * 31 * dayMs }]);
    expect(accounts).toEqual(["2026-09", "2026-10"]);
  });

  it("is accounted for once an hour, and again when the clock was put back", async () => {
    const budgets = openBudgets();
    const startMs = http.clock.ms;
    for (let minute = 0; minute < 120; minute += 1) await budgets(startMs + minute * 60_000);
    expect(accounts).toHaveLength(2);
    expect(await budgets(startMs - dayMs)).toHaveLength(1);
    expect(accounts).toHaveLength(3);
  });

  it("waits for quiet, but not for ever", async () => {
    let quiet = false;
    const budgets = openBudgets({ isQuiet: () => quiet });
    const startMs = http.clock.ms;
    await budgets(startMs);
    await budgets(startMs + 3 * hourMs - 1);
    expect(accounts).toHaveLength(0);
    await budgets(startMs + 3 * hourMs);
    expect(accounts).toHaveLength(1);
    await budgets(startMs + 5 * hourMs);
    expect(accounts).toHaveLength(1);
    quiet = true;
    await budgets(startMs + 5 * hourMs + 60_000);
    expect(accounts).toHaveLength(2);
  });

  it("is not accounted for where nothing is promised", async () => {
    expect(await openBudgets({ slaRatio: null })(http.clock.ms)).toEqual([]);
    expect(accounts).toEqual([]);
  });
});
