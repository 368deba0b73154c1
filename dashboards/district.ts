import { annotation, dashboard } from "./lib/dashboard.ts";
import type { Dashboard } from "./lib/grafana.ts";
import { stateNumberMapping } from "./lib/meaning.ts";
import { number, target, text, time, timeRange } from "./lib/query.ts";
import { sayIn } from "./lib/say.ts";
import type { Language } from "./lib/say.ts";
import { availabilityTable, outagesPanel, siteLink, statesTarget, unavailableByCause } from "./lib/shared.ts";
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
    title: say("Sambung: kabupaten", "Sambung: district"),
    description: say(
      "Siapa yang putus, mengapa, dan apakah layanan pengaduan masih dapat dijangkau.",
      "Who is cut off, why, and whether the complaint service could still be reached.",
    ),
    from: "now-24h",
    links: [],
    variables: [
      serviceVariable(say),
      queryVariable({
        name: "kecamatan",
        label: say("Kecamatan", "Sub-district"),
        description: say(
          "Kecamatan pada lini masa dan ketersediaan.",
          "The sub-districts in the timeline and the availability panels.",
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
              links: [siteLink(say, language)],
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
        height: 14,
        panels: [
          {
            width: 24,
            panel: stateTimeline({
              title: say("Status kecamatan", "State of the sub-districts"),
              description: say(
                "Status setiap kecamatan sepanjang rentang waktu yang dipilih.",
                "The state of each sub-district over the range that is chosen.",
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
                "How long the service could not be reached from the sites of each sub-district, split by cause.",
              ),
              by: "kecamatan",
            }),
          },
          {
            width: 12,
            panel: availabilityTable(say, {
              title: say("Ketersediaan layanan per kecamatan", "Availability by sub-district"),
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
                { name: "name", label: say("Lokasi", "Site"), links: [siteLink(say, language)] },
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
