import { dashboard } from "./lib/dashboard.ts";
import type { Dashboard, PanelDraft, Thresholds } from "./lib/grafana.ts";
import { stateMeanings } from "./lib/meaning.ts";
import { of, promLine, promNow, promTable, rate } from "./lib/prometheus.ts";
import { sayIn } from "./lib/say.ts";
import type { Language, Say } from "./lib/say.ts";
import { lines } from "./lib/series-panels.ts";
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

/* Colours that differ in lightness too, for those who see few hues (Okabe and Ito, 2008). */
const blue = "#0072B2";
const sky = "#56B4E9";
const orange = "#E69F00";
const vermilion = "#D55E00";
const green = "#009E73";
const grey = "#8E8E8E";
const purple = "#CC79A7";

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

function takenPanel(say: Say): PanelDraft {
  return lines({
    title: say("Pengukuran tersimpan", "Rounds stored"),
    description: say(
      "Pengukuran agen dan baris Telegraf yang tersimpan per detik.",
      "Rounds of agents and lines of Telegraf stored a second.",
    ),
    target: [
      promLine(`sum(${rate("sambung_ingest_rounds_total")})`, "rounds", "A"),
      promLine(`sum(${rate("sambung_ingest_lines_total")})`, "lines", "B"),
    ],
    lines: [
      { name: "rounds", label: say("Pengukuran", "Rounds"), color: blue },
      { name: "lines", label: say("Baris Telegraf", "Lines of Telegraf"), color: orange },
    ],
    unit: "cps",
    min: 0,
  });
}

function putOffPanel(say: Say): PanelDraft {
  const each = (metric: string, legend: string, refId: string) =>
    promLine(`sum(${rate(`sambung_ingest_${metric}_total`)})`, legend, refId);
  return lines({
    title: say("Ditunda, ditolak, berulang", "Put off, refused, repeated"),
    description: say(
      "Kiriman terkini yang ditunda: mesin kewalahan. Kiriman yang ditolak: versi agen berbeda.",
      "Live batches put off: the machine is overloaded. Batches refused: an agent of another version.",
    ),
    target: [
      each("put_off_live", "live", "A"),
      each("put_off_backlog", "backlog", "B"),
      each("refused", "refused", "C"),
      each("lines_refused", "lines", "D"),
      each("duplicates", "duplicates", "E"),
    ],
    lines: [
      { name: "live", label: say("Terkini ditunda", "Live put off"), color: vermilion },
      { name: "backlog", label: say("Tertunda ditunda", "Backlog put off"), color: orange },
      { name: "refused", label: say("Ditolak", "Refused"), color: purple },
      { name: "lines", label: say("Baris ditolak", "Lines refused"), color: sky },
      { name: "duplicates", label: say("Berulang", "Repeated"), color: grey },
    ],
    unit: "cps",
    min: 0,
  });
}

function requestsPanel(say: Say): PanelDraft {
  return lines({
    title: say("Permintaan per permukaan dan hasil", "Requests by surface and outcome"),
    description: say(
      "Siapa yang bertanya (batches, write, agent, api, operation, pages) dan golongan status jawabannya.",
      "Who asks (batches, write, agent, api, operation, pages), and the class of the answer's status.",
    ),
    target: promLine(
      `sum by (surface, code) (${rate("sambung_http_requests_total")})`,
      "{{surface}} {{code}}",
    ),
    lines: [],
    unit: "reqps",
    min: 0,
  });
}

function durationPanel(say: Say): PanelDraft {
  const buckets = rate("sambung_http_request_duration_seconds_bucket");
  return lines({
    title: say("Lama menjawab, p99", "Time to answer, p99"),
    description: say(
      "99 dari 100 permintaan dijawab dalam waktu ini, tiap permukaan.",
      "99 of 100 requests are answered within this time, by surface.",
    ),
    target: promLine(`histogram_quantile(0.99, sum by (surface, le) (${buckets}))`, "{{surface}}"),
    lines: [],
    unit: "s",
    min: 0,
  });
}

