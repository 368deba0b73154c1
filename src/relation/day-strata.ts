import type { DailyCount, DailySeries } from "./complaint-effect.ts";
import type { DayStratum } from "./daily-contacts.ts";

/** An outage's day and the three after it. */
const catchUpDays = 4;

/** Days with a count and a known exposure, by area and month. */
export function stratify(
  series: readonly DailySeries[],
  exposureOf: (days: readonly DailyCount[], place: number) => number | null,
): DayStratum[] {
  const strata = new Map<string, { exposedRatio: number; contacts: number }[]>();
  for (const { area, days } of series) {
    for (const [place, { month, contacts }] of days.entries()) {
      const exposedRatio = exposureOf(days, place);
      if (contacts === null || exposedRatio === null) continue;
      const key = `${area} ${month}`;
      const stratum = strata.get(key) ?? [];
      strata.set(key, stratum);
      stratum.push({ exposedRatio, contacts });
    }
  }
  return [...strata.keys()].toSorted().map((key) => {
    const days = strata.get(key)!.toSorted((a, b) => a.exposedRatio - b.exposedRatio);
    return { days, contacts: days.reduce((sum, day) => sum + day.contacts, 0) };
  });
}

/**
 * Mean exposure of the day and the three before it: what a day without service does to the contacts of all four together. Full
 * silence that is made up for within three days leaves their rate as it is (ρ = 1); lost for good, it takes a quarter of it
 * (ρ = 0). null without all four.
 */
export function meanSince(days: readonly DailyCount[], place: number): number | null {
  const four = days.slice(Math.max(0, place - catchUpDays + 1), place + 1);
  if (four.length < catchUpDays) return null;
  let sum = 0;
  for (const { exposedRatio } of four) {
    if (exposedRatio === null) return null;
    sum += exposedRatio;
  }
  return sum / catchUpDays;
}
