import type { DatasourceVariable, PromVariable, QueryVariable } from "./grafana.ts";
import { datasource, target, text } from "./query.ts";
import type { Query } from "./query.ts";
import type { Say } from "./say.ts";

const datasourceVariable = (
  say: Say,
  query: DatasourceVariable["query"],
  description: string,
): DatasourceVariable => ({
  name: "datasource",
  label: say("Sumber data", "Data source"),
  description,
  type: "datasource",
  query,
  refresh: 1,
  hide: 0,
});

export const apiVariable = (say: Say): DatasourceVariable =>
  datasourceVariable(
    say,
    "yesoreyeram-infinity-datasource",
    say("API Sambung melalui plugin Infinity.", "The Sambung API through the Infinity plugin."),
  );

export const prometheusVariable = (say: Say): DatasourceVariable =>
  datasourceVariable(
    say,
    "prometheus",
    say("Prometheus yang membaca /metrics.", "The Prometheus that reads /metrics."),
  );

/** A label of Prometheus by its own name, as its other dashboards call it. */
export const labelVariable = (
  name: string,
  label: string,
  query: string,
  description: string,
): PromVariable => ({
  name,
  label,
  description,
  type: "query",
  datasource: { type: "prometheus", uid: "${datasource}" },
  definition: query,
  query: { query, refId: "variable" },
  refresh: 2,
  multi: true,
  includeAll: true,
  allValue: ".+",
  hide: 0,
  sort: 1,
});

export interface VariableOptions {
  name: string;
  label: string;
  description: string;
  /** Columns must be named `__text` and `__value`, besides those that a filter needs. */
  query: Query;
  /**
   * Several values at once, with all of them as the choice *All*. There is no `allValue`: Grafana then sends the values
   * one by one, so that a filtered list stays filtered. Default: one value.
   */
  multi?: boolean;
  /** Not shown at the top of the dashboard. Default: shown. */
  hidden?: boolean;
}

export function queryVariable(options: VariableOptions): QueryVariable {
  const multi = options.multi ?? false;
  return {
    name: options.name,
    label: options.label,
    description: options.description,
    type: "query",
    datasource,
    definition: options.query.path,
    query: {
      queryType: "infinity",
      refId: "variable",
      query: "",
      infinityQuery: target({ ...options.query, refId: "variable" }),
    },
    refresh: 1,
    multi,
    includeAll: multi,
    hide: options.hidden === true ? 2 : 0,
    sort: 0,
  };
}

export const serviceVariable = (say: Say): QueryVariable =>
  queryVariable({
    name: "service",
    label: say("Layanan", "Service"),
    description: say("Layanan warga yang diperiksa.", "The service that citizens use."),
    query: { path: "/services", columns: [text("__text", "name"), text("__value", "id")] },
  });

/** The district itself or one of its kecamatan; the first, the district, is what is shown at first. */
export const areaVariable = (say: Say): QueryVariable =>
  queryVariable({
    name: "kecamatan",
    label: say("Kecamatan", "District"),
    description: say(
      "Kecamatan yang lokasinya dapat dipilih; kabupaten untuk semuanya.",
      "Whose sites there are to choose from; the regency for all of them.",
    ),
    query: {
      path: "/sites",
      columns: [text("__text", "name"), text("__value", "site"), text("kind")],
      filter: "kind == 'kabupaten' || kind == 'kecamatan'",
    },
  });

/** Sites of the chosen area, itself included. */
export const siteVariable = (say: Say, more: Pick<VariableOptions, "multi">): QueryVariable =>
  queryVariable({
    name: "site",
    label: say("Desa atau lokasi", "Village or site"),
    description: say("Lokasi yang ditampilkan.", "The sites that are shown."),
    query: {
      path: "/sites",
      params: { within: "${kecamatan}" },
      columns: [text("__text", "name"), text("__value", "site")],
    },
    ...more,
  });
