import { z } from "@hono/zod-openapi";
import { isDay } from "../inventory/holidays.ts";
import { createLocalTime } from "../inventory/local-time.ts";
import { badField } from "./problem.ts";

/* Ranges of whole days of the district's zone, [from, to), for what is known by the day alone. */

const dayAllowed = "a day such as 2026-03-04";
const dayMs = 86_400_000;
const defaultDays = 365;

export const dayParam = (description: string) =>
  z
    .string({ error: `${dayAllowed}, once` })
    .refine(isDay, { error: dayAllowed })
    .optional()
    .openapi({ param: { description }, example: "2026-03-04" });

export const dayParams = {
  from: dayParam(`First day. Default: ${defaultDays} days before \`to\`.`),
  to: dayParam("Day after the last one. Default: tomorrow."),
};

export function resolveDays(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  nowMs: number,
  timeZone: string,
): { fromDay: string; toDay: string } {
  const toDay = to ?? dayOf(createLocalTime(timeZone).toLocalMs(nowMs) + dayMs);
  const fromDay = from ?? dayOf(Date.parse(toDay) - defaultDays * dayMs);
  if (fromDay < toDay) return { fromDay, toDay };
  throw badField(400, [{ field: "from", value: fromDay, allowed: `a day before ${toDay}` }]);
}

/** Days of which something speaks, both included; undefined: nobody said. */
export function readDays(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  nowMs: number,
  timeZone: string,
): { first: string; last: string } | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined)
    throw badField(400, [
      {
        field: from === undefined ? "from" : "to",
        value: undefined,
        allowed: "both from and to, or neither",
      },
    ]);
  const tomorrow = dayOf(createLocalTime(timeZone).toLocalMs(nowMs) + dayMs);
  if (to > tomorrow) throw badField(400, [{ field: "to", value: to, allowed: `${tomorrow} at most` }]);
  if (from >= to) throw badField(400, [{ field: "from", value: from, allowed: `a day before ${to}` }]);
  return { first: from, last: dayOf(Date.parse(to) - dayMs) };
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
