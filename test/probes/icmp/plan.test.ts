import { describe, expect, it } from "vitest";
import { mostAddresses, spacingMs } from "../../../probes/icmp/fping-child.ts";
import { echoesPerS, planEchoes } from "../../../probes/icmp/plan.ts";
import { icmpTarget } from "./echo-net.ts";

describe("the pace of echoes", () => {
  it("spreads a round evenly over its interval", () => {
    const [pace] = planEchoes([icmpTarget({ intervalS: 30, count: 5, timeoutMs: 2_000, sizeBytes: 56 })]);
    const asked = {
      count: 5,
      intervalMs: 30_000,
      periodMs: 6_000,
      timeoutMs: 2_000,
      sizeBytes: 56,
      limits: [],
    };
    expect(pace).toEqual(asked);
  });

  it("cuts those who ask for most, and no one else, when all together ask for too much", () => {
    const greedy = Array.from({ length: 100 }, () => icmpTarget({ intervalS: 1, count: 100 }));
    const modest = icmpTarget({ intervalS: 30, count: 5 });
    const paces = planEchoes([modest, ...greedy]);
    expect(paces[0]?.limits).toEqual([]);
    expect(paces[1]?.limits).toMatchObject([{ field: "count", asked: 100, given: 19 }]);
    expect(rate(paces)).toBeLessThanOrEqual(echoesPerS);
    expect(rate(paces)).toBeGreaterThan(echoesPerS * 0.9);
  });

  it("stretches the interval where even one echo is too many", () => {
    const paces = planEchoes(Array.from({ length: 10_000 }, () => icmpTarget({ intervalS: 1, count: 100 })));
    expect(paces[0]?.limits).toMatchObject([
      { field: "count", asked: 100, given: 1 },
      { field: "intervalS", asked: 1, given: 5 },
    ]);
    expect(rate(paces)).toBeLessThanOrEqual(echoesPerS);
  });

  it("gives 2,000 targets an echo each second, and all of what fits exactly", () => {
    const paces = planEchoes(Array.from({ length: 2_000 }, () => icmpTarget({ intervalS: 1, count: 1 })));
    expect(paces.every(({ limits, periodMs }) => limits.length === 0 && periodMs === 1_000)).toBe(true);
  });

  it("says what fping cannot send, or wait for", () => {
    const [pace] = planEchoes([icmpTarget({ sizeBytes: 65_507, timeoutMs: 60_000 })]);
    expect(pace?.limits).toMatchObject([
      { field: "sizeBytes", asked: 65_507, given: 65_487 },
      { field: "timeoutMs", asked: 60_000, given: 10_000 },
    ]);
  });

  it.each([
    [6_000, 1, 3_000],
    [6_000, 20, 150],
    [6_000, 500, 6],
    [1_000, 100, 5],
    [1_000, 125, 0],
    [10, 1, 5],
    [10, 2, 0],
  ])("of period %d ms for %d addresses are %d ms apart, or in a row", (periodMs, addresses, apartMs) => {
    expect(addresses).toBeLessThanOrEqual(mostAddresses);
    expect(spacingMs(periodMs, addresses)).toBe(apartMs);
  });
});

function rate(paces: ReturnType<typeof planEchoes>): number {
  // Rounded to what is left of it by the arithmetic.
  return Number(paces.reduce((sum, { periodMs }) => sum + 1_000 / periodMs, 0).toFixed(6));
}
