import { escape } from "@influxdata/influxdb-client";
import { askEngine, checkClock, explainCommon } from "./ask-engine.ts";
import type { Answer } from "./ask-engine.ts";
import { createLineWriter } from "./line-writer.ts";
import { createPointSeries } from "./point-series.ts";
import { measurementOf } from "./points.ts";
import type { FieldValue, Point, PointRow } from "./points.ts";
import type { SeriesStore } from "./series-store.ts";
import type { Catalogue } from "./sqlite-catalogue.ts";
import { SeriesTrouble } from "./series-trouble.ts";

/*
 * InfluxDB: written by its line protocol through its own client, read by InfluxQL, which versions 1, 2 and 3 all speak. A
 * point bears its millisecond and, in the microseconds that are left, its place: two rounds of one target in one millisecond
 * are two points as long as their batches' numbers differ by other than thousands, and the same round written again is the
 * same point.
 */

export interface InfluxOptions {
  /** Address, with whatever path a proxy puts before it. */
  url: string;
  /** A token; version 1: `user:password`. null: none is asked for. */
  token: string | null;
  /** `v2`: `/api/v2/write` with bucket and organisation. `v1`: `/write` with a database, which 1.x and 3.x take. */
  api: "v1" | "v2";
  /** Database of 1.x and 3.x, bucket of 2.x. Must be there. */
  database: string;
  /** Organisation of 2.x. */
  org: string | null;
  now: () => number;
  /** After this an answer counts as missing, ms. Default 10,000 for a write, three times that for a query. */
  timeoutMs?: number;
}

const name = "InfluxDB";

export function createInfluxSeries(options: InfluxOptions, catalogue: Catalogue): SeriesStore {
  const { url, token, api, database, now, timeoutMs = 10_000 } = options;
  const base = url.replace(/\/+$/, "");
  const explain = (status: number | null, body: string): string | null => {
    // The operator's retention is shorter than these rounds are old: they would be given up at once.
    if (status === 400 && /beyond retention policy/i.test(body)) return null;
    if (status === 404 && /not found/i.test(body)) {
      const said = body.trim().slice(0, 200);
      if (/organization/i.test(body))
        return `${name} has no organisation ${options.org} (${said}): see series.org in sambung.yaml`;
      const what = api === "v1" ? "database" : "bucket";
      return `${name} has no ${what} ${database} (${said}): make it, or see series.${what} in sambung.yaml`;
    }
    return explainCommon(name, status, body);
  };
  const path =
    api === "v1"
      ? `/write?db=${encodeURIComponent(database)}&precision=u`
      : `/api/v2/write?bucket=${encodeURIComponent(database)}&org=${encodeURIComponent(options.org ?? "")}&precision=us`;
  const headers = authorizationOf(token);
  const writer = createLineWriter({ url: base, headers, path, precision: "us", timeoutMs, explain });

  async function query(text: string): Promise<{ results: Series[]; answer: Answer }> {
    const body = new URLSearchParams({ db: database, epoch: "u", q: text });
    const answer = await askEngine(
      `${base}/query`,
      { headers, timeoutMs: 3 * timeoutMs, body, now },
      explain,
    );
    const { results } = JSON.parse(answer.body) as { results: { error?: string; series?: Series[] }[] };
    const error = results.find((result) => result.error !== undefined)?.error;
    // An answer of success may still say that nothing was found where nothing can be.
    if (error !== undefined) throw new SeriesTrouble(explain(404, error) ?? error);
    return { results: results.flatMap(({ series }) => series ?? []), answer };
  }

  return createPointSeries(
    {
      writer,
      lineOf,
      async query(kind, keys, fromMs, toMs) {
        const targets = keys.map((key) => {
          const slash = key.indexOf("/");
          return `("site" = ${quote(key.slice(0, slash))} AND "target" = ${quote(key.slice(slash + 1))})`;
        });
        const { results } = await query(
          `SELECT * FROM "${measurementOf(kind)}" WHERE (${targets.join(" OR ")}) AND time >= ${inMicroseconds(fromMs)} AND time < ${inMicroseconds(toMs)} GROUP BY "site", "target"`,
        );
        return new Map(results.map(({ tags, ...rest }) => [`${tags!.site}/${tags!.target}`, rowsOf(rest)]));
      },
      async ping() {
        const minuteMs = Math.floor(now() / 60_000) * 60_000;
        await writer.write([`sambung_ping value=1i ${minuteMs * 1000}`]);
        const { answer } = await query(`SELECT last("value") FROM "sambung_ping"`);
        checkClock(name, answer);
      },
    },
    catalogue,
  );
}

/** A token, or a user of 1.x, whose older versions know no tokens. */
function authorizationOf(token: string | null): Record<string, string> {
  if (token === null) return {};
  const isUser = token.includes(":");
  return { Authorization: isUser ? `Basic ${Buffer.from(token).toString("base64")}` : `Token ${token}` };
}

interface Series {
  tags?: { site: string; target: string };
  columns: string[];
  values: (number | string | null)[][];
}

/** Of the earliest and the latest time that it can hold, which lie further apart than anything that is asked for. */
const inMicroseconds = (ms: number) =>
  `${Math.max(-9_000_000_000_000_000, Math.min(9_000_000_000_000_000, ms * 1000))}u`;

const quote = (text: string) => `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;

function rowsOf({ columns, values }: Omit<Series, "tags">): PointRow[] {
  const names = columns.map((column) => (column === "time" || column === "agent" ? null : column));
  const timeAt = columns.indexOf("time");
  return values.map((cells) => {
    const fields: Record<string, number | string> = {};
    for (const [at, cell] of cells.entries())
      if (cell !== null && names[at] !== null) fields[names[at]!] = cell;
    return { timeMs: Math.floor((cells[timeAt] as number) / 1000), fields };
  });
}

/** Microseconds of a millisecond. */
const places = 1_000;

export function lineOf({ measurement, tags, fields, timeMs, seq, nth }: Point): string {
  const { agent, site, target } = tags;
  const set = `agent=${escape.tag(agent)},site=${escape.tag(site)},target=${escape.tag(target)}`;
  const values = fields.map(([field, value]) => `${escape.tag(field)}=${written(value)}`).join(",");
  return `${measurement},${set} ${values} ${timeMs * 1000 + ((seq + nth) % places)}`;
}

function written(value: FieldValue): string {
  if ("int" in value) return `${value.int}i`;
  return "float" in value ? String(value.float) : escape.quoted(value.text);
}
