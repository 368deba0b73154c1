import { linkTo } from "./dashboard.ts";
import type { Dashboard, PanelDraft, Target } from "./grafana.ts";
import { causeMeanings, seriesOverrides } from "./meaning.ts";
import { number, target, text, time, timeRange } from "./query.ts";
import type { Query } from "./query.ts";
import { uidIn } from "./say.ts";
import type { Language, Say } from "./say.ts";
import { stackedBars } from "./bars-panel.ts";
import type { DataLink } from "./state-panels.ts";
import { table } from "./table-panel.ts";

/* Queries, panels and links that several dashboards have. */

/**
 * To the dashboard of the site in the row's column `site`, with the range that is shown and, where the dashboard has one, its
 * service.
 */
export const siteLink = (say: Say, language: Language, { service }: { service: boolean }): DataLink => ({
  title: say("Buka lokasi ${__data.fields.name}", "Open site ${__data.fields.name}"),
  url: `/d/${uidIn(language, "sambung-site")}/site?var-site=\${__data.fields.site}&${service ? "${service:queryparam}&" : ""}\${__url_time_range}`,
});

/** To the other dashboards, from all but the one that is open. */
export function navigation(say: Say, language: Language, own: string): Dashboard["links"] {
  const all = [
    { uid: "sambung-district", path: "district", title: say("Kabupaten", "Regency") },
    { uid: "sambung-links", path: "links", title: say("Tautan", "Links") },
    { uid: "sambung-complaints", path: "complaints", title: say("Layanan aduan", "Complaint service") },
    { uid: "sambung-agents", path: "agents", title: say("Agen", "Agents") },
    { uid: "sambung-collector", path: "collector", title: say("Kolektor", "Collector") },
  ];
  return all.filter(({ uid }) => uid !== own).map((other) => linkTo(language, other));
}

export const statesTarget = (params: Record<string, string>, refId = "A"): Target =>
  target({
    path: "/states",
    params: { ...params, ...timeRange },
    columns: [time("time"), text("site"), text("name"), number("value")],
    format: "timeseries",
    refId,
  });

/** Outages of the range. With `open`, only those that still last, which have no end to show. */
export function outagesPanel(
  say: Say,
  language: Language,
  options: {
    title: string;
    description: string;
    params: Record<string, string>;
    open: boolean;
    empty: string;
    /** Whether the dashboard has a variable of that name to hand on. Default: it has. */
    service?: boolean;
  },
): PanelDraft {
  const { open, params, service = true, ...rest } = options;
  const end = { name: "end", label: say("Selesai", "End"), unit: "dateTimeAsLocal", width: 170 };
  return table({
    ...rest,
    target: target({
      path: "/outages",
      params: { ...params, ...(open ? { open: "true" } : {}), ...timeRange, lang: language },
      columns: [
        time("start"),
        ...(open ? [] : [time("end")]),
        text("site"),
        text("name"),
        text("service"),
        text("causeText"),
        text("evidenceText"),
        text("confidenceText"),
        number("durationS"),
        text("rootName"),
        text("id"),
        number("revision"),
        time("knownAt"),
      ],
    }),
    columns: [
      { name: "start", label: say("Mulai", "Start"), unit: "dateTimeAsLocal", width: 170 },
      ...(open ? [] : [end]),
      { name: "site", label: say("Kode", "Code"), width: 130 },
      { name: "name", label: say("Lokasi", "Site"), links: [siteLink(say, language, { service })] },
      { name: "service", label: say("Layanan", "Service"), width: 110 },
      { name: "causeText", label: say("Dugaan penyebab", "Suspected cause") },
      { name: "evidenceText", label: say("Bukti", "Evidence"), width: 320 },
      { name: "confidenceText", label: say("Keyakinan", "Confidence"), width: 110 },
      { name: "durationS", label: say("Durasi", "Duration"), unit: "s", width: 110, decimals: 0 },
      { name: "rootName", label: say("Sumber gangguan", "Root") },
      { name: "id", label: "ID", width: 120 },
      { name: "revision", label: say("Revisi", "Revision"), width: 80 },
      { name: "knownAt", label: say("Diketahui", "Known at"), unit: "dateTimeAsLocal", width: 170 },
    ],
    sortBy: { name: "start", descending: true },
  });
}

const availabilityQuery = (by: string): Pick<Query, "path" | "params"> => ({
  path: "/services/availability",
  params: { service: "${service}", by, ...timeRange },
});

/** Seconds without the service by cause, a bar per row; `byCause.x` is null where the cause took no time. */
export function unavailableByCause(
  say: Say,
  options: { title: string; description: string; by: string; filter?: string },
): PanelDraft {
  const meanings = causeMeanings(say);
  return stackedBars({
    title: options.title,
    description: options.description,
    target: target({
      ...availabilityQuery(options.by),
      columns: [
        text("name"),
        ...(options.filter === undefined ? [] : [text("group")]),
        ...meanings.map(({ word }) => number(word, `byCause.${word}`)),
      ],
      ...(options.filter === undefined ? {} : { filter: options.filter }),
    }),
    category: "name",
    unit: "s",
    overrides: seriesOverrides(meanings),
    empty: say("Tidak ada data pada rentang ini", "No data in this range"),
  });
}

/** The figures beside the bars: availability with its bounds, and how much of the time was observed at all. */
export function availabilityTable(
  say: Say,
  options: { title: string; description: string; by: string; filter?: string },
): PanelDraft {
  const ratio = { unit: "percentunit", decimals: 2, width: 130 };
  return table({
    title: options.title,
    description: options.description,
    target: target({
      ...availabilityQuery(options.by),
      columns: [
        text("group"),
        text("name"),
        number("availabilityRatio"),
        number("worstRatio"),
        number("bestRatio"),
        number("networkUpRatio"),
        number("coverageRatio"),
        number("unavailableS"),
        number("notMeasuredS"),
      ],
      ...(options.filter === undefined ? {} : { filter: options.filter }),
    }),
    columns: [
      { name: "group", label: say("Kode", "Code"), width: 130 },
      { name: "name", label: say("Nama", "Name") },
      { name: "availabilityRatio", label: say("Ketersediaan", "Availability"), ...ratio },
      { name: "worstRatio", label: say("Terburuk", "Worst"), ...ratio },
      { name: "bestRatio", label: say("Terbaik", "Best"), ...ratio },
      { name: "networkUpRatio", label: say("Bila jaringan normal", "Had the network been up"), ...ratio },
      { name: "coverageRatio", label: say("Cakupan ukur", "Coverage"), ...ratio },
      {
        name: "unavailableS",
        label: say("Tidak tersedia", "Unavailable"),
        unit: "s",
        decimals: 0,
        width: 130,
      },
      {
        name: "notMeasuredS",
        label: say("Tidak terukur", "Not measured"),
        unit: "s",
        decimals: 0,
        width: 130,
      },
    ],
    empty: say("Tidak ada data pada rentang ini", "No data in this range"),
    sortBy: { name: "availabilityRatio", descending: false },
  });
}
