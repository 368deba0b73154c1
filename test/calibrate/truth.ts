import { bitsOf, combine, countBetween, dayMinutes } from "../../src/relation/minutes.ts";
import type { Bits } from "../../src/relation/minutes.ts";
import type { Draws } from "./draws.ts";
import { district, drawCourse } from "./world.ts";
import type { Course } from "./world.ts";

/** What the estimates are estimates of, in the long run. */
export interface Truth {
  riskRatio: number;
  riskDifference: number;
  availability: number;
  attributable: number;
}

/** By hour of day: shares of time cut off (e), taken with the cut (k), and of the service's own failures (p). */
export interface HourShares {
  out: number[];
  taken: number[];
  failed: number[];
}

/**
 * Network and service of the generator do not know of one another, so that a check fails in p + (1 − p) k/e of the time that is
 * cut off and in p of the rest; strata weigh by e(1 − e), as Mantel and Haenszel's do with all sites alike.
 */
export function truthOf({ out, taken, failed }: HourShares): Truth {
  let [exposed, unexposed, weight, unavailable, networkOnly] = [0, 0, 0, 0, 0];
  for (const [hour, e] of out.entries()) {
    const [k, p] = [taken[hour]!, failed[hour]!];
    const share = e * (1 - e);
    exposed += share * (p + ((1 - p) * k) / e);
    unexposed += share * p;
    weight += share;
    unavailable += p + (1 - p) * k;
    networkOnly += (1 - p) * k;
  }
  return {
    riskRatio: exposed / unexposed,
    riskDifference: (exposed - unexposed) / weight,
    availability: 1 - unavailable / out.length,
    attributable: networkOnly / unavailable,
  };
}

/** From many districts of that kind; single days and hours cluster, so that it takes years of them. */
export function hourShares(takenShare: number, days: number, years: number, draws: Draws): HourShares {
  const sums: HourShares = { out: Array(24).fill(0), taken: Array(24).fill(0), failed: Array(24).fill(0) };
  const worlds = Math.ceil((years * 365) / days);
  for (let world = 0; world < worlds; world++)
    addCourse(sums, drawCourse({ ...district, days, takenShare }, draws));
  const siteMinutes = worlds * days * 60;
  return {
    out: sums.out.map((count) => count / siteMinutes / district.sites),
    taken: sums.taken.map((count) => count / siteMinutes / district.sites),
    failed: sums.failed.map((count) => count / siteMinutes),
  };
}

function addCourse(sums: HourShares, { window, sites, failures }: Course): void {
  addHours(sums.failed, bitsOf(failures, window), window.days);
  for (const site of sites) {
    const out = bitsOf(site.out, window);
    addHours(sums.out, out, window.days);
    addHours(
      sums.taken,
      combine(bitsOf(site.taken, window), out, (a, b) => a & b),
      window.days,
    );
  }
}

function addHours(sums: number[], bits: Bits, days: number): void {
  for (let day = 0; day < days; day++)
    for (let hour = 0; hour < 24; hour++) {
      const from = day * dayMinutes + hour * 60;
      sums[hour]! += countBetween(bits, from, from + 60);
    }
}
