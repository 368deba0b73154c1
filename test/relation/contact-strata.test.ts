import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinSpans } from "../../src/inventory/spans.ts";
import { chooseEvidence } from "../../src/relation/choose-evidence.ts";
import { countedMs, dailySeries, timedStrata } from "../../src/relation/contact-strata.ts";
import type { ContactPlace, TimedContact } from "../../src/relation/contact-strata.ts";
import { findComplaintEffect } from "../../src/relation/find-complaint-effect.ts";
import { createRandom } from "../../src/relation/random.ts";

const [hourMs, dayMs] = [3_600_000, 86_400_000];
const whole = { fromMs: 0, toMs: 360 * dayMs };
const months = Array.from({ length: 12 }, (_, at) => ({
  name: `2026-${String(at + 1).padStart(2, "0")}`,
  span: { fromMs: at * 30 * dayMs, toMs: (at + 1) * 30 * dayMs },
}));
const calendar = Array.from({ length: 360 }, (_, at) => ({
  day: `${months[Math.floor(at / 30)]!.name}-${String((at % 30) + 1).padStart(2, "0")}`,
  span: { fromMs: at * dayMs, toMs: (at + 1) * dayMs },
}));
const everyDay = (fromHour: number, hours: number) =>
  Array.from({ length: 360 }, (_, day) => ({
    fromMs: day * dayMs + fromHour * hourMs,
    toMs: day * dayMs + (fromHour + hours) * hourMs,
  }));
const village = (site: string, out: ContactPlace["out"], more: Partial<ContactPlace> = {}): ContactPlace => ({
  site,
  kecamatan: "64.08.01",
  isVillage: true,
  people: 700,
  measured: [whole],
  out,
  ...more,
});
const contact = (area: string, timeMs: number, count = 1): TimedContact => ({
  area,
  timeMs,
  channel: "whatsapp",
  count,
});
const always = new Map([["whatsapp", [whole]]]);
const timed = (places: ContactPlace[], contacts: TimedContact[], counted = always) =>
  timedStrata({ places, contacts, counted, months, catchUpMs: 3 * dayMs });
const verdictOf = (strata: ReturnType<typeof timed>["strata"]) =>
  findComplaintEffect({ evidence: { resolution: "times", strata }, ...whole, seed: 1 });

describe("worlds without a relation", () => {
  it("are not called fewer where the village that is out most writes least", () => {
    const outages = everyDay(2, 12);
    const places = [
      village("64.08.01.2001", outages),
      village(
        "64.08.01.2002",
        outages.filter((_, day) => day % 10 === 0),
      ),
    ];
    let fewer = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const random = createRandom(seed);
      const spread = (area: string, count: number) =>
        Array.from({ length: count }, () => contact(area, Math.floor(random() * whole.toMs)));
      const contacts = [...spread("64.08.01.2001", 100), ...spread("64.08.01.2002", 900)];
      if (verdictOf(timed(places, contacts).strata).verdict === "fewer") fewer += 1;
    }
    expect(fewer).toBeLessThanOrEqual(4);
  });

  it("say nothing of contacts that are known by their kecamatan alone, office or not", () => {
    const office = village("64.08.01", [], { isVillage: false, people: null });
    const contacts = calendar.map((_, day) => contact("64.08.01", day * dayMs + 3 * hourMs, 4));
    const found = timed([village("64.08.01.2001", everyDay(2, 2)), office], contacts);
    expect(found).toEqual({ strata: [], leftOut: { place: 1440, unmeasured: 0, uncounted: 0 } });
  });

  it("are not called fewer where counting began in the middle of a month, after the outages", () => {
    const out = everyDay(2, 8).slice(0, 22);
    const fromMs = 22 * dayMs;
    const contacts = Array.from({ length: 17 * 24 }, (_, hour) =>
      contact("64.08.01.2001", fromMs + hour * hourMs),
    );
    const counted = new Map([["whatsapp", [{ fromMs, toMs: 39 * dayMs }]]]);
    const { strata, leftOut } = timed([village("64.08.01.2001", out)], contacts, counted);
    expect(strata[0]).toMatchObject({ exposedMs: 0, measuredMs: 8 * dayMs });
    expect(verdictOf(strata)).toMatchObject({ verdict: "cannot-be-shown" });
    expect(leftOut).toEqual({ place: 0, unmeasured: 0, uncounted: 0 });
  });
});

