import { commonSpans, isWithin, lengthWithin, withoutSpans } from "../inventory/spans.ts";
import type { Span } from "../inventory/spans.ts";
import type { DailyCount, DailySeries, TimedStratum } from "./complaint-effect.ts";
import { personTimeRatio, spansAfter } from "./person-time.ts";

/*
 * From outages, measured time and counts to the strata of the effect on complaints. What cannot be told to have been in an
 * outage or not, is in no stratum, and counted with its reason: a place nobody measures, a moment nobody measured, a time in
 * which nobody counted.
 */

/** A place from which the service is checked. */
export interface ContactPlace {
  site: string;
  /** null: an office that belongs to none. */
  kecamatan: string | null;
  /** Only who lives in a village is known to have written from there; an office stands for a whole kecamatan. */
  isVillage: boolean;
  /** Inhabitants; null: not known. */
  people: number | null;
  /** When the service was measured from there, and when it could not be reached: ascending, without overlap, whole ms. */
  measured: readonly Span[];
  out: readonly Span[];
}

export interface TimedContact {
  area: string;
  timeMs: number;
  channel: string;
  count: number;
}

/** Contacts or complaints that are in no stratum, by reason. */
export interface LeftOut {
  /** Of an area that is no place with a check of its own. */
  place: number;
  /** At a moment at which the check did not run. */
  unmeasured: number;
  /** At a moment for which nobody said that contacts were counted. */
  uncounted: number;
}

export interface TimedInput {
  places: readonly ContactPlace[];
  contacts: readonly TimedContact[];
  /** When contacts of a channel were being counted, by channel: ascending, without overlap. */
  counted: ReadonlyMap<string, readonly Span[]>;
  /** Ascending. */
  months: readonly { name: string; span: Span }[];
  /** How long after an outage what was put off may still come in, ms. */
  catchUpMs: number;
}

/** A stratum for each village, channel and month with contacts: each channel is counted in a time of its own. */
export function timedStrata(input: TimedInput): { strata: TimedStratum[]; leftOut: LeftOut } {
  const leftOut: LeftOut = { place: 0, unmeasured: 0, uncounted: 0 };
  const villages = new Map(
    input.places.filter(({ isVillage }) => isVillage).map((place) => [place.site, place]),
  );
  const strata: TimedStratum[] = [];
  const groups = Map.groupBy(input.contacts, ({ area, channel }) => `${area} ${channel}`);
  for (const key of [...groups.keys()].toSorted()) {
    const contacts = groups.get(key)!;
    const { area, channel } = contacts[0]!;
    const place = villages.get(area);
    const counted = input.counted.get(channel) ?? [];
    if (place === undefined) leftOut.place += total(contacts);
    else strata.push(...strataOf(place, contacts, counted, input, leftOut));
  }
  return { strata, leftOut };
}

function strataOf(
  place: ContactPlace,
  contacts: readonly TimedContact[],
  counted: readonly Span[],
  { months, catchUpMs }: TimedInput,
  leftOut: LeftOut,
): TimedStratum[] {
  const measured = commonSpans(place.measured, counted);
  const out = commonSpans(place.out, counted);
  const after = commonSpans(commonSpans(spansAfter(place.out, catchUpMs), measured), counted);
  return months.flatMap(({ name, span }): TimedStratum[] => {
    const counts = { all: 0, exposed: 0, after: 0 };
    for (const { timeMs, count } of contacts) {
      if (timeMs < span.fromMs || timeMs >= span.toMs) continue;
      if (!isWithin(counted, timeMs)) leftOut.uncounted += count;
      else if (!isWithin(measured, timeMs)) leftOut.unmeasured += count;
      else {
        counts.all += count;
        if (isWithin(out, timeMs)) counts.exposed += count;
        else if (isWithin(after, timeMs)) counts.after += count;
      }
    }
    if (counts.all === 0) return [];
    return [
      {
        area: place.site,
        month: name,
        contacts: counts.all,
        exposedContacts: counts.exposed,
        measuredMs: lengthWithin(measured, span),
        exposedMs: lengthWithin(out, span),
        after: { contacts: counts.after, ms: lengthWithin(after, span) },
      },
    ];
  });
}

export interface DailyInput {
  places: readonly ContactPlace[];
  counts: readonly { area: string; day: string; count: number }[];
  /** Local days without a gap. */
  days: readonly { day: string; span: Span }[];
  /** Days that imports speak of, first and last; in them nothing is zero, and outside nobody counted. null: none. */
  counted: { firstDay: string; lastDay: string } | null;
}

/**
 * A series for each area that complaints name: a village by its own outages, a kecamatan by those of its villages (of its
 * office where no village checks the service). Villages weigh by their people where all of these are known, else alike; the
 * kecamatan in which they weigh alike are told. People are never set against places.
 */
export function dailySeries(input: DailyInput): {
  series: DailySeries[];
  leftOut: LeftOut;
  alike: string[];
} {
  const { places, counts, days, counted } = input;
  const leftOut: LeftOut = { place: 0, unmeasured: 0, uncounted: 0 };
  const series: DailySeries[] = [];
  const alike: string[] = [];
  const groups = Map.groupBy(counts, ({ area }) => area);
  for (const area of [...groups.keys()].toSorted()) {
    const named = groups.get(area)!;
    const here = placesOf(places, area);
    if (here.length === 0) {
      leftOut.place += total(named);
      continue;
    }
    const byPeople = here.every(({ people }) => people !== null && people > 0);
    if (!byPeople && here.length > 1) alike.push(area);
    const weighed = here.map((place) => ({ ...place, weight: byPeople ? place.people! : 1 }));
    const found = new Map<string, number>();
    for (const { day, count } of named) found.set(day, (found.get(day) ?? 0) + count);
    const each = days.map(({ day, span }): DailyCount => {
      const isCounted = counted !== null && day >= counted.firstDay && day <= counted.lastDay;
      return {
        month: day.slice(0, 7),
        contacts: isCounted ? (found.get(day) ?? 0) : null,
        exposedRatio: personTimeRatio(weighed, span),
      };
    });
    for (const [at, { day }] of days.entries())
      if (each[at]!.exposedRatio === null) leftOut.unmeasured += found.get(day) ?? 0;
    series.push({ area, days: each });
  }
  return { series, leftOut, alike };
}

/** The village itself; or the villages of the kecamatan; or its office. */
function placesOf(places: readonly ContactPlace[], area: string): ContactPlace[] {
  const village = places.find(({ site, isVillage }) => isVillage && site === area);
  if (village !== undefined) return [village];
  const ofKecamatan = places.filter(({ kecamatan }) => kecamatan === area);
  const villages = ofKecamatan.filter(({ isVillage }) => isVillage);
  return villages.length > 0 ? villages : ofKecamatan;
}

/** Time of the window in which any channel was counted, ms. */
export function countedMs(spans: readonly Span[], window: Span): number {
  const gaps = withoutSpans(window, spans);
  return window.toMs - window.fromMs - lengthWithin(gaps, window);
}

const total = (counts: readonly { count: number }[]) => counts.reduce((sum, { count }) => sum + count, 0);
