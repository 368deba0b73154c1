import type { Span } from "../../src/inventory/spans.ts";
import { isWithin, joinSpans } from "../../src/inventory/spans.ts";
import type { DailySeries, TimedStratum } from "../../src/relation/complaint-effect.ts";
import { dailySeries, timedStrata } from "../../src/relation/contact-strata.ts";
import type { ContactPlace } from "../../src/relation/contact-strata.ts";
import type { Draws } from "./draws.ts";

/*
 * A year of a district: eighteen kecamatan of eight villages, outages of villages and of whole kecamatan, and contacts that
 * come at each village's own rate, during outages at ρ times that. Villages that are cut off more often write less at all
 * times, as in the district: what looks like an effect of outages to whoever does not look inside of villages. The strata are
 * made by the code that the collector runs.
 */

export interface ComplaintWorldOptions {
  /** Expected in a year without outages. */
  contactsPerYear: number;
  /** Share of time without service, about. */
  outageShare: number;
  /** ρ. */
  rateRatio: number;
}

export interface ComplaintWorld {
  fromMs: number;
  toMs: number;
  timed: TimedStratum[];
  daily: DailySeries[];
}

const [kecamatan, villages, months, monthDays] = [18, 8, 12, 30];
const [hourMs, dayMs] = [3_600_000, 86_400_000];
const yearMs = months * monthDays * dayMs;
const village = { meanHours: 2, sigma: 1.2 };
const area = { meanHours: 1.5, sigma: 1 };
/** Of the time without service, by outages of a whole kecamatan. */
const areaPart = 1 / 3;
/** How unlike villages are in their outages, sigma of a lognormal; the rate of contacts falls with the share, to this power. */
const [unlike, shy] = [0.8, -0.7];

interface Village extends ContactPlace {
  contacts: number[];
}

export function drawComplaints(options: ComplaintWorldOptions, draws: Draws): ComplaintWorld {
  const places = Array.from({ length: kecamatan }, (_, at) =>
    drawArea(`64.08.${String(at + 1).padStart(2, "0")}`, options, draws),
  ).flat();
  const whole = { fromMs: 0, toMs: yearMs };
  const month = (at: number) => `2026-${String(at + 1).padStart(2, "0")}`;
  const day = (at: number) =>
    `${month(Math.floor(at / monthDays))}-${String((at % monthDays) + 1).padStart(2, "0")}`;
  const contacts = places.flatMap(({ site, contacts: moments }) =>
    moments.map((timeMs) => ({ area: site, timeMs: Math.floor(timeMs), channel: "whatsapp", count: 1 })),
  );
  const kecamatanOf = new Map(places.map(({ site, kecamatan: code }) => [site, code!]));
  const days = Array.from({ length: months * monthDays }, (_, at) => ({
    day: day(at),
    span: { fromMs: at * dayMs, toMs: (at + 1) * dayMs },
  }));
  return {
    ...whole,
    timed: timedStrata({
      places,
      contacts,
      counted: new Map([["whatsapp", [whole]]]),
      months: Array.from({ length: months }, (_, at) => ({
        name: month(at),
        span: { fromMs: at * monthDays * dayMs, toMs: (at + 1) * monthDays * dayMs },
      })),
      catchUpMs: 3 * dayMs,
    }).strata,
    // Of complaints by the day the kecamatan is known, as of most in the district.
    daily: dailySeries({
      places,
      counts: contacts.map(({ area: site, timeMs }) => ({
        area: kecamatanOf.get(site)!,
        day: day(Math.floor(timeMs / dayMs)),
        count: 1,
      })),
      days,
      counted: { firstDay: days[0]!.day, lastDay: days.at(-1)!.day },
    }).series,
  };
}

function drawArea(code: string, options: ComplaintWorldOptions, draws: Draws): Village[] {
  const { contactsPerYear, outageShare, rateRatio } = options;
  const outages = (share: number, { meanHours, sigma }: typeof village): Span[] =>
    Array.from({ length: draws.poisson((share * yearMs) / hourMs / meanHours) }, () => {
      const fromMs = Math.floor(draws.uniform(0, yearMs));
      const lastsMs = Math.floor(draws.duration(meanHours, sigma) * hourMs);
      return { fromMs, toMs: Math.min(yearMs, fromMs + lastsMs) };
    });
  const common = outages(outageShare * areaPart, area);
  // Some kecamatan complain more than others.
  const eagerness = draws.duration(1, 0.5) / kecamatan;
  const drawn = Array.from({ length: villages }, () => ({
    people: Math.ceil(draws.duration(2_000, 0.5)),
    badness: draws.duration(1, unlike),
  }));
  const rates = drawn.map(({ people, badness }) => people * badness ** shy);
  const allRates = rates.reduce((sum, rate) => sum + rate, 0);
  return drawn.map(({ people, badness }, at) => {
    const own = outages(outageShare * (1 - areaPart) * badness, village);
    const out = joinSpans([...common, ...own]);
    const expected = (contactsPerYear * eagerness * rates[at]!) / allRates;
    const contacts = Array.from({ length: draws.poisson(expected) }, () => draws.uniform(0, yearMs));
    return {
      site: `${code}.${2001 + at}`,
      kecamatan: code,
      isVillage: true,
      people,
      measured: [{ fromMs: 0, toMs: yearMs }],
      out,
      // With ρ of 0 to 1, each contact that falls into an outage comes with that chance.
      contacts: contacts.filter((atMs) => !isWithin(out, atMs) || draws.happens(rateRatio)),
    };
  });
}
