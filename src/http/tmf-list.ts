import { createHash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { HttpEnv } from "./env.ts";
import { langParam } from "./params.ts";
import { badField } from "./problem.ts";
import { attributesOf, equal, pathsOf, timeAllowed, toRange } from "./tmf-filter.ts";
import type { Attributes, Filter } from "./tmf-filter.ts";

/* Lists of TM Forum's APIs (TMF630): fields, offset and limit, and every other parameter an attribute that is compared. */

/** Rows of a page. Default 100. */
const maxLimit = 1_000;
const limitAllowed = `a whole number from 1 to ${maxLimit}`;
const offsetAllowed = "a whole number from 0 to 1000000000";
const onceAllowed = "one value, once";

export interface TmfQuery {
  /** null: all. */
  fields: readonly string[] | null;
  offset: number;
  limit: number;
  filters: Filter[];
}

/** The parameter `fields` of what has this shape. */
function fieldsParam(shape: z.ZodObject) {
  const names = Object.keys(shape.shape);
  const allowed = `none, or attributes of the first level, with commas: ${names.join(", ")}`;
  return z
    .string({ error: onceAllowed })
    .optional()
    .transform((text, context): readonly string[] | null => {
      if (text === undefined || text === "") return null;
      if (text === "none") return [];
      const fields = text.split(",").map((name) => name.trim());
      if (fields.every((name) => names.includes(name))) return fields;
      context.addIssue({ code: "custom", message: allowed });
      return z.NEVER;
    })
    .openapi({
      type: "string",
      param: {
        description:
          "Attributes of the first level, with commas; `none` for id, href and @type alone. Default: all.",
      },
    });
}

/** Query of one of them. */
export function oneQuery(shape: z.ZodObject) {
  return z.strictObject({ fields: fieldsParam(shape), lang: langParam });
}

/** Query of a list of what has this shape: each of its attributes may be asked for, and nothing else. */
export function listQuery(shape: z.ZodObject) {
  const attributes = attributesOf(shape);
  return z.strictObject({
    fields: fieldsParam(shape),
    lang: langParam,
    offset: z
      .string({ error: offsetAllowed })
      .regex(/^\d{1,9}$/, { error: offsetAllowed })
      .default("0")
      .openapi({ type: "integer", example: "0", param: { description: "Rows that are passed over." } }),
    limit: z
      .string({ error: limitAllowed })
      .regex(/^([1-9]\d{0,2}|1000)$/, { error: limitAllowed })
      .default("100")
      .openapi({
        type: "integer",
        example: "100",
        param: { description: `Rows of a page; 1 to ${maxLimit}.` },
      }),
    ...Object.fromEntries([...attributes].map(([path, kind]) => [path, valuesParam(path, kind)])),
    ...Object.fromEntries(
      [...attributes].flatMap(([path, kind]) =>
        kind === "time" ? Object.keys(ranges).map((name) => [`${path}.${name}`, rangeParam(path, name)]) : [],
      ),
    ),
  });
}

/** Equal to one of several: with commas, or named several times. */
function valuesParam(path: string, kind: "time" | "text") {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given, context): Filter => {
      const values = [given].flat().flatMap((text) => text.split(","));
      const filter = equal(path, kind, values);
      if (filter !== null) return filter;
      context.addIssue({ code: "custom", message: timeAllowed });
      return z.NEVER;
    })
    .optional()
    .openapi({
      type: "array",
      items: { type: "string", ...(kind === "time" ? { format: "date-time" } : {}) },
      param: { description: "Equal to one of these." },
    });
}

const ranges: Record<string, string> = { gt: "After", gte: "At or after", lt: "Before", lte: "At or before" };

function rangeParam(path: string, name: string) {
  return z
    .string({ error: onceAllowed })
    .transform((text, context): Filter => {
      const filter = toRange(path, name, text);
      if (filter !== null) return filter;
      context.addIssue({ code: "custom", message: timeAllowed });
      return z.NEVER;
    })
    .optional()
    .openapi({ type: "string", format: "date-time", param: { description: `${ranges[name]} this moment.` } });
}

