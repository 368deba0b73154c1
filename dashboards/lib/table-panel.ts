import type { AnyTarget, Override, PanelDraft, Thresholds } from "./grafana.ts";
import type { DataLink } from "./state-panels.ts";

export interface TableColumn {
  /** Column of the target. */
  name: string;
  /** Heading. */
  label: string;
  /** Grafana's unit id. Default: the panel's, `none`. */
  unit?: string;
  /** Pixels. Default: shared evenly. */
  width?: number;
  links?: readonly DataLink[];
  /** Words with colours, as background of the cell. */
  mappings?: unknown[];
  hidden?: boolean;
  /** Colours by the size of the number, as background of the cell. */
  thresholds?: Thresholds["steps"];
  decimals?: number;
}

export function table(options: {
  title: string;
  description: string;
  target: AnyTarget;
  columns: readonly TableColumn[];
  /** Text in place of rows when there are none. */
  empty: string;
  sortBy?: { name: string; descending: boolean };
  /** A range of its own, such as `1h`. */
  timeFrom?: string;
}): PanelDraft {
  const sortLabel = options.columns.find(({ name }) => name === options.sortBy?.name)?.label;
  return {
    type: "table",
    title: options.title,
    description: options.description,
    targets: [options.target],
    ...(options.timeFrom === undefined ? {} : { timeFrom: options.timeFrom }),
    options: {
      showHeader: true,
      cellHeight: "sm",
      sortBy:
        sortLabel === undefined
          ? []
          : [{ displayName: sortLabel, desc: options.sortBy?.descending ?? false }],
    },
    fieldConfig: {
      defaults: {
        unit: "none",
        noValue: options.empty,
        custom: { align: "auto", filterable: true, cellOptions: { type: "auto" } },
      },
      overrides: options.columns.map(columnOverride),
    },
  };
}

function columnOverride(column: TableColumn): Override {
  const properties: Override["properties"] = [{ id: "displayName", value: column.label }];
  const add = (id: string, value: unknown) => properties.push({ id, value });
  if (column.unit !== undefined) add("unit", column.unit);
  if (column.decimals !== undefined) add("decimals", column.decimals);
  if (column.width !== undefined) add("custom.width", column.width);
  if (column.links !== undefined) add("links", column.links);
  if (column.hidden === true) add("custom.hidden", true);
  if (column.mappings !== undefined) {
    add("mappings", column.mappings);
    add("custom.cellOptions", { type: "color-background", mode: "basic" });
  }
  if (column.thresholds !== undefined) {
    add("color", { mode: "thresholds" });
    add("thresholds", { mode: "absolute", steps: column.thresholds });
    add("custom.cellOptions", { type: "color-background", mode: "basic" });
  }
  return { matcher: { id: "byName", options: column.name }, properties };
}
