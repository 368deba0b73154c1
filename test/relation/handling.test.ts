import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { shippedInventory } from "../../src/inventory/starter.ts";
import { handlingTimes } from "../../src/relation/handling.ts";
import type { HandledCase, HandlingOptions } from "../../src/relation/handling.ts";
import { createWorkingDays } from "../../src/relation/working-days.ts";

const { holidays } = readInventory(shippedInventory, { SAMBUNG_DOOR: "http://127.0.0.1:8080/livez" });
const given = [...holidays!.keys()];

const options: HandlingOptions = {
  holidays: given,
  today: "2026-04-30",
  officeOf: (area) => area.slice(0, 8),
};

const received = (receivedDay: string, more: Partial<HandledCase> = {}): HandledCase => ({
  area: "64.08.05.2001",
  receivedDay,
  status: null,
  verifiedDay: null,
  followedUpDay: null,
  closedDay: null,
  count: 1,
  ...more,
});

const stepsOf = (one: HandledCase) => handlingTimes([one], options).offices[0]!.steps;

describe("working days", () => {
  it("are Monday to Friday without holidays and collective leave", () => {
    const { between } = createWorkingDays(given);
    // Friday to Monday.
    expect(between("2026-03-06", "2026-03-09")).toBe(1);
    expect(between("2026-03-06", "2026-03-08")).toBe(0);
    expect(between("2026-03-06", "2026-03-06")).toBe(0);
    expect(between("2026-03-09", "2026-03-06")).toBe(0);
    // Nyepi and Idulfitri of 2026: 18 March to 24 March, of which the 21st and 22nd are a weekend.
    expect(between("2026-03-17", "2026-03-25")).toBe(1);
    expect(createWorkingDays([]).between("2026-03-17", "2026-03-25")).toBe(6);
  });

  it("of a year without a holiday are told to be in doubt", () => {
    const days = createWorkingDays(given);
    days.between("2026-12-30", "2027-01-04");
    expect(days.unknownYears()).toEqual([2027]);
    const none = createWorkingDays([]);
    none.between("2025-12-31", "2026-01-01");
    expect(none.unknownYears()).toEqual([2025, 2026]);
  });

  it("add up over any day in between", () => {
    const { between } = createWorkingDays(given);
    const day = fc
      .integer({ min: 0, max: 900 })
      .map((n) => new Date(Date.UTC(2024, 6, 1) + n * 86_400_000).toISOString().slice(0, 10));
    fc.assert(
      fc.property(day, day, day, (...days) => {
        const [a, b, c] = days.toSorted() as [string, string, string];
        expect(between(a, b) + between(b, c)).toBe(between(a, c));
      }),
    );
  });
});

describe("handling times", () => {
  it("are 3, 5 and 10 working days, each from the step before", () => {
    // Received on a Saturday: Monday is the first day, Wednesday the third.
    const inTime = received("2026-04-11", {
      verifiedDay: "2026-04-15",
      followedUpDay: "2026-04-22",
      closedDay: "2026-05-07",
    });
    expect(stepsOf(inTime)).toEqual({
      verified: { limitDays: 3, within: 1, late: 0, open: 0, notKnown: 0, withinRatio: 1 },
      followedUp: { limitDays: 5, within: 1, late: 0, open: 0, notKnown: 0, withinRatio: 1 },
      closed: { limitDays: 10, within: 1, late: 0, open: 0, notKnown: 0, withinRatio: 1 },
    });
    const late = received("2026-04-11", {
      verifiedDay: "2026-04-16",
      followedUpDay: "2026-04-24",
      closedDay: "2026-05-12",
    });
    const { verified, followedUp, closed } = stepsOf(late);
    expect([verified.withinRatio, followedUp.withinRatio, closed.withinRatio]).toEqual([0, 0, 0]);
  });

  it("of what is not done are open until the limit, and late from then on", () => {
    expect(stepsOf(received("2026-04-27")).verified).toMatchObject({ open: 1, late: 0, withinRatio: null });
    expect(stepsOf(received("2026-04-24")).verified).toMatchObject({ open: 0, late: 1, withinRatio: 0 });
    // What follows cannot be judged before it has begun.
    expect(stepsOf(received("2026-04-24")).followedUp).toMatchObject({ notKnown: 1 });
  });

  it("are not known where a date is missing or the case ended otherwise", () => {
    expect(stepsOf(received("2026-03-02", { followedUpDay: "2026-03-05" })).verified.notKnown).toBe(1);
    expect(stepsOf(received("2026-03-02", { followedUpDay: "2026-03-05" })).followedUp.notKnown).toBe(1);
    expect(stepsOf(received("2026-03-02", { status: "not-ours" })).verified.notKnown).toBe(1);
    expect(stepsOf(received("2026-03-02", { status: "closed" })).verified.notKnown).toBe(1);
  });

  it("are told by office", () => {
    const cases = [
      received("2026-03-02", { verifiedDay: "2026-03-03", count: 3 }),
      received("2026-03-02", { verifiedDay: "2026-03-03", area: "64.08.04" }),
      received("2026-03-02", { verifiedDay: "2026-03-30", area: "64.08.05" }),
    ];
    const { offices, yearsWithoutHolidays } = handlingTimes(cases, options);
    expect(offices.map(({ office, cases: count }) => [office, count])).toEqual([
      ["64.08.04", 1],
      ["64.08.05", 4],
    ]);
    expect(offices[1]!.steps.verified).toMatchObject({ within: 3, late: 1, withinRatio: 0.75 });
    expect(yearsWithoutHolidays).toEqual([]);
  });

  it("say which years they could not count right", () => {
    const { yearsWithoutHolidays } = handlingTimes([received("2027-01-04")], {
      ...options,
      today: "2027-01-12",
    });
    expect(yearsWithoutHolidays).toEqual([2027]);
  });
});
