import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exclusionKinds } from "../../../src/inventory/contract.ts";
import { monthSpan } from "../../../src/inventory/local-time.ts";
import { serviceSpans } from "../../../src/inventory/service-hours.ts";
import type { Standing } from "../../../src/relation/account.ts";
import { judge, ratiosOf, sumCounts } from "../../../src/report/sla/judge.ts";
import { countLink } from "../../../src/report/sla/link-counts.ts";
import type { LinkMonth } from "../../../src/report/sla/link-counts.ts";
import { allowedMs, restitutionOf } from "../../../src/report/sla/restitution.ts";

const zone = "Asia/Makassar";
const dayMs = 86_400_000;
const october = monthSpan("2026-10", zone)!;
const always = (span: { fromMs: number; toMs: number }) => [span];

type Piece = [fromMs: number, toMs: number | null, standing: Standing, cause?: "link" | "power"];

function month(pieces: readonly Piece[], more: Partial<LinkMonth> = {}): LinkMonth {
  return {
    month: october,
    nowMs: october.toMs + dayMs,
    segments: pieces.map(([startMs, endMs, standing, cause = "link"]) => ({
      site: "64.08.01",
      service: "",
      startMs,
      endMs,
      state: standing,
      cause: standing === "up" ? null : cause,
    })),
    standingOf: ({ state }) => state as Standing,
    blips: [],
    terms: { excludes: [...exclusionKinds], thresholdS: 300 },
    service: always,
    exclusions: [],
    ...more,
  };
}

