import { stackedBars } from "./lib/bars-panel.ts";
import { dashboard } from "./lib/dashboard.ts";
import type { Dashboard, PanelDraft } from "./lib/grafana.ts";
import { causeMeanings, stateNumberMapping } from "./lib/meaning.ts";
import { number, target, text, time, timeRange } from "./lib/query.ts";
import { sayIn } from "./lib/say.ts";
import type { Language, Say } from "./lib/say.ts";
import { lines } from "./lib/series-panels.ts";
import {
  availabilityTable,
  navigation,
  outagesPanel,
  siteLink,
  statesTarget,
  unavailableByCause,
} from "./lib/shared.ts";
import { figures } from "./lib/stat-panel.ts";
import { stateTimeline } from "./lib/state-panels.ts";
import { table } from "./lib/table-panel.ts";
import { queryVariable, serviceVariable } from "./lib/variables.ts";

/** Could they still complain: how far the service could be reached, whose the rest was, and what may be said in general. */
export function complaintsDashboard(language: Language): Dashboard {
  const say = sayIn(language);
  return dashboard(say, language, {
    uid: "sambung-complaints",
    title: say("Sambung: layanan aduan", "Sambung: complaint service"),
    description: say(
      "Apakah warga masih dapat mengadu: seberapa jauh layanan dapat dijangkau, dan karena apa bila tidak.",
      "Whether people could still complain: how far the service could be reached, and why where it could not.",
    ),
    from: "now-30d",
    links: navigation(say, language, "sambung-complaints"),
    variables: [
      serviceVariable(say),
      queryVariable({
        name: "kecamatan",
        label: say("Kecamatan", "District"),
        description: say("Kecamatan pada lini masa.", "The districts in the timeline."),
        query: {
          path: "/sites",
          columns: [text("__text", "name"), text("__value", "site"), text("kind")],
          filter: "kind == 'kecamatan'",
        },
        multi: true,
      }),
    ],
    annotations: [],
    parts: [
      { height: 5, panels: [{ width: 24, panel: wholePanel(say) }] },
      {
        height: 9,
        panels: [
          { width: 12, panel: sidesPanel(say) },
          { width: 12, panel: daysPanel(say) },
        ],
      },
      { height: 12, panels: [{ width: 24, panel: sitesPanel(say, language) }] },
      {
        height: 14,
        panels: [
          {
            width: 12,
            panel: unavailableByCause(say, {
              title: say("Waktu tanpa layanan menurut penyebab", "Time without the service, by cause"),
              description: say(
                "Per kecamatan, dijumlah dari semua lokasi; semua penyebab berjumlah waktu tanpa layanan.",
                "By district, all sites together; the causes add up to the time without the service.",
              ),
              by: "kecamatan",
            }),
          },
          {
            width: 12,
            panel: availabilityTable(say, {
              title: say("Ketersediaan per penyedia", "Availability by provider"),
              description: say(
                "Semua lokasi yang jalurnya melewati tautan penyedia itu; waktu yang putus karena tautan penyedia lain tidak dihitung padanya.",
                "All sites whose way leads over its links; time lost through another provider's link is not counted against it.",
              ),
              by: "provider",
            }),
          },
        ],
      },
      {
        height: 12,
        panels: [
          {
            width: 24,
            panel: stateTimeline({
              title: say("Layanan dilihat dari kecamatan", "The service as seen from the districts"),
              description: say(
                "Kapan layanan dapat dijangkau dari setiap kecamatan, dan kapan tidak ada yang mengukur.",
                "When the service could be reached from each district, and when nobody measured.",
              ),
              targets: [statesTarget({ site: "${kecamatan:csv}", service: "${service}" })],
              mapping: stateNumberMapping(say),
            }),
          },
        ],
      },
      say("Gangguan di baliknya", "The outages behind it"),
      {
        height: 10,
        panels: [
          {
            width: 24,
            panel: outagesPanel(say, language, {
              title: say("Gangguan pada rentang ini", "Outages in this range"),
              description: say(
                "Gangguan lokasi dan layanan dengan penyebab dan buktinya; nama lokasi membuka halaman lokasi.",
                "Outages of sites and services with cause and evidence; the site's name opens its dashboard.",
              ),
              params: {},
              open: false,
              empty: say("Tidak ada gangguan pada rentang ini", "No outage in this range"),
            }),
          },
        ],
      },
      say("Secara umum, dan bukan bulan ini saja", "In general, and not of this range alone"),
      {
        height: 6,
        panels: [
          { width: 12, panel: associationPanel(say, language) },
          { width: 12, panel: effectPanel(say, language) },
        ],
      },
      { height: 9, panels: [{ width: 24, panel: handlingPanel(say) }] },
    ],
  });
}

const availability = (by: string, more: Record<string, string> = {}) => ({
  path: "/services/availability",
  params: { service: "${service}", by, ...more, ...timeRange },
});

