import { annotation, dashboard } from "./lib/dashboard.ts";
import type { Dashboard, PanelDraft } from "./lib/grafana.ts";
import { stateMeanings, stateNumberMapping, wordMapping } from "./lib/meaning.ts";
import { number, target, text, time, timeRange } from "./lib/query.ts";
import { sayIn, uidIn } from "./lib/say.ts";
import type { Language, Say } from "./lib/say.ts";
import {
  availabilityTable,
  navigation,
  outagesPanel,
  siteLink,
  statesTarget,
  unavailableByCause,
} from "./lib/shared.ts";
import { stateCounts, stateMap, stateTimeline } from "./lib/state-panels.ts";
import { table } from "./lib/table-panel.ts";
import { queryVariable, serviceVariable } from "./lib/variables.ts";

/** The district at a glance: who is cut off, why, and could they still reach the complaint service? */
export function districtDashboard(language: Language): Dashboard {
  const say = sayIn(language);
  const mapTarget = target({
    path: "/map",
    params: { lang: language },
    columns: [
      text("site"),
      text("name"),
      text("kind"),
      number("latitude"),
      number("longitude"),
      text("state"),
      text("causeText"),
      time("since"),
    ],
  });
  return dashboard(say, language, {
    uid: "sambung-district",
    title: say("Sambung: kabupaten", "Sambung: regency"),
    description: say(
      "Siapa yang putus, mengapa, dan apakah layanan pengaduan masih dapat dijangkau.",
      "Who is cut off, why, and whether the complaint service could still be reached.",
    ),
    from: "now-24h",
    links: navigation(say, language, "sambung-district"),
    variables: [
      serviceVariable(say),
      queryVariable({
        name: "kecamatan",
        label: say("Kecamatan", "District"),
        description: say(
          "Kecamatan pada lini masa dan ketersediaan.",
          "The districts in the timeline and the availability panels.",
        ),
        query: {
          path: "/sites",
          columns: [text("__text", "name"), text("__value", "site"), text("kind")],
          filter: "kind == 'kecamatan'",
        },
        multi: true,
      }),
    ],
    annotations: [
      annotation(
        say("Gangguan", "Incidents"),
        target({
          path: "/incidents",
          params: { ...timeRange, lang: language },
          columns: [
            time("time", "start"),
            time("timeEnd", "end"),
            text("title", "rootName"),
            text("text", "causeText"),
            text("tags", "cause"),
          ],
          format: "dataframe",
          refId: "Anno",
        }),
      ),
    ],
    parts: [
      {
        height: 11,
        panels: [
          {
            width: 4,
            panel: stateCounts(say, {
              title: say("Lokasi per status", "Sites by state"),
              description: say(
                "Keadaan sekarang. Belum diketahui: tidak ada yang mengukur, dan itu bukan putus.",
                "As it stands now. Unknown means that nobody measured, which is not the same as down.",
              ),
              target: mapTarget,
              of: "site",
            }),
          },
          {
            width: 20,
            panel: stateMap(say, {
              title: say("Peta lokasi", "Map of sites"),
              description: say(
                "Setiap lokasi menurut status sekarang. Koordinat adalah titik wilayah, bukan letak menara.",
                "Every site by its present state. Coordinates are those of the area, not of a tower.",
              ),
              target: mapTarget,
              links: [siteLink(say, language, { service: true })],
            }),
          },
        ],
      },
      {
        height: 9,
        panels: [
          {
            width: 24,
            panel: outagesPanel(say, language, {
              title: say("Gangguan yang masih berlangsung", "Open outages"),
              description: say(
                "Dugaan penyebab berasal dari bukti pengukuran; nama lokasi membuka halaman lokasi.",
                "The suspected cause comes from the evidence measured; the site's name opens its dashboard.",
              ),
              params: {},
              open: true,
              empty: say("Tidak ada gangguan yang berlangsung", "No open outage"),
            }),
          },
        ],
      },
      {
        height: 10,
        panels: [
          { width: 12, panel: changesPanel(say, language) },
          { width: 12, panel: worstLinksPanel(say, language) },
        ],
      },
      {
        height: 14,
        panels: [
          {
            width: 24,
            panel: stateTimeline({
              title: say("Status kecamatan", "State of the districts"),
              description: say(
                "Status setiap kecamatan sepanjang rentang waktu yang dipilih.",
                "The state of each district over the range that is chosen.",
              ),
              targets: [statesTarget({ site: "${kecamatan:csv}" })],
              mapping: stateNumberMapping(say),
            }),
          },
        ],
      },
      say("Layanan pengaduan: ${service}", "Complaint service: ${service}"),
      {
        height: 14,
        panels: [
          {
            width: 12,
            panel: unavailableByCause(say, {
              title: say(
                "Waktu layanan tidak tersedia menurut penyebab",
                "Time without the service, by cause",
              ),
              description: say(
                "Jumlah lama layanan tidak dapat dijangkau dari lokasi di tiap kecamatan, dibagi menurut penyebab.",
                "How long the service could not be reached from the sites of each district, split by cause.",
              ),
              by: "kecamatan",
            }),
          },
          {
            width: 12,
            panel: availabilityTable(say, {
              title: say("Ketersediaan layanan per kecamatan", "Availability by district"),
              description: say(
                "Terburuk dan terbaik: bila semua waktu yang tidak terukur dianggap putus, atau dianggap normal.",
                "Worst and best: had all the time that was not measured been down, or been up.",
              ),
              by: "kecamatan",
            }),
          },
        ],
      },
      say("Agen pemantau", "Agents"),
      {
        height: 10,
        panels: [
          {
            width: 24,
            panel: table({
              title: say("Agen dan data yang belum tiba", "Agents and their backlog"),
              description: say(
                "Dihasilkan = tersimpan + ditipiskan + hilang + belum tiba. Yang belum tiba masih ada pada agen.",
                "Produced = stored + thinned + lost + still to come. What is still to come is held by the agent.",
              ),
              target: target({
                path: "/agents",
                columns: [
                  text("id"),
                  text("site"),
                  text("name"),
                  time("lastSeen"),
                  time("revoked"),
                  number("openRounds"),
                  number("backlog.rounds"),
                  number("monthBytes"),
                  number("producedRounds"),
                  number("storedRounds"),
                  number("thinnedRounds"),
                  number("lostRounds"),
                ],
                filter: "revoked == null",
              }),
              columns: [
                { name: "id", label: say("Agen", "Agent") },
                { name: "site", label: say("Kode", "Code"), width: 130 },
                {
                  name: "name",
                  label: say("Lokasi", "Site"),
                  links: [siteLink(say, language, { service: true })],
                },
                { name: "lastSeen", label: say("Terakhir terdengar", "Last heard"), unit: "dateTimeFromNow" },
                { name: "revoked", label: say("Dicabut", "Revoked"), hidden: true },
                { name: "openRounds", label: say("Belum tiba", "Still to come"), unit: "short", decimals: 0 },
                { name: "backlog.rounds", label: say("Di agen", "In the spool"), unit: "short", decimals: 0 },
                { name: "monthBytes", label: say("Terkirim bulan ini", "Sent this month"), unit: "decbytes" },
                { name: "producedRounds", label: say("Dihasilkan", "Produced"), unit: "short", decimals: 0 },
                { name: "storedRounds", label: say("Tersimpan", "Stored"), unit: "short", decimals: 0 },
                { name: "thinnedRounds", label: say("Ditipiskan", "Thinned"), unit: "short", decimals: 0 },
                { name: "lostRounds", label: say("Hilang", "Lost"), unit: "short", decimals: 0 },
              ],
              empty: say("Belum ada agen terdaftar", "No agent is enrolled"),
              sortBy: { name: "openRounds", descending: true },
            }),
          },
        ],
      },
    ],
  });
}

