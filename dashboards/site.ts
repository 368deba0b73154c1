import { annotation, dashboard } from "./lib/dashboard.ts";
import type { Dashboard } from "./lib/grafana.ts";
import { stateNumberMapping } from "./lib/meaning.ts";
import { number, step, target, text, time, timeRange } from "./lib/query.ts";
import { sayIn } from "./lib/say.ts";
import type { Language, Say } from "./lib/say.ts";
import { lines, smoke } from "./lib/series-panels.ts";
import {
  availabilityTable,
  navigation,
  outagesPanel,
  statesTarget,
  unavailableByCause,
} from "./lib/shared.ts";
import { stateTimeline } from "./lib/state-panels.ts";
import {
  trafficPanel,
  errorsPanel,
  signalPanel,
  qualityPanel,
  batteryPanel,
  uptimePanel,
} from "./site-devices.ts";
import { areaVariable, queryVariable, serviceVariable, siteVariable } from "./lib/variables.ts";

/** One site: its state, its paths, the service as seen from it, and what was wrong when. */
export function siteDashboard(language: Language): Dashboard {
  const say = sayIn(language);
  return dashboard(say, language, {
    uid: "sambung-site",
    title: say("Sambung: lokasi", "Sambung: site"),
    description: say(
      "Satu lokasi: status, jalur, layanan yang terlihat dari sana, dan gangguannya.",
      "One site: its state, its paths, the service as seen from there, and its outages.",
    ),
    from: "now-24h",
    links: navigation(say, language, "sambung-site"),
    variables: variables(say),
    annotations: [
      annotation(
        say("Gangguan", "Outages"),
        target({
          path: "/outages",
          params: { site: "${site}", ...timeRange, lang: language },
          columns: [
            time("time", "start"),
            time("timeEnd", "end"),
            text("title", "name"),
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
        height: 6,
        panels: [{ width: 24, panel: statePanel(say) }],
      },
      say("Jalur", "Paths"),
      { height: 9, panels: [{ width: 24, panel: smokePanel(say) }] },
      {
        height: 7,
        panels: [
          { width: 12, panel: lossPanel(say) },
          { width: 12, panel: jitterPanel(say) },
        ],
      },
      say("Layanan: ${service}", "Service: ${service}"),
      { height: 9, panels: [{ width: 24, panel: phasesPanel(say) }] },
      {
        height: 7,
        panels: [
          {
            width: 10,
            panel: unavailableByCause(say, {
              title: say("Waktu tidak tersedia menurut penyebab", "Time without the service, by cause"),
              description: say(
                "Lama layanan tidak dapat dijangkau dari lokasi ini, dibagi menurut penyebab.",
                "How long the service could not be reached from this site, split by cause.",
              ),
              by: "site",
              filter: "group == '${site}'",
            }),
          },
          {
            width: 14,
            panel: availabilityTable(say, {
              title: say("Ketersediaan layanan dari lokasi ini", "Availability from this site"),
              description: say(
                "Terburuk dan terbaik: bila semua waktu yang tidak terukur dianggap putus, atau dianggap normal.",
                "Worst and best: had all the time that was not measured been down, or been up.",
              ),
              by: "site",
              filter: "group == '${site}'",
            }),
          },
        ],
      },
      say("Gangguan", "Outages"),
      {
        height: 9,
        panels: [
          {
            width: 24,
            panel: outagesPanel(say, language, {
              title: say("Gangguan pada rentang ini", "Outages in this range"),
              description: say(
                "Gangguan lokasi dan layanan yang bersinggungan dengan rentang waktu yang dipilih.",
                "Outages of the site and of services seen from it that touch the range that is chosen.",
              ),
              params: { site: "${site}" },
              open: false,
              empty: say("Tidak ada gangguan", "No outage"),
            }),
          },
        ],
      },
      say("Perangkat", "Devices"),
      {
        height: 9,
        panels: [
          { width: 12, panel: trafficPanel(say) },
          { width: 12, panel: errorsPanel(say) },
        ],
      },
      {
        height: 9,
        panels: [
          { width: 12, panel: signalPanel(say) },
          { width: 12, panel: qualityPanel(say) },
        ],
      },
      {
        height: 8,
        panels: [
          { width: 12, panel: batteryPanel(say) },
          { width: 12, panel: uptimePanel(say) },
        ],
      },
    ],
  });
}

function variables(say: Say) {
  const targetsOf = (name: string, label: string, kind: string, description: string) =>
    queryVariable({
      name,
      label,
      description,
      query: {
        path: "/targets",
        params: { site: "${site}" },
        columns: [text("__text", "name"), text("__value", "target"), text("kind")],
        filter: `kind == '${kind}'`,
      },
      multi: true,
    });
  return [
    areaVariable(say),
    siteVariable(say, {}),
    serviceVariable(say),
    targetsOf(
      "target",
      say("Sasaran ping", "Ping targets"),
      "icmp",
      say("Sasaran ICMP yang diukur dari lokasi ini.", "What this site measures by ICMP."),
    ),
    targetsOf(
      "check",
      say("Pemeriksaan HTTP", "HTTP checks"),
      "http",
      say("Pemeriksaan layanan dari lokasi ini.", "What this site checks by HTTP."),
    ),
  ];
}

const statePanel = (say: Say) =>
  stateTimeline({
    title: say("Status lokasi dan layanan", "State of the site and of the service"),
    description: say(
      "Baris pertama: lokasi itu sendiri. Baris kedua: layanan sebagaimana terlihat dari lokasi.",
      "The first line is the site itself, the second the service as seen from the site.",
    ),
    targets: [
      statesTarget({ site: "${site}" }),
      statesTarget({ site: "${site}", service: "${service}" }, "B"),
    ],
    mapping: stateNumberMapping(say),
    names: { A: say("Lokasi", "Site"), B: say("Layanan ${service:text}", "Service ${service:text}") },
  });

const smokePanel = (say: Say) =>
  smoke({
    title: say("Latensi ${target:text}", "Latency ${target:text}"),
    description: say(
      "Median dan sebaran (p10 sampai p90) waktu bolak-balik; batang merah: paket hilang. Rentang di atas 3 hari: waktu dapat meleset 1 %, yaitu 6 ms pada 600 ms, paling banyak separuh selisih terkecil dan terbesar.",
      "Median and spread (p10 to p90) of the round-trip time; red bars: packets lost. Over more than 3 days times may be off by 1 %, which is 6 ms of 600 ms, by half of what smallest and greatest differ by at most.",
    ),
    target: target({
      path: "/smoke",
      params: { target: "${target:csv}", ...timeRange, step },
      columns: [
        time("time"),
        number("p10"),
        number("p25"),
        number("median"),
        number("p75"),
        number("p90"),
        number("loss_ratio"),
      ],
      format: "timeseries",
    }),
    repeat: { repeat: "target", repeatDirection: "h", maxPerRow: 2 },
  });

const lossPanel = (say: Say) =>
  lines({
    title: say("Kehilangan paket", "Packet loss"),
    description: say(
      "Bagian paket tanpa jawaban, tiap sasaran. Celah: tidak diukur.",
      "Share of packets without an answer, per target. A gap: not measured.",
    ),
    target: target({
      path: "/smoke",
      params: { target: "${site}/*", ...timeRange, step },
      columns: [time("time"), text("target"), number("loss_ratio")],
      format: "timeseries",
    }),
    lines: [],
    displayName: "${__field.labels.target}",
    unit: "percentunit",
    min: 0,
    max: 1,
  });

const jitterPanel = (say: Say) =>
  lines({
    title: say("Jitter", "Jitter"),
    description: say(
      "Persentil ke-95 waktu bolak-balik dikurangi yang terkecil (RFC 5481), tiap sasaran. Rentang di atas 3 hari: dapat meleset 1 % dari persentil itu, paling banyak separuh selisih terkecil dan terbesar, dan kosong bila tidak melebihi itu.",
      "95th percentile of the round-trip times less the smallest (RFC 5481), per target. Over more than 3 days it may be off by 1 % of that percentile, by half of what smallest and greatest differ by at most, and is empty where it is not larger than that.",
    ),
    target: target({
      path: "/series",
      params: { target: "${site}/*", metric: "jitter_ms", ...timeRange, step },
      columns: [time("time"), text("target"), number("jitter_ms")],
      filter: "jitter_ms != null",
      format: "timeseries",
    }),
    lines: [],
    displayName: "${__field.labels.target}",
    unit: "ms",
    min: 0,
    points: true,
  });

const phasesPanel = (say: Say) =>
  lines({
    title: say("Tahap HTTP ${check:text}", "HTTP phases ${check:text}"),
    description: say(
      "Ke mana waktu satu pemeriksaan pergi: nama, sambungan, TLS, byte pertama. Garis: seluruhnya.",
      "Where the time of a check goes: name, connection, TLS, first byte. The line is the whole.",
    ),
    target: target({
      path: "/series",
      params: {
        target: "${check:csv}",
        metric: "dns_ms,connect_ms,tls_ms,ttfb_ms,total_ms",
        ...timeRange,
        step,
      },
      columns: [
        time("time"),
        number("dns_ms"),
        number("connect_ms"),
        number("tls_ms"),
        number("ttfb_ms"),
        number("total_ms"),
      ],
      format: "timeseries",
    }),
    lines: [
      { name: "dns_ms", label: "DNS", color: "#5794F2" },
      { name: "connect_ms", label: say("Sambungan", "Connect"), color: "#56A64B" },
      { name: "tls_ms", label: "TLS", color: "#F2CC0C" },
      { name: "ttfb_ms", label: say("Byte pertama", "First byte"), color: "#FF780A" },
      { name: "total_ms", label: say("Seluruhnya", "Total"), color: "#8F3BB8", apart: true },
    ],
    unit: "ms",
    min: 0,
    stacked: true,
    repeat: { repeat: "check", repeatDirection: "h", maxPerRow: 2 },
  });
