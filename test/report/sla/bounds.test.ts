import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exclusionKinds } from "../../../src/inventory/contract.ts";
import { monthSpan } from "../../../src/inventory/local-time.ts";
import { serviceSpans } from "../../../src/inventory/service-hours.ts";
import type { Blip } from "../../../src/outage/blips.ts";
import type { Standing } from "../../../src/relation/account.ts";
import { judge, mayRise } from "../../../src/report/sla/judge.ts";
import { countLink, reachOf } from "../../../src/report/sla/link-counts.ts";
import type { LinkMonth } from "../../../src/report/sla/link-counts.ts";

const zone = "Asia/Makassar";
const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const october = monthSpan("2026-10", zone)!;

interface Piece {
  fromMs: number;
  toMs: number;
  standing: Standing;
  cause: "link" | "power" | "unknown";
}

function input(pieces: readonly Piece[], more: Partial<LinkMonth> = {}): LinkMonth {
  return {
    month: october,
    nowMs: october.toMs + 40 * dayMs,
    segments: pieces.map(({ fromMs, toMs, standing, cause }) => ({
      site: "64.08.01",
      service: "",
      startMs: fromMs,
      endMs: toMs,
      state: standing,
      cause: standing === "up" ? null : cause,
    })),
    standingOf: ({ state }) => state as Standing,
    blips: [],
    terms: { excludes: [], thresholdS: 300 },
    service: (span) => [span],
    exclusions: [],
    ...more,
  };
}

const promise = (slaRatio: number) => ({
  slaRatio,
  monthlyFeeIdr: 3_500_000,
  restitution: {
    rule: "pro-rata" as const,
    ceiling: 1,
    roundIdr: 1,
    rounding: "nearest" as const,
  },
});

const upFrom = (fromMs: number, toMs: number): Piece => ({ fromMs, toMs, standing: "up", cause: "link" });

describe("unmeasured time beside a short outage", () => {
  it("may lift it over the threshold: the promise is not said to be met", () => {
    const at = october.fromMs + 9 * dayMs;
    const [down, silent] = [at + 50 * minuteMs, at + 80 * minuteMs];
    const pieces: Piece[] = [
      upFrom(october.fromMs - 40 * dayMs, at),
      { fromMs: at, toMs: down, standing: "down", cause: "link" },
      { fromMs: down, toMs: silent, standing: "unknown", cause: "link" },
      upFrom(silent, october.toMs + 40 * dayMs),
    ];
    const terms = { excludes: [], thresholdS: 3_600 };
    const counts = countLink(input(pieces, { terms }));
    expect(counts).toMatchObject({ countedMs: 0, countedMostMs: 80 * minuteMs });
    const judged = judge(counts, promise(0.999));
    expect(judged).toMatchObject({ verdict: "open", contractRatio: 1, restitution: { amountIdr: 0 } });
    expect(judged.most.contractRatio).toBeCloseTo(1 - 80 / (31 * 24 * 60), 12);
    expect(judged.most.restitution.amountIdr).toBe(Math.round((3_500_000 * 80) / (31 * 24 * 60)));
    expect(mayRise(judged)).toBe(true);
    // The spool tells: it was down.
    pieces[2] = { ...pieces[2]!, standing: "down" };
    const known = countLink(input(pieces, { terms }));
    expect(known).toMatchObject({ countedMs: 80 * minuteMs, countedMostMs: 80 * minuteMs });
    expect(judge(known, promise(0.999)).verdict).toBe("missed");
  });

  it("does so also over the end of the month, and where nobody knows yet how long it lasts", () => {
    const at = october.toMs - 4 * minuteMs;
    const pieces: Piece[] = [
      upFrom(october.fromMs - 40 * dayMs, at),
      { fromMs: at, toMs: october.toMs, standing: "down", cause: "link" },
    ];
    const counts = countLink(input(pieces, { nowMs: october.toMs }));
    expect(counts).toMatchObject({ countedMs: 0, shortMs: 4 * minuteMs, countedMostMs: 4 * minuteMs });
  });

  it("adds nothing where it can reach no threshold, or nothing is left unknown", () => {
    const at = october.fromMs + 9 * dayMs;
    const pieces: Piece[] = [
      upFrom(october.fromMs - 40 * dayMs, at),
      { fromMs: at, toMs: at + 4 * minuteMs, standing: "unknown", cause: "link" },
      upFrom(at + 4 * minuteMs, at + hourMs),
      { fromMs: at + hourMs, toMs: at + 2 * hourMs, standing: "down", cause: "link" },
      upFrom(at + 2 * hourMs, october.toMs + 40 * dayMs),
    ];
    const counts = countLink(input(pieces));
    expect(counts).toMatchObject({ countedMs: hourMs, countedMostMs: hourMs, notMeasuredMs: 4 * minuteMs });
    expect(mayRise(judge(counts, promise(0.98)))).toBe(false);
  });
});

