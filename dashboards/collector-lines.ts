import type { PanelDraft } from "./lib/grafana.ts";
import { blue, grey, orange, purple, sky, vermilion } from "./lib/colours.ts";
import { stateMeanings } from "./lib/meaning.ts";
import { of, promLine, rate } from "./lib/prometheus.ts";
import type { Say } from "./lib/say.ts";
import { lines } from "./lib/series-panels.ts";

/* What the collector does over time: one function for each panel of its dashboard. */

export function takenPanel(say: Say): PanelDraft {
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

export function putOffPanel(say: Say): PanelDraft {
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

export function requestsPanel(say: Say): PanelDraft {
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

export function durationPanel(say: Say): PanelDraft {
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

export function accountPanel(say: Say): PanelDraft {
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

export function backlogPanel(say: Say): PanelDraft {
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

export function passPanel(say: Say): PanelDraft {
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

export function tablePanel(say: Say): PanelDraft {
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

export function sitesPanel(say: Say): PanelDraft {
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

export function measuredPanel(say: Say): PanelDraft {
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

export function outboxPanel(say: Say): PanelDraft {
  return lines({
    title: say("Pesan yang belum terkirim", "Messages not sent yet"),
    description: say("Pesan yang menunggu, tiap kanal.", "Messages that wait, by channel."),
    target: promLine(`sum by (channel) (${of("sambung_outbox_pending")})`, "{{channel}}"),
    lines: [],
    unit: "short",
    min: 0,
  });
}

export function deliveryPanel(say: Say): PanelDraft {
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

export function storePanel(say: Say): PanelDraft {
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

export function memoryPanel(say: Say): PanelDraft {
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

export function cpuPanel(say: Say): PanelDraft {
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

export function lagPanel(say: Say): PanelDraft {
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
