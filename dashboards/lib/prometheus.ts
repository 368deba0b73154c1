import type { PromTarget } from "./grafana.ts";

/** Only of the collectors that are chosen. */
const chosen = 'job=~"$job",instance=~"$instance"';

/** A metric with the chosen collectors and further labels, such as `state="open"`. */
export const of = (metric: string, ...labels: string[]): string =>
  `${metric}{${[chosen, ...labels].join(",")}}`;

/** Rise per second over an interval that Grafana fits to the scrapes and the range. */
export const rate = (metric: string, ...labels: string[]): string =>
  `rate(${of(metric, ...labels)}[$__rate_interval])`;

const datasource = { type: "prometheus", uid: "${datasource}" } as const;

/** A series over time. `legend`: its name, such as `{{surface}}`. */
export const promLine = (expr: string, legend: string, refId = "A"): PromTarget => ({
  refId,
  datasource,
  expr,
  legendFormat: legend,
  instant: false,
  range: true,
  format: "time_series",
  editorMode: "code",
});

/** The value now, as one figure. */
export const promNow = (expr: string): PromTarget => ({
  ...promLine(expr, "__auto"),
  instant: true,
  range: false,
});

/** The values now, one row each with a column for each label and `Value`. */
export const promTable = (expr: string): PromTarget => ({ ...promNow(expr), format: "table" });