describe("an outage", () => {
  it("over midnight at the end of the month is one, and each month has its part", () => {
    const end = october.toMs;
    const pieces: Piece[] = [
      [october.fromMs - dayMs, end - 200_000, "up"],
      [end - 200_000, end + 200_000, "down"],
      [end + 200_000, end + dayMs, "up"],
    ];
    const november = monthSpan("2026-11", zone)!;
    const first = countLink(month(pieces));
    const second = countLink(month(pieces, { month: november }));
    // Neither part is longer than the threshold; the outage is.
    expect([first.countedMs, first.failures, first.repairMs]).toEqual([200_000, 1, 400_000]);
    expect([second.countedMs, second.failures, second.repairMs]).toEqual([200_000, 0, 0]);
    expect(first.outages[0]).toMatchObject({ fromMs: end - 200_000, toMs: end + 200_000 });
  });

  it.each([
    [300_000, "short", 0],
    [300_001, "counted", 300_001],
  ])("of %i ms against a threshold of 300 s is %s", (lastsMs, verdict, countedMs) => {
    const at = october.fromMs + dayMs;
    const counts = countLink(month([[at, at + lastsMs, "down"]]));
    expect([counts.outages[0]!.verdict, counts.countedMs]).toEqual([verdict, countedMs]);
  });

  it("is as long as what is left of it without its exclusions", () => {
    const at = october.fromMs + dayMs;
    const exclusion = { kind: "customer" as const, id: "x", reason: "r", author: "a" };
    const counts = countLink(
      month(
        [
          [at, at + 600_000, "down", "power"],
          [at + 600_000, at + 1_000_000, "down"],
        ],
        { exclusions: [{ ...exclusion, fromMs: at + 500_000, toMs: at + 800_000 }] },
      ),
    );
    expect(counts.outages).toMatchObject([
      { verdict: "short", lengthMs: 200_000, excludedMs: { customer: 300_000, power: 500_000 } },
    ]);
    expect([counts.shortMs, counts.excludedMs.customer, counts.excludedMs.power]).toEqual([
      200_000, 300_000, 500_000,
    ]);
  });

  it("that lasts is as long as it is now, and has no repair", () => {
    const at = october.fromMs + dayMs;
    const counts = countLink(month([[at, null, "down"]], { nowMs: at + 3_600_000 }));
    expect(counts).toMatchObject({ countedMs: 3_600_000, failures: 1, repaired: 0 });
    expect(counts.outages[0]!.toMs).toBeNull();
    expect(ratiosOf(counts)).toMatchObject({ mttrMs: null, mtbfMs: null });
    expect(counts.aheadMs).toBe(october.toMs - at - 3_600_000);
  });

  it("goes on over hours without supply, which are no part of it", () => {
    const at = october.fromMs + dayMs;
    const hourMs = 3_600_000;
    const counts = countLink(
      month([
        [october.fromMs, at - 12 * hourMs, "up"],
        [at - 12 * hourMs, at, "off"],
        [at, at + 12 * hourMs, "down"],
        [at + 12 * hourMs, at + 24 * hourMs, "off"],
        [at + 24 * hourMs, at + 30 * hourMs, "down", "power"],
        [at + 30 * hourMs, at + 31 * hourMs, "down"],
        [at + 31 * hourMs, at + 40 * hourMs, "off"],
        [at + 40 * hourMs, october.toMs, "up"],
      ]),
    );
    expect(counts.outages).toMatchObject([
      {
        fromMs: at,
        toMs: at + 31 * hourMs,
        verdict: "counted",
        lengthMs: 13 * hourMs,
        excludedMs: { power: 6 * hourMs },
      },
    ]);
    expect(counts.outages[0]!.causes).toHaveLength(3);
    expect(counts).toMatchObject({ failures: 1, repaired: 1, repairMs: 13 * hourMs });
    expect(counts).toMatchObject({ countedMs: 13 * hourMs, expectedOffMs: 33 * hourMs });
  });

  it("is held against the threshold by all its parts, and belongs to the month in which it began", () => {
    const end = october.toMs;
    const pieces: Piece[] = [
      [end - 600_000, end - 400_000, "down"],
      [end - 400_000, end + 400_000, "off"],
      [end + 400_000, end + 600_000, "down"],
      [end + 600_000, end + dayMs, "up"],
    ];
    const first = countLink(month(pieces));
    const second = countLink(month(pieces, { month: monthSpan("2026-11", zone)! }));
    expect(first).toMatchObject({ countedMs: 200_000, failures: 1, repairMs: 400_000 });
    expect(second).toMatchObject({ countedMs: 200_000, failures: 0, repaired: 0 });
  });

  it("is not over when the hours without supply begin, but when they end in up", () => {
    const at = october.fromMs + dayMs;
    const lasting: Piece[] = [
      [at, at + 600_000, "down"],
      [at + 600_000, null, "off"],
    ];
    const counts = countLink(month(lasting, { nowMs: at + 3_600_000 }));
    expect(counts).toMatchObject({ countedMs: 600_000, failures: 1, repaired: 0 });
    expect(counts.outages[0]!.toMs).toBeNull();
    const over = countLink(
      month([lasting[0]!, [at + 600_000, at + 1_200_000, "off"], [at + 1_200_000, null, "up"]]),
    );
    expect(over).toMatchObject({ failures: 1, repaired: 1, repairMs: 600_000 });
    expect(over.outages[0]!.toMs).toBe(at + 600_000);
  });

  it("does not come of hours without supply alone, and unmeasured time parts it", () => {
    const at = october.fromMs + dayMs;
    expect(countLink(month([[at, at + dayMs, "off"]])).outages).toEqual([]);
    const parted = countLink(
      month([
        [at, at + 600_000, "down"],
        [at + 600_000, at + 700_000, "off"],
        [at + 700_000, at + 800_000, "unknown"],
        [at + 800_000, at + 1_400_000, "down"],
      ]),
    );
    expect([parted.failures, parted.repairMs]).toEqual([2, 1_200_000]);
  });

  it("is no single lost round: that is lost time, which no contract counts", () => {
    const at = october.fromMs + dayMs;
    const blip = { site: "64.08.01", cause: "link", measured: "link", root: "64.08.01" } as const;
    const counts = countLink(
      month([[october.fromMs, october.toMs, "up"]], {
        terms: { excludes: [], thresholdS: 0 },
        blips: [
          { ...blip, startMs: at, endMs: at + 30_000, standing: "down" },
          { ...blip, startMs: at + dayMs, endMs: at + dayMs + 30_000, standing: "unknown" },
        ],
      }),
    );
    expect(counts).toMatchObject({ blipMs: 30_000, notMeasuredMs: 30_000, countedMs: 0, outages: [] });
    expect(counts.upMs).toBe(31 * dayMs - 60_000);
  });
});

const standings = ["up", "down", "off", "unknown"] as const;
const spans = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 * dayMs }), fc.constantFrom(...standings)), {
  maxLength: 60,
});

