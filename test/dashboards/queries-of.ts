import type {
  AnyTarget,
  Dashboard,
  Panel,
  PromTarget,
  PromVariable,
  QueryVariable,
  RowPanel,
  Target,
} from "../../dashboards/lib/grafana.ts";

export const isPanel = (panel: Panel | RowPanel): panel is Panel => panel.type !== "row";
type Variable = Dashboard["templating"]["list"][number];

/** A variable whose values the API gives. */
export const isQuery = (variable: Variable): variable is QueryVariable =>
  variable.type === "query" && variable.datasource.type !== "prometheus";
export const isLabel = (variable: Variable): variable is PromVariable =>
  variable.type === "query" && variable.datasource.type === "prometheus";

/** A query of the API. */
export const isApi = (target: AnyTarget): target is Target => target.datasource.type !== "prometheus";
export const isProm = (target: AnyTarget): target is PromTarget => target.datasource.type === "prometheus";

export interface DashboardQuery {
  /** What asks, such as `panel Map of sites`. */
  of: string;
  target: Target;
  /** Variable of which the panel sees one value. */
  repeat: string | undefined;
  /** The panel's own range, such as `1h`. */
  timeFrom: string | undefined;
}

/** Queries of everything in a dashboard that asks the API. */
export function queriesOf(dashboard: Dashboard): DashboardQuery[] {
  return [
    ...dashboard.panels.filter(isPanel).flatMap(({ title, targets, repeat, timeFrom }) =>
      targets.filter(isApi).map((target, index) => ({
        of: `panel ${title}${index === 0 ? "" : `, ${target.refId}`}`,
        target,
        repeat,
        timeFrom,
      })),
    ),
    ...dashboard.annotations.list.map(({ name, target }) => ({
      of: `annotation ${name}`,
      target,
      repeat: undefined,
      timeFrom: undefined,
    })),
    ...dashboard.templating.list.filter(isQuery).map(({ name, query }) => ({
      of: `variable ${name}`,
      target: query.infinityQuery,
      repeat: undefined,
      timeFrom: undefined,
    })),
  ];
}
