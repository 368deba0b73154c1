import type { Column, Target } from "../../dashboards/lib/grafana.ts";

/*
 * The part of Grafana and its Infinity plugin (3.11.1) that our queries go through, in the order in which they do:
 *
 *   browser   ${name}, ${name:csv}                      variables
 *   plugin    $__customInterval(…), ${__timeFrom…}      macros, in the URL and in the values of parameters
 *             base URL + URL, parameters appended and encoded
 *             root selector, columns by path, filter, long to wide
 *
 * What is not here is not supported and throws: a query that needs more must not pass unnoticed.
 */

export interface View {
  fromMs: number;
  toMs: number;
  /** Chosen values by variable name. */
  variables: Readonly<Record<string, readonly string[]>>;
}

/** Path and query below the base URL. */
export function requestOf(target: Target, view: View): string {
  const fill = (text: string) => macros(interpolate(text, view), view);
  const url = new URL(fill(target.url), "http://base.invalid");
  for (const { key, value } of target.url_options.params) url.searchParams.append(key, fill(value));
  return `${url.pathname}${url.search}`;
}

/** Grafana's own step, in the browser. Names beginning with `__` are left for the plugin. */
export function interpolate(text: string, { variables }: View): string {
  return text.replaceAll(/\$\{([A-Za-z]\w*)(?::(\w+))?\}/g, (_, name: string, format: string | undefined) => {
    const values = variables[name];
    if (values === undefined) throw new Error(`no variable ${name}`);
    if (format === "csv") return values.join(",");
    if (format !== undefined) throw new Error(`the format ${format} is not supported`);
    // Without a format Infinity asks for `glob`, which has braces around several values and nothing for none.
    return values.length > 1 ? `{${values.join(",")}}` : (values[0] ?? "");
  });
}

function macros(text: string, { fromMs, toMs }: View): string {
  const filled = text
    .replaceAll(/\$__customInterval\(([^)]*)\)/g, (_, list: string) =>
      customInterval(list.split(","), toMs - fromMs),
    )
    .replaceAll(/\$\{__time(From|To)(?::date(?::(iso|seconds))?)?\}/g, (macro, end: string, format) => {
      const ms = end === "From" ? fromMs : toMs;
      if (format === "seconds") return String(Math.floor(ms / 1000));
      return macro.includes(":date") ? new Date(ms).toISOString() : String(ms);
    });
  if (/\$\{|\$__/.test(filled)) throw new Error(`a macro is not known: ${filled}`);
  return filled;
}

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function customInterval(parts: readonly string[], rangeMs: number): string {
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, count, unit] = /^(\d+)([smhd])$/.exec(parts[at]!) ?? [];
    if (count === undefined) throw new Error(`not a duration: ${parts[at]}`);
    if (rangeMs <= Number(count) * unitMs[unit!]!) return parts[at + 1]!;
  }
  return parts.at(-1)!;
}

export type Row = Record<string, unknown>;

/** The frame's rows: columns picked by path and named, then filtered. Throws where the root selector finds no list. */
export function frameOf(target: Target, body: unknown, view: View): Row[] {
  const rows = pick(body, target.root_selector);
  if (!Array.isArray(rows)) throw new Error(`${target.root_selector} is not a list`);
  const picked = rows.map((row: unknown): Row =>
    Object.fromEntries(target.columns.map(({ selector, text }) => [text, pick(row, selector)])),
  );
  return picked.filter(filterOf(interpolate(target.filterExpression, view)));
}

/** gjson's path: names with dots between, `\.` for a dot in a name. undefined where there is nothing. */
export function pick(row: unknown, selector: string): unknown {
  const names = selector.split(/(?<!\\)\./).map((name) => name.replaceAll("\\.", "."));
  let at = row;
  for (const name of names) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Row)[name];
  }
  return at;
}

/** Terms of one kind (`||` or `&&`): `name == 'text'`, `name == null` and `name != null`. */
function filterOf(expression: string): (row: Row) => boolean {
  if (expression === "") return () => true;
  const isAny = expression.includes("||");
  if (isAny && expression.includes("&&")) throw new Error(`the filter is not supported: ${expression}`);
  const terms = expression.split(isAny ? " || " : " && ").map(termOf);
  return (row) => (isAny ? terms.some((term) => term(row)) : terms.every((term) => term(row)));
}

function termOf(expression: string): (row: Row) => boolean {
  const [, name, text] = /^(\w+) == '([^']*)'$/.exec(expression) ?? [];
  if (name !== undefined) return (row) => row[name] === text;
  const [, column, operator] = /^(\w+) (==|!=) null$/.exec(expression) ?? [];
  if (column !== undefined) return (row) => ((row[column] ?? null) === null) === (operator === "==");
  throw new Error(`the filter is not supported: ${expression}`);
}

/** Whether Infinity takes the value as the column's type; null is no value of any type. */
export function isOfType(value: unknown, type: Column["type"]): boolean {
  switch (type) {
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "timestamp":
      // RFC 3339 with a zone, which is what the plugin reads without a format.
      return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
  }
}

/**
 * The SDK's LongToWide with empty places filled by null: one series for each number column and combination of texts.
 * Throws, as the SDK does, when the rows do not ascend in time; Infinity then silently gives the long frame.
 */
export function longToWide(
  target: Target,
  rows: readonly Row[],
): { times: string[]; series: Map<string, (number | null)[]> } {
  const timeColumn = target.columns.find(({ type }) => type === "timestamp")!.text;
  const factors = target.columns.filter(({ type }) => type === "string").map(({ text }) => text);
  const values = target.columns.filter(({ type }) => type === "number").map(({ text }) => text);
  const times: string[] = [];
  const series = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const time = row[timeColumn] as string;
    if (time !== times.at(-1)) {
      if (times.length > 0 && Date.parse(time) < Date.parse(times.at(-1)!)) {
        throw new Error(`rows do not ascend: ${time} after ${times.at(-1)}`);
      }
      times.push(time);
    }
    for (const value of values) {
      const labels = factors.map((factor) => `${factor}=${String(row[factor])}`).join(",");
      const name = labels === "" ? value : `${value} {${labels}}`;
      const held = series.get(name) ?? [];
      series.set(name, held);
      while (held.length < times.length) held.push(null);
      held[times.length - 1] = (row[value] as number | null | undefined) ?? null;
    }
  }
  for (const held of series.values()) while (held.length < times.length) held.push(null);
  return { times, series };
}
