import type { Span } from "../../src/inventory/spans.ts";
import { joinSpans } from "../../src/inventory/spans.ts";
import type { DailySeries, TimedStratum } from "../../src/relation/complaint-effect.ts";
import { personTimeRatio } from "../../src/relation/person-time.ts";
import type { Place } from "../../src/relation/person-time.ts";
import type { Draws } from "./draws.ts";

/*
 * A year of a district: eighteen kecamatan of eight villages, outages of villages and of whole kecamatan, and contacts that
 * come at each village's own rate, during outages at ρ times that.
 */

export interface ComplaintWorldOptions {
  /** Expected in a year without outages. */
  contactsPerYear: number;
  /** Share of person-time without service, about. */
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

interface Village extends Place {
  contacts: number[];
}

export function drawComplaints(options: ComplaintWorldOptions, draws: Draws): ComplaintWorld {
  const areas = Array.from({ length: kecamatan }, (_, place) => ({
    code: `64.08.${String(place + 1).padStart(2, "0")}`,
    villages: drawArea(options, draws),
  }));
  const month = (at: number) => `2026-${String(at + 1).padStart(2, "0")}`;
  const monthOf = (at: number) => ({
    fromMs: at * monthDays * dayMs,
    toMs: (at + 1) * monthDays * dayMs,
  });
  const dayOf = (at: number) => ({ fromMs: at * dayMs, toMs: (at + 1) * dayMs });
  return {
    fromMs: 0,
    toMs: yearMs,
    timed: areas.flatMap(({ code, villages: places }) =>
      Array.from({ length: months }, (_, at) => ({
        area: code,
        month: month(at),
        contacts: countIn(places, monthOf(at), () => true),
        exposedContacts: countIn(places, monthOf(at), isExposed),
        exposedRatio: personTimeRatio(places, monthOf(at))!,
      })),
    ),
    daily: areas.map(({ code, villages: places }) => ({
      area: code,
      days: Array.from({ length: months * monthDays }, (_, at) => ({
        month: month(Math.floor(at / monthDays)),
        contacts: countIn(places, dayOf(at), () => true),
        exposedRatio: personTimeRatio(places, dayOf(at))!,
      })),
    })),
  };
}

function drawArea(options: ComplaintWorldOptions, draws: Draws): Village[] {
  const { contactsPerYear, outageShare, rateRatio } = options;
  const outages = (share: number, { meanHours, sigma }: typeof village): Span[] =>
    Array.from({ length: draws.poisson((share * yearMs) / hourMs / meanHours) }, () => {
      const fromMs = draws.uniform(0, yearMs);
      return { fromMs, toMs: Math.min(yearMs, fromMs + draws.duration(meanHours, sigma) * hourMs) };
    });
  const common = outages(outageShare * areaPart, area);
  // Some kecamatan complain more than others.
  const eagerness = draws.duration(1, 0.5) / kecamatan;
  const populations = Array.from({ length: villages }, () => draws.duration(2_000, 0.5));
  const people = populations.reduce((sum, population) => sum + population, 0);
  return populations.map((population) => {
    const exposed = joinSpans([...common, ...outages(outageShare * (1 - areaPart), village)]);
    const expected = (contactsPerYear * eagerness * population) / people;
    const contacts = Array.from({ length: draws.poisson(expected) }, () => draws.uniform(0, yearMs));
    return {
      population,
      observed: [{ fromMs: 0, toMs: yearMs }],
      exposed,
      // With ρ of 0 to 1, each contact that falls into an outage comes with that chance.
      contacts: contacts.filter((atMs) => !isWithin(exposed, atMs) || draws.happens(rateRatio)),
    };
  });
}

const isWithin = (spans: readonly Span[], atMs: number) =>
  spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);

const isExposed = ({ exposed }: Village, atMs: number) => isWithin(exposed, atMs);

function countIn(
  places: readonly Village[],
  { fromMs, toMs }: Span,
  counts: (place: Village, atMs: number) => boolean,
): number {
  let count = 0;
  for (const place of places)
    for (const atMs of place.contacts) if (fromMs <= atMs && atMs < toMs && counts(place, atMs)) count += 1;
  return count;
}
