import { createLocalTime } from "./local-time.ts";
import { joinSpans } from "./spans.ts";
import type { Span } from "./spans.ts";

/** On these days of the week, Monday 1 to Sunday 7, from and to so many minutes after midnight; `toMin` up to `fromMin`: on the next day. */
export interface ServiceHours {
  days: readonly number[];
  fromMin: number;
  toMin: number;
}

const names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const dayMin = 1_440;
const dayMs = dayMin * 60_000;

export const serviceHoursAllowed =
  'one or more stretches such as "mon-fri 07:30-16:00", "sat 08:00-12:00" or "mon-sun 00:00-24:00"';

/** null: not of the form. */
export function parseServiceHours(text: string): ServiceHours | null {
  const form = /^([a-z]{3})(?:-([a-z]{3}))? ([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;
  const [, first, last = first, ...times] = form.exec(text) ?? [];
  if (first === undefined || last === undefined) return null;
  const [from, to] = [names.indexOf(first), names.indexOf(last)];
  const [fromHour, fromMinute, toHour, toMinute] = times.map(Number);
  const [fromMin, toMin] = [fromHour! * 60 + fromMinute!, toHour! * 60 + toMinute!];
  if (from < 0 || to < from || toMin > dayMin || fromMin === toMin) return null;
  return { days: names.slice(from, to + 1).map((_, at) => from + at + 1), fromMin, toMin };
}

/**
 * When service is owed within [fromMs, toMs): ascending, joined where they touch. A stretch over midnight belongs to the day
 * on which it begins. `isClosed`: whether nothing is owed on a day, YYYY-MM-DD. `timeZone`: IANA name.
 */
export function serviceSpans(
  hours: readonly ServiceHours[],
  { fromMs, toMs }: Span,
  timeZone: string,
  isClosed: (day: string) => boolean,
): Span[] {
  const { toLocalMs, toEpochMs } = createLocalTime(timeZone);
  const always = hours.length === 0 ? [{ days: [1, 2, 3, 4, 5, 6, 7], fromMin: 0, toMin: dayMin }] : hours;
  const spans: Span[] = [];
  for (let day = Math.floor(toLocalMs(fromMs) / dayMs) - 1; toEpochMs(day * dayMs) < toMs; day += 1) {
    if (isClosed(new Date(day * dayMs).toISOString().slice(0, 10))) continue;
    // 1 January 1970 was a Thursday.
    const weekday = ((day + 3) % 7) + 1;
    for (const { days, fromMin, toMin } of always) {
      if (!days.includes(weekday)) continue;
      const at = (minute: number) => toEpochMs(day * dayMs + minute * 60_000);
      const endMin = toMin > fromMin ? toMin : toMin + dayMin;
      const span = { fromMs: Math.max(at(fromMin), fromMs), toMs: Math.min(at(endMin), toMs) };
      if (span.fromMs < span.toMs) spans.push(span);
    }
  }
  return joinSpans(spans);
}