describe("every ms of a month", () => {
  it("is in one class, whatever happened, was excluded or is owed", () => {
    const exclusions = fc.array(
      fc.record({
        kind: fc.constantFrom("maintenance", "force-majeure", "customer"),
        fromMs: fc.integer({ min: october.fromMs - dayMs, max: october.toMs }),
        lengthMs: fc.integer({ min: 1, max: 2 * dayMs }),
      }),
      { maxLength: 8 },
    );
    const hours = fc.constantFrom(
      [],
      [{ days: [1, 3, 5], fromMin: 450, toMin: 960 }],
      [{ days: [6, 7], fromMin: 1320, toMin: 30 }],
    );
    const kinds = fc.subarray([...exclusionKinds]);
    fc.assert(
      fc.property(
        spans,
        exclusions,
        hours,
        kinds,
        fc.integer({ min: 0, max: 86_400 }),
        fc.integer({ min: october.fromMs - dayMs, max: october.toMs + dayMs }),
        (lengths, given, owed, excludes, thresholdS, nowMs) => {
          let at = october.fromMs - 5 * dayMs;
          const pieces = lengths.flatMap(([length, standing], index): Piece[] => {
            const from = at;
            at += length;
            const to = Math.min(at, nowMs);
            return from < to ? [[from, to, standing, index % 3 === 0 ? "power" : "link"]] : [];
          });
          const counts = countLink(
            month(pieces, {
              nowMs,
              terms: { excludes, thresholdS },
              service: (span) => serviceSpans(owed, span, zone, () => false),
              exclusions: given.map(({ kind, fromMs, lengthMs }) => ({
                kind: kind as "customer",
                id: "x",
                fromMs,
                toMs: fromMs + lengthMs,
                reason: "r",
                author: "a",
              })),
            }),
          );
          const classes = [
            counts.outsideMs,
            counts.aheadMs,
            ...Object.values(counts.excludedMs),
            counts.expectedOffMs,
            counts.upMs,
            counts.countedMs,
            counts.shortMs,
            counts.blipMs,
            counts.notMeasuredMs,
          ];
          expect(classes.every((ms) => Number.isInteger(ms) && ms >= 0)).toBe(true);
          expect(classes.reduce((sum, ms) => sum + ms, 0)).toBe(counts.monthMs);
          const { worstRatio, availabilityRatio, bestRatio } = ratiosOf(counts);
          if (availabilityRatio !== null) {
            expect(worstRatio!).toBeLessThanOrEqual(availabilityRatio);
            expect(availabilityRatio).toBeLessThanOrEqual(bestRatio!);
          }
          const doubled = sumCounts([counts, counts]);
          expect([doubled.upMs, doubled.excludedMs.power]).toEqual([
            2 * counts.upMs,
            2 * counts.excludedMs.power,
          ]);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("a promise", () => {
  // 28, 29, 30 and 31 days.
  it.each([
    ["2026-02", 0.98, 48_384_000],
    ["2028-02", 0.98, 50_112_000],
    ["2026-09", 0.995, 12_960_000],
    ["2026-10", 0.99, 26_784_000],
  ])("of %s at %d allows %i ms", (name, slaRatio, expected) => {
    const { fromMs, toMs } = monthSpan(name, zone)!;
    expect(allowedMs(toMs - fromMs, slaRatio)).toBe(expected);
  });

  it("is kept to the last ms, and missed with the next one", () => {
    const serviceMs = 31 * dayMs;
    const terms = {
      slaRatio: 0.98,
      monthlyFeeIdr: 3_100_000,
      restitution: {
        rule: "below-sla" as const,
        downtime: "whole" as const,
        ceiling: 1,
        roundIdr: 1,
        rounding: "up" as const,
      },
    };
    const counts = (countedMs: number, unknownMs = 0) => ({
      serviceMs,
      countedMs,
      countedLeastMs: countedMs,
      countedMostMs: countedMs + unknownMs,
    });
    const most = allowedMs(serviceMs, 0.98);
    expect(judge(counts(most), terms)).toMatchObject({
      verdict: "met",
      budgetLeftMs: 0,
      restitution: { amountIdr: 0 },
    });
    expect(judge(counts(most + 1), terms)).toMatchObject({
      verdict: "missed",
      budgetLeftMs: -1,
      // The whole downtime, 2 % of the fee and a ms, rounded up.
      restitution: { amountIdr: 62_001 },
    });
    expect(judge(counts(most, 1), terms).verdict).toBe("open");
    expect(judge(counts(most + 1), { ...terms, slaRatio: null }).verdict).toBe("none");
  });

  it("gives back no more than its ceiling, also where the amount is rounded up to thousands", () => {
    const owed = { serviceMs: 1_000, countedMs: 1_000, slaRatio: null, days: 1, ofDays: 1 };
    const terms = { rule: "pro-rata", ceiling: 0.5, roundIdr: 1000, rounding: "up" } as const;
    expect(restitutionOf(terms, 999_999, owed)).toEqual({ share: 1, isCapped: true, amountIdr: 499_999 });
    expect(restitutionOf(terms, null, owed).amountIdr).toBeNull();
  });
});
