import type { Panel, PanelDraft, RowPanel } from "./grafana.ts";

/** Grafana's grid is 24 columns wide; a unit of height is 30 pixels. */
const gridColumns = 24;

/** A line of panels of one height, from left to right, each with its width in grid columns. */
export interface Line {
  height: number;
  panels: readonly { width: number; panel: PanelDraft }[];
}

/** Places headings (texts) and lines one below the other and numbers the panels from 1. Throws on a line too wide. */
export function layout(parts: readonly (string | Line)[]): (Panel | RowPanel)[] {
  const placed: (Panel | RowPanel)[] = [];
  let y = 0;
  for (const part of parts) {
    if (typeof part === "string") {
      placed.push({
        id: placed.length + 1,
        type: "row",
        title: part,
        collapsed: false,
        gridPos: { h: 1, w: gridColumns, x: 0, y },
        panels: [],
      });
      y += 1;
      continue;
    }
    let x = 0;
    for (const { width, panel } of part.panels) {
      const [first] = panel.targets;
      if (first === undefined) throw new Error(`the panel ${panel.title} asks nothing`);
      placed.push({
        id: placed.length + 1,
        ...panel,
        gridPos: { h: part.height, w: width, x, y },
        datasource: first.datasource,
      });
      x += width;
    }
    if (x > gridColumns)
      throw new Error(`the line at y ${y} is ${x} columns wide; the grid has ${gridColumns}`);
    y += part.height;
  }
  return placed;
}
