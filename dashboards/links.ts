import { stackedBars } from "./lib/bars-panel.ts";
import { green, orange, vermilion } from "./lib/colours.ts";
import { dashboard } from "./lib/dashboard.ts";
import type { Dashboard, PanelDraft, Thresholds } from "./lib/grafana.ts";
import { causeMeanings, seriesOverrides, stateMeanings, wordMapping } from "./lib/meaning.ts";
import { number, target, text, time, timeRange } from "./lib/query.ts";
import { sayIn } from "./lib/say.ts";
import type { Language, Say } from "./lib/say.ts";
import { navigation, outagesPanel, siteLink } from "./lib/shared.ts";
import { stateCounts } from "./lib/state-panels.ts";
import { table } from "./lib/table-panel.ts";
import type { TableColumn } from "./lib/table-panel.ts";
import { areaVariable, siteVariable } from "./lib/variables.ts";

/** Links and providers: what was promised, how this month went so far, and how much of the promise is left. */
export function linksDashboard(language: Language): Dashboard {
  const say = sayIn(language);
  return dashboard(say, language, {
    uid: "sambung-links",
    title: say("Sambung: tautan dan penyedia", "Sambung: links and providers"),
    description: say(
      "Apa yang dijanjikan, bagaimana bulan ini sejauh ini, dan berapa yang tersisa dari janji itu.",
      "What was promised, how this month went so far, and how much of the promise is left.",
    ),
    from: "now/M",
    links: navigation(say, language, "sambung-links"),
    variables: [areaVariable(say), siteVariable(say, { multi: true })],
    annotations: [],
    parts: [
      {
        height: 12,
        panels: [
          {
            width: 4,
            panel: stateCounts(say, {
              title: say("Tautan per status", "Links by state"),
              description: say(
                "Keadaan sekarang dari tautan yang diukur. Satu-satunya tautan lokasi berstatus seperti lokasinya.",
                "How the links that are measured stand now. The only link of a site stands as the site does.",
              ),
              target: target({
                ...links(language),
                columns: [text("link"), text("state")],
                filter: "state != null",
              }),
              of: "link",
            }),
          },
          { width: 20, panel: statePanel(say, language) },
        ],
      },
      { height: 12, panels: [{ width: 24, panel: monthPanel(say, language) }] },
      { height: 8, panels: [{ width: 24, panel: providersPanel(say) }] },
      { height: 9, panels: [{ width: 24, panel: causesPanel(say) }] },
      {
        height: 10,
        panels: [
          {
            width: 24,
            panel: outagesPanel(say, language, {
              title: say("Gangguan tautan dan penyedia", "Outages of links and providers"),
              description: say(
                "Gangguan pada rentang ini yang penyebabnya pada tautan, jalur induk, atau penyedia.",
                "Outages in this range whose cause lies with a link, a parent's uplink or a provider.",
              ),
              params: { site: "${site:csv}", cause: "link,rain,relay,hub,backhaul,provider" },
              open: false,
              empty: say("Tidak ada gangguan tautan", "No outage of a link"),
              service: false,
            }),
          },
        ],
      },
    ],
  });
}

const links = (language: Language) => ({
  path: "/links",
  params: { site: "${site:csv}", lang: language },
});

/** Of the downtime that the promise allows, s: the figure stands in the cell, so that colour is not alone. */
const left: Thresholds["steps"] = [
  { color: vermilion, value: null },
  { color: orange, value: 0 },
  { color: green, value: 3_600 },
];

const ratio = { unit: "percentunit", decimals: 2, width: 120 };
const seconds = { unit: "s", decimals: 0, width: 120 };

function statePanel(say: Say, language: Language): PanelDraft {
  return table({
    title: say("Setiap tautan sekarang", "Every link now"),
    description: say(
      "Status sekarang, penyedia, dan apa yang dijanjikan; nama lokasi membuka halaman lokasi.",
      "Its state now, whose it is and what was promised; the site's name opens its dashboard.",
    ),
    target: target({
      ...links(language),
      columns: [
        text("link"),
        text("site"),
        text("name"),
        text("state"),
        text("causeText"),
        time("since"),
        text("provider"),
        text("technology"),
        text("circuitId"),
        text("contract"),
        number("slaRatio"),
      ],
    }),
    columns: [
      { name: "link", label: say("Tautan", "Link") },
      { name: "site", label: say("Kode", "Code"), hidden: true },
      { name: "name", label: say("Lokasi", "Site"), links: [siteLink(say, language, { service: false })] },
      {
        name: "state",
        label: say("Status", "State"),
        mappings: [wordMapping(stateMeanings(say))],
        width: 160,
      },
      { name: "causeText", label: say("Dugaan penyebab", "Suspected cause") },
      { name: "since", label: say("Sejak", "Since"), unit: "dateTimeAsLocal", width: 170 },
      { name: "provider", label: say("Penyedia", "Provider") },
      { name: "technology", label: say("Teknologi", "Technology"), width: 100 },
      { name: "circuitId", label: say("Nomor sirkuit", "Circuit") },
      { name: "contract", label: say("Kontrak", "Contract") },
      { name: "slaRatio", label: say("Janji SLA", "Promised"), ...ratio },
    ],
    empty: say("Inventaris tidak memiliki tautan di sini", "The inventory has no link here"),
    sortBy: { name: "since", descending: true },
  });
}

/** The month in which the range ends, as it was issued or, where it was not, so far. */
const sla = (by: string) => ({ path: "/sla", params: { by, period: timeRange.to } });

