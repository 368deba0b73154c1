import { describe, expect, it } from "vitest";
import { chooseStepMs, formatStep, parseDurationMs } from "../../src/http/duration.ts";
import { parseTimeMs } from "../../src/inventory/local-time.ts";

describe("durations", () => {
  it.each([
    ["60s", 60_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
    ["1w", 604_800_000],
    ["1m0s", 60_000],
    ["1h30m", 5_400_000],
    ["1.5m", 90_000],
    ["1500ms", 1500],
    ["30", 30_000],
  ])("%s is %d ms", (text, ms) => expect(parseDurationMs(text)).toBe(ms));

  it.each(["", "s", "0", "0s", "500ms", "-5m", "5 m", "5M", "1y", "999999999d", "1e3"])(
    "%j is none",
    (text) => {
      expect(parseDurationMs(text)).toBeNull();
    },
  );

  it("come back as they are given", () => {
    expect(parseDurationMs(formatStep(5_400_000))).toBe(5_400_000);
  });
});

describe("the step of a range", () => {
  it.each([
    [3_600_000, 10_000],
    [6 * 3_600_000, 60_000],
    [86_400_000, 300_000],
    [30 * 86_400_000, 7_200_000],
    [365 * 86_400_000, 86_400_000],
    [1500 * 86_400_000, 3 * 86_400_000],
  ])("of %d ms is %d ms", (rangeMs, stepMs) => {
    expect(chooseStepMs(rangeMs, 500)).toBe(stepMs);
    expect(rangeMs / stepMs).toBeLessThanOrEqual(500);
  });
});

describe("times", () => {
  const moment = Date.UTC(2026, 8, 21, 6, 5);
  it.each([
    "2026-09-21T06:05:00Z",
    "2026-09-21T06:05Z",
    "2026-09-21T06:05:00.000Z",
    "2026-09-21T14:05:00+08:00",
    "2026-09-21T14:05:00+0800",
    "2026-09-21T14:05:00 08:00",
    "2026-09-21 14:05:00+08:00",
    String(moment),
  ])("%s is read", (text) => expect(parseTimeMs(text)).toBe(moment));

  it.each([
    "",
    "now",
    "2026-09-21",
    "2026-09-21T06:05:00",
    "2026-02-30T25:00:00Z",
    "2026-02-31T00:00:00Z",
    "2026-02-29T08:00:00+08:00",
    "2026-13-01T00:00:00Z",
    "12.5",
    "-1",
  ])("%j is not", (text) => {
    expect(parseTimeMs(text)).toBeNull();
  });
});
