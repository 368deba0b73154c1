import { describe, expect, it } from "vitest";
import type { ComplaintInput, DailySeries, TimedStratum } from "../../src/relation/complaint-effect.ts";
import { neededExposed } from "../../src/relation/effect-needs.ts";
import { findComplaintEffect } from "../../src/relation/find-complaint-effect.ts";
import { personTimeRatio, spansAfter } from "../../src/relation/person-time.ts";
import { createRandom } from "../../src/relation/random.ts";
import { drawComplaints } from "../calibrate/complaint-world.ts";
import { createDraws } from "../calibrate/draws.ts";

const yearMs = 365.25 * 86_400_000;
const monthMs = 30 * 86_400_000;
const input = (evidence: ComplaintInput["evidence"], more: Partial<ComplaintInput> = {}): ComplaintInput => ({
  evidence,
  fromMs: 0,
  toMs: yearMs,
  seed: 1,
  draws: 999,
  ...more,
});
const times = (strata: readonly TimedStratum[]) =>
  findComplaintEffect(input({ resolution: "times", strata }));
const byDay = (series: readonly DailySeries[], more: Partial<ComplaintInput> = {}) =>
  findComplaintEffect(input({ resolution: "days", series }, more));
const month = (contacts: number, exposedContacts: number, exposedRatio: number): TimedStratum => ({
  area: "64.08.01",
  month: "2026-10",
  contacts,
  exposedContacts,
  measuredMs: monthMs,
  exposedMs: Math.round(monthMs * exposedRatio),
});

describe("too few complaints", () => {
  const district = { contactsPerYear: 120, outageShare: 0.007, rateRatio: 0 };
  const world = drawComplaints(district, createDraws(createRandom(1)));

  it.each([
    ["times", { resolution: "times", strata: world.timed }, "smallest-p"],
    ["days", { resolution: "days", series: world.daily }, "power"],
  ] as const)("say by %s that nothing can be shown, at this district's volume", (_, evidence, reason) => {
    const effect = findComplaintEffect({ evidence, fromMs: world.fromMs, toMs: world.toMs, seed: 1 });
    expect(effect).toMatchObject({ verdict: "cannot-be-shown", reason });
    expect(effect).not.toHaveProperty("p");
    expect(effect).not.toHaveProperty("during");
  });

  it("say what would be needed: contacts during outages, years, and the price of counts by the day", () => {
    const effect = times([month(120, 0, 0.007)]);
    expect(effect).toMatchObject({ verdict: "cannot-be-shown", reason: "smallest-p" });
    expect(effect.counts.expectedExposed).toBeCloseTo(0.84, 12);
    const [silence, , half] = effect.needs;
    expect(silence).toMatchObject({ rateRatio: 0, yearsDaily: null });
    expect(silence!.exposedContacts).toBeCloseTo(-Math.log(0.05), 9);
    expect(silence!.yearsTimed).toBeCloseTo(3.57, 2);
    expect(half!.yearsTimed).toBeGreaterThan(20);
    const daily = byDay(world.daily);
    expect(daily.counts.dailyInformation).toBeGreaterThan(0.02);
    expect(daily.counts.dailyInformation).toBeLessThan(0.2);
    expect(daily.needs[0]!.yearsDaily).toBeGreaterThan(5 * daily.needs[0]!.yearsTimed!);
  });

  it("say so of none at all, without a year count", () => {
    for (const effect of [times([]), byDay([]), times([month(0, 0, 0.5)])]) {
      expect(effect).toMatchObject({ verdict: "cannot-be-shown", smallestP: 1 });
      expect(effect.needs.every(({ yearsTimed }) => yearsTimed === null)).toBe(true);
    }
  });
});

describe("what is needed to see an effect", () => {
  it("is what methods.md measured: 3.0, 7.9, 20 and 95 contacts", () => {
    for (const [rateRatio, measured] of [
      [0, 3],
      [0.25, 7.9],
      [0.5, 20],
      [0.75, 95],
    ] as const)
      expect(Math.abs(neededExposed(rateRatio, 0.05) / measured - 1)).toBeLessThan(0.1);
  });

  it("is enough, and the least: by the Poisson distribution itself", () => {
    const below = (mean: number, c: number) => {
      let [term, sum] = [Math.exp(-mean), 0];
      for (let n = 0; n <= c; n++) {
        sum += term;
        term *= mean / (n + 1);
      }
      return sum;
    };
    const expected = neededExposed(0.5, 0.05);
    let called = -1;
    while (below(expected, called + 1) <= 0.05 + 1e-9) called += 1;
    expect(below(expected / 2, called)).toBeGreaterThanOrEqual(0.8);
  });
});

describe("contacts with their minute", () => {
  it("are fewer where hardly any came during outages", () => {
    const effect = times([month(200, 2, 0.1), { ...month(100, 1, 0.1), month: "2026-11" }]);
    if (effect.verdict === "cannot-be-shown") throw new Error("three of thirty are enough to tell");
    expect(effect.verdict).toBe("fewer");
    expect(effect.p).toBeLessThan(0.001);
    // 3 of 300 exposed, against 30 in 300: odds of 3/297 over those of 1/9.
    expect(effect.during.value).toBeCloseTo((3 / 297) * 9, 9);
    expect(effect.during.interval.high).toBeLessThan(1);
    expect(effect.net).toBeNull();
  });

  it("are delayed, and not lost, where what was put off came within three days", () => {
    const strata = [{ ...month(300, 3, 0.1), after: { contacts: 57, ms: monthMs / 10 } }];
    const effect = times(strata);
    if (effect.verdict === "cannot-be-shown") throw new Error("three of thirty are enough to tell");
    expect(effect.during.value).toBeLessThan(0.2);
    expect(effect.net!.value).toBeCloseTo(1, 9);
    expect(effect.net!.interval.low).toBeLessThan(1);
  });

  it("that came as ever are not called fewer, nor is anything claimed", () => {
    const effect = times([month(300, 30, 0.1)]);
    expect(effect).toMatchObject({ verdict: "not-shown" });
  });
});

