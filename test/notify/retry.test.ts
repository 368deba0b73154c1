import { describe, expect, it } from "vitest";
import { retryAfterS } from "../../src/notify/http-post.ts";
import { nextTryMs, retryWaitsMs } from "../../src/notify/retry.ts";

const nowMs = Date.UTC(2026, 2, 5);

describe("nextTryMs", () => {
  it("ends with the steps of Standard Webhooks and spreads each by a tenth", () => {
    const hours = [2, 5, 10, 14, 20, 24].map((h) => h * 3_600_000);
    expect(retryWaitsMs.slice(-8)).toEqual([300_000, 1_800_000, ...hours]);
    for (const [attempts, waitMs] of retryWaitsMs.entries()) {
      expect(nextTryMs({ nowMs, attempts, random: () => 0 })).toBe(nowMs + Math.round(waitMs * 0.9));
      expect(nextTryMs({ nowMs, attempts, random: () => 0.5 })).toBe(nowMs + waitMs);
      expect(nextTryMs({ nowMs, attempts, random: () => 0.999 })!).toBeLessThan(nowMs + waitMs * 1.1);
    }
  });

  it("gives up after the last step", () => {
    expect(nextTryMs({ nowMs, attempts: retryWaitsMs.length, random: () => 0 })).toBeNull();
  });

  it("waits for as long as it was asked to, but for a day at most", () => {
    const ask = (seconds: number) =>
      nextTryMs({ nowMs, attempts: 0, retryAfterS: seconds, random: () => 0.5 });
    expect(ask(90)).toBe(nowMs + 90_000);
    expect(ask(1)).toBe(nowMs + 5_000);
    expect(ask(1e9)).toBe(nowMs + 86_400_000);
  });
});

describe("retryAfterS", () => {
  it.each([
    ["120", 120],
    ["0", 0],
    ["Thu, 05 Mar 2026 00:01:30 GMT", 90],
    ["Wed, 04 Mar 2026 00:00:00 GMT", 0],
    ["soon", undefined],
    ["-5", undefined],
    [null, undefined],
  ])("reads %o as %o seconds", (value, seconds) => {
    expect(retryAfterS(value, nowMs)).toBe(seconds);
  });
});