describe("what of an outage is not sure", () => {
  const at = october.fromMs + 9 * dayMs;
  const around = (pieces: Piece[], toMs: number): Piece[] => [
    upFrom(october.fromMs - 40 * dayMs, at),
    ...pieces,
    upFrom(toMs, october.toMs + 40 * dayMs),
  ];
  const verdictOf = (pieces: Piece[], more: Partial<LinkMonth>, slaRatio = 0.9999) => {
    const counts = countLink(input(pieces, more));
    return { ...counts, verdict: judge(counts, promise(slaRatio)).verdict };
  };

  it("is the interval for which it is carried on into silence: it may have ended below the threshold", () => {
    // Four rounds were lost, a minute apart, then nobody measured for six minutes.
    const [end, heard] = [at + 270_000, at + 630_000];
    const more = { terms: { excludes: [], thresholdS: 250 }, edgeMs: minuteMs };
    const down: Piece = { fromMs: at, toMs: end, standing: "down", cause: "link" };
    const silent: Piece = { fromMs: end, toMs: heard, standing: "unknown", cause: "link" };
    expect(verdictOf(around([down, silent], heard), more)).toMatchObject({
      countedMs: 270_000,
      countedLeastMs: 0,
      verdict: "open",
    });
    // Half a minute after the last of them one was answered.
    const late = { ...down, toMs: at + 240_000 };
    expect(verdictOf(around([late, upFrom(late.toMs, heard)], heard), more)).toMatchObject({
      shortMs: 240_000,
      verdict: "met",
    });
    // Measured at both ends it is as long as it is.
    expect(verdictOf(around([down], end), more)).toMatchObject({
      countedLeastMs: 270_000,
      verdict: "missed",
    });
    const whole = verdictOf(around([{ ...down, toMs: at + hourMs }], at + hourMs), more);
    expect(whole).toMatchObject({ countedLeastMs: hourMs, verdict: "missed" });
  });

  it("is the cause, where it is not known and may turn out to be power, which the contract excludes", () => {
    const pieces = (cause: Piece["cause"]) =>
      around([{ fromMs: at, toMs: at + 20 * hourMs, standing: "down", cause }], at + 20 * hourMs);
    const more = { terms: { excludes: ["power" as const], thresholdS: 300 } };
    expect(verdictOf(pieces("unknown"), more, 0.98)).toMatchObject({
      countedMs: 20 * hourMs,
      countedLeastMs: 0,
      verdict: "open",
    });
    expect(verdictOf(pieces("power"), more, 0.98)).toMatchObject({ countedMs: 0, verdict: "met" });
    expect(verdictOf(pieces("link"), more, 0.98).verdict).toBe("missed");
    const counted = { terms: { excludes: [], thresholdS: 300 } };
    expect(verdictOf(pieces("unknown"), counted, 0.98).verdict).toBe("missed");
  });
});