describe("contacts by the day", () => {
  /** Whole days without service, one in ten, and contacts that come on other days or on the day after. */
  const series = (contactsOn: (isOut: boolean, isAfter: boolean) => number): DailySeries[] => [
    {
      area: "64.08.01",
      days: Array.from({ length: 300 }, (_, day) => ({
        month: `2026-${Math.floor(day / 30)}`,
        contacts: contactsOn(day % 10 === 4, day % 10 === 5),
        exposedRatio: day % 10 === 4 ? 1 : 0,
      })),
    },
  ];

  it("are fewer where none came on days without service, and lost where none came after", () => {
    const effect = byDay(series((isOut) => (isOut ? 0 : 1)));
    if (effect.verdict === "cannot-be-shown") throw new Error("thirty contacts are missing");
    expect(effect.verdict).toBe("fewer");
    expect(effect.during.value).toBe(0);
    expect(effect.net!.value).toBe(0);
    expect(effect.net!.interval.high).toBeLessThan(1);
  });

  it("are delayed where they came the day after", () => {
    const effect = byDay(series((isOut, isAfter) => (isOut ? 0 : isAfter ? 2 : 1)));
    if (effect.verdict === "cannot-be-shown") throw new Error("thirty contacts are missing");
    expect(effect.during.value).toBe(0);
    expect(effect.net!.value).toBeCloseTo(1, 1);
    expect(effect.net!.interval.low).toBeLessThan(1);
    expect(effect.net!.interval.high).toBeGreaterThan(1);
  });

  it("leave out days that were not counted or not measured", () => {
    const [whole] = series(() => 1);
    const days = whole!.days.map((day, place) =>
      place < 30 ? { ...day, contacts: null } : place < 60 ? { ...day, exposedRatio: null } : day,
    );
    expect(byDay([{ ...whole!, days }]).counts).toMatchObject({ strata: 8, contacts: 240 });
  });

  it("are the same answer from the same seed", () => {
    const all = series((isOut) => (isOut ? 0 : 1));
    expect(byDay(all, { seed: 5 })).toEqual(byDay(all, { seed: 5 }));
    expect(byDay(all, { seed: 5 }).made).toMatchObject({ seed: 5, alpha: 0.05 });
  });
});

describe("person-time", () => {
  const hourMs = 3_600_000;
  const whole = { fromMs: 0, toMs: 24 * hourMs };

  it("weighs hours by people", () => {
    const places = [
      { weight: 1_000, measured: [whole], out: [{ fromMs: 0, toMs: 6 * hourMs }] },
      { weight: 3_000, measured: [whole], out: [] },
    ];
    expect(personTimeRatio(places, whole)).toBe(0.0625);
    expect(personTimeRatio(places, { fromMs: 3 * hourMs, toMs: 9 * hourMs })).toBe(0.125);
  });

  it("leaves out what was not observed", () => {
    const half = { fromMs: 0, toMs: 12 * hourMs };
    const places = [{ weight: 10, measured: [half], out: [{ fromMs: 0, toMs: 6 * hourMs }] }];
    expect(personTimeRatio(places, whole)).toBe(0.5);
    expect(personTimeRatio(places, { fromMs: 12 * hourMs, toMs: 24 * hourMs })).toBeNull();
  });

  it("follows outages by a while, without the next one", () => {
    const outages = [
      { fromMs: 0, toMs: 10 },
      { fromMs: 25, toMs: 30 },
    ];
    expect(spansAfter(outages, 20)).toEqual([
      { fromMs: 10, toMs: 25 },
      { fromMs: 30, toMs: 50 },
    ]);
  });
});

describe("bad input", () => {
  it.each([
    [month(3, 4, 0.1), "exposedContacts 4: expected 0 to 3"],
    [month(3, 1, 0), "exposedContacts 1: expected 0 to 0"],
    [month(3, 1, 1.2), "exposedMs 3110400000: expected a whole number, 0 to 2592000000"],
    [month(1.5, 1, 0.2), "contacts 1.5: expected a whole number from 0"],
    [{ ...month(5, 3, 0.2), after: { contacts: 3, ms: monthMs / 10 } }, "exposedContacts 3: expected 0 to 2"],
  ])("of a stratum is refused with field, value and what is allowed: %#", (stratum, message) => {
    expect(() => times([stratum])).toThrow(message);
  });

  it.each([
    [{ draws: 10 }, "draws 10: expected 999 to 99,999"],
    [{ seed: 0.5 }, "seed 0.5: expected a whole number"],
    [{ toMs: 0 }, "toMs 0: expected more than fromMs 0"],
    [{ alpha: 1 }, "alpha 1: expected more than 0 and less than 0.5"],
  ])("of the question is refused as well: %o", (more, message) => {
    expect(() => byDay([], more)).toThrow(message);
  });
});
