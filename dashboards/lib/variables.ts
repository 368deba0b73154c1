import type { DatasourceVariable, QueryVariable } from "./grafana.ts";
import { datasource, target, text } from "./query.ts";
import type { Query } from "./query.ts";
import type { Say } from "./say.ts";

export const datasourceVariable = (say: Say): DatasourceVariable => ({
  name: "datasource",
  label: say("Sumber data", "Data source"),
  description: say("API Sambung melalui plugin Infinity.", "The Sambung API through the Infinity plugin."),
  type: "datasource",
  query: "yesoreyeram-infinity-datasource",
  refresh: 1,
  hide: 0,
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
