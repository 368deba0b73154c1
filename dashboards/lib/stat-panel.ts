import type { AnyTarget, Mapping, PanelDraft, Target, Thresholds } from "./grafana.ts";

/** Figures side by side, each with its name: columns of one row, or of all rows by `calc`. */
export function figures(options: {
  title: string;
  description: string;
  target: Target;
  figures: readonly { name: string; label: string; unit: string; decimals: number; color: string }[];
  empty: string;
  /** Default: the last row. */
  calc?: "lastNotNull" | "sum" | "max";
}): PanelDraft {
  return {
    type: "stat",
    title: options.title,
    description: options.description,
    targets: [options.target],
    options: {
      reduceOptions: { calcs: [options.calc ?? "lastNotNull"], fields: "", values: false },
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

/** One figure with a colour by its size and, with `mappings`, words in place of numbers. */
export function figure(options: {
  title: string;
  description: string;
  target: AnyTarget;
  unit: string;
  decimals?: number;
  thresholds: Thresholds["steps"];
  mappings?: Mapping[];
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
      textMode: "auto",
      colorMode: "background",
      graphMode: "none",
      justifyMode: "center",
      wideLayout: true,
    },
    fieldConfig: {
      defaults: {
        unit: options.unit,
        noValue: options.empty,
        color: { mode: "thresholds" },
        thresholds: { mode: "absolute", steps: options.thresholds },
        ...(options.decimals === undefined ? {} : { decimals: options.decimals }),
        ...(options.mappings === undefined ? {} : { mappings: options.mappings }),
      },
      overrides: [],
    },
  };
}