function accountPanel(say: Say): PanelDraft {
  const state = (name: string, refId: string) =>
    promLine(`sum(${of("sambung_agent_ledger_rounds", `state="${name}"`)})`, name, refId);
  return lines({
    title: say("Catatan semua agen: yang bukan tersimpan", "The account of all agents: what is not stored"),
    description: say(
      "Belum tiba, ditipiskan, dan hilang; dihasilkan = tersimpan + ketiganya.",
      "Still to come, thinned and lost; produced = stored + these three.",
    ),
    target: [state("open", "A"), state("thinned", "B"), state("lost", "C")],
    lines: [
      { name: "open", label: say("Belum tiba", "Still to come"), color: orange },
      { name: "thinned", label: say("Ditipiskan", "Thinned"), color: grey },
      { name: "lost", label: say("Hilang", "Lost"), color: vermilion },
    ],
    unit: "short",
    min: 0,
  });
}

function backlogPanel(say: Say): PanelDraft {
  return lines({
    title: say("Tertahan di agen", "Waiting at the agents"),
    description: say(
      "Pengukuran di penyimpanan agen ketika terakhir melapor, semua agen bersama.",
      "Rounds in the agents' spools when they last said so, all agents together.",
    ),
    target: promLine(`sum(${of("sambung_agent_backlog_rounds")})`, "rounds"),
    lines: [{ name: "rounds", label: say("Pengukuran", "Rounds"), color: blue }],
    unit: "short",
    min: 0,
  });
}

function passPanel(say: Say): PanelDraft {
  return lines({
    title: say("Lama satu deteksi", "Time of a run of the detection"),
    description: say(
      "Lama deteksi terakhir, dan deteksi yang gagal per detik.",
      "How long the last run took, and runs that failed a second.",
    ),
    target: [
      promLine(`max(${of("sambung_watch_pass_duration_seconds")})`, "took", "A"),
      promLine(`sum(${rate("sambung_watch_errors_total")})`, "errors", "B"),
    ],
    lines: [
      { name: "took", label: say("Lama", "Time"), color: blue },
      { name: "errors", label: say("Gagal per detik", "Failed a second"), color: vermilion },
    ],
    unit: "s",
    min: 0,
  });
}

function tablePanel(say: Say): PanelDraft {
  return lines({
    title: say("Gangguan dicatat dan dibetulkan", "Outages written and corrected"),
    description: say(
      "Per detik: gangguan yang baru dicatat, dan pembetulan gangguan yang sudah tercatat karena data terlambat.",
      "A second: outages written for the first time, and corrections of such by late data.",
    ),
    target: [
      promLine(`sum(${rate("sambung_watch_outages_found_total")})`, "found", "A"),
      promLine(`sum(${rate("sambung_watch_outages_revised_total")})`, "revised", "B"),
    ],
    lines: [
      { name: "found", label: say("Baru", "New"), color: vermilion },
      { name: "revised", label: say("Dibetulkan", "Corrected"), color: sky },
    ],
    unit: "cps",
    min: 0,
  });
}

function sitesPanel(say: Say): PanelDraft {
  return lines({
    title: say("Lokasi per status", "Sites by state"),
    description: say(
      "Berapa lokasi di setiap status, sepanjang rentang.",
      "How many sites are in each state, over the range.",
    ),
    target: promLine(`sum by (state) (${of("sambung_site_state")})`, "{{state}}"),
    lines: stateMeanings(say).map(({ word, text, color }) => ({ name: word, label: text, color })),
    unit: "short",
    min: 0,
    stacked: true,
  });
}

