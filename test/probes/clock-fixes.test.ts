import { describe, expect, it } from "vitest";
import type { ClockFix } from "#wire/clock-fixes.ts";
import { addFix, fixesFor } from "../../probes/clock-fixes.ts";

const epochMs = 1_790_000_000_000;
const enter = (fixes: readonly ClockFix[]) =>
  fixes.reduce<readonly ClockFix[]>((line, fix) => addFix(line, fix), []);

describe("the fixes of a boot's clock", () => {
  it("are two while the clock is steady, whatever each exchange was off by", () => {
    const heard = Array.from({ length: 500 }, (_, index): ClockFix => {
      const offMs = (index * 7_919) % 40;
      return [index * 60_000 + 1_000, epochMs + index * 60_000 + offMs, 50];
    });
    const [first, last, ...more] = enter(heard);
    expect(more).toEqual([]);
    expect(first).toEqual(heard[0]);
    expect(last!.slice(0, 2)).toEqual([499 * 60_000 + 1_000, epochMs + 499 * 60_000]);
  });

  it("turn where the line no longer fits, and stay few when a clock drifts for a month", () => {
    const heard = Array.from({ length: 43_200 }, (_, index): ClockFix => {
      const monoMs = index * 60_000;
      return [monoMs, Math.round(epochMs + monoMs * 1.0001), 30];
    });
    const line = enter(heard);
    expect(line.length).toBeLessThanOrEqual(16);
    for (const [monoMs, serverMs, errorMs] of line)
      expect(Math.abs(serverMs - (epochMs + monoMs * 1.0001))).toBeLessThanOrEqual(errorMs);
  });

  it("begin anew when the collector's clock was set back", () => {
    const back: ClockFix = [120_000, epochMs - 3_600_000, 10];
    expect(enter([[60_000, epochMs, 10], back])).toEqual([back]);
  });

  it("go with a batch as far as its rounds need them", () => {
    const line = [0, 10, 20, 30].map((s): ClockFix => [s * 1_000, epochMs + s * 1_000, 1]);
    const secondsOf = (fromS: number, toS: number) =>
      fixesFor(line, { fromMonoMs: fromS * 1_000, toMonoMs: toS * 1_000 }).map(([ms]) => ms / 1_000);
    expect(secondsOf(12, 18)).toEqual([10, 20]);
    expect(secondsOf(12, 25)).toEqual([10, 20, 30]);
    expect(secondsOf(35, 40)).toEqual([30]);
    expect(secondsOf(-5, -1)).toEqual([0]);
  });
});