describe("strata of contacts", () => {
  it("count contacts during outages, in the three days after, and leave out what nobody measured or counted", () => {
    const place = village("64.08.01.2001", [{ fromMs: 5 * dayMs, toMs: 6 * dayMs }], {
      measured: [{ fromMs: 0, toMs: 20 * dayMs }],
    });
    const contacts = [1, 5.5, 6.5, 8.9, 9.1, 25].map((day) => contact("64.08.01.2001", day * dayMs));
    const late = { ...contacts[0]!, channel: "portal" };
    const { strata, leftOut } = timed([place], [...contacts, late]);
    expect(strata).toEqual([
      {
        area: "64.08.01.2001",
        month: "2026-01",
        contacts: 5,
        exposedContacts: 1,
        measuredMs: 20 * dayMs,
        exposedMs: dayMs,
        after: { contacts: 2, ms: 3 * dayMs },
      },
    ]);
    expect(leftOut).toEqual({ place: 0, unmeasured: 1, uncounted: 1 });
  });

  it("reckon where each measured moment is in an outage or in the days after one", () => {
    const out = everyDay(1, 1).map(({ fromMs }) => ({ fromMs, toMs: fromMs + 6_660_001 }));
    const places = [village("64.08.01.2001", [{ fromMs: 0, toMs: 1 }, ...out])];
    const contacts = calendar.flatMap((_, day) =>
      [1.5, 12].map((hour) => contact("64.08.01.2001", day * dayMs + hour * hourMs)),
    );
    const { strata } = timed(places, contacts);
    for (const { measuredMs, exposedMs, after } of strata) expect(exposedMs + after!.ms).toBe(measuredMs);
    expect(verdictOf(strata).verdict).toBe("not-shown");
  });

  it("never give more time to outages and the days after than there is, whatever the spans", () => {
    const spans = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 30 * dayMs }), fc.integer({ min: 1, max: dayMs })))
      .map((drawn) => joinSpans(drawn.map(([fromMs, ms]) => ({ fromMs, toMs: fromMs + ms }))));
    fc.assert(
      fc.property(spans, spans, (out, gaps) => {
        const measured = joinSpans([...out, ...gaps]);
        const contacts = measured.map(({ fromMs }) => contact("64.08.01.2001", fromMs));
        const { strata } = timed([village("64.08.01.2001", out, { measured })], contacts);
        for (const { contacts: all, exposedContacts, measuredMs, exposedMs, after } of strata) {
          expect(exposedMs + after!.ms).toBeLessThanOrEqual(measuredMs);
          expect(exposedContacts + after!.contacts).toBeLessThanOrEqual(all);
        }
        if (strata.length > 0) verdictOf(strata);
      }),
      { numRuns: 100 },
    );
  });
});

describe("series of days", () => {
  const places = [
    village("64.08.01.2001", everyDay(0, 6), { people: 1_000 }),
    village("64.08.01.2002", [], { people: 3_000 }),
    village("64.08.01", everyDay(0, 24), { isVillage: false, people: null }),
  ];
  const counted = { firstDay: calendar[9]!.day, lastDay: calendar[19]!.day };
  const counts = [{ area: "64.08.01", day: calendar[9]!.day, count: 2 }];
  const daysOf = (these: readonly ContactPlace[], given = counts) =>
    dailySeries({ places: these, counts: given, days: calendar, counted });

  it("weigh villages by people where all are known, and alike where one is not, and say so", () => {
    expect(daysOf(places).series[0]!.days[0]!.exposedRatio).toBe(0.0625);
    expect(daysOf(places).alike).toEqual([]);
    const unknown = places.map((place) =>
      place.site === "64.08.01.2002" ? { ...place, people: null } : place,
    );
    expect(daysOf(unknown).series[0]!.days[0]!.exposedRatio).toBe(0.125);
    expect(daysOf(unknown).alike).toEqual(["64.08.01"]);
  });

  it("take a village's complaints by its own outages, and an office's where no village is measured", () => {
    const own = [{ area: "64.08.01.2001", day: calendar[9]!.day, count: 1 }];
    expect(daysOf(places, own).series).toMatchObject([{ area: "64.08.01.2001" }]);
    expect(daysOf(places, own).series[0]!.days[0]!.exposedRatio).toBe(0.25);
    expect(daysOf([places[2]!]).series[0]!.days[0]!.exposedRatio).toBe(1);
    const elsewhere = [{ area: "64.08.02", day: calendar[9]!.day, count: 7 }];
    expect(daysOf(places, elsewhere)).toMatchObject({ series: [], leftOut: { place: 7 } });
  });

  it("are zero between the first day and the last that were counted, and not known outside", () => {
    const days = daysOf(places).series[0]!.days.map(({ contacts }) => contacts);
    expect(days.slice(8, 12)).toEqual([null, 2, 0, 0]);
    expect(days.slice(19, 21)).toEqual([0, null]);
  });
});

describe("which evidence is taken", () => {
  const places = [village("64.08.01.2001", everyDay(2, 2))];
  const strata = timed(places, [contact("64.08.01.2001", hourMs)]).strata;
  const series = dailySeries({
    places: [
      village(
        "64.08.01.2001",
        everyDay(2, 12).filter((_, day) => day % 3 === 0),
      ),
    ],
    counts: calendar.map(({ day }) => ({ area: "64.08.01.2001", day, count: 1 })),
    days: calendar,
    counted: { firstDay: calendar[0]!.day, lastDay: calendar.at(-1)!.day },
  }).series;

  it("is that which can tell more: one stray contact does not push a year of counts aside", () => {
    expect(chooseEvidence(strata, series).resolution).toBe("days");
    const many = timed(places, [contact("64.08.01.2001", hourMs, 5_000)]).strata;
    expect(chooseEvidence(many, series).resolution).toBe("times");
    expect(chooseEvidence([], []).resolution).toBe("days");
  });

  it("is counted over the time in which anybody counted", () => {
    const spans = [
      { fromMs: -5, toMs: 10 },
      { fromMs: 20, toMs: 30 },
    ];
    expect(countedMs(spans, { fromMs: 0, toMs: 25 })).toBe(15);
  });
});
