import type { Context } from "hono";
import type { HttpEnv } from "./env.ts";
import { badField } from "./problem.ts";

/* Lists of TM Forum's APIs (TMF630): fields, offset and limit, and every other parameter an attribute that has to be equal. */

/** Rows of a page. Default 100. */
const maxLimit = 1_000;
const limitAllowed = `a whole number from 1 to ${maxLimit}`;
const offsetAllowed = "a whole number from 0 to 1000000000";

export interface TmfQuery {
  fields: string[] | null;
  offset: number;
  limit: number;
  /** By path of the attribute; one of these values. */
  filters: [path: string, values: string[]][];
}

/** `attributes`: those that may be asked for and filtered by. */
export function readTmfQuery(query: Record<string, string>, attributes: readonly string[]): TmfQuery {
  const { fields, offset = "0", limit = "100", ...rest } = query;
  if (!/^\d{1,9}$/.test(offset))
    throw badField(400, [{ field: "offset", value: offset, allowed: offsetAllowed }]);
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > maxLimit)
    throw badField(400, [{ field: "limit", value: limit.slice(0, 80), allowed: limitAllowed }]);
  const filters = Object.entries(rest).map(([path, value]): [string, string[]] => {
    if (!attributes.includes(path.split(".")[0]!)) {
      const allowed = `fields, offset, limit, or an attribute to be equal: ${attributes.join(", ")}`;
      throw badField(400, [{ field: path.slice(0, 80), value: value.slice(0, 80), allowed }]);
    }
    return [path, value.split(",")];
  });
  return { fields: fieldsOf(fields, attributes), offset: Number(offset), limit: Number(limit), filters };
}

export function fieldsOf(text: string | undefined, attributes: readonly string[]): string[] | null {
  if (text === undefined || text === "") return null;
  const fields = text.split(",").map((name) => name.trim());
  const bad = fields.find((name) => !attributes.includes(name));
  if (bad === undefined) return fields;
  const allowed = `attributes of the first level, with commas: ${attributes.join(", ")}`;
  throw badField(400, [{ field: "fields", value: bad.slice(0, 80), allowed }]);
}

/** The page that was asked for, with how many there are of all in the header. */
export function pageOf<T extends object>(
  c: Context<HttpEnv>,
  all: readonly T[],
  { offset, limit, filters }: TmfQuery,
): T[] {
  const matching = all.filter((row) => matches(row, filters));
  const page = matching.slice(offset, offset + limit);
  c.header("X-Total-Count", String(matching.length));
  c.header("X-Result-Count", String(page.length));
  return page;
}

export function matches(row: object, filters: TmfQuery["filters"]): boolean {
  return filters.every(([path, values]) => {
    const found = valuesAt(row, path.split(".")).map((value) => value.toLowerCase());
    return values.some((value) => found.includes(value.toLowerCase()));
  });
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

/** Only these attributes, with those that tell what it is. */
export function selected<T extends object>(row: T, fields: readonly string[] | null): Partial<T> {
  if (fields === null) return row;
  const kept = new Set([...fields, "id", "href", "@type"]);
  return Object.fromEntries(Object.entries(row).filter(([name]) => kept.has(name))) as Partial<T>;
}
