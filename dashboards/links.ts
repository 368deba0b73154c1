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
          { width: 20, panel: monthPanel(say, language) },
        ],
      },
      {
        height: 12,
        panels: [
          { width: 12, panel: budgetPanel(say, language) },
          { width: 12, panel: causesPanel(say) },
        ],
      },
      { height: 9, panels: [{ width: 24, panel: providersPanel(say) }] },
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

/** Of the downtime that the promise allows. Text stands in the bar, so that colour is not alone. */
const budget: Thresholds["steps"] = [
  { color: green, value: null },
  { color: orange, value: 0.75 },
  { color: vermilion, value: 1 },
];

const ratio = { unit: "percentunit", decimals: 2, width: 120 };
const seconds = { unit: "s", decimals: 0, width: 120 };

function monthPanel(say: Say, language: Language): PanelDraft {
  return table({
    title: say("Setiap tautan bulan ini", "Every link this month"),
    description: say(
      "Bulan berjalan menurut waktu setempat, tanpa perawatan terjadwal. Sisa: waktu henti yang masih diizinkan janji SLA.",
      "The month so far by the local clock, without announced work. Left: the downtime that the promise still allows.",
    ),
    target: target({
      ...links(language),
      columns: [
        text("link"),
        text("site"),
        text("name"),
        text("provider"),
        text("technology"),
        text("state"),
        time("since"),
        number("slaRatio"),
        number("availabilityRatio"),
        number("worstRatio"),
        number("bestRatio"),
        number("coverageRatio"),
        number("downS"),
        number("leftDownS"),
        number("usedRatio"),
        number("outages"),
        number("mttrS"),
      ],
    }),
    columns: [
      { name: "link", label: say("Tautan", "Link") },
      { name: "site", label: say("Kode", "Code"), hidden: true },
      { name: "name", label: say("Lokasi", "Site"), links: [siteLink(say, language, { service: false })] },
      { name: "provider", label: say("Penyedia", "Provider") },
      { name: "technology", label: say("Teknologi", "Technology"), width: 90 },
      {
        name: "state",
        label: say("Status", "State"),
        mappings: [wordMapping(stateMeanings(say))],
        width: 130,
      },
      { name: "since", label: say("Sejak", "Since"), unit: "dateTimeAsLocal", width: 160 },
      { name: "slaRatio", label: say("Janji SLA", "Promised"), ...ratio },
      { name: "availabilityRatio", label: say("Ketersediaan", "Availability"), ...ratio },
      { name: "worstRatio", label: say("Terburuk", "Worst"), ...ratio },
      { name: "bestRatio", label: say("Terbaik", "Best"), ...ratio },
      { name: "coverageRatio", label: say("Cakupan ukur", "Coverage"), ...ratio },
      { name: "downS", label: say("Waktu henti", "Downtime"), ...seconds },
      { name: "leftDownS", label: say("Sisa", "Left"), ...seconds },
      {
        name: "usedRatio",
        label: say("Terpakai", "Used"),
        unit: "percentunit",
        decimals: 0,
        width: 140,
        gauge: { max: 1, thresholds: budget },
      },
      { name: "outages", label: say("Gangguan", "Outages"), unit: "short", decimals: 0, width: 90 },
      { name: "mttrS", label: "MTTR", ...seconds },
    ],
    empty: say("Inventaris tidak memiliki tautan di sini", "The inventory has no link here"),
    sortBy: { name: "usedRatio", descending: true },
  });
}

function budgetPanel(say: Say, language: Language): PanelDraft {
  return table({
    title: say("Janji yang paling terancam", "Promises most at risk"),
    description: say(
      "Tautan dengan janji SLA: berapa bagian waktu henti yang diizinkan sudah terpakai. Perhitungan kontrak ada di laporan SLA.",
      "Links with a promise: how much of the allowed downtime is used. What the contract itself computes is in the SLA report.",
    ),
    target: target({
      ...links(language),
      columns: [
        text("link"),
        text("contract"),
        number("allowedDownS"),
        number("leftDownS"),
        number("usedRatio"),
        number("notMeasuredS"),
      ],
      filter: "allowedDownS != null",
    }),
    columns: [
      { name: "link", label: say("Tautan", "Link") },
      { name: "contract", label: say("Kontrak", "Contract") },
      { name: "allowedDownS", label: say("Diizinkan sebulan", "Allowed a month"), ...seconds },
      { name: "leftDownS", label: say("Sisa", "Left"), ...seconds },
      {
        name: "usedRatio",
        label: say("Terpakai", "Used"),
        unit: "percentunit",
        decimals: 0,
        gauge: { max: 1, thresholds: budget },
      },
      { name: "notMeasuredS", label: say("Tidak terukur", "Not measured"), ...seconds },
    ],
    empty: say("Tidak ada tautan dengan janji SLA", "No link with a promise"),
    sortBy: { name: "usedRatio", descending: true },
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

function providersPanel(say: Say): PanelDraft {
  const of = (name: string) => number(name, `withoutMaintenance.${name}`);
  return table({
    title: say("Penyedia pada rentang ini", "Providers in this range"),
    description: say(
      "Semua tautan penyedia bersama, tanpa perawatan terjadwal; rasio dari jumlah detik, bukan rata-rata rasio.",
      "All links of a provider together, without announced work; ratios of summed seconds, and no means of ratios.",
    ),
    target: target({
      ...accounts("provider"),
      columns: [
        text("name"),
        of("availabilityRatio"),
        of("worstRatio"),
        of("bestRatio"),
        of("coverageRatio"),
        of("downS"),
        of("maintenanceS"),
        of("outages"),
        of("mttrS"),
        of("mtbfS"),
      ],
    }),
    columns: [
      { name: "name", label: say("Penyedia", "Provider") },
      { name: "availabilityRatio", label: say("Ketersediaan", "Availability"), ...ratio },
      { name: "worstRatio", label: say("Terburuk", "Worst"), ...ratio },
      { name: "bestRatio", label: say("Terbaik", "Best"), ...ratio },
      { name: "coverageRatio", label: say("Cakupan ukur", "Coverage"), ...ratio },
      { name: "downS", label: say("Waktu henti", "Downtime"), ...seconds },
      { name: "maintenanceS", label: say("Perawatan", "Maintenance"), ...seconds },
      { name: "outages", label: say("Gangguan", "Outages"), unit: "short", decimals: 0, width: 90 },
      { name: "mttrS", label: "MTTR", ...seconds },
      { name: "mtbfS", label: "MTBF", ...seconds },
    ],
    empty: say("Tidak ada data pada rentang ini", "No data in this range"),
    sortBy: { name: "availabilityRatio", descending: false },
  });
}
