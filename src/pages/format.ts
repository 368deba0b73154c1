import type { Language } from "../report/language.ts";

/*
 * Times, durations and figures as people here write them: "14.05 WITA", "24 Juni 2025", "3 jam 20 menit", "98,75 %".
 *
 * Intl does the calendar and the digits. Three things are put together by hand, because CLDR does not give them:
 * the name of the zone in English (it says GMT+8 for WITA), units after a space, and durations
 * of the two largest units without a comma.
 */

export interface Format {
  language: Language;
  timeZone: string;
  /** 14.05 WITA */
  time(timeMs: number): string;
  /** 24 Juni 2025 */
  date(timeMs: number): string;
  /** Juni 2025 */
  month(timeMs: number): string;
  /** Sel, 24 Jun: for narrow rows; always beside a page that says the year. */
  shortDate(timeMs: number): string;
  /** The time alone for today, with the date before it for any other day. */
  moment(timeMs: number, nowMs: number): string;
  /** 3 jam 20 menit; the two largest units, cut off, never rounded up. Below a minute: seconds. */
  duration(durationMs: number): string;
  count(value: number): string;
  /** 12,5 ms */
  milliseconds(ms: number): string;
  /** 98,75 %. Cut towards 0, so that 100 % is said of nothing less; `upper` cuts towards 100 %, for an upper bound. */
  percent(ratio: number, upper?: boolean): string;
  /** 68 %: a part of several, rounded; less than half a percent is "< 1 %", and 100 % is said of the whole alone. */
  share(ratio: number): string;
  /** 14.05, for an axis. */
  clock(timeMs: number): string;
}

const units = {
  id: { day: ["hari", "hari"], hour: ["jam", "jam"], minute: ["menit", "menit"], second: ["detik", "detik"] },
  en: {
    day: ["day", "days"],
    hour: ["hour", "hours"],
    minute: ["minute", "minutes"],
    second: ["second", "seconds"],
  },
} as const;

export function createFormat(language: Language, timeZone: string): Format {
  const locale = language === "id" ? "id-ID" : "en-GB";
  const dates = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone });
  const clockFormat = dates({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const dateFormat = dates({ day: "numeric", month: "long", year: "numeric" });
  const monthFormat = dates({ month: "long", year: "numeric" });
  const dayFormat = dates({ day: "numeric", month: "long" });
  const shortDateFormat = dates({ weekday: "short", day: "numeric", month: "short" });
  const yearFormat = dates({ year: "numeric" });
  const countFormat = new Intl.NumberFormat(locale);
  const msFormat = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const percentDown = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, roundingMode: "floor" });
  const percentUp = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, roundingMode: "ceil" });

  const clock = (timeMs: number) => clockFormat.format(timeMs);
  const date = (timeMs: number) => dateFormat.format(timeMs);
  // In Indonesian for both: there WITA is WITA, while English has GMT+8 for it.
  const zoneFormat = new Intl.DateTimeFormat("id-ID", { timeZone, timeZoneName: "short" });
  const zoneName = (timeMs: number) =>
    zoneFormat.formatToParts(timeMs).find((part) => part.type === "timeZoneName")?.value ?? timeZone;
  const time = (timeMs: number) => `${clock(timeMs)} ${zoneName(timeMs)}`;
  const quantity = (value: number, unit: keyof (typeof units)["id"]) =>
    `${countFormat.format(value)} ${units[language][unit][value === 1 ? 0 : 1]}`;

  return {
    language,
    timeZone,
    time,
    date,
    month: (timeMs) => monthFormat.format(timeMs),
    shortDate: (timeMs) => shortDateFormat.format(timeMs),
    clock,
    moment(timeMs, nowMs) {
      if (date(timeMs) === date(nowMs)) return time(timeMs);
      const sameYear = yearFormat.format(timeMs) === yearFormat.format(nowMs);
      return `${sameYear ? dayFormat.format(timeMs) : date(timeMs)}, ${time(timeMs)}`;
    },
    duration(durationMs) {
      const seconds = Math.max(0, Math.floor(durationMs / 1000));
      if (seconds < 60) return quantity(seconds, "second");
      const parts = [
        ["day", Math.floor(seconds / 86_400)],
        ["hour", Math.floor(seconds / 3600) % 24],
        ["minute", Math.floor(seconds / 60) % 60],
      ] as const;
      const first = parts.findIndex(([, value]) => value > 0);
      return parts
        .slice(first, first + 2)
        .filter(([, value]) => value > 0)
        .map(([unit, value]) => quantity(value, unit))
        .join(" ");
    },
    count: (value) => countFormat.format(value),
    milliseconds: (ms) => `${msFormat.format(ms)} ms`,
    share(ratio) {
      const whole =
        ratio > 0 && ratio < 0.005 ? "< 1" : `${ratio < 1 ? Math.min(99, Math.round(ratio * 100)) : 100}`;
      return language === "id" ? `${whole} %` : `${whole}%`;
    },
    percent(ratio, upper = false) {
      // Twelve digits: 0.07 × 100 is 7.000000000000001, which a cut upwards would make 7,01.
      const hundredths = Number((ratio * 100).toPrecision(12));
      const digits = (upper ? percentUp : percentDown).format(hundredths);
      return language === "id" ? `${digits} %` : `${digits}%`;
    },
  };
}