const standings = ["up", "up", "up", "down", "down", "off", "unknown"] as const;
const told = fc.array(
  fc.tuple(
    fc.oneof(fc.integer({ min: 1, max: 900_000 }), fc.integer({ min: 1, max: 4 * dayMs })),
    fc.constantFrom(...standings),
    fc.constantFrom("link" as const, "power" as const, "unknown" as const),
  ),
  { minLength: 5, maxLength: 60 },
);
const filling = fc.array(
  fc.tuple(
    fc.integer({ min: 1, max: 2 * dayMs }),
    fc.constantFrom("up", "down", "off", "unknown"),
    fc.boolean(),
  ),
  { minLength: 1, maxLength: 20 },
);
const rules = [
  { rule: "pro-rata" },
  { rule: "below-sla", downtime: "whole" },
  { rule: "below-sla", downtime: "excess" },
  { rule: "ratio" },
  {
    rule: "tiers",
    tiers: [
      { below: 0.99, fee: 0.05 },
      { below: 0.95, fee: 0.1 },
    ],
  },
] as const;

/** What was carried on into time that nobody measured ends half an interval earlier, and causes are settled. */
function settle(pieces: readonly Piece[], isPower: readonly boolean[]): Piece[] {
  let turn = 0;
  return pieces.flatMap((piece, at): Piece[] => {
    if (piece.standing !== "down") return [piece];
    turn += 1;
    const cause = piece.cause !== "unknown" ? piece.cause : isPower[turn % isPower.length] ? "power" : "link";
    const isSilent = pieces[at + 1]?.standing === "unknown";
    const toMs = isSilent ? Math.max(piece.fromMs, piece.toMs - edgeMs / 2) : piece.toMs;
    const down: Piece = { ...piece, toMs, cause };
    const after = upFrom(toMs, piece.toMs);
    return [down, after].filter((each) => each.fromMs < each.toMs);
  });
}

const edgeMs = 60_000;

/** The unknown stretches of the pieces, and what lies between, before and after them, told by the filling. */
function fill(
  pieces: readonly Piece[],
  reach: { fromMs: number; toMs: number },
  by: readonly [number, string, boolean][],
) {
  const known = pieces.filter(({ standing }) => standing !== "unknown");
  const filled: Piece[] = [];
  let [at, turn] = [reach.fromMs, 0];
  for (const piece of [...known, { ...upFrom(reach.toMs, reach.toMs) }]) {
    while (at < piece.fromMs) {
      const [length, standing, isPower] = by[turn % by.length]!;
      // Beyond the first of them a gap is filled in one.
      const toMs = turn < 60 ? Math.min(piece.fromMs, at + length) : piece.fromMs;
      filled.push({ fromMs: at, toMs, standing: standing as Standing, cause: isPower ? "power" : "link" });
      [at, turn] = [toMs, turn + 1];
    }
    at = Math.max(at, piece.toMs);
  }
  return [...known, ...filled].sort((a, b) => a.fromMs - b.fromMs);
}

