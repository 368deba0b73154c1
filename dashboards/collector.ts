import {
  takenPanel,
  putOffPanel,
  requestsPanel,
  durationPanel,
  accountPanel,
  backlogPanel,
  passPanel,
  tablePanel,
  sitesPanel,
  measuredPanel,
  outboxPanel,
  deliveryPanel,
  storePanel,
  memoryPanel,
  cpuPanel,
  lagPanel,
} from "./collector-lines.ts";
import { green, orange, vermilion } from "./lib/colours.ts";
import { dashboard } from "./lib/dashboard.ts";
import type { Dashboard, PanelDraft, Thresholds } from "./lib/grafana.ts";
import { of, promNow, promTable } from "./lib/prometheus.ts";
import { sayIn } from "./lib/say.ts";
import type { Language, Say } from "./lib/say.ts";
import { navigation } from "./lib/shared.ts";
import { figure } from "./lib/stat-panel.ts";
import { table } from "./lib/table-panel.ts";
import { labelVariable } from "./lib/variables.ts";

/** The collector itself, by Prometheus: it has to be seen when the API does not answer. */
export function collectorDashboard(language: Language): Dashboard {
  const say = sayIn(language);
  return dashboard(say, language, {
    uid: "sambung-collector",
    title: say("Sambung: kolektor", "Sambung: collector"),
    description: say(
      "Apakah Sambung sendiri sehat: penerimaan, deteksi, basis data, peringatan.",
      "Whether Sambung itself is well: ingest, detection, store, alerts.",
    ),
    from: "now-6h",
    links: navigation(say, language, "sambung-collector"),
    asks: "prometheus",
    variables: variables(say),
    annotations: [],
    parts: [
      { height: 4, panels: nowPanels(say).map((panel) => ({ width: 4, panel })) },
      { height: 6, panels: [{ width: 24, panel: alertsPanel(say) }] },
      say("Penerimaan", "Ingest"),
      line(takenPanel(say), putOffPanel(say)),
      line(requestsPanel(say), durationPanel(say)),
      say("Agen", "Agents"),
      line(accountPanel(say), backlogPanel(say)),
      say("Deteksi", "Detection"),
      line(passPanel(say), tablePanel(say)),
      line(sitesPanel(say), measuredPanel(say)),
      say("Peringatan kepada petugas", "Alerts to people"),
      line(outboxPanel(say), deliveryPanel(say)),
      say("Mesin", "Machine"),
      line(storePanel(say), memoryPanel(say)),
      line(cpuPanel(say), lagPanel(say)),
    ],
  });
}

const line = (left: PanelDraft, right: PanelDraft) => ({
  height: 8,
  panels: [
    { width: 12, panel: left },
    { width: 12, panel: right },
  ],
});

const variables = (say: Say) => [
  labelVariable(
    "job",
    "Job",
    "label_values(sambung_build_info, job)",
    say("Nama pekerjaan Prometheus.", "The job in Prometheus."),
  ),
  labelVariable(
    "instance",
    "Instance",
    'label_values(sambung_build_info{job=~"$job"}, instance)',
    say("Kolektor yang ditampilkan.", "The collectors that are shown."),
  ),
];

const goodAbove = (least: number): Thresholds["steps"] => [
  { color: vermilion, value: null },
  { color: green, value: least },
];
const badFrom = (warn: number, bad: number): Thresholds["steps"] => [
  { color: green, value: null },
  { color: orange, value: warn },
  { color: vermilion, value: bad },
];

/** `min` and `max` over the chosen collectors: the worst one decides. */
function nowPanels(say: Say): PanelDraft[] {
  const empty = say("Tidak terbaca", "Not read");
  const word = (value: string, text: string, color: string, index: number) => ({
    [value]: { text, color, index },
  });
  const yesNo = (yes: string, no: string) => [
    { type: "value" as const, options: { ...word("1", yes, green, 0), ...word("0", no, vermilion, 1) } },
  ];
  return [
    figure({
      title: say("Kolektor", "Collector"),
      description: say("Apakah Prometheus dapat membaca /metrics.", "Whether Prometheus can read /metrics."),
      target: promNow(`min(${of("up")})`),
      unit: "none",
      thresholds: goodAbove(1),
      mappings: yesNo(say("Menjawab", "Answers"), say("Tidak menjawab", "No answer")),
      empty,
    }),
    figure({
      title: say("Basis data", "Store"),
      description: say("Apakah basis data dapat ditulis.", "Whether the store can be written."),
      target: promNow(`min(${of("sambung_store_up")})`),
      unit: "none",
      thresholds: goodAbove(1),
      mappings: yesNo(
        say("Dapat ditulis", "Can be written"),
        say("Tidak dapat ditulis", "Cannot be written"),
      ),
      empty,
    }),
    figure({
      title: say("Deteksi terakhir", "Last detection"),
      description: say(
        "Berapa lama sejak tabel gangguan diperbarui.",
        "How long ago the outage table was brought up to date.",
      ),
      target: promNow(`max(time() - ${of("sambung_watch_last_pass_timestamp_seconds")})`),
      unit: "s",
      decimals: 0,
      thresholds: badFrom(30, 120),
      empty,
    }),
    figure({
      title: say("Agen terdengar sejam", "Agents heard in the hour"),
      description: say(
        "Agen yang mengirim sesuatu dalam sejam terakhir.",
        "Agents that sent anything in the last hour.",
      ),
      target: promNow(
        `count(time() - ${of("sambung_agent_last_seen_timestamp_seconds")} < 3600) or vector(0)`,
      ),
      unit: "short",
      decimals: 0,
      thresholds: goodAbove(1),
      empty,
    }),
    figure({
      title: say("Pesan tertahan", "Messages waiting"),
      description: say(
        "Umur pesan tertua yang belum terkirim, di semua kanal.",
        "Age of the oldest message not sent yet, over all channels.",
      ),
      target: promNow(`max(${of("sambung_outbox_oldest_age_seconds")}) or vector(0)`),
      unit: "s",
      decimals: 0,
      thresholds: badFrom(300, 900),
      empty,
    }),
    figure({
      title: say("Sisa disk", "Disk left"),
      description: say("Ruang kosong pada disk basis data.", "Room left on the store's disk."),
      target: promNow(`min(${of("sambung_store_disk_free_bytes")})`),
      unit: "bytes",
      decimals: 1,
      thresholds: [
        { color: vermilion, value: null },
        { color: orange, value: 2 ** 28 },
        { color: green, value: 2 ** 31 },
      ],
      empty,
    }),
  ];
}

function alertsPanel(say: Say): PanelDraft {
  return table({
    title: say("Peringatan Prometheus yang menyala", "Alerts of Prometheus that fire"),
    description: say(
      "Peringatan tentang Sambung sendiri; apa yang harus dilakukan ada di docs/runbook.md. SambungWatchdog selalu menyala.",
      "Alerts about Sambung itself; what to do is in docs/runbook.md. SambungWatchdog always fires.",
    ),
    target: promTable(
      'sort_desc(count by (alertname, severity, instance) (ALERTS{alertname=~"Sambung.*",alertstate="firing"}))',
    ),
    columns: [
      { name: "Time", label: say("Waktu", "Time"), hidden: true },
      { name: "alertname", label: say("Peringatan", "Alert") },
      { name: "severity", label: say("Keparahan", "Severity"), width: 140 },
      { name: "instance", label: say("Kolektor", "Collector") },
      { name: "Value", label: say("Jumlah", "Count"), unit: "short", decimals: 0, width: 100 },
    ],
    empty: say("Aturan peringatan belum dimuat", "The alert rules are not loaded"),
  });
}
