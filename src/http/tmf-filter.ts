import { z } from "@hono/zod-openapi";
import { parseTimeMs } from "../inventory/local-time.ts";

/* What attributes of TM Forum's alarms and tickets may be compared with. */

/** By path, such as `alarmedObject.id`; times are compared as times. */
export type Attributes = ReadonlyMap<string, "time" | "text">;

export interface Filter {
  path: string;
  /** Any of these, as it was asked for; none where a range was. */
  values: readonly string[];
  /** Whether a value that was found there is one of those that were asked for. */
  fits: (value: string) => boolean;
}

export const timeAllowed = "an RFC 3339 time such as 2026-11-22T14:05:00+08:00";

interface JsonShape {
  format?: string;
  items?: JsonShape;
  properties?: Record<string, JsonShape>;
}

/** Every attribute of the shape that has a value of its own, also those within others. */
export function attributesOf(shape: z.ZodObject): Attributes {
  const walk = ({ format, items, properties }: JsonShape, path: string): [string, "time" | "text"][] => {
    if (items !== undefined) return walk(items, path);
    if (properties === undefined) return [[path, format === "date-time" ? "time" : "text"]];
    return Object.entries(properties).flatMap(([name, inner]) =>
      walk(inner, path === "" ? name : `${path}.${name}`),
    );
  };
  return new Map(walk(z.toJSONSchema(shape) as JsonShape, ""));
}

export function pathsOf(attributes: Attributes): string {
  return `one or more attributes of an alarm: ${[...attributes.keys()].join(", ")}`;
}

/** One of these values, in any case; null: one of them is no time where there has to be one. */
export function equal(path: string, kind: "time" | "text", values: readonly string[]): Filter | null {
  if (kind === "text") {
    const wanted = new Set(values.map((value) => value.toLowerCase()));
    return { path, values, fits: (value) => wanted.has(value.toLowerCase()) };
  }
  const moments = values.map(momentOf);
  return moments.includes(null)
    ? null
    : { path, values, fits: (value) => moments.includes(Date.parse(value)) };
}

const comparisons: Record<string, (valueMs: number, boundMs: number) => boolean> = {
  gt: (valueMs, boundMs) => valueMs > boundMs,
  gte: (valueMs, boundMs) => valueMs >= boundMs,
  lt: (valueMs, boundMs) => valueMs < boundMs,
  lte: (valueMs, boundMs) => valueMs <= boundMs,
};

/** TMF630's operators on times; null: the bound is none. */
export function toRange(path: string, operator: string, bound: string): Filter | null {
  const boundMs = momentOf(bound);
  const compare = comparisons[operator]!;
  return boundMs === null ? null : { path, values: [], fits: (value) => compare(Date.parse(value), boundMs) };
}

/** Epoch ms of an RFC 3339 time, and of nothing else: digits alone are a year to one, and milliseconds to the other. */
export function momentOf(text: string): number | null {
  return /^\d+$/.test(text) ? null : parseTimeMs(text);
}
