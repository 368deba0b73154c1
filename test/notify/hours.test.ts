import { describe, expect, it } from "vitest";
import type { Holiday } from "../../src/inventory/holidays.ts";
import { isWithin, nextAt, weekdays } from "../../src/notify/hours.ts";
import type { Hours } from "../../src/notify/hours.ts";

const holidays = new Map<string, Holiday>([["2026-08-17", { kind: "libur", name: "Kemerdekaan" }]]);
const calendar = { timeZone: "Asia/Makassar", holidays };
/** WITA, in 2026. */
const wita = (text: string) => Date.parse(`2026-${text}:00+08:00`);
const at = (hours: number, minutes = 0) => hours * 60 + minutes;
const office: Hours = {
  fromMin: at(7, 30),
  toMin: at(16),
  days: ["mon", "tue", "wed", "thu", "fri"],
  holidays: "never",
};
const night: Hours = { fromMin: at(21), toMin: at(6), days: [...weekdays], holidays: "as-usual" };

describe("isWithin", () => {
  it.each([
    ["the minute it begins", office, "03-05T07:30", true],
    ["the minute before", office, "03-05T07:29", false],
    ["the minute it ends", office, "03-05T16:00", false],
    ["a Saturday", office, "03-07T10:00", false],
    ["a holiday on a Monday", office, "08-17T10:00", false],
    ["the Tuesday after it", office, "08-18T10:00", true],
    ["before midnight", night, "03-05T23:59", true],
    ["after midnight", night, "03-06T05:59", true],
    ["the morning", night, "03-06T06:00", false],
    ["the day", night, "03-06T12:00", false],
    ["the night that began on a Friday", { ...night, days: ["fri"] as const }, "03-07T03:00", true],
    ["the night that began on a Saturday", { ...night, days: ["fri"] as const }, "03-07T23:00", false],
    ["a whole holiday", { ...night, fromMin: 0, toMin: 0, holidays: "only" as const }, "08-17T12:00", true],
    ["any other day", { ...night, fromMin: 0, toMin: 0, holidays: "only" as const }, "08-16T12:00", false],
  ])("%s", (_, hours, time, expected) => {
    expect(isWithin(hours, wita(time), calendar)).toBe(expected);
  });
});

describe("nextAt", () => {
  it.each([
    ["03-05T02:00", "03-05T06:00"],
    ["03-05T06:00", "03-06T06:00"],
    ["03-05T22:00", "03-06T06:00"],
    ["12-31T22:00", "2027-01-01T06:00"],
  ])("after %s comes %s", (now, next) => {
    const expected = next.startsWith("2027") ? Date.parse(`${next}:00+08:00`) : wita(next);
    expect(nextAt(at(6), wita(now), "Asia/Makassar")).toBe(expected);
  });
});
