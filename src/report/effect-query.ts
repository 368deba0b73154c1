import { createLocalTime, cutByCalendar, defaultTimeZone, monthAt } from "../inventory/local-time.ts";
import { peopleAt } from "../inventory/population.ts";
import { joinSpans, withoutSpans } from "../inventory/spans.ts";
import type { Span } from "../inventory/spans.ts";
import type { StateSegment } from "../outage/table.ts";
import type {
  ComplaintEffect,
  ComplaintEvidence,
  DailyCount,
  TimedStratum,
} from "../relation/complaint-effect.ts";
import type { ContactCount } from "../state/complaint-store.ts";
import type { StateStore } from "../state/state-store.ts";
import type { Aside } from "./aside.ts";
import { vantagesOf } from "./availability-query.ts";
import type { Place } from "./site-view.ts";

export interface EffectQuery {
  service: string;
  /** A local midnight, epoch ms. */
  fromMs: number;
  days: number;
  /** Of the draws behind daily counts. */
  seed: number;
}

export interface EffectAnswer {
  effect: ComplaintEffect;
  /** Complaints and contacts whose area has no measured place of its own: in no stratum. */
  leftOut: number;
}

export interface EffectDeps {
  state: Pick<StateStore, "states" | "statesStamp" | "complaintCounts" | "contacts">;
  place: () => Place;
  aside: Pick<Aside, "complaintEffect">;
  version: string;
}

const dayMs = 86_400_000;
/** How long after an outage what was put off may still come in, ms (methods.md §D5). */
const catchUpMs = 3 * dayMs;

/** When a place could not reach the service, and when anybody looked. */
interface Exposed {
  site: string;
  kecamatan: string;
  /** In person-time; 1 where its people are not known, so that places without a figure count alike. */
  weight: number;
  out: Span[];
  measured: Span[];
}

/**
 * Whether fewer complaints come in while the service cannot be reached. Time-stamped contacts say ten times as much as
 * counts by the day, so that these are taken only where there are no others.
 */
export async function queryEffect(deps: EffectDeps, query: EffectQuery): Promise<EffectAnswer> {
  const { state, aside, version } = deps;
  const place = deps.place();
  const { service, fromMs, days, seed } = query;
  const zone = place.inventory.timeZone ?? defaultTimeZone;
  const toMs = fromMs + days * dayMs;
  const window = { fromMs, toMs };
  const sites = vantagesOf(place, service);
  const dayAt = (ms: number) => new Date(createLocalTime(zone).toLocalMs(ms)).toISOString().slice(0, 10);
  const [segments, contacts, counts, { stamp }] = await Promise.all([
    state.states({ fromMs: fromMs - catchUpMs, toMs, sites, service }),
    state.contacts(window),
    state.complaintCounts({ fromDay: dayAt(fromMs), toDay: dayAt(toMs) }),
    state.statesStamp({ ...window, services: [service] }),
  ]);
  const bySite = Map.groupBy(segments, ({ site }) => site);
  const exposed = sites.flatMap((site) => exposedAt(place, site, bySite.get(site) ?? [], toMs) ?? []);
  const found =
    contacts.length > 0
      ? ofTimes(exposed, contacts, cutByCalendar(window, "month", zone), zone)
      : ofDays(place, exposed, counts, cutByCalendar(window, "day", zone), dayAt);
  const { evidence, leftOut } = found;
  const inputs = [`states ${stamp}`, contacts.length > 0 ? "contacts" : "complaint counts"];
  return { effect: await aside.complaintEffect({ evidence, ...window, seed, inputs, version }), leftOut };
}

/** null: an office that belongs to no kecamatan. */
function exposedAt(
  place: Place,
  site: string,
  segments: readonly StateSegment[],
  toMs: number,
): Exposed | null {
  const kecamatan = place.areas.kecamatanOf(site);
  if (kecamatan === null) return null;
  const spansOf = (...states: StateSegment["state"][]) =>
    joinSpans(
      segments
        .filter(({ state }) => states.includes(state))
        .map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: Math.min(endMs ?? toMs, toMs) })),
    );
  return {
    site,
    kecamatan,
    weight: Math.max(1, peopleAt(place.inventory, site) ?? 1),
    out: spansOf("down", "unreachable"),
    measured: spansOf("up", "degraded", "down", "unreachable"),
  };
}

interface Found {
  evidence: ComplaintEvidence;
  leftOut: number;
}

