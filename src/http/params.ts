import { z } from "@hono/zod-openapi";
import { monthSpan, parseTimeMs } from "../inventory/local-time.ts";
import { causes } from "../outage/table.ts";
import type { Cause } from "../outage/table.ts";
import { languages } from "../report/language.ts";
import { chooseStepMs, durationAllowed, parseDurationMs } from "./duration.ts";
import { badField } from "./problem.ts";

/*
 * Query parameters. The message of an issue is what is allowed there; the hook in open-api.ts adds field and value.
 * A parameter is documented as the text that it is, never as what it becomes.
 */

const timeAllowed = "an RFC 3339 time such as 2026-11-22T14:05:00+08:00, or milliseconds since 1970";

function parsed<T>(parse: (text: string) => T | null, allowed: string) {
  return z.string({ error: `${allowed}, once` }).transform((text, context): T => {
    const value = parse(text);
    if (value !== null) return value;
    context.addIssue({ code: "custom", message: allowed });
    return z.NEVER;
  });
}

const documented = (description: string, example?: string) => ({
  param: { description },
  ...(example === undefined ? {} : { example }),
});

export const fromParam = parsed(parseTimeMs, timeAllowed)
  .optional()
  .openapi(
    documented("Start of the range, included. Default: 24 hours before `to`.", "2026-11-21T00:00:00Z"),
  );
export const toParam = parsed(parseTimeMs, timeAllowed)
  .optional()
  .openapi(documented("End of the range, not included. Default: now.", "2026-11-22T00:00:00Z"));
export const asOfParam = parsed(parseTimeMs, timeAllowed)
  .optional()
  .openapi(
    documented(
      "The table as it was known at this moment; not before the first agent was enrolled. Default, and for moments to come: now.",
    ),
  );
export const timeParam = (description: string) =>
  parsed(parseTimeMs, timeAllowed).optional().openapi(documented(description));
export const stepParam = parsed(parseDurationMs, durationAllowed)
  .optional()
  .openapi(
    documented(
      "Length of a step. Default: chosen so that a target has at most 500 rows. Longer than asked where a target would have more than 2,000; `meta.step` tells.",
      "5m",
    ),
  );
export const langParam = z
  .enum(languages, { error: `one of ${languages.join(", ")}` })
  .default("id")
  .openapi(documented("Language of texts for people."));
export const openParam = z
  .enum(["true", "false"], { error: "true or false" })
  .transform((text) => text === "true")
  .optional()
  .openapi(documented("true: only what still lasts. false: only what has ended."));

const monthAllowed = "a month such as 2026-10, and neither from nor to beside it";
export const monthParam = z
  .string({ error: monthAllowed })
  .optional()
  .openapi(documented("A month by the wall clock of the regency, in place of from and to.", "2026-10"));

const codePattern = /^\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?$/;
const codeAllowed = "an area code such as 64.08, 64.08.05 or 64.08.05.2001";

/** What a dashboard asks by one variable: without a value there, there is nothing to answer, and nothing wrong. */
export const idParam = (description: string) =>
  z
    .string({ error: "an id, or nothing, once" })
    .openapi(documented(`${description} Empty: none, and no rows.`));

export const codeParam = z.string({ error: codeAllowed }).regex(codePattern, { error: codeAllowed });

/**
 * A comma list; `undefined`: all of them, null: not a list of such. Nothing between the commas is none at all. `empty`: an item that
 * is none.
 */
function parseList(
  isItem: (item: string) => boolean,
  empty: string,
): (text: string) => readonly string[] | null | undefined {
  return (text) => {
    if (text.trim() === "") return [];
    const items = text.split(",").flatMap((item) => (item.trim() === empty ? [] : [item.trim()]));
    if (items.includes("*")) return undefined;
    return items.every(isItem) ? items : null;
  };
}

function listParam(
  isItem: (item: string) => boolean,
  allowed: string,
  description: string,
  example: string,
  empty = "",
) {
  const parse = parseList(isItem, empty);
  return z
    .string({ error: `${allowed}, once` })
    .transform((text, context): readonly string[] | undefined => {
      const items = parse(text);
      if (items !== null) return items;
      context.addIssue({ code: "custom", message: allowed });
      return z.NEVER;
    })
    .openapi(documented(description, example));
}

/** undefined after parsing: all sites. */
export const sitesParam = listParam(
  (item) => codePattern.test(item),
  `${codeAllowed}, several with commas, or *`,
  "Sites by area code, with commas; `*` for all. Default: all.",
  "64.08.05,64.08.05.2001",
).optional();

export const causesParam = listParam(
  (item) => causes.includes(item as Cause),
  `one of ${causes.join(", ")}, several with commas, or *`,
  "Causes, with commas; `*` for all. Default: all.",
  "power,link",
).optional();

export const targetsParam = listParam(
  (item) => /^[0-9.]{2,13}\/([A-Za-z0-9][A-Za-z0-9._-]{0,63}|\*)$/.test(item),
  "<site>/<target> such as 64.08.05/gw, several with commas; <site>/* for all of a site, or * for all",
  "Targets as /targets names them, with commas; `<site>/*` for all of a site, `*` for all.",
  "64.08.05/gw",
  // `${site}/*` of a dashboard in which no site is chosen.
  "/*",
);

export interface Range {
  fromMs: number;
  toMs: number;
}

const dayMs = 86_400_000;

/** The range that was asked for, or the last 24 hours to the whole second. */
export function resolveRange(
  query: { from?: number | undefined; to?: number | undefined },
  nowMs: number,
): Range {
  const toMs = query.to ?? Math.floor(nowMs / 1000) * 1000;
  const fromMs = query.from ?? toMs - dayMs;
  if (fromMs >= toMs) {
    const allowed = `a time before the end of the range, ${new Date(toMs).toISOString()}`;
    throw badField(400, [{ field: "from", value: new Date(fromMs).toISOString(), allowed }]);
  }
  return { fromMs, toMs };
}

/** The month that was asked for, which must have begun, or the range in its place. */
export function resolveMonth(
  { month, ...query }: { month?: string | undefined; from?: number | undefined; to?: number | undefined },
  timeZone: string,
  nowMs: number,
): Range {
  if (month === undefined) return resolveRange(query, nowMs);
  const span = query.from === undefined && query.to === undefined ? monthSpan(month, timeZone) : null;
  if (span !== null && span.fromMs < nowMs) return span;
  const allowed = span === null ? monthAllowed : "a month that has begun";
  throw badField(400, [{ field: "month", value: month.slice(0, 80), allowed }]);
}

/** Rows of one target that a panel can draw, and those that it is given at most. */
const panelRows = 500;
const mostRows = 2_000;

/** The step that was asked for, or a longer one where a target would have more rows than anybody draws. */
export function resolveStepMs(stepMs: number | undefined, { fromMs, toMs }: Range): number {
  const rangeMs = toMs - fromMs;
  // A range that does not begin where a step does has one more.
  if (stepMs !== undefined && rangeMs / stepMs <= mostRows - 1) return stepMs;
  return chooseStepMs(rangeMs, stepMs === undefined ? panelRows : mostRows - 1);
}

const limitAllowed = "a whole number from 1 to 1000";

/** How many rows of a list; its text, a whole number. */
export const limitParam = (description: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,3}$/, { error: limitAllowed })
    .refine((text) => Number(text) <= 1000, { error: limitAllowed })
    .default("200")
    .openapi({ type: "integer", param: { description }, example: "200" });
