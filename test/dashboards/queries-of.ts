import type { Dashboard, Panel, QueryVariable, RowPanel, Target } from "../../dashboards/lib/grafana.ts";

export const isPanel = (panel: Panel | RowPanel): panel is Panel => panel.type !== "row";
export const isQuery = (variable: { type: string }): variable is QueryVariable => variable.type === "query";

export interface DashboardQuery {
  /** What asks, such as `panel Map of sites`. */
  of: string;
  target: Target;
  /** Variable of which the panel sees one value. */
  repeat: string | undefined;
}

/** Queries of everything in a dashboard that asks the API. */
export function queriesOf(dashboard: Dashboard): DashboardQuery[] {
  return [
    ...dashboard.panels.filter(isPanel).flatMap(({ title, targets, repeat }) =>
      targets.map((target, index) => ({
        of: `panel ${title}${index === 0 ? "" : `, ${target.refId}`}`,
        target,
        repeat,
      })),
    ),
    ...dashboard.annotations.list.map(({ name, target }) => ({
      of: `annotation ${name}`,
      target,
      repeat: undefined,
    })),
    ...dashboard.templating.list
      .filter(isQuery)
      .map(({ name, query }) => ({ of: `variable ${name}`, target: query.infinityQuery, repeat: undefined })),
  ];
}
