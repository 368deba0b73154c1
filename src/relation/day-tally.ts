import type { DayWindow } from "./association.ts";
import { mantelHaenszel } from "./mantel-haenszel.ts";
import type { Pooled, Stratum } from "./mantel-haenszel.ts";
import { combine, countBetween, dayMinutes, dayMs } from "./minutes.ts";
import type { CheckedMinutes, SiteMinutes } from "./site-minutes.ts";

/** What each day adds to the sums that the estimates are made of, all sites together. */
export interface DayTally {
  days: readonly DayPart[];
  /** Over all strata. */
  pooled: Pooled;
  /** Site-minutes over the window. */
  totals: Stratum;
}

export interface DayPart {
  /** Σ a_d n0/N, Σ c_d n1/N and Σ n1_d n0/N over strata: they add up to R, S and W. */
  exposedSum: number;
  unexposedSum: number;
  weight: number;
  /** Minutes in which the service was checked; and failed. */
  checked: number;
  failed: number;
  /** Failed minutes in which the control vantage can tell whose they were; and those of them that only the network caused. */
  decided: number;
  networkOnly: number;
  /** Exposed minutes. */
  exposed: number;
}

/** From this many days on, weekdays and weekends are strata of their own. */
const weekdayFromDays = 60;
const hours = 24;

/**
 * Strata: site × hour of day × (weekday or weekend, where the window has 60 days). `control`: the control
 * vantage's minutes, those left out in which it was cut off itself; null without one.
 */
export function tallyDays(
  sites: readonly SiteMinutes[],
  window: DayWindow,
  control: CheckedMinutes | null,
): DayTally {
  const well = control === null ? null : combine(control.checked, control.failed, (a, b) => a & ~b);
  const days = Array.from({ length: window.days }, emptyDay);
  const tables: Stratum[] = [];
  const totals: Stratum = { a: 0, n1: 0, c: 0, n0: 0 };
  for (const site of sites) {
    const kinds = tallySite(site, window, days);
    for (const stratum of kinds) {
      tables.push(stratum);
      for (const key of ["a", "n1", "c", "n0"] as const) totals[key] += stratum[key];
    }
    const networkOnly = well === null ? null : combine(site.exposedFailed, well, (a, b) => a & b);
    const decided = control === null ? null : combine(site.failed, control.checked, (a, b) => a & b);
    for (const [day, part] of days.entries()) {
      const [from, to] = [day * dayMinutes, (day + 1) * dayMinutes];
      part.checked += countBetween(site.checked, from, to);
      part.failed += countBetween(site.failed, from, to);
      if (decided !== null) part.decided += countBetween(decided, from, to);
      if (networkOnly !== null) part.networkOnly += countBetween(networkOnly, from, to);
    }
  }
  return { days, pooled: mantelHaenszel(tables), totals };
}

const emptyDay = (): DayPart => ({
  exposedSum: 0,
  unexposedSum: 0,
  weight: 0,
  checked: 0,
  failed: 0,
  decided: 0,
  networkOnly: 0,
  exposed: 0,
});

/** The site's strata; what they come to on each day is added to `days`. */
function tallySite(site: SiteMinutes, window: DayWindow, days: readonly DayPart[]): Stratum[] {
  const classes = window.days >= weekdayFromDays ? 2 : 1;
  const strata = Array.from({ length: hours * classes }, (): Stratum => ({ a: 0, n1: 0, c: 0, n0: 0 }));
  const cells: { day: number; stratum: Stratum; a: number; n1: number; c: number }[] = [];
  for (let day = 0; day < window.days; day++) {
    const kind = classes === 2 && isWeekend(window, day) ? 1 : 0;
    for (let hour = 0; hour < hours; hour++) {
      const from = day * dayMinutes + hour * 60;
      const to = from + 60;
      const stratum = strata[kind * hours + hour]!;
      const n1 = countBetween(site.exposed, from, to);
      const a = n1 === 0 ? 0 : countBetween(site.exposedFailed, from, to);
      const c = countBetween(site.unexposedFailed, from, to);
      stratum.a += a;
      stratum.n1 += n1;
      stratum.c += c;
      stratum.n0 += countBetween(site.both, from, to) - n1;
      if (n1 > 0 || c > 0) cells.push({ day, stratum, a, n1, c });
    }
  }
  for (const { day, stratum, a, n1, c } of cells) {
    const all = stratum.n1 + stratum.n0;
    const part = days[day]!;
    part.exposed += n1;
    part.exposedSum += (a * stratum.n0) / all;
    part.unexposedSum += (c * stratum.n1) / all;
    part.weight += (n1 * stratum.n0) / all;
  }
  return strata;
}

/** Saturday or Sunday in the window's zone; 1 January 1970 was a Thursday. */
function isWeekend({ fromMs, offsetMs }: DayWindow, day: number): boolean {
  const weekday = (Math.floor((fromMs + offsetMs) / dayMs) + day + 4) % 7;
  return weekday === 0 || weekday === 6;
}
