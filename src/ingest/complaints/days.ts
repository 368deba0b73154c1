import { isDay } from "../../inventory/holidays.ts";
import { createLocalTime, parseTimeMs } from "../../inventory/local-time.ts";
import type { RefusalCode } from "./refusal.ts";

/**
 * A day as a file writes it. `sure`: it can be read in one way only · `dayFirst`: taken as day/month/year, which it would also be
 * as month/day/year · `swapped`: it is month/day/year, and speaks against every `dayFirst` of its column.
 */
export type ReadDay =
  | { day: string; as: "sure" | "dayFirst" }
  | { code: Extract<RefusalCode, "value.day" | "value.day.swapped"> };

const dayMs = 86_400_000;

const months = "januari februari maret april mei juni juli agustus september oktober november desember".split(
  " ",
);

/**
 * Reads days: 2026-03-04, 04/03/2026 (also with - or .), 4 Maret 2026, each with a time behind it or not, and the numbers
 * of a spreadsheet. Years of two digits are refused. `timeZone`: where a time with an offset becomes a day.
 */
export function createDayReader(timeZone: string): (cell: string | number) => ReadDay {
  const { toLocalMs } = createLocalTime(timeZone);
  const dayAt = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return (cell) => {
    if (typeof cell === "number") return { day: dayAt(cell), as: "sure" };
    const offset = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(cell) ? parseTimeMs(cell) : null;
    if (offset !== null) return { day: dayAt(toLocalMs(offset)), as: "sure" };
    const text = cell.replace(/[ T]\d{1,2}[.:]\d\d([.:]\d\d(\.\d+)?)?( (wib|wita|wit))?$/i, "");
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return sure(text);
    const named = /^(\d{1,2}) ([a-z]{3,9})\.? (\d{4})$/i.exec(text);
    if (named !== null) return withMonthName(named[1]!, named[2]!, named[3]!);
    const [, first, second, year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text) ?? [];
    if (first === undefined || second === undefined || year === undefined) return { code: "value.day" };
    if (Number(second) > 12 && Number(first) <= 12) return { code: "value.day.swapped" };
    const read = sure(toDay(year, second, first));
    const either = Number(first) <= 12 && first.padStart(2, "0") !== second.padStart(2, "0");
    return "day" in read && either ? { day: read.day, as: "dayFirst" } : read;
  };
}

const toDay = (year: string, month: string, day: string) =>
  `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;

function sure(day: string): ReadDay {
  return isDay(day) && day >= "2000-01-01" ? { day, as: "sure" } : { code: "value.day" };
}

function withMonthName(day: string, name: string, year: string): ReadDay {
  const month = months.findIndex((known) => known.startsWith(name.toLowerCase()));
  return month === -1 ? { code: "value.day" } : sure(toDay(year, String(month + 1), day));
}

/**
 * Epoch ms of the UTC midnight of a spreadsheet's day number; null: out of range. Its first system takes 1900 for a leap year,
 * so that 1 is 1900-01-01 and 61 is 1900-03-01; its second counts from 1904-01-01 as 0.
 */
export function serialToMs(serial: number, is1904: boolean): number | null {
  const days = Math.floor(serial) + (is1904 ? 1462 : 0);
  // 2000-01-01 to 2099-12-31.
  if (days < 36_526 || days > 73_050) return null;
  return Date.UTC(1899, 11, 30) + days * dayMs;
}
