import type { Language } from "./payload.ts";

const minuteMs = 60_000;
const locales = { id: "id-ID", en: "en-GB" } as const;
const units = {
  id: { day: ["hari", "hari"], hour: ["jam", "jam"], minute: ["menit", "menit"] },
  en: { day: ["day", "days"], hour: ["hour", "hours"], minute: ["minute", "minutes"] },
} as const;

/**
 * To make one takes longer than to queue and to send the message that it is for. There are a few for each language and zone
 * of the configuration, and none ever changes.
 */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, options);
  formats.set(key, made);
  return made;
}

/** "09.10 WITA", with the date before it when that is not the day of `nowMs`: "24 Juni 2025 09.10 WITA". */
export function sayMoment(timeMs: number, nowMs: number, language: Language, timeZone: string): string {
  const clock = formatOf(locales[language], {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  }).format(timeMs);
  const date = formatOf(locales[language], { dateStyle: "long", timeZone });
  const time = `${clock} ${zoneName(timeMs, timeZone)}`;
  return date.format(timeMs) === date.format(nowMs) ? time : `${date.format(timeMs)} ${time}`;
}

/** WIB, WITA or WIT; elsewhere what Intl calls it. Only the Indonesian locale knows these names. */
function zoneName(timeMs: number, timeZone: string): string {
  const parts = formatOf("id-ID", { timeZoneName: "short", timeZone }).formatToParts(timeMs);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? timeZone;
}

/** "3 jam 20 menit": the two largest units, cut off, so that no outage is made longer than it was. */
export function sayDuration(durationMs: number, language: Language): string {
  const minutes = Math.floor(durationMs / minuteMs);
  if (minutes < 1) return language === "id" ? "kurang dari 1 menit" : "less than 1 minute";
  const amounts = [
    ["day", Math.floor(minutes / 1440)],
    ["hour", Math.floor(minutes / 60) % 24],
    ["minute", minutes % 60],
  ] as const;
  const first = amounts.findIndex(([, amount]) => amount > 0);
  return amounts
    .slice(first, first + 2)
    .filter(([, amount]) => amount > 0)
    .map(([unit, amount]) => `${amount} ${units[language][unit][amount === 1 ? 0 : 1]}`)
    .join(" ");
}
