import { setTimeout } from "node:timers/promises";
import { escape } from "@influxdata/influxdb-client";
import { askEngine, checkClock, explainCommon } from "./ask-engine.ts";
import { fieldsOf, numbersOf } from "./exact-numbers.ts";
import { createLineWriter } from "./line-writer.ts";
import { createPointSeries } from "./point-series.ts";
import { measurementOf } from "./points.ts";
import type { Point, PointRow } from "./points.ts";
import type { SeriesStore } from "./series-store.ts";
import { SeriesTrouble } from "./series-trouble.ts";
import type { Catalogue } from "./sqlite-catalogue.ts";

/*
 * VictoriaMetrics, one machine or a cluster: written by InfluxDB's line protocol, read by the export of its Prometheus API,
 * which gives every sample as it is. A field of a point is a series, `sambung_<kind>_<field>`. It has numbers alone, and time in
 * milliseconds: how the rest is kept exactly is in exact-numbers.ts, and of two rounds of a batch in one millisecond the second
 * has a label `nth`. Rounds of one agent and target in the same millisecond in different batches cannot be told apart: of each
 * field the greater is taken, in whatever order they came.
 *
 * It answers a write before the samples can be read, and some 5 s before they are on the disk. One machine is made to put them
 * there by a snapshot, which is gone again at once; nothing else does it. The nodes of a cluster are not ours to ask: there we
 * wait until what was written can be read, and it is the copies on other nodes that keep it until it is on the disks.
 */

export interface VictoriaOptions {
  /** Address of the one machine, or of vminsert. */
  url: string;
  /** Address of vmselect. null: the same as `url`. */
  readUrl: string | null;
  /** Tenant of a cluster, `account` or `account:project`. null: one machine. */
  tenant: string | null;
  /** Bearer token that a proxy in front asks for. null: none. */
  token: string | null;
  now: () => number;
  /** After this an answer counts as missing, ms. Default 10,000 for a write, three times that for a query. */
  timeoutMs?: number;
}

const name = "VictoriaMetrics";
/** A node of a cluster can be asked for what it took after a second; and a second to spare, ms. */
const clusterSettlesMs = 2_000;

export function createVictoriaSeries(options: VictoriaOptions, catalogue: Catalogue): SeriesStore {
  const { url, tenant, token, now, timeoutMs = 10_000 } = options;
  const trim = (address: string) => address.replace(/\/+$/, "");
  const base = trim(url);
  const readBase = trim(options.readUrl ?? url);
  const path = tenant === null ? "/write" : `/insert/${tenant}/influx/write`;
  const exportUrl = `${readBase}${tenant === null ? "" : `/select/${tenant}/prometheus`}/api/v1/export`;
  const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };
  const explain = (status: number | null, body: string) => explainCommon(name, status, body);

  async function settle(): Promise<void> {
    if (tenant !== null) return setTimeout(clusterSettlesMs);
    const ask = (way: string) => askEngine(`${base}/snapshot/${way}`, { headers, timeoutMs, now }, explain);
    const { snapshot } = JSON.parse((await ask("create")).body) as { snapshot?: string };
    if (snapshot === undefined) throw new SeriesTrouble(`${name} makes no snapshot: see its log`);
    await ask(`delete?snapshot=${encodeURIComponent(snapshot)}`);
  }

  const writer = createLineWriter({
    url: base,
    headers,
    path: `${path}?precision=ms`,
    precision: "ms",
    timeoutMs,
    settle,
    explain,
  });

  async function exportSamples(match: string, fromMs: number, toMs: number) {
    const body = new URLSearchParams({
      "match[]": match,
      // Its end is part of a range, in seconds with as many decimals as there are.
      start: String(Math.max(0, fromMs) / 1000),
      end: String((Math.min(toMs, latestMs) - 1) / 1000),
    });
    const answer = await askEngine(exportUrl, { headers, timeoutMs: 3 * timeoutMs, body, now }, explain);
    const lines = answer.body.split("\n").filter((line) => line !== "");
    return { answer, series: lines.map((line) => JSON.parse(line) as Exported) };
  }

  return createPointSeries(
    {
      writer,
      lineOf,
      async query(kind, keys, fromMs, toMs) {
        const prefix = `${measurementOf(kind)}_`;
        const bySite = Map.groupBy(keys, (key) => key.slice(0, key.indexOf("/")));
        const found = new Map<string, PointRow[]>();
        for (const [site, own] of bySite) {
          const targets = own.map((key) => literal(key.slice(site.length + 1))).join("|");
          const match = `{__name__=~"${prefix}.+",site=${JSON.stringify(site)},target=~${JSON.stringify(targets)}}`;
          const { series } = await exportSamples(match, fromMs, toMs);
          const byTarget = Map.groupBy(series, ({ metric }) => metric["target"]!);
          for (const [target, mine] of byTarget) found.set(`${site}/${target}`, rowsOf(mine, prefix));
        }
        return found;
      },
      async ping() {
        const minuteMs = Math.floor(now() / 60_000) * 60_000;
        await writer.write([`sambung_ping value=1i ${minuteMs}`]);
        const { answer } = await exportSamples('{__name__="sambung_ping_value"}', minuteMs, minuteMs + 1);
        checkClock(name, answer);
      },
    },
    catalogue,
  );
}

/** Latest time that it can hold: 2262. */
const latestMs = 9_200_000_000_000;

interface Exported {
  metric: Record<string, string> & { __name__: string };
  values: number[];
  timestamps: number[];
}

/** A text as a regular expression that means itself. */
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Series of one target as rows: the samples of an agent at one moment are a row. */
function rowsOf(series: readonly Exported[], prefix: string): PointRow[] {
  const rows = new Map<string, { timeMs: number; order: string; numbers: Map<string, number> }>();
  for (const { metric, values, timestamps } of series) {
    const field = metric.__name__.slice(prefix.length);
    const order = `${metric["agent"]} ${metric["nth"] ?? "0"}`;
    for (const [at, timeMs] of timestamps.entries()) {
      const id = `${timeMs} ${order}`;
      let row = rows.get(id);
      if (row === undefined) rows.set(id, (row = { timeMs, order, numbers: new Map() }));
      row.numbers.set(field, Math.max(values[at]!, row.numbers.get(field) ?? -Infinity));
    }
  }
  return [...rows.values()]
    .sort((a, b) => a.timeMs - b.timeMs || (a.order < b.order ? -1 : 1))
    .map(({ timeMs, numbers }) => ({ timeMs, fields: fieldsOf(numbers) }));
}

export function lineOf({ measurement, tags, fields, timeMs, nth }: Point): string {
  const set = Object.entries({ ...tags, ...(nth === 0 ? {} : { nth: String(nth) }) })
    .map(([tag, value]) => `${tag}=${escape.tag(value)}`)
    .join(",");
  const values = [...numbersOf(fields)].map(([field, value]) => `${escape.tag(field)}=${value}`).join(",");
  return `${measurement},${set} ${values} ${timeMs}`;
}
