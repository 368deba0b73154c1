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
      "Median dan sebaran (p10 sampai p90) waktu bolak-balik; batang merah: paket hilang.",
      "Median and spread (p10 to p90) of the round-trip time; red bars: packets lost.",
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
      "Persentil ke-95 waktu bolak-balik dikurangi yang terkecil (RFC 5481), tiap sasaran.",
      "95th percentile of the round-trip times less the smallest (RFC 5481), per target.",
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

const interfaces = { path: "/interfaces", params: { target: "${site}/*", ...timeRange, step } };

const trafficPanel = (say: Say) =>
  lines({
    title: say("Lalu lintas antarmuka (SNMP)", "Traffic of interfaces (SNMP)"),
    description: say(
      "Bit per detik tiap antarmuka: masuk di atas nol, keluar di bawahnya. Kosong bila tidak ada SNMP.",
      "Bits a second of each interface: in above zero, out below it. Empty where nothing is read by SNMP.",
    ),
    target: target({
      ...interfaces,
      columns: [time("time"), text("interface"), number("in_bps"), number("out_bps")],
      format: "timeseries",
    }),
    lines: [
      { name: "in_bps", label: say("${__field.labels.interface} masuk", "${__field.labels.interface} in") },
      {
        name: "out_bps",
        label: say("${__field.labels.interface} keluar", "${__field.labels.interface} out"),
        below: true,
      },
    ],
    unit: "bps",
  });

const errorsPanel = (say: Say) =>
  lines({
    title: say("Galat dan paket dibuang (SNMP)", "Errors and discards (SNMP)"),
    description: say(
      "Paket rusak dan paket yang dibuang per detik, tiap antarmuka dan arah.",
      "Packets with errors and packets thrown away, a second, by interface and direction.",
    ),
    target: target({
      ...interfaces,
      columns: [
        time("time"),
        text("interface"),
        number("in_errors_per_s"),
        number("out_errors_per_s"),
        number("in_discards_per_s"),
        number("out_discards_per_s"),
      ],
      format: "timeseries",
    }),
    lines: [
      {
        name: "in_errors_per_s",
        label: say("${__field.labels.interface} galat masuk", "${__field.labels.interface} errors in"),
      },
      {
        name: "out_errors_per_s",
        label: say("${__field.labels.interface} galat keluar", "${__field.labels.interface} errors out"),
      },
      {
        name: "in_discards_per_s",
        label: say("${__field.labels.interface} dibuang masuk", "${__field.labels.interface} discards in"),
      },
      {
        name: "out_discards_per_s",
        label: say("${__field.labels.interface} dibuang keluar", "${__field.labels.interface} discards out"),
      },
    ],
    unit: "pps",
    min: 0,
  });

/** Objects of the profiles by their unit; what a device does not have makes no series. */
const readingsPanel = (own: {
  title: string;
  description: string;
  objects: readonly string[];
  unit: string;
  decimals?: number;
}) =>
  lines({
    ...own,
    target: target({
      path: "/readings",
      params: { target: "${site}/*", object: own.objects.join(","), ...timeRange, step },
      columns: [time("time"), text("target"), text("object"), number("value")],
      format: "timeseries",
    }),
    lines: [],
    displayName: "${__field.labels.target} ${__field.labels.object}",
  });

const signalPanel = (say: Say) =>
  readingsPanel({
    title: say("Kuat sinyal (SNMP)", "Signal strength (SNMP)"),
    description: say(
      "Sinyal yang diterima radio, modem atau terminal satelit. Mendekati nol berarti lebih kuat.",
      "What radios, modems and satellite terminals receive. Closer to zero is stronger.",
    ),
    objects: ["signalDbm", "rssiDbm", "rsrpDbm"],
    unit: "dBm",
    decimals: 1,
  });

const qualityPanel = (say: Say) =>
  readingsPanel({
    title: say("Mutu sinyal (SNMP)", "Signal quality (SNMP)"),
    description: say(
      "Sinyal terhadap derau. Turun saat hujan: sinyal melemah; turun saat cerah: arah antena atau gangguan.",
      "Signal over noise. A fall in rain is a fade; a fall in fair weather is the antenna's direction or interference.",
    ),
    objects: ["snrDb", "sinrDb", "rsrqDb", "ssrDb", "xpiDb", "mseDb"],
    unit: "dB",
    decimals: 1,
  });

const batteryPanel = (say: Say) =>
  readingsPanel({
    title: say("Baterai (SNMP)", "Battery (SNMP)"),
    description: say(
      "Isi baterai UPS atau pengisi surya. Turun terus: listrik padam atau panel tidak mengisi.",
      "Charge of the UPS or solar charger. A steady fall: no mains, or panels that do not charge.",
    ),
    objects: ["batteryChargeRatio"],
    unit: "percentunit",
    decimals: 0,
  });

/**
 * sysUpTime counts hundredths of a second (RFC 3418), Grafana's `timeticks`; it wraps after 497 days. Only targets read
 * by SNMP have values; with the empty rows of the others the gaps go too, so that points are drawn and no line.
 */
const uptimePanel = (say: Say) =>
  lines({
    title: say("Lama menyala perangkat (SNMP)", "Device uptime (SNMP)"),
    description: say(
      "sysUpTime tiap perangkat; jatuh ke nol berarti perangkat menyala ulang. Kosong bila tidak ada SNMP.",
      "sysUpTime of each device; a fall to zero is a restart. Empty where nothing is read by SNMP.",
    ),
    target: target({
      path: "/series",
      params: { target: "${site}/*", metric: "snmp.sysUpTime", ...timeRange, step },
      columns: [time("time"), text("target"), number("sysUpTime", "snmp\\.sysUpTime")],
      filter: "sysUpTime != null",
      format: "timeseries",
    }),
    lines: [],
    displayName: "${__field.labels.target}",
    unit: "timeticks",
    min: 0,
    points: true,
  });
