import { describe, expect, it } from "vitest";
import { startOfDay } from "../../src/inventory/local-time.ts";
import { createFormat } from "../../src/pages/format.ts";

const id = createFormat("id", "Asia/Makassar");
const en = createFormat("en", "Asia/Makassar");
const nowMs = Date.UTC(2025, 5, 24, 6, 5);
const minuteMs = 60_000;

describe("times", () => {
  it("writes times, dates and zones as people here do", () => {
    expect(id.time(nowMs)).toBe("14.05 WITA");
    expect(en.time(nowMs)).toBe("14:05 WITA");
    expect(id.date(nowMs)).toBe("24 Juni 2025");
    expect(createFormat("id", "Asia/Jayapura").time(nowMs)).toBe("15.05 WIT");
  });

  it("names the day where it is not today, and the year where it is not this one", () => {
    expect(id.moment(nowMs - 60 * minuteMs, nowMs)).toBe("13.05 WITA");
    expect(id.moment(nowMs - 15 * 60 * minuteMs, nowMs)).toBe("23 Juni, 23.05 WITA");
    expect(id.moment(Date.UTC(2024, 11, 31, 6, 5), nowMs)).toBe("31 Desember 2024, 14.05 WITA");
  });

  it("takes today by the local day and not by UTC's", () => {
    const justAfterMidnight = Date.UTC(2025, 5, 23, 16, 5);
    expect(id.moment(justAfterMidnight, nowMs)).toBe("00.05 WITA");
    expect(id.moment(justAfterMidnight - 10 * minuteMs, nowMs)).toBe("23 Juni, 23.55 WITA");
  });

  it.each([
    ["Asia/Makassar", Date.UTC(2025, 5, 23, 16)],
    ["UTC", Date.UTC(2025, 5, 24)],
    ["America/New_York", Date.UTC(2025, 5, 24, 4)],
  ])("finds local midnight in %s", (zone, midnight) => {
    expect(startOfDay(nowMs, zone)).toBe(midnight);
    expect(startOfDay(midnight, zone)).toBe(midnight);
    expect(startOfDay(midnight - 1, zone)).toBe(midnight - 86_400_000);
  });

  it("finds midnight on the day that the clocks change", () => {
    // New York, 9 March 2025: midnight is still UTC−5, the afternoon UTC−4.
    expect(startOfDay(Date.UTC(2025, 2, 9, 20), "America/New_York")).toBe(Date.UTC(2025, 2, 9, 5));
  });
});

describe("durations", () => {
  it.each([
    [0, "0 detik"],
    [59_999, "59 detik"],
    [60_000, "1 menit"],
    [200 * minuteMs, "3 jam 20 menit"],
    [180 * minuteMs, "3 jam"],
    [(25 * 60 + 59) * minuteMs, "1 hari 1 jam"],
    [(24 * 60 + 10) * minuteMs, "1 hari"],
  ])("%d ms is %s", (ms, text) => {
    expect(id.duration(ms)).toBe(text);
  });

  it("counts in English", () => {
    expect(en.duration(61 * minuteMs)).toBe("1 hour 1 minute");
    expect(en.duration(122 * minuteMs)).toBe("2 hours 2 minutes");
  });
});

describe("figures", () => {
  it("uses the comma, and a point for thousands", () => {
    expect(id.count(84_000)).toBe("84.000");
    expect(id.milliseconds(12.46)).toBe("12,5 ms");
    expect(id.percent(0.9875)).toBe("98,75 %");
    expect(en.percent(0.9875)).toBe("98.75%");
  });

  it("says 100 % of nothing less, and cuts an upper bound upwards", () => {
    expect(id.percent(0.99999)).toBe("99,99 %");
    expect(id.percent(0.98761, true)).toBe("98,77 %");
    expect(id.percent(1)).toBe("100 %");
    expect(id.percent(0.07, true)).toBe("7 %");
  });
});