const nothing = (say: Say) => say("Data tidak tersedia", "No data available");

function wholePanel(say: Say): PanelDraft {
  const ratio = { unit: "percentunit", decimals: 2 };
  return figures({
    title: say("Seluruh kabupaten: ${service}", "The whole regency: ${service}"),
    description: say(
      "Bagian waktu terukur ketika layanan dapat dijangkau, andai jaringan tidak putus, dan berapa bagian waktu yang terukur.",
      "Part of the measured time in which the service could be reached, had the network been up, and how much was measured.",
    ),
    target: target({
      ...availability("kabupaten"),
      columns: [
        number("availabilityRatio"),
        number("networkUpRatio"),
        number("worstTenthRatio"),
        number("coverageRatio"),
        number("unavailableS"),
        number("networkShareLowerRatio"),
      ],
    }),
    figures: [
      {
        name: "availabilityRatio",
        label: say("Dapat dijangkau", "Could be reached"),
        ...ratio,
        color: "#56A64B",
      },
      {
        name: "networkUpRatio",
        label: say("Andai jaringan normal", "Had the network been up"),
        ...ratio,
        color: "#5794F2",
      },
      {
        name: "worstTenthRatio",
        label: say("Sepersepuluh lokasi terburuk", "Worst tenth of the sites"),
        ...ratio,
        color: "#FF780A",
      },
      { name: "coverageRatio", label: say("Cakupan ukur", "Coverage"), ...ratio, color: "#8E8E8E" },
      {
        name: "unavailableS",
        label: say("Tanpa layanan, semua lokasi", "Without the service, all sites"),
        unit: "s",
        decimals: 0,
        color: "#C4162A",
      },
      {
        name: "networkShareLowerRatio",
        label: say("Hanya karena jaringan", "Only because of the network"),
        unit: "percentunit",
        decimals: 0,
        color: "#C4162A",
      },
    ],
    empty: nothing(say),
  });
}

const sides = (say: Say) =>
  [
    { word: "networkOnlyS", text: say("Hanya jaringan", "Network alone"), color: "#C4162A" },
    { word: "serviceOnlyS", text: say("Hanya layanan", "Service alone"), color: "#1F60C4" },
    { word: "bothS", text: say("Keduanya", "Both"), color: "#8F3BB8" },
    { word: "unexplainedS", text: say("Belum diketahui", "Not known"), color: "#707070" },
  ] as const;

function sidesPanel(say: Say): PanelDraft {
  return stackedBars({
    title: say("Karena jaringan atau karena layanan", "The network or the service"),
    description: say(
      "Waktu tanpa layanan per kecamatan. Yang terjadi bersamaan ditunjukkan sendiri dan tidak diberikan kepada salah satu.",
      "Time without the service by district. The overlap is shown by itself and given to neither.",
    ),
    target: target({
      ...availability("kecamatan"),
      columns: [text("name"), ...sides(say).map(({ word }) => number(word))],
    }),
    category: "name",
    unit: "s",
    overrides: sides(say).map(({ word, text: label, color }) => ({
      matcher: { id: "byName", options: word },
      properties: [
        { id: "displayName", value: label },
        { id: "color", value: { mode: "fixed", fixedColor: color } },
      ],
    })),
    empty: nothing(say),
  });
}

function daysPanel(say: Say): PanelDraft {
  const meanings = causeMeanings(say);
  return lines({
    title: say("Per hari menurut penyebab", "By day and cause"),
    description: say(
      "Waktu tanpa layanan di semua lokasi, per hari menurut waktu setempat; titik ada di awal hari.",
      "Time without the service at all sites, by day of the local clock; points are at the start of the day.",
    ),
    target: target({
      ...availability("kabupaten", { step: "day" }),
      columns: [time("time"), ...meanings.map(({ word }) => number(word, `byCause.${word}`))],
      format: "timeseries",
    }),
    lines: meanings.map(({ word, text: label, color }) => ({ name: word, label, color })),
    unit: "s",
    min: 0,
    stacked: true,
  });
}

