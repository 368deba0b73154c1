import type { SiteRate } from "./association.ts";
import { countAll, countBetween, dayMinutes, startsOf } from "./minutes.ts";
import { fitRates, pooledRate } from "./partial-pooling.ts";
import type { SiteMinutes } from "./site-minutes.ts";

const month = 30;

/** How often outages took the service with them, per 30 observed days, highest first; sites that nobody observed are left out. */
export function rankSites(sites: readonly SiteMinutes[], alpha: number): SiteRate[] {
  const counts = sites.flatMap((site) => {
    const observedDays = countAll(site.both) / dayMinutes;
    return observedDays === 0
      ? []
      : [{ code: site.code, events: failedOutages(site), exposure: observedDays }];
  });
  const priors = fitRates(counts);
  const inMonths = (rate: number | null) => (rate === null ? null : rate * month);
  const rates = counts.map((count): SiteRate => {
    const { rate, interval } = pooledRate(count, priors, alpha);
    return {
      code: count.code,
      episodes: count.events,
      observedDays: count.exposure,
      per30Days: rate * month,
      interval: { low: inMonths(interval.low), high: inMonths(interval.high) },
    };
  });
  return rates.toSorted((a, b) => b.per30Days - a.per30Days || (a.code < b.code ? -1 : 1));
}

/** Outages in which a check failed. */
function failedOutages({ out, exposedFailed }: SiteMinutes): number {
  const starts = startsOf(out, out);
  const end = out.length * 32;
  return starts.filter((from, place) => countBetween(exposedFailed, from, starts[place + 1] ?? end) > 0)
    .length;
}
