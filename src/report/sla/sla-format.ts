import type { Language } from "../language.ts";

/** Figures as people here write them, without anything rounded away that somebody signs. */
export interface SlaFormat {
  /** Hours, minutes and seconds: 744:00:00; with thousandths where there are any. */
  clock(ms: number): string;
  /** 98,1234 %; cut, not rounded, so that 100 % is said of nothing less. null: a dash. */
  percent(ratio: number | null): string;
  /** Rp1.500.000 */
  rupiah(idr: number): string;
  count(value: number): string;
  /** 3 Okt, 08.00.05 */
  moment(ms: number): string;
  /** 1 Okt – 15 Okt */
  days(span: { fromMs: number; toMs: number }): string;
  /** WITA */
  zone(ms: number): string;
  /** 3 Oktober 2026 */
  day(ms: number): string;
  /** Oktober 2026 */
  month(ms: number): string;
  /** 3 Oktober 2026, 08.00 WITA */
  date(ms: number): string;
}

export function createSlaFormat(language: Language, timeZone: string): SlaFormat {
  const locale = language === "id" ? "id-ID" : "en-GB";
  const number = new Intl.NumberFormat(locale);
  const share = new Intl.NumberFormat(locale, { maximumFractionDigits: 4, roundingMode: "floor" });
  const day = new Intl.DateTimeFormat(locale, { timeZone, day: "numeric", month: "short" });
  const wholeDay = new Intl.DateTimeFormat(locale, {
    timeZone,
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  const month = new Intl.DateTimeFormat(locale, { timeZone, month: "long", year: "numeric" });
  const time = new Intl.DateTimeFormat(locale, {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  // In Indonesian for both: there WITA is WITA, while English has GMT+8 for it.
  const zone = new Intl.DateTimeFormat("id-ID", { timeZone, timeZoneName: "short" });
  const zoneName = (ms: number) =>
    zone.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? timeZone;
  const two = (value: number) => String(value).padStart(2, "0");
  return {
    clock(ms) {
      const whole = Math.floor(Math.abs(ms) / 1000);
      const rest = Math.abs(ms) % 1000;
      const text = `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
      return `${ms < 0 ? "-" : ""}${text}${rest === 0 ? "" : `.${String(rest).padStart(3, "0")}`}`;
    },
    percent(ratio) {
      if (ratio === null) return "–";
      // Twelve digits: 0.07 × 100 is 7.000000000000001.
      const digits = share.format(Number((ratio * 100).toPrecision(12)));
      return language === "id" ? `${digits} %` : `${digits}%`;
    },
    rupiah: (idr) => `Rp${number.format(idr)}`,
    count: (value) => number.format(value),
    moment: (ms) => `${day.format(ms)}, ${time.format(ms)}`,
    days: ({ fromMs, toMs }) => `${day.format(fromMs)} – ${day.format(toMs - 1)}`,
    zone: zoneName,
    day: (ms) => wholeDay.format(ms),
    month: (ms) => month.format(ms),
    date: (ms) => `${wholeDay.format(ms)}, ${time.format(ms).slice(0, 5)} ${zoneName(ms)}`,
  };
}
