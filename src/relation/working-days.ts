/** Days on which offices are open: Monday to Friday (Perpres 21/2023), without those on which they are closed. */
export interface WorkingDays {
  /** Working days after `day` up to and with `toDay`; 0 where that is not later. Days are YYYY-MM-DD. */
  between(day: string, toDay: string): number;
  /** Years that a question touched and of which no closed day is known, ascending: there weekends alone were left out. */
  unknownYears(): number[];
}

const dayMs = 86_400_000;

/** `closed`: days on which offices are closed. A year that has none there is one of which nothing is known. */
export function createWorkingDays(closed: Iterable<string>): WorkingDays {
  const closedDays = new Set<number>();
  const knownYears = new Set<number>();
  for (const day of closed) {
    closedDays.add(toNumber(day));
    knownYears.add(Number(day.slice(0, 4)));
  }
  const unknown = new Set<number>();
  return {
    between(day, toDay) {
      const [first, last] = [toNumber(day), toNumber(toDay)];
      for (let year = Number(day.slice(0, 4)); year <= Number(toDay.slice(0, 4)); year++)
        if (!knownYears.has(year)) unknown.add(year);
      let count = 0;
      for (let at = first + 1; at <= last; at++) if (!isWeekend(at) && !closedDays.has(at)) count += 1;
      return count;
    },
    unknownYears: () => [...unknown].toSorted((a, b) => a - b),
  };
}

const toNumber = (day: string) => Date.parse(day) / dayMs;

/** Day 0, 1970-01-01, was a Thursday. */
function isWeekend(day: number): boolean {
  const weekday = (day + 4) % 7;
  return weekday === 0 || weekday === 6;
}
