import type { AnyTarget, Override, PanelDraft, Target } from "./grafana.ts";

interface Common {
  title: string;
  description: string;
}

/** A column of the target, or a series by its name, drawn as a line. */
export interface Line {
  name: string;
  /** May name a label of the series, where one column makes several. */
  label: string;
  /** Default: from Grafana's palette. */
  color?: string;
  /** Drawn below zero, such as what goes out beside what comes in. */
  below?: boolean;
  /** Not stacked on the others, drawn as a plain line. */
  apart?: boolean;
}

/** Lines over time. With `stacked`, areas one above the other. */
export function lines(
  options: Common & {
    /** One query, or several whose series are drawn together. */
    target: AnyTarget | readonly AnyTarget[];
    lines: readonly Line[];
    unit: string;
    min?: number;
    max?: number;
    decimals?: number;
    stacked?: boolean;
    /** A point for each value and no line between them. */
    points?: boolean;
    /** Series name where there is one line for each target. Default: the label of the line. */
    displayName?: string;
    repeat?: Repeat;
  },
): PanelDraft {
  const stacked = options.stacked ?? false;
  return {
    type: "timeseries",
    title: options.title,
    description: options.description,
    targets: "refId" in options.target ? [options.target] : [...options.target],
    ...options.repeat,
    options: {
      legend: { showLegend: true, displayMode: "list", placement: "bottom", calcs: [] },
      tooltip: { mode: "multi", sort: "none" },
    },
    fieldConfig: {
      defaults: {
        unit: options.unit,
        ...(options.min === undefined ? {} : { min: options.min }),
        ...(options.max === undefined ? {} : { max: options.max }),
        ...(options.decimals === undefined ? {} : { decimals: options.decimals }),
        ...(options.displayName === undefined ? {} : { displayName: options.displayName }),
        custom: {
          drawStyle: options.points === true ? "points" : "line",
          lineInterpolation: "linear",
          lineWidth: 1,
          fillOpacity: stacked ? 60 : 0,
          showPoints: "auto",
          pointSize: 3,
          // A gap in the measurements stays a gap.
          spanNulls: false,
          stacking: { mode: stacked ? "normal" : "none", group: "A" },
        },
      },
      overrides: options.lines.map((line) => lineOverride(line, options.displayName === undefined)),
    },
  };
}

function lineOverride(line: Line, named: boolean): Override {
  return {
    matcher: { id: "byName", options: line.name },
    properties: [
      ...(named ? [{ id: "displayName", value: line.label }] : []),
      ...(line.color === undefined
        ? []
        : [{ id: "color", value: { mode: "fixed", fixedColor: line.color } }]),
      ...(line.below === true ? [{ id: "custom.transform", value: "negative-Y" }] : []),
      ...(line.apart === true
        ? [
            { id: "custom.stacking", value: { mode: "none", group: "A" } },
            { id: "custom.fillOpacity", value: 0 },
            { id: "custom.lineWidth", value: 2 },
          ]
        : []),
    ],
  };
}

export interface Repeat {
  repeat: string;
  repeatDirection: "h" | "v";
  maxPerRow?: number;
}

const smokeBlue = "#5794F2";

/**
 * SmokePing's picture in bands: p10 to p90 light, p25 to p75 darker, the median as a line, lost packets as red bars on
 * the right axis. `fillBelowTo` names one series exactly, so that a panel shows one target and repeats by variable.
 */
export function smoke(options: Common & { target: Target; repeat: Repeat }): PanelDraft {
  const band = (upper: string, lower: string, fillOpacity: number): Override => ({
    matcher: { id: "byName", options: upper },
    properties: [
      { id: "custom.fillBelowTo", value: lower },
      { id: "custom.fillOpacity", value: fillOpacity },
    ],
  });
  return {
    type: "timeseries",
    title: options.title,
    description: options.description,
    targets: [options.target],
    ...options.repeat,
    options: {
      legend: { showLegend: true, displayMode: "list", placement: "bottom", calcs: [] },
      tooltip: { mode: "multi", sort: "none" },
    },
    fieldConfig: {
      defaults: {
        unit: "ms",
        min: 0,
        custom: { drawStyle: "line", lineWidth: 0, fillOpacity: 0, showPoints: "never", spanNulls: false },
      },
      overrides: [
        {
          matcher: { id: "byRegexp", options: "/^p\\d+$/" },
          properties: [{ id: "color", value: { mode: "fixed", fixedColor: smokeBlue } }],
        },
        band("p90", "p10", 15),
        band("p75", "p25", 30),
        {
          matcher: { id: "byName", options: "median" },
          properties: [
            { id: "color", value: { mode: "fixed", fixedColor: "#1F60C4" } },
            { id: "custom.lineWidth", value: 2 },
          ],
        },
        {
          matcher: { id: "byName", options: "loss_ratio" },
          properties: [
            { id: "unit", value: "percentunit" },
            { id: "min", value: 0 },
            { id: "max", value: 1 },
            { id: "color", value: { mode: "fixed", fixedColor: "#C4162A" } },
            { id: "custom.drawStyle", value: "bars" },
            { id: "custom.fillOpacity", value: 50 },
            { id: "custom.axisPlacement", value: "right" },
          ],
        },
      ],
    },
  };
}
