/*
 * Moments as text, and clocks on a wall. A wall clock's reading is held as the epoch ms that the same reading would be in
 * UTC, so that days and months can be counted with the arithmetic of UTC.
 */

/** The zone of Kutai Timur, WITA: UTC+8 all the year. */
export const defaultTimeZone = "Asia/Makassar";

export interface LocalTime {
  toLocalMs(epochMs: number): number;
  /** A reading that a change of the clocks leaves out is taken for the moment after the gap. */
  toEpochMs(localMs: number): number;
}

const dayMs = 86_400_000;

/** `timeZone`: IANA name. */
export function createLocalTime(timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const toLocalMs = (epochMs: number) => {
    const parts = Object.fromEntries(
      format.formatToParts(epochMs).map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = parts as Record<string, number>;
    const wholeMs = Date.UTC(year!, month! - 1, day, hour, minute, second);
    return wholeMs + (((epochMs % 1000) + 1000) % 1000);
  };
  return {
    toLocalMs,
    toEpochMs(localMs) {
      const guessMs = localMs - (toLocalMs(localMs) - localMs);
      return guessMs - (toLocalMs(guessMs) - localMs);
    },
  };
}

/** The first moment of the local day that `timeMs` lies in, epoch ms. */
export function startOfDay(timeMs: number, timeZone: string): number {
  const { toLocalMs, toEpochMs } = createLocalTime(timeZone);
  return toEpochMs(Math.floor(toLocalMs(timeMs) / dayMs) * dayMs);
}

/** First moments of a month such as `2026-10` and of the one after it, epoch ms; null: no such month. */
export function monthSpan(month: string, timeZone: string): { fromMs: number; toMs: number } | null {
  const [, year, number] = /^(20\d\d)-(0[1-9]|1[0-2])$/.exec(month) ?? [];
  if (year === undefined || number === undefined) return null;
  const { toEpochMs } = createLocalTime(timeZone);
  return {
    fromMs: toEpochMs(Date.UTC(Number(year), Number(number) - 1, 1)),
    toMs: toEpochMs(Date.UTC(Number(year), Number(number), 1)),
  };
}

export const calendarSteps = ["day", "month", "whole"] as const;
export type CalendarStep = (typeof calendarSteps)[number];

/** The range cut where local days or months begin: the first and the last piece may be part of one. `whole`: not cut. */
export function cutByCalendar(
  { fromMs, toMs }: { fromMs: number; toMs: number },
  step: CalendarStep,
  timeZone: string,
): { fromMs: number; toMs: number }[] {
  if (fromMs >= toMs) return [];
  if (step === "whole") return [{ fromMs, toMs }];
  const { toLocalMs, toEpochMs } = createLocalTime(timeZone);
  const next = (ms: number) => {
    const local = new Date(toLocalMs(ms));
    const [year, month] = [local.getUTCFullYear(), local.getUTCMonth()];
    return toEpochMs(
      step === "month" ? Date.UTC(year, month + 1, 1) : Date.UTC(year, month, local.getUTCDate() + 1),
    );
  };
  const pieces: { fromMs: number; toMs: number }[] = [];
  for (let atMs = fromMs; atMs < toMs;) {
    const endMs = Math.min(toMs, next(atMs));
    pieces.push({ fromMs: atMs, toMs: endMs });
    atMs = endMs;
  }
  return pieces;
}

/** The local month that a moment lies in, such as `2026-10`. */
export function monthAt(timeMs: number, timeZone: string): string {
  return new Date(createLocalTime(timeZone).toLocalMs(timeMs)).toISOString().slice(0, 7);
}

/** A moment by the local clock with its distance from UTC, to the second: `2026-10-01T00:00:00+08:00`. */
export function toLocalIso(timeMs: number, timeZone: string): string {
  const wholeMs = Math.floor(timeMs / 1000) * 1000;
  const localMs = createLocalTime(timeZone).toLocalMs(wholeMs);
  const offsetMin = Math.round((localMs - wholeMs) / 60_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(Math.abs(offsetMin) / 60), Math.abs(offsetMin) % 60];
  const sign = offsetMin < 0 ? "-" : "+";
  return `${new Date(localMs).toISOString().slice(0, 19)}${sign}${two(hours)}:${two(minutes)}`;
}

/** Epoch ms of an RFC 3339 time with a zone, or of a plain number of ms; null: neither. */
export function parseTimeMs(text: string): number | null {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  // In a query, a + that was not encoded arrives as a blank.
  const time = text.replace(/ (?=\d\d:?\d\d$)/, "+");
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)$/.test(time)) return null;
  if (!isDate(time.slice(0, 10))) return null;
  const ms = Date.parse(time.replace(" ", "T").replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return Number.isNaN(ms) ? null : ms;
}

/** Date.parse takes 31 February for 3 March. */
function isDate(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