it(
  "whatever late data tell, what counts stays within its bounds, and met and missed stay what they are",
  { timeout: 600_000 },
  () => {
    let [open, decided] = [0, 0];
    fc.assert(
      fc.property(
        told,
        fc.array(filling, { minLength: 1, maxLength: 3 }),
        fc.subarray([...exclusionKinds]),
        fc.constantFrom(0, 300, 3_600, 259_200),
        fc.constantFrom(0.9, 0.98, 0.999),
        fc.constantFrom(...rules),
        fc.integer({ min: october.fromMs, max: october.toMs + 40 * dayMs }),
        fc.constantFrom([], [{ days: [1, 2, 3, 4, 5], fromMin: 450, toMin: 960 }]),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 60 * dayMs }), fc.integer({ min: 1, max: dayMs })), {
          maxLength: 4,
        }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
        (lengths, fillings, excludes, thresholdS, slaRatio, rule, nowMs, hours, taken, isPower) => {
          let at = reachOf({ month: october, nowMs }).fromMs;
          const drawn: readonly (typeof lengths)[number][] = [[30 * dayMs, "up", "link"], ...lengths];
          const pieces = [...drawn, [80 * dayMs, "up", "link"] as const].flatMap(
            ([length, standing, cause]): Piece[] => {
              const fromMs = at;
              at += length;
              const toMs = Math.min(at, nowMs);
              return fromMs < toMs ? [{ fromMs, toMs, standing, cause }] : [];
            },
          );
          const blips = pieces
            .filter(({ standing, fromMs, toMs }) => standing === "up" && toMs - fromMs > 60_000)
            .map(({ fromMs, toMs }, index) => ({
              ...({
                site: "64.08.01",
                cause: "link",
                measured: "link",
                root: "64.08.01",
              } satisfies Partial<Blip>),
              startMs: fromMs + 20_000,
              // Some at the edge of what was up.
              endMs: index % 3 === 0 ? toMs : fromMs + 50_000,
              standing: index % 2 === 0 ? ("down" as const) : ("unknown" as const),
            }));
          const more: Partial<LinkMonth> = {
            terms: { excludes, thresholdS },
            edgeMs,
            service: (span) => serviceSpans(hours, span, zone, () => false),
            exclusions: taken.map(([from, length]) => ({
              kind: "customer",
              id: "x",
              fromMs: october.fromMs - 10 * dayMs + from,
              toMs: october.fromMs - 10 * dayMs + from + length,
              reason: "r",
              author: "a",
            })),
          };
          const clause = {
            slaRatio,
            monthlyFeeIdr: 3_500_000,
            restitution: { ...rule, ceiling: 0.5, roundIdr: 1000, rounding: "up" as const },
          };
          const before = countLink(input(pieces, { ...more, nowMs, blips }));
          const judged = judge(before, clause);
          if (judged.verdict === "open") open += 1;
          else decided += 1;
          const reach = reachOf({ month: october, nowMs });
          for (const by of fillings) {
            const settled = countLink(
              input(fill(settle(pieces, isPower), reach, by), { ...more, nowMs: reach.toMs, blips }),
            );
            expect(settled.countedMs).toBeGreaterThanOrEqual(before.countedLeastMs);
            expect(settled.countedMs).toBeLessThanOrEqual(before.countedMostMs);
            if (judged.verdict !== "open") expect(judge(settled, clause).verdict).toBe(judged.verdict);
            const owed = judge(settled, clause).restitution.amountIdr!;
            expect(owed).toBeGreaterThanOrEqual(judged.least.restitution.amountIdr!);
            expect(owed).toBeLessThanOrEqual(judged.most.restitution.amountIdr!);
            const after = countLink(input(fill(pieces, reach, by), { ...more, nowMs: reach.toMs, blips }));
            expect(after.countedMs).toBeGreaterThanOrEqual(before.countedMs);
            expect(after.countedMostMs).toBeLessThanOrEqual(before.countedMostMs);
            expect(after.countedMs).toBeLessThanOrEqual(after.countedMostMs);
            const now = judge(after, clause);
            if (judged.verdict !== "open") expect(now.verdict).toBe(judged.verdict);
            expect(now.restitution.amountIdr!).toBeGreaterThanOrEqual(judged.restitution.amountIdr!);
            expect(now.restitution.amountIdr!).toBeLessThanOrEqual(judged.most.restitution.amountIdr!);
            expect(now.contractRatio ?? 0).toBeLessThanOrEqual(judged.contractRatio ?? 0);
            expect(now.contractRatio ?? 0).toBeGreaterThanOrEqual(judged.most.contractRatio ?? 0);
          }
        },
      ),
      { numRuns: 120 },
    );
    // Both kinds were drawn.
    expect(Math.min(open, decided)).toBeGreaterThan(10);
  },
);