const slaColumns = [
  number("contractRatio"),
  number("availabilityRatio"),
  number("worstRatio"),
  number("bestRatio"),
  number("coverageRatio"),
  number("promisedCountedS"),
  number("notMeasuredS"),
  number("failures"),
  number("mttrS"),
  number("allowedS"),
  number("budgetLeftS"),
  number("restitutionIdr"),
];

/** Headings of slaColumns. */
const slaHeadings = (say: Say): TableColumn[] => [
  { name: "contractRatio", label: say("Menurut kontrak", "By the contract"), ...ratio },
  { name: "availabilityRatio", label: say("Ketersediaan", "Availability"), ...ratio },
  { name: "worstRatio", label: say("Terburuk", "Worst"), ...ratio },
  { name: "bestRatio", label: say("Terbaik", "Best"), ...ratio },
  { name: "coverageRatio", label: say("Cakupan ukur", "Coverage"), ...ratio },
  { name: "promisedCountedS", label: say("Waktu henti terhitung", "Downtime counted"), ...seconds },
  { name: "notMeasuredS", label: say("Tidak terukur", "Not measured"), ...seconds },
  { name: "failures", label: say("Gangguan", "Outages"), unit: "short", decimals: 0, width: 90 },
  { name: "mttrS", label: "MTTR", ...seconds },
  { name: "allowedS", label: say("Diizinkan", "Allowed"), ...seconds },
  {
    name: "budgetLeftS",
    label: say("Sisa", "Left"),
    unit: "s",
    decimals: 0,
    width: 140,
    thresholds: left,
  },
  {
    name: "restitutionIdr",
    label: say("Restitusi", "Restitution"),
    unit: "currencyIDR",
    decimals: 0,
    width: 120,
  },
];

function monthPanel(say: Say, language: Language): PanelDraft {
  return table({
    title: say("SLA tautan bulan ini sejauh ini", "SLA of links, this month so far"),
    description: say(
      "Bulan tempat rentang berakhir, dihitung menurut kontrak: pengecualian, ambang, dan sisa waktu henti yang diizinkan.",
      "The month in which the range ends, by the contract: exclusions, threshold, and what is left of the downtime allowed.",
    ),
    target: target({
      ...sla("link"),
      columns: [
        text("group"),
        text("site"),
        text("name"),
        text("provider"),
        number("slaRatio"),
        number("missed", "verdicts.missed"),
        ...slaColumns,
      ],
    }),
    columns: [
      { name: "group", label: say("Tautan", "Link") },
      { name: "site", label: say("Kode", "Code"), hidden: true },
      { name: "name", label: say("Lokasi", "Site"), links: [siteLink(say, language, { service: false })] },
      { name: "provider", label: say("Penyedia", "Provider") },
      { name: "slaRatio", label: say("Janji SLA", "Promised"), ...ratio },
      {
        name: "missed",
        label: say("Janji", "Promise"),
        width: 110,
        mappings: [
          {
            type: "value",
            options: {
              "0": { text: say("Belum dilanggar", "Not broken"), color: green, index: 0 },
              "1": { text: say("Dilanggar", "Broken"), color: vermilion, index: 1 },
            },
          },
        ],
      },
      ...slaHeadings(say),
    ],
    empty: say("Inventaris tidak memiliki tautan", "The inventory has no link"),
    sortBy: { name: "budgetLeftS", descending: false },
  });
}

function providersPanel(say: Say): PanelDraft {
  return table({
    title: say("SLA penyedia bulan ini sejauh ini", "SLA of providers, this month so far"),
    description: say(
      "Semua tautan penyedia bersama pada bulan tempat rentang berakhir; rasio dari jumlah detik, bukan rata-rata rasio.",
      "All links of a provider in the month in which the range ends; ratios of summed seconds, and no means of ratios.",
    ),
    target: target({
      ...sla("provider"),
      columns: [
        text("name"),
        number("links"),
        number("missed", "verdicts.missed"),
        number("open", "verdicts.open"),
        ...slaColumns,
      ],
    }),
    columns: [
      { name: "name", label: say("Penyedia", "Provider") },
      { name: "links", label: say("Tautan", "Links"), unit: "short", decimals: 0, width: 90 },
      { name: "missed", label: say("Janji dilanggar", "Broken"), unit: "short", decimals: 0, width: 110 },
      { name: "open", label: say("Belum pasti", "Undecided"), unit: "short", decimals: 0, width: 110 },
      ...slaHeadings(say),
    ],
    empty: say("Inventaris tidak memiliki tautan", "The inventory has no link"),
    sortBy: { name: "budgetLeftS", descending: false },
  });
}

const accounts = (by: string) => ({
  path: "/availability",
  params: { by, site: "${site:csv}", ...timeRange },
});

function causesPanel(say: Say): PanelDraft {
  const meanings = causeMeanings(say);
  return stackedBars({
    title: say("Waktu henti per penyedia menurut penyebab", "Downtime by provider and cause"),
    description: say(
      "Jumlah waktu henti semua tautan penyedia pada rentang ini; semua penyebab berjumlah waktu henti.",
      "Downtime of all links of a provider in this range; the causes add up to it.",
    ),
    target: target({
      ...accounts("provider"),
      columns: [text("name"), ...meanings.map(({ word }) => number(word, `withMaintenance.byCause.${word}`))],
    }),
    category: "name",
    unit: "s",
    overrides: seriesOverrides(meanings),
    empty: say("Tidak ada data pada rentang ini", "No data in this range"),
  });
}
