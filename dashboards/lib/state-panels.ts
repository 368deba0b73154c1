import type { Mapping, PanelDraft, Target } from "./grafana.ts";
import { seriesOverrides, stateMeanings, wordMapping } from "./meaning.ts";
import type { Say } from "./say.ts";

interface Common {
  title: string;
  description: string;
}

/**
 * How many rows there are of each state: one coloured number per state that occurs. The target has `state` and a column
 * that names the row, `of`.
 */
export function stateCounts(say: Say, options: Common & { target: Target; of: string }): PanelDraft {
  return {
    type: "stat",
    title: options.title,
    description: options.description,
    targets: [options.target],
    transformations: [
      {
        id: "groupBy",
        options: {
          fields: {
            state: { aggregations: [], operation: "groupby" },
            [options.of]: { aggregations: ["count"], operation: "aggregate" },
          },
        },
      },
      {
        // Each state becomes a series of its own, since colours and names are given per series.
        id: "rowsToFields",
        options: {
          mappings: [
            { fieldName: "state", handlerKey: "field.name" },
            { fieldName: `${options.of} (count)`, handlerKey: "field.value" },
          ],
        },
      },
    ],
    options: {
      reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
      orientation: "vertical",
      textMode: "value_and_name",
      colorMode: "background",
      graphMode: "none",
      justifyMode: "auto",
      wideLayout: true,
    },
    fieldConfig: {
      defaults: { unit: "short", decimals: 0, noValue: "0" },
      overrides: seriesOverrides(stateMeanings(say)),
    },
  };
}

/** Markers coloured by state. The target has `name`, `site`, `latitude`, `longitude`, `state`. */
export function stateMap(
  say: Say,
  options: Common & { target: Target; links: readonly DataLink[] },
): PanelDraft {
  return {
    type: "geomap",
    title: options.title,
    description: options.description,
    targets: [options.target],
    options: {
      view: { id: "fit", allLayers: true, padding: 5, lat: 0, lon: 0, zoom: 8 },
      controls: {
        showZoom: true,
        mouseWheelZoom: false,
        showAttribution: true,
        showScale: true,
        showMeasure: false,
        showDebug: false,
      },
      basemap: { type: "default", name: say("Peta dasar", "Base map"), config: {} },
      tooltip: { mode: "details" },
      layers: [
        {
          type: "markers",
          name: say("Lokasi", "Sites"),
          tooltip: true,
          location: { mode: "coords", latitude: "latitude", longitude: "longitude" },
          config: {
            showLegend: true,
            style: {
              color: { field: "state", fixed: "dark-blue" },
              size: { fixed: 7, min: 4, max: 12 },
              opacity: 0.85,
              rotation: { fixed: 0, max: 360, min: -360, mode: "mod" },
              symbol: { mode: "fixed", fixed: "img/icons/marker/circle.svg" },
              symbolAlign: { horizontal: "center", vertical: "center" },
            },
          },
        },
      ],
    },
    fieldConfig: {
      defaults: {
        unit: "none",
        // The colour must come from the value, for the mappings of `state` to reach the markers.
        color: { mode: "thresholds" },
        thresholds: { mode: "absolute", steps: [{ color: "#8E8E8E", value: null }] },
      },
      overrides: [
        {
          matcher: { id: "byName", options: "state" },
          properties: [
            { id: "displayName", value: say("Status", "State") },
            { id: "mappings", value: [wordMapping(stateMeanings(say))] },
          ],
        },
        {
          matcher: { id: "byName", options: "name" },
          properties: [
            { id: "displayName", value: say("Lokasi", "Site") },
            { id: "links", value: options.links },
          ],
        },
        {
          matcher: { id: "byName", options: "causeText" },
          properties: [{ id: "displayName", value: say("Penyebab", "Cause") }],
        },
        {
          matcher: { id: "byName", options: "since" },
          properties: [
            { id: "displayName", value: say("Sejak", "Since") },
            { id: "unit", value: "dateTimeAsLocal" },
          ],
        },
      ],
    },
  };
}

export interface DataLink {
  title: string;
  url: string;
}

/** State over time, one line per series of the targets, which hold the state as a number (see stateNumbers). */
export function stateTimeline(
  options: Common & {
    targets: Target[];
    mapping: Mapping;
    perPage?: number;
    /** Name of the lines of a target, by its refId. Default: the site's name. */
    names?: Readonly<Record<string, string>>;
  },
): PanelDraft {
  return {
    type: "state-timeline",
    title: options.title,
    description: options.description,
    targets: options.targets,
    options: {
      mergeValues: true,
      showValue: "auto",
      alignValue: "left",
      rowHeight: 0.85,
      perPage: options.perPage ?? 20,
      legend: { showLegend: true, displayMode: "list", placement: "bottom" },
      tooltip: { mode: "single", sort: "none" },
    },
    fieldConfig: {
      defaults: {
        unit: "none",
        displayName: "${__field.labels.name}",
        color: { mode: "thresholds" },
        thresholds: { mode: "absolute", steps: [{ color: "#8E8E8E", value: null }] },
        mappings: [options.mapping],
        // Rows are change points, so a series has no value where another one changes: it keeps the one it had.
        custom: { fillOpacity: 85, lineWidth: 0, spanNulls: true },
      },
      overrides: Object.entries(options.names ?? {}).map(([refId, name]) => ({
        matcher: { id: "byFrameRefID", options: refId },
        properties: [{ id: "displayName", value: name }],
      })),
    },
  };
}
