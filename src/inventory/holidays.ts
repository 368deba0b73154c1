import { readTable } from "./csv-table.ts";
import { labelAllowed, labelPattern } from "./fields.ts";
import type { Mistakes } from "./mistakes.ts";

/*
 * holidays.csv, one day a row, on which offices are closed:
 *
 *   day   YYYY-MM-DD
 *   kind  libur (public holiday) or cuti-bersama (collective leave)
 *   name  of the occasion
 *
 * Every year has a decree of its own, so that a year without a row is a year of which nothing is known.
 */
const columns = ["day", "kind", "name"] as const;
export const holidayKinds = ["libur", "cuti-bersama"] as const;
export type HolidayKind = (typeof holidayKinds)[number];

export interface Holiday {
  kind: HolidayKind;
  name: string;
}

const file = "holidays.csv";

/** By day, YYYY-MM-DD. An empty file has none. */
export function readHolidays(text: string, mistakes: Mistakes): Map<string, Holiday> {
  const holidays = new Map<string, Holiday>();
  const rows = text === "" ? [] : (readTable(text, file, columns, mistakes) ?? []);
  for (const row of rows) {
    const [day, name] = [row.at("day"), row.at("name")];
    const kind = holidayKinds.find((known) => known === row.at("kind"));
    if (kind === undefined) row.refuse("kind", `one of ${holidayKinds.join(", ")}`);
    if (!labelPattern.test(name)) row.refuse("name", labelAllowed);
    if (!isDay(day)) row.refuse("day", "a day such as 2026-08-17");
    else if (holidays.has(day)) row.refuse("day", "another day: a row before has this one");
    holidays.set(day, { kind: kind ?? "libur", name });
  }
  return holidays;
}

/** Whether this is a day of the calendar, written YYYY-MM-DD. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
