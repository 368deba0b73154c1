import type { Counts, Need } from "./association.ts";
import { combine, dayMinutes, startsOf } from "./minutes.ts";
import type { SiteMinutes } from "./site-minutes.ts";

/*
 * When an estimate may be printed (methods: a judgement, not a calibration): ten network episodes on eight days, five failures
 * of the service outside outages, and so many days that the rotation test can reach its level at all.
 */

const leastNetworkEpisodes = 10;
const leastNetworkDays = 8;
const leastServiceEpisodes = 5;
/** Onsets within this distance of one another, at whatever sites, are one episode: they share a cause. */
const togetherMinutes = 5;

type Episodes = Pick<Counts, "networkEpisodes" | "networkDays" | "serviceEpisodes">;

export function countEpisodes(sites: readonly SiteMinutes[]): Episodes {
  const outages = sites.flatMap(({ out }) => startsOf(out, out));
  // A failure that began in an outage and goes on after it began with the outage.
  const failures = sites.flatMap(({ unexposedFailed, failed }) => startsOf(unexposedFailed, failed));
  return {
    networkEpisodes: episodeNumbers(outages).count,
    networkDays: new Set(outages.map((minute) => Math.floor(minute / dayMinutes))).size,
    serviceEpisodes: episodeNumbers(failures).count,
  };
}

/** Which episode each onset (minutes, any order) belongs to, counted from 0 by time, and how many there are. */
export function episodeNumbers(onsets: readonly number[]): { numberOf: number[]; count: number } {
  const numberOf: number[] = [];
  let [count, last] = [0, -Infinity];
  for (const place of [...onsets.keys()].toSorted((a, b) => onsets[a]! - onsets[b]!)) {
    if (onsets[place]! - last > togetherMinutes) count += 1;
    last = onsets[place]!;
    numberOf[place] = count - 1;
  }
  return { numberOf, count };
}

/** Onsets of outages that were seen to begin: the minute before was measured, and up. */
export function seenOnsets({ out, measured }: SiteMinutes): number[] {
  const up = combine(measured, out, (a, b) => a & ~b);
  const notUp = up.map((word) => ~word);
  // The window's first minute has none before it.
  return startsOf(out, notUp).filter((minute) => minute > 0);
}

/** What is missing; empty: enough. */
export function missingData(counts: Counts, alpha: number): Need[] {
  const needs: Need[] = [
    { what: "days", have: counts.days, need: Math.ceil(1 / alpha) },
    { what: "networkEpisodes", have: counts.networkEpisodes, need: leastNetworkEpisodes },
    { what: "networkDays", have: counts.networkDays, need: leastNetworkDays },
    { what: "serviceEpisodes", have: counts.serviceEpisodes, need: leastServiceEpisodes },
  ];
  return needs.filter(({ have, need }) => have < need);
}

/** Whole days of the present rate until all of it is there; null where a rate is 0. Example: 4 of 10 in 30 days: 75. */
export function daysNeeded(needs: readonly Need[], days: number): number | null {
  if (needs.some(({ have }) => have === 0)) return null;
  return Math.max(...needs.map(({ have, need }) => Math.ceil((need / have) * days)));
}