function ofTimes(
  exposed: readonly Exposed[],
  contacts: readonly ContactCount[],
  months: readonly Span[],
  zone: string,
): Found {
  const strata = new Map<string, TimedStratum & { after: { contacts: number; ratio: number } }>();
  const after = new Map(exposed.map((each) => [each.site, afterOf(each)]));
  for (const [kecamatan, places] of Map.groupBy(exposed, (each) => each.kecamatan)) {
    for (const month of months) {
      const share = (spans: (each: Exposed) => readonly Span[]) =>
        shareOf(places, month, (each) => overlapMs(spans(each), month));
      const ratio = share(({ out }) => out);
      if (ratio === null) continue;
      const name = monthAt(month.fromMs, zone);
      const ratioAfter = share(({ site }) => after.get(site)!) ?? 0;
      strata.set(`${kecamatan} ${name}`, {
        area: kecamatan,
        month: name,
        contacts: 0,
        exposedContacts: 0,
        exposedRatio: ratio,
        after: { contacts: 0, ratio: ratioAfter },
      });
    }
  }
  const bySite = new Map(exposed.map((each) => [each.site, each]));
  let leftOut = 0;
  for (const { area, timeMs, count } of contacts) {
    const at = bySite.get(area);
    const stratum = at && strata.get(`${at.kecamatan} ${monthAt(timeMs, zone)}`);
    if (at === undefined || stratum === undefined || !isIn(at.measured, timeMs)) {
      leftOut += count;
      continue;
    }
    stratum.contacts += count;
    if (isIn(at.out, timeMs)) stratum.exposedContacts += count;
    else if (isIn(after.get(area)!, timeMs)) stratum.after.contacts += count;
  }
  return { evidence: { resolution: "times", strata: [...strata.values()] }, leftOut };
}

function ofDays(
  place: Place,
  exposed: readonly Exposed[],
  counts: readonly { area: string; day: string; count: number }[],
  days: readonly Span[],
  dayAt: (ms: number) => string,
): Found {
  const areas = Map.groupBy(exposed, ({ kecamatan }) => kecamatan);
  const found = new Map<string, number>();
  let leftOut = 0;
  for (const { area, day, count } of counts) {
    const kecamatan = place.areas.kecamatanOf(area);
    if (kecamatan === null || !areas.has(kecamatan)) leftOut += count;
    else found.set(`${kecamatan} ${day}`, (found.get(`${kecamatan} ${day}`) ?? 0) + count);
  }
  // Between the first day and the last that any import speaks of nothing is zero; before and after nobody counted.
  const [first, last] = [counts[0]?.day ?? "", counts.at(-1)?.day ?? ""];
  const named = days.map((span) => ({ span, day: dayAt(span.fromMs) }));
  const series = [...areas].map(([area, places]) => ({
    area,
    days: named.map(({ span, day }): DailyCount => {
      const isCounted = counts.length > 0 && day >= first && day <= last;
      return {
        month: day.slice(0, 7),
        contacts: isCounted ? (found.get(`${area} ${day}`) ?? 0) : null,
        exposedRatio: shareOf(places, span, ({ out }) => overlapMs(out, span)),
      };
    }),
  }));
  return { evidence: { resolution: "days", series }, leftOut };
}

/** Of the person-time that was measured in the span; null where none was. */
function shareOf(places: readonly Exposed[], span: Span, partMs: (place: Exposed) => number): number | null {
  let [part, whole] = [0, 0];
  for (const place of places) {
    part += place.weight * partMs(place);
    whole += place.weight * overlapMs(place.measured, span);
  }
  return whole === 0 ? null : Math.min(1, part / whole);
}

/** Measured time in the days after outages, the outages themselves left out. */
function afterOf({ out, measured }: Exposed): Span[] {
  const days = joinSpans(out.map(({ toMs }) => ({ fromMs: toMs, toMs: toMs + catchUpMs })));
  const free = days.flatMap((span) => withoutSpans(span, out));
  return free.flatMap((span) => withoutSpans(span, withoutSpans(span, measured)));
}

function overlapMs(spans: readonly Span[], { fromMs, toMs }: Span): number {
  let sum = 0;
  for (const span of spans) sum += Math.max(0, Math.min(span.toMs, toMs) - Math.max(span.fromMs, fromMs));
  return sum;
}

const isIn = (spans: readonly Span[], timeMs: number) =>
  spans.some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs);
