import { describe, expect, it } from "vitest";
import { toWeek } from "../../src/pages/week.ts";
import { madeSegment } from "./made-reader.ts";

const zone = "Asia/Makassar";
const nowMs = Date.UTC(2025, 5, 24, 6, 5);
const midnightMs = Date.UTC(2025, 5, 23, 16);
const hourMs = 3_600_000;
const site = "64.08.01.2012";

describe("toWeek", () => {
  it("gives seven local days, today first and only as far as it has come", () => {
    const week = toWeek([], nowMs, zone);
    expect(week.map((day) => (midnightMs - day.startMs) / (24 * hourMs))).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(week[0]?.passedMs).toBe(14 * hourMs + 5 * 60_000);
    expect(week[1]?.passedMs).toBe(24 * hourMs);
  });

  it("takes time that no segment covers as unknown, never as up", () => {
    const [today] = toWeek([madeSegment(site, "up", midnightMs + hourMs, null)], nowMs, zone);
    expect(today?.lastedMs).toEqual({ unknown: hourMs, up: 13 * hourMs + 5 * 60_000 });
    expect(today?.runs[0]).toEqual({ state: "unknown", fromSlot: 0, slots: 6 });
  });

  it("shows an outage of seconds in its slot and counts it exactly", () => {
    const start = midnightMs + 2 * hourMs;
    const [today] = toWeek(
      [
        madeSegment(site, "up", midnightMs, start),
        madeSegment(site, "down", start, start + 45_000),
        madeSegment(site, "up", start + 45_000, null),
      ],
      nowMs,
      zone,
    );
    expect(today?.runs).toContainEqual({ state: "down", fromSlot: 12, slots: 1 });
    expect(today?.lastedMs.down).toBe(45_000);
  });

  it("cuts an outage over midnight into both days", () => {
    const week = toWeek(
      [madeSegment(site, "down", midnightMs - hourMs, midnightMs + 2 * hourMs)],
      nowMs,
      zone,
    );
    expect(week.map((day) => day.lastedMs.down ?? 0)).toEqual([2 * hourMs, hourMs, 0, 0, 0, 0, 0]);
    const sums = week.map((day) => Object.values(day.lastedMs).reduce((sum, ms) => sum + ms, 0));
    expect(sums).toEqual(week.map((day) => day.passedMs));
  });
});
