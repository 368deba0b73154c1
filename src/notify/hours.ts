import type { Holiday } from "../inventory/holidays.ts";
import { createLocalTime } from "../inventory/local-time.ts";

/*
 * Hours of the day and days of the week by the wall clock, as people's duty goes by them.
 */

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

/** `from` and `to`: minutes after midnight; a `to` that is not after `from` is of the next day, and the night is the day's at which it began. */
export interface Hours {
  fromMin: number;
  toMin: number;
  days: readonly Weekday[];
  /** A holiday counts as the day that it falls on, as none of them, or as the only one. */
  holidays: "as-usual" | "never" | "only";
}

export interface Calendar {
  timeZone: string;
  holidays: ReadonlyMap<string, Holiday>;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Whether these hours hold at that moment. */
export function isWithin(hours: Hours, timeMs: number, calendar: Calendar): boolean {
  const localMs = createLocalTime(calendar.timeZone).toLocalMs(timeMs);
  const midnightMs = Math.floor(localMs / dayMs) * dayMs;
  const minute = (localMs - midnightMs) / minuteMs;
  const { fromMin, toMin } = hours;
  if (fromMin < toMin) return minute >= fromMin && minute < toMin && isOn(hours, midnightMs, calendar);
  return (
    (minute >= fromMin && isOn(hours, midnightMs, calendar)) ||
    (minute < toMin && isOn(hours, midnightMs - dayMs, calendar))
  );
}

function isOn({ days, holidays }: Hours, midnightMs: number, calendar: Calendar): boolean {
  const isHoliday = calendar.holidays.has(new Date(midnightMs).toISOString().slice(0, 10));
  if (isHoliday && holidays === "never") return false;
  if (holidays === "only") return isHoliday;
  // 1 January 1970 was a Thursday.
  return days.includes(weekdays[(((midnightMs / dayMs + 3) % 7) + 7) % 7]!);
}

/** The first moment after `timeMs` at which the wall clock shows this minute of the day, epoch ms. */
export function nextAt(minute: number, timeMs: number, timeZone: string): number {
  const { toLocalMs, toEpochMs } = createLocalTime(timeZone);
  const midnightMs = Math.floor(toLocalMs(timeMs) / dayMs) * dayMs;
  for (const day of [0, 1, 2]) {
    const atMs = toEpochMs(midnightMs + day * dayMs + minute * minuteMs);
    if (atMs > timeMs) return atMs;
  }
  throw new Error(`no minute ${minute} within two days of ${timeMs} in ${timeZone}`);
}
