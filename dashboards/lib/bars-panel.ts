import type { Override, PanelDraft, Target } from "./grafana.ts";

/** Horizontal stacked bars: one bar per row, named by `category`, with a part for each number column. */
export function stackedBars(options: {
  title: string;
  description: string;
  target: Target;
  category: string;
  unit: string;
  overrides: Override[];
  empty: string;
}): PanelDraft {
  return {
    type: "barchart",
    title: options.title,
    description: options.description,
    targets: [options.target],
    options: {
      xField: options.category,
      orientation: "horizontal",
      stacking: "normal",
      showValue: "never",
      barWidth: 0.85,
      groupWidth: 0.7,
      xTickLabelRotation: 0,
      xTickLabelSpacing: 0,
      fullHighlight: false,
      legend: { showLegend: true, displayMode: "list", placement: "bottom", calcs: [] },
      tooltip: { mode: "multi", sort: "none", hideZeros: true },
    },
    fieldConfig: {
      defaults: {
        unit: options.unit,
        min: 0,
        noValue: options.empty,
        custom: { lineWidth: 0, fillOpacity: 90, axisPlacement: "auto" },
      },
      overrides: options.overrides,
    },
  };
}
