import type { Column, DatasourceRef, Target } from "./grafana.ts";

export const datasource: DatasourceRef = {
  type: "yesoreyeram-infinity-datasource",
  uid: "${datasource}",
};

/**
 * The range of the dashboard. `${__timeFrom}` and not `${__from}`: the former is filled in by the plugin's backend, so
 * the same query works in an alert rule.
 */
export const timeRange = { from: "${__timeFrom:date:iso}", to: "${__timeTo:date:iso}" };

/** At most ~400 steps whatever the range: 30 s up to 3 h, then 2 min, 5 min, 30 min, 1 h, and a day beyond 90 days. */
export const step = "$__customInterval(3h,30s,12h,2m,1d,5m,7d,30m,15d,1h,90d,6h,1d)";

export interface Query {
  /** Path below the data source's base URL, which ends in `/api`. */
  path: string;
  /** Query parameters; Infinity encodes the values. */
  params?: Record<string, string>;
  columns: Column[];
  /** `timeseries` turns rows (time, texts, numbers) into one series per combination of texts. Default: `table`. */
  format?: Target["format"];
  /** See Target.filterExpression. Default: all rows. */
  filter?: string;
  /** Default: A. */
  refId?: string;
  /** Where in the answer the rows are. Default: `data`. */
  rows?: string;
}

export function target(query: Query): Target {
  return {
    refId: query.refId ?? "A",
    datasource,
    type: "json",
    source: "url",
    // Without an explicit parser Infinity falls back to its browser-side one, which alerting cannot use.
    parser: "backend",
    format: query.format ?? "table",
    global_query_id: "",
    url: `/v1${query.path}`,
    url_options: {
      method: "GET",
      data: "",
      headers: [],
      params: Object.entries(query.params ?? {}).map(([key, value]) => ({ key, value })),
    },
    root_selector: query.rows ?? "data",
    columns: query.columns,
    computed_columns: [],
    filters: [],
    filterExpression: query.filter ?? "",
    summarizeExpression: "",
    summarizeBy: "",
    summarizeAlias: "",
  };
}

const column =
  (type: Column["type"]) =>
  (text: string, selector = text): Column => ({ selector, text, type });

export const text = column("string");
export const flag = column("boolean");
export const number = column("number");
export const time = column("timestamp");
