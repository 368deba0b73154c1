import type { PanelDraft, Target } from "./grafana.ts";

/** Figures of one row side by side, each with its name. */
export function figures(options: {
  title: string;
  description: string;
  target: Target;
  figures: readonly { name: string; label: string; unit: string; decimals: number; color: string }[];
  empty: string;
}): PanelDraft {
  return {
    type: "stat",
    title: options.title,
    description: options.description,
    targets: [options.target],
    options: {
      reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
      orientation: "auto",
      textMode: "value_and_name",
      colorMode: "value",
      graphMode: "none",
      justifyMode: "center",
      wideLayout: true,
    },
    fieldConfig: {
      defaults: { unit: "none", noValue: options.empty },
      overrides: options.figures.map(({ name, label, unit, decimals, color }) => ({
        matcher: { id: "byName", options: name },
        properties: [
          { id: "displayName", value: label },
          { id: "unit", value: unit },
          { id: "decimals", value: decimals },
          { id: "color", value: { mode: "fixed", fixedColor: color } },
        ],
      })),
    },
  };
}
