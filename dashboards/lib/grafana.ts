/*
 * The part of Grafana's classic dashboard JSON (schemaVersion 41) that we write.
 * Grafana 11.6 to 13 reads it and migrates it on load; why it is this model: docs/decisions/0007-dashboards.md.
 */

/** One column of an Infinity query: which field of a row, under which name, as which type. */
export interface Column {
  /** Path inside the row (gjson): a dot goes one level down, `\.` is a dot in a name. */
  selector: string;
  /** Name of the column in the frame. */
  text: string;
  type: "string" | "number" | "boolean" | "timestamp";
}

/** A query of the API by the plugin Infinity, as Grafana stores it. */
export interface Target {
  refId: string;
  datasource: DatasourceRef;
  type: "json";
  source: "url";
  parser: "backend";
  format: "table" | "timeseries" | "dataframe";
  global_query_id: "";
  url: string;
  url_options: {
    method: "GET";
    data: "";
    headers: never[];
    params: { key: string; value: string }[];
  };
  /** Where in the answer the rows are, such as `data`. */
  root_selector: string;
  columns: Column[];
  computed_columns: never[];
  filters: never[];
  /** Keeps the rows for which it is true, such as `kind == 'icmp'`; evaluated on the columns, empty keeps all. */
  filterExpression: string;
  summarizeExpression: "";
  summarizeBy: "";
  summarizeAlias: "";
}

/** A query of Prometheus. */
export interface PromTarget {
  refId: string;
  datasource: PromDatasourceRef;
  expr: string;
  /** Name of a series, such as `{{surface}}`. */
  legendFormat: string;
  /** `instant`: the value now, for tables and single figures. */
  instant: boolean;
  range: boolean;
  format: "time_series" | "table";
  editorMode: "code";
}

export type AnyTarget = Target | PromTarget;

export interface DatasourceRef {
  type: "yesoreyeram-infinity-datasource";
  uid: "${datasource}";
}

export interface PromDatasourceRef {
  type: "prometheus";
  uid: "${datasource}";
}

export interface Mapping {
  type: "value";
  options: Record<string, { text: string; color: string; index: number }>;
}

export interface Thresholds {
  mode: "absolute";
  steps: { color: string; value: number | null }[];
}

export interface Override {
  matcher: { id: "byName" | "byRegexp" | "byFrameRefID"; options: string };
  properties: { id: string; value: unknown }[];
}

export interface FieldConfig {
  defaults: {
    unit: string;
    displayName?: string;
    min?: number;
    max?: number;
    decimals?: number;
    noValue?: string;
    color?: { mode: string; fixedColor?: string };
    mappings?: Mapping[];
    thresholds?: Thresholds;
    custom?: Record<string, unknown>;
  };
  overrides: Override[];
}

export interface GridPos {
  h: number;
  w: number;
  x: number;
  y: number;
}

/** A panel before it has a place: layout() gives it its id, position and data source. */
export interface PanelDraft {
  type: "stat" | "geomap" | "table" | "state-timeline" | "timeseries" | "barchart";
  title: string;
  description: string;
  targets: AnyTarget[];
  /** A range of its own whatever the dashboard's, such as `1h`: the last hour. */
  timeFrom?: string;
  options: Record<string, unknown>;
  fieldConfig: FieldConfig;
  transformations?: { id: string; options: Record<string, unknown> }[];
  /** Name of the variable for each value of which the panel is drawn once. */
  repeat?: string;
  repeatDirection?: "h" | "v";
  maxPerRow?: number;
}

export interface Panel extends PanelDraft {
  id: number;
  gridPos: GridPos;
  datasource: DatasourceRef | PromDatasourceRef;
}

/** A heading; the panels below it stay in the dashboard's own list. */
export interface RowPanel {
  id: number;
  type: "row";
  title: string;
  collapsed: false;
  gridPos: GridPos;
  panels: never[];
}

export interface QueryVariable {
  name: string;
  label: string;
  description: string;
  type: "query";
  datasource: DatasourceRef;
  definition: string;
  query: { queryType: "infinity"; refId: "variable"; query: ""; infinityQuery: Target };
  /** 1: when the dashboard loads · 2: when the time range changes. */
  refresh: 1 | 2;
  multi: boolean;
  includeAll: boolean;
  /** 0: shown · 2: hidden. */
  hide: 0 | 2;
  sort: 0 | 1;
}

/** Values of a label, from Prometheus. All of them by default, so that a second collector is not overlooked. */
export interface PromVariable {
  name: string;
  label: string;
  description: string;
  type: "query";
  datasource: PromDatasourceRef;
  definition: string;
  query: { query: string; refId: "variable" };
  refresh: 2;
  multi: true;
  includeAll: true;
  allValue: ".+";
  hide: 0;
  sort: 1;
}

export interface DatasourceVariable {
  name: "datasource";
  label: string;
  description: string;
  type: "datasource";
  query: DatasourceRef["type"] | PromDatasourceRef["type"];
  refresh: 1;
  hide: 0;
}

export interface Annotation {
  name: string;
  enable: true;
  iconColor: string;
  datasource: DatasourceRef;
  mappings: Record<"time" | "timeEnd" | "title" | "text" | "tags", { source: "field"; value: string }>;
  target: Target;
}

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  schemaVersion: 41;
  version: 1;
  editable: false;
  graphTooltip: 1;
  timezone: "browser";
  refresh: string;
  time: { from: string; to: "now" };
  timepicker: Record<string, never>;
  annotations: { list: Annotation[] };
  templating: { list: (DatasourceVariable | QueryVariable | PromVariable)[] };
  links: {
    title: string;
    type: "link";
    url: string;
    keepTime: true;
    icon: "dashboard";
    targetBlank: false;
  }[];
  panels: (Panel | RowPanel)[];
}