function changesPanel(say: Say, language: Language): PanelDraft {
  const state = { mappings: [wordMapping(stateMeanings(say))], width: 170 };
  return table({
    title: say("Yang berubah sejam terakhir", "What changed in the last hour"),
    description: say(
      "Perpindahan status lokasi dalam satu jam terakhir, berapa pun rentang yang dipilih; yang terbaru di atas.",
      "Sites that came from one state into another in the last hour, whatever range is chosen; the newest first.",
    ),
    target: target({
      path: "/changes",
      params: { ...timeRange, lang: language },
      columns: [time("time"), text("site"), text("name"), text("before"), text("state"), text("causeText")],
    }),
    columns: [
      { name: "time", label: say("Pukul", "Time"), unit: "dateTimeAsLocal", width: 170 },
      { name: "site", label: say("Kode", "Code"), width: 130 },
      { name: "name", label: say("Lokasi", "Site"), links: [siteLink(say, language, { service: true })] },
      { name: "before", label: say("Sebelumnya", "Before"), ...state },
      { name: "state", label: say("Sekarang", "After"), ...state },
      { name: "causeText", label: say("Dugaan penyebab", "Suspected cause") },
    ],
    empty: say("Tidak ada yang berubah", "Nothing changed"),
    sortBy: { name: "time", descending: true },
    timeFrom: "1h",
  });
}

/** Links have no page of their own: their names lead to the dashboard of links. */
function worstLinksPanel(say: Say, language: Language): PanelDraft {
  const of = (name: string) => number(name, `withMaintenance.${name}`);
  const ratio = { unit: "percentunit", decimals: 2, width: 120 };
  const seconds = { unit: "s", decimals: 0, width: 110 };
  return table({
    title: say("Tautan terburuk", "Worst links"),
    description: say(
      "Tautan menurut ketersediaan pada rentang ini, terburuk lebih dulu; perawatan terjadwal dihitung apa adanya.",
      "Links by their availability in this range, the worst first; announced work counts as it was measured.",
    ),
    target: target({
      path: "/availability",
      params: { by: "link", ...timeRange },
      columns: [
        text("group"),
        of("availabilityRatio"),
        of("coverageRatio"),
        of("downS"),
        of("outages"),
        of("mttrS"),
      ],
      filter: "availabilityRatio != null",
    }),
    columns: [
      {
        name: "group",
        label: say("Tautan", "Link"),
        links: [
          {
            title: say("Semua tautan", "All links"),
            url: `/d/${uidIn(language, "sambung-links")}/links?\${__url_time_range}`,
          },
        ],
      },
      { name: "availabilityRatio", label: say("Ketersediaan", "Availability"), ...ratio },
      { name: "coverageRatio", label: say("Cakupan ukur", "Coverage"), ...ratio },
      { name: "downS", label: say("Waktu henti", "Downtime"), ...seconds },
      { name: "outages", label: say("Gangguan", "Outages"), unit: "short", decimals: 0, width: 90 },
      { name: "mttrS", label: "MTTR", ...seconds },
    ],
    empty: say("Tidak ada tautan yang terukur", "No link was measured"),
    sortBy: { name: "availabilityRatio", descending: false },
  });
}
