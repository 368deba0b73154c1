import type { Span } from "../../src/inventory/spans.ts";
import { joinSpans, withoutSpans } from "../../src/inventory/spans.ts";
import type { AssociationInput, DayWindow } from "../../src/relation/association.ts";
import type { Draws } from "./draws.ts";

/*
 * Districts in which the truth is known: forty villages under five hubs, storm days that all share, cuts of single links,
 * cuts of a hub with all under it, and failures of the service that all see, the district's centre too. A cut takes the
 * service with it with chance q; otherwise the service goes on as if there were none. At q = 0 network and service know
 * nothing of one another, though both cluster, share days and have hours that they prefer.
 */

export interface WorldOptions {
  days: number;
  /** q: 0 to 1. */
  takenShare: number;
  sites: number;
  areas: number;
}

export const district: Omit<WorldOptions, "days" | "takenShare"> = { sites: 40, areas: 5 };

/** Cuts and failures, before they become what probes say. */
export interface Course {
  window: DayWindow;
  sites: { code: string; area: string; out: Span[]; taken: Span[] }[];
  failures: Span[];
}

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const offsetMs = 8 * hourMs;
/** 1 June 2026, 00.00 WITA: a Monday. */
const startMs = Date.UTC(2026, 5, 1) - offsetMs;
const month = 30;

/** A third of the days is stormy; a village then loses its link once in four such days, in the afternoon. */
const storm = { dayShare: 1 / 3, perDay: 0.25, fromHour: 12, toHour: 21, meanMinutes: 40, sigma: 1 };
const link = { perMonth: 0.9, meanMinutes: 120, sigma: 1.2 };
const hub = { perMonth: 0.8, meanMinutes: 90, sigma: 1 };
/** Two thirds of the service's failures are in office hours. */
const service = { perMonth: 4, meanMinutes: 45, sigma: 1, officeShare: 2 / 3, fromHour: 8, toHour: 16 };

export function drawCourse({ days, takenShare, sites, areas }: WorldOptions, draws: Draws): Course {
  const stormy = Array.from({ length: days }, () => draws.happens(storm.dayShare));
  const anyTime = () => draws.uniform(0, days * dayMs);
  const spanAt = (atMs: number, { meanMinutes, sigma }: { meanMinutes: number; sigma: number }): Span => {
    const lengthMs = Math.max(minuteMs, draws.duration(meanMinutes, sigma) * minuteMs);
    return { fromMs: startMs + Math.round(atMs), toMs: startMs + Math.round(atMs + lengthMs) };
  };
  const often = (perMonth: number) => Array.from({ length: draws.poisson((perMonth * days) / month) });
  const withFate = (span: Span) => ({ span, isTaken: draws.happens(takenShare) });
  const ofHub = Array.from({ length: areas }, () =>
    often(hub.perMonth).map(() => withFate(spanAt(anyTime(), hub))),
  );
  const ofSite = (area: number) => {
    const own = often(link.perMonth).map(() => spanAt(anyTime(), link));
    for (const [day, isStormy] of stormy.entries()) {
      for (let left = isStormy ? draws.poisson(storm.perDay) : 0; left > 0; left--) {
        const hour = draws.uniform(storm.fromHour, storm.toHour);
        own.push(spanAt(day * dayMs + hour * hourMs, storm));
      }
    }
    return [...ofHub[area]!, ...own.map(withFate)];
  };
  const failures = often(service.perMonth).map(() => {
    const isOffice = draws.happens(service.officeShare);
    const hour = isOffice ? draws.uniform(service.fromHour, service.toHour) : draws.uniform(0, 24);
    return spanAt(Math.floor(draws.uniform(0, days)) * dayMs + hour * hourMs, service);
  });
  return {
    window: { fromMs: startMs, days, offsetMs },
    sites: Array.from({ length: sites }, (_, place) => {
      const area = place % areas;
      const cuts = ofSite(area);
      return {
        code: `64.08.${String(area + 1).padStart(2, "0")}.${2001 + Math.floor(place / areas)}`,
        area: `64.08.${String(area + 1).padStart(2, "0")}`,
        out: joinSpans(cuts.map(({ span }) => span)),
        taken: joinSpans(cuts.filter(({ isTaken }) => isTaken).map(({ span }) => span)),
      };
    }),
    failures: joinSpans(failures),
  };
}

/** What probes say of it: every minute is observed. */
export function inputOf({ window, sites, failures }: Course): AssociationInput {
  const whole = { fromMs: window.fromMs, toMs: window.fromMs + window.days * dayMs };
  const tile = (bad: readonly Span[]) => [
    ...withoutSpans(whole, bad).map((span) => ({ ...span, isBad: false })),
    ...bad
      .filter(({ fromMs }) => fromMs < whole.toMs)
      .map(({ fromMs, toMs }) => ({ fromMs, toMs: Math.min(toMs, whole.toMs), isBad: true })),
  ];
  const checksOf = (bad: readonly Span[]) =>
    tile(bad).map(({ isBad, ...span }) => ({ ...span, failed: isBad }));
  const common = checksOf(failures);
  return {
    service: "lapor",
    exposure: "down",
    window,
    sites: sites.map(({ code, area, out, taken }) => ({
      code,
      area,
      network: tile(out).map(({ isBad, ...span }) => ({ ...span, out: isBad })),
      service: taken.length === 0 ? common : checksOf(joinSpans([...failures, ...taken])),
    })),
    control: common,
  };
}