/** What was asked for, of a query that passed. */
export function toTmfQuery(query: z.output<ReturnType<typeof listQuery>>): TmfQuery {
  const { fields, lang: _lang, offset, limit, ...rest } = query;
  const filters = Object.values(rest as Record<string, Filter | undefined>).filter(
    (filter) => filter !== undefined,
  );
  return { fields, offset: Number(offset), limit: Number(limit), filters };
}

/**
 * Sends the page that was asked for, with how many there are of all. The tag is of both: a page may stay as it was while there are
 * more behind it. 200 also where there are: TMF630's 206 is HTTP's for a range of bytes, which no cache keeps and nothing compresses.
 */
export function sendPage<T extends object>(c: Context<HttpEnv>, all: readonly T[], query: TmfQuery) {
  const { fields, offset, limit, filters } = query;
  const matching = all.filter((row) => matches(row, filters));
  const page = matching.slice(offset, offset + limit).map((row) => selected(row, fields));
  const end = offset + page.length;
  c.header("X-Total-Count", String(matching.length));
  c.header("X-Result-Count", String(page.length));
  if (page.length > 0 && end < matching.length) {
    const next = new URL(c.req.url).searchParams;
    next.set("offset", String(end));
    c.header("Link", `<?${next.toString()}>; rel="next"`);
  }
  const told = JSON.stringify([matching.length, page]);
  c.header("ETag", `"${createHash("sha256").update(told).digest("hex").slice(0, 32)}"`);
  return c.json(page, 200);
}

export function matches(row: object, filters: readonly Filter[]): boolean {
  return filters.every(({ path, fits }) => valuesAt(row, path.split(".")).some(fits));
}

/** Of an attribute of several values each counts. */
function valuesAt(value: unknown, path: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, path));
  if (value === null || value === undefined) return [];
  const [name, ...rest] = path;
  if (name !== undefined)
    return typeof value === "object" ? valuesAt((value as Record<string, unknown>)[name], rest) : [];
  return typeof value === "object" ? [] : [String(value as string | number | boolean)];
}

/** A pattern of a task as filters: each of its attributes, also those within others. A list is any of its values, as in a query. */
export function patternOf(pattern: object, attributes: Attributes): Filter[] {
  const given = Object.entries(pattern).flatMap(([name, value]) => flattened(name, value));
  const refuse = (value: string, allowed: string) =>
    badField(422, [{ field: "alarmPattern", value: value.slice(0, 80), allowed }]);
  if (given.length === 0) throw refuse("an empty pattern", pathsOf(attributes));
  return [...Map.groupBy(given, ([path]) => path)].map(([path, of]) => {
    const values = of.map(([, value]) => value).filter((value) => value !== null);
    // Left out it would mean more than was said.
    if (values.length < of.length) throw refuse(`${path} without a value`, "at least one value of each");
    const kind = attributes.get(path);
    if (kind === undefined) throw refuse(path, pathsOf(attributes));
    const filter = equal(path, kind, values);
    if (filter === null) throw refuse(values.join(","), timeAllowed);
    return filter;
  });
}

/** null: nothing stands where values belong. */
function flattened(path: string, value: unknown): [path: string, value: string | null][] {
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  if (Object.keys(value).length === 0) return [[path, null]];
  return Object.entries(value).flatMap(([name, inner]) =>
    flattened(Array.isArray(value) ? path : `${path}.${name}`, inner),
  );
}

/** Only these attributes, with those that tell what it is. */
export function selected<T extends object>(row: T, fields: readonly string[] | null): Partial<T> {
  if (fields === null) return row;
  const kept = new Set([...fields, "id", "href", "@type"]);
  return Object.fromEntries(Object.entries(row).filter(([name]) => kept.has(name))) as Partial<T>;
}
