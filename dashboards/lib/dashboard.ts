import type { Annotation, Dashboard, PromVariable, QueryVariable, Target } from "./grafana.ts";
import { layout } from "./layout.ts";
import type { Line } from "./layout.ts";
import { datasource } from "./query.ts";
import { uidIn } from "./say.ts";
import type { Language, Say } from "./say.ts";
import { apiVariable, prometheusVariable } from "./variables.ts";

/** A dashboard file: the frame that all of ours share around what is its own. */
export function dashboard(
  say: Say,
  language: Language,
  own: {
    uid: string;
    title: string;
    description: string;
    /** Which kind of data source its panels ask. Default: the API. */
    asks?: "prometheus";
    variables: (QueryVariable | PromVariable)[];
    annotations: Annotation[];
    links: Dashboard["links"];
    parts: readonly (string | Line)[];
    /** Range shown at first, such as `now-24h`. */
    from: string;
  },
): Dashboard {
  return {
    uid: uidIn(language, own.uid),
    title: own.title,
    description: own.description,
    tags: ["sambung", language],
    schemaVersion: 41,
    version: 1,
    // Changes belong in the builders, where they are reviewed; Grafana's "save as" still makes an editable copy.
    editable: false,
    graphTooltip: 1,
    timezone: "browser",
    refresh: "1m",
    time: { from: own.from, to: "now" },
    timepicker: {},
    annotations: { list: own.annotations },
    templating: {
      list: [own.asks === "prometheus" ? prometheusVariable(say) : apiVariable(say), ...own.variables],
    },
    links: own.links,
    panels: layout(own.parts),
  };
}

/** From one dashboard to another, with the range that is shown. */
export function linkTo(
  language: Language,
  { uid, path, title }: { uid: string; path: string; title: string },
): Dashboard["links"][number] {
  return {
    title,
    type: "link",
    url: `/d/${uidIn(language, uid)}/${path}`,
    keepTime: true,
    icon: "dashboard",
    targetBlank: false,
  };
}

/** Marks a span of time on all panels. The target has the columns `time`, `timeEnd`, `title`, `text`, `tags`. */
export function annotation(name: string, target: Target): Annotation {
  return {
    name,
    enable: true,
    iconColor: "#C4162A",
    datasource,
    mappings: {
      time: { source: "field", value: "time" },
      timeEnd: { source: "field", value: "timeEnd" },
      title: { source: "field", value: "title" },
      text: { source: "field", value: "text" },
      tags: { source: "field", value: "tags" },
    },
    target,
  };
}
