import { describe, expect, it } from "vitest";
import { createBudget } from "../../probes/budget.ts";
import type { CountName } from "../../probes/spool/store.ts";

function setup() {
  const counts = new Map<CountName, number>();
  const store = {
    count: (name: CountName) => counts.get(name) ?? 0,
    setCount: (name: CountName, value: number) => void counts.set(name, value),
  };
  const state = { nowMs: Date.UTC(2026, 9, 31, 12) as number | null };
  return { state, open: () => createBudget(store, () => state.nowMs) };
}

const none = { dayBytes: null, monthBytes: null };

describe("the budget of bytes", () => {
  it("counts by days and months of UTC, over restarts", () => {
    const { state, open } = setup();
    open().spend(600);
    open().spend(500);
    expect(open().isSpent({ ...none, dayBytes: 1_000 })).toBe(true);
    expect(open().isSpent({ ...none, monthBytes: 1_101 })).toBe(false);
    state.nowMs = Date.UTC(2026, 9, 31, 23, 59);
    expect(open().isSpent({ ...none, monthBytes: 1_100 })).toBe(true);
    state.nowMs = Date.UTC(2026, 10, 1);
    expect(open().isSpent({ dayBytes: 1, monthBytes: 1 })).toBe(false);
    open().spend(5);
    expect(open().isSpent({ dayBytes: 6, monthBytes: 5 })).toBe(true);
    expect(open().total()).toBe(1_105);
  });

  it("opens no new purse while it does not know the time", () => {
    const { state, open } = setup();
    open().spend(1_000);
    // A board without a battery clock starts anew, and the collector has not answered yet.
    state.nowMs = null;
    open().spend(100);
    expect(open().isSpent({ ...none, dayBytes: 1_050 })).toBe(true);
    state.nowMs = Date.UTC(2026, 9, 31, 13);
    expect(open().isSpent({ ...none, dayBytes: 1_100 })).toBe(true);
    expect(open().isSpent({ ...none, dayBytes: 1_101 })).toBe(false);
  });

  it("counts what went before the time was known to the first day that it knows", () => {
    const { state, open } = setup();
    state.nowMs = null;
    open().spend(70);
    state.nowMs = Date.UTC(2026, 9, 31);
    open().spend(1);
    expect(open().isSpent({ ...none, dayBytes: 71 })).toBe(true);
  });

  it("leaves the backlog half at once, and the rest as time goes by", () => {
    const { state, open } = setup();
    state.nowMs = Date.UTC(2026, 9, 16, 12);
    const budget = open();
    budget.spend(100);
    expect(budget.forBacklog(none)).toBe(Number.POSITIVE_INFINITY);
    expect(budget.forBacklog({ ...none, dayBytes: 1_000 })).toBe(650);
    expect(budget.forBacklog({ ...none, monthBytes: 1_000 })).toBe(650);
    state.nowMs = Date.UTC(2026, 9, 16);
    budget.spend(500);
    expect(budget.forBacklog({ dayBytes: 1_000, monthBytes: null })).toBe(-100);
    expect(budget.isSpent({ dayBytes: 1_000, monthBytes: null })).toBe(false);
  });
});