function measuredPanel(say: Say): PanelDraft {
  return lines({
    title: say("Sasaran yang terukur", "Targets that are measured"),
    description: say(
      "Sasaran dengan pengukuran baru, dan semua sasaran di inventaris.",
      "Targets with a recent round, and all targets of the inventory.",
    ),
    target: [
      promLine(`count(${of("probe_success")}) or vector(0)`, "measured", "A"),
      promLine(`sum(${of("sambung_inventory_targets")})`, "all", "B"),
    ],
    lines: [
      { name: "measured", label: say("Terukur", "Measured"), color: blue },
      { name: "all", label: say("Semua", "All"), color: grey },
    ],
    unit: "short",
    min: 0,
  });
}

function outboxPanel(say: Say): PanelDraft {
  return lines({
    title: say("Pesan yang belum terkirim", "Messages not sent yet"),
    description: say("Pesan yang menunggu, tiap kanal.", "Messages that wait, by channel."),
    target: promLine(`sum by (channel) (${of("sambung_outbox_pending")})`, "{{channel}}"),
    lines: [],
    unit: "short",
    min: 0,
  });
}

function deliveryPanel(say: Say): PanelDraft {
  return lines({
    title: say("Pengiriman pesan", "Delivery of messages"),
    description: say(
      "Terkirim dan gagal per detik, tiap kanal; yang gagal dicoba lagi.",
      "Delivered and failed a second, by channel; what failed is tried again.",
    ),
    target: [
      promLine(
        `sum by (channel) (${rate("sambung_notify_delivered_total")})`,
        say("{{channel}} terkirim", "{{channel}} delivered"),
        "A",
      ),
      promLine(
        `sum by (channel) (${rate("sambung_notify_failed_total")})`,
        say("{{channel}} gagal", "{{channel}} failed"),
        "B",
      ),
    ],
    lines: [],
    unit: "cps",
    min: 0,
  });
}

function storePanel(say: Say): PanelDraft {
  return lines({
    title: say("Ukuran basis data", "Size of the store"),
    description: say(
      "Berkas sambung.db dan catatan di sampingnya (wal).",
      "The file sambung.db and the log beside it (wal).",
    ),
    target: promLine(`sum by (file) (${of("sambung_store_file_bytes")})`, "{{file}}"),
    lines: [
      { name: "main", label: "sambung.db", color: blue },
      { name: "wal", label: "wal", color: orange },
    ],
    unit: "bytes",
    min: 0,
    stacked: true,
  });
}

function memoryPanel(say: Say): PanelDraft {
  return lines({
    title: say("Memori", "Memory"),
    description: say(
      "Memori proses, dan bagian JavaScript yang terpakai.",
      "The process's memory, and what JavaScript uses of it.",
    ),
    target: [
      promLine(`sum(${of("process_resident_memory_bytes")})`, "resident", "A"),
      promLine(`sum(${of("nodejs_heap_size_used_bytes")})`, "heap", "B"),
    ],
    lines: [
      { name: "resident", label: say("Proses", "Process"), color: blue },
      { name: "heap", label: "JavaScript", color: sky },
    ],
    unit: "bytes",
    min: 0,
  });
}

function cpuPanel(say: Say): PanelDraft {
  return lines({
    title: say("Prosesor", "Processor"),
    description: say(
      "Detik prosesor per detik: 1 berarti satu inti penuh.",
      "Seconds of processor a second: 1 is one whole core.",
    ),
    target: promLine(`sum(${rate("process_cpu_seconds_total")})`, "cpu"),
    lines: [{ name: "cpu", label: say("Inti", "Cores"), color: blue }],
    unit: "none",
    decimals: 2,
    min: 0,
  });
}

function lagPanel(say: Say): PanelDraft {
  return lines({
    title: say("Keterlambatan program", "Lag of the program"),
    description: say(
      "Seberapa lama pekerjaan menunggu giliran, p99. Di atas satu detik kiriman tertunda mulai ditolak sementara.",
      "How long work waits for its turn, p99. Above a second backlog is put off.",
    ),
    target: promLine(`max(${of("nodejs_eventloop_lag_p99_seconds")})`, "lag"),
    lines: [{ name: "lag", label: "p99", color: blue }],
    unit: "s",
    min: 0,
  });
}