function sitesPanel(say: Say, language: Language): PanelDraft {
  const seconds = { unit: "s", decimals: 0, width: 150 };
  return table({
    title: say("Lokasi tanpa layanan, terburuk lebih dulu", "Sites without the service, the worst first"),
    description: say(
      "Berapa lama layanan tidak dapat dijangkau dari setiap lokasi, milik siapa waktunya, dan berapa yang tidak terukur.",
      "How long the service could not be reached from each site, whose the time was, and how much was not measured.",
    ),
    target: target({
      ...availability("site"),
      columns: [
        text("site", "group"),
        text("name"),
        number("unavailableS"),
        number("networkOnlyS"),
        number("serviceOnlyS"),
        number("bothS"),
        number("unexplainedS"),
        number("notMeasuredS"),
        number("availabilityRatio"),
      ],
    }),
    columns: [
      { name: "site", label: say("Kode", "Code"), width: 130 },
      { name: "name", label: say("Lokasi", "Site"), links: [siteLink(say, language, { service: true })] },
      { name: "unavailableS", label: say("Tanpa layanan", "Without the service"), ...seconds },
      ...sides(say).map(({ word, text: label }) => ({ name: word, label, ...seconds })),
      { name: "notMeasuredS", label: say("Tidak terukur", "Not measured"), ...seconds },
      {
        name: "availabilityRatio",
        label: say("Ketersediaan", "Availability"),
        unit: "percentunit",
        decimals: 2,
        width: 130,
      },
    ],
    empty: nothing(say),
    sortBy: { name: "unavailableS", descending: true },
  });
}

function associationPanel(say: Say, language: Language): PanelDraft {
  return table({
    title: say(
      "Lebih sering gagal saat jaringan putus?",
      "Does it fail more often while the network is down?",
    ),
    description: say(
      "Dari 90 hari penuh terakhir, tidak bergantung pada rentang yang dipilih. Syarat dan batasannya ada di API.",
      "Of the last 90 whole days, whatever range is chosen. What it rests on and does not mean is in the API.",
    ),
    target: target({
      path: "/services/association",
      params: { service: "${service}", lang: language },
      columns: [
        text("verdictText"),
        number("networkEpisodes", "counts.networkEpisodes"),
        number("serviceEpisodes", "counts.serviceEpisodes"),
        number("days", "counts.days"),
      ],
    }),
    columns: [
      { name: "verdictText", label: say("Kesimpulan", "Verdict") },
      { name: "networkEpisodes", label: say("Gangguan jaringan", "Network outages"), width: 140 },
      { name: "serviceEpisodes", label: say("Kegagalan di luarnya", "Failures outside"), width: 140 },
      { name: "days", label: say("Hari", "Days"), width: 80 },
    ],
    empty: nothing(say),
  });
}

function effectPanel(say: Say, language: Language): PanelDraft {
  return table({
    title: say("Berkurangkah aduan selama gangguan?", "Do fewer complaints come in during outages?"),
    description: say(
      "Dari 365 hari penuh terakhir. Dengan aduan yang sedikit jawabannya jujur: tidak dapat dibuktikan.",
      "Of the last 365 whole days. With few complaints the honest answer is that it cannot be shown.",
    ),
    target: target({
      path: "/complaints/effect",
      params: { service: "${service}", lang: language },
      columns: [
        text("verdictText"),
        number("contacts", "counts.contacts"),
        number("expectedExposed", "counts.expectedExposed"),
      ],
    }),
    columns: [
      { name: "verdictText", label: say("Kesimpulan", "Verdict") },
      { name: "contacts", label: say("Aduan", "Complaints"), width: 100 },
      {
        name: "expectedExposed",
        label: say("Diharapkan selama gangguan", "Expected during outages"),
        decimals: 2,
        width: 190,
      },
    ],
    empty: nothing(say),
  });
}

function handlingPanel(say: Say): PanelDraft {
  const ratio = { unit: "percentunit", decimals: 0 };
  return table({
    title: say("Tepat waktukah aduan ditangani?", "Are complaints handled in time?"),
    description: say(
      "Aduan yang diterima 365 hari terakhir: diverifikasi dalam 3 hari kerja, ditindaklanjuti dalam 5, selesai dalam 10, di samping lama jaringan kantor itu sendiri putus. Kantor yang terputus tidak berarti terlambat karenanya.",
      "Complaints received in the last 365 days: verified within 3 working days, followed up within 5, closed within 10, beside how long the office's own network was down. An office that was cut off need not be late for it.",
    ),
    target: target({
      path: "/complaints/handling",
      columns: [
        text("name"),
        number("cases"),
        number("verified", "verified.withinRatio"),
        number("followedUp", "followedUp.withinRatio"),
        number("closed", "closed.withinRatio"),
        number("downS"),
        number("notMeasuredS"),
      ],
    }),
    columns: [
      { name: "name", label: say("Kantor", "Office") },
      { name: "cases", label: say("Aduan", "Complaints"), width: 100 },
      { name: "verified", label: say("Verifikasi tepat waktu", "Verified in time"), width: 180, ...ratio },
      {
        name: "followedUp",
        label: say("Tindak lanjut tepat waktu", "Followed up in time"),
        width: 200,
        ...ratio,
      },
      { name: "closed", label: say("Selesai tepat waktu", "Closed in time"), width: 170, ...ratio },
      { name: "downS", label: say("Jaringan kantor putus", "Office cut off"), unit: "s", width: 180 },
      { name: "notMeasuredS", label: say("Tidak terukur", "Not measured"), unit: "s", width: 150 },
    ],
    empty: nothing(say),
  });
}
