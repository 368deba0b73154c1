import type { Language } from "../report/language.ts";
import type { PingMethod } from "./telegraf-ping.ts";

/** What `sambung agents telegraf` says, in the configuration that it prints and beside it. */
export interface TelegrafTexts {
  head: (of: { site: string; agent: string; method: PingMethod }) => string[];
  left: (id: string, kind: string) => string;
  buffer: (metrics: number, hours: number) => string[];
  output: string[];
  noDscp: (dscp: number) => string;
  interfacesAlone: (profile: string) => string;
  made: (agent: string, site: string, targets: number) => string;
  nothing: (site: string) => string;
  noServer: string;
  noKey: string;
  noCollector: (address: string, why: string) => string;
  refused: (what: string, why: string) => string;
}

const rights = `systemctl edit telegraf: [Service] CapabilityBoundingSet=CAP_NET_RAW AmbientCapabilities=CAP_NET_RAW`;

const id: TelegrafTexts = {
  head: ({ site, agent, method }) => [
    `telegraf.conf untuk lokasi ${site}, agen ${agent}; dibuat oleh sambung agents telegraf.`,
    "Berisi kunci agen dan sandi SNMP: simpan dengan hak 0640, milik root:telegraf.",
    ...(method === "native" ? [`method "native" memerlukan CAP_NET_RAW. ${rights}`] : []),
    "Jam perangkat harus benar (NTP): data bertanggal sebelum 2020 atau lebih dari 5 menit ke depan ditolak.",
  ],
  left: (target, kind) => `Tidak diukur: ${target} (${kind}). Hanya agen Sambung yang dapat mengukurnya.`,
  buffer: (metrics, hours) => [
    `Paling banyak ${metrics} baris disimpan selama tautan putus, kira-kira ${hours} jam; yang terlama dibuang lebih dulu.`,
    "Simpanan ada di memori dan hilang bila listrik padam. Sejak Telegraf 1.32 dapat di kartu (masih percobaan):",
    '  buffer_strategy = "disk"  dan  buffer_directory = "/var/lib/telegraf/buffer"',
  ],
  output: ["organization dan bucket tidak dipakai kolektor. Masukan lain memerlukan keluaran sendiri."],
  noDscp: (dscp) => `DSCP ${dscp} tidak dapat diatur dengan method "native".`,
  interfacesAlone: (profile) =>
    `Profil ${profile}: Telegraf hanya membaca antarmuka; selebihnya hanya dibaca agen Sambung.`,
  made: (agent, site, targets) =>
    `Agen ${agent} dibuat untuk ${site}: ${targets} sasaran. Kunci hanya ditampilkan sekali ini. Untuk perubahan sasaran, buat lagi dan cabut yang lama.`,
  nothing: (site) =>
    `${site}: tidak ada sasaran icmp, snmp, atau dns yang dapat diukur Telegraf; tidak ada agen yang dibuat`,
  noServer:
    "--server: alamat kolektor dari sisi perangkat harus disebut (misalnya --server https://sambung.example.go.id), atau isi publicUrl",
  noKey: "SAMBUNG_ADMIN_KEY: kunci admin (sbk_…) diperlukan",
  noCollector: (address, why) =>
    `kolektor di ${address} tidak menjawab (${why}); jalankan dahulu dengan sambung start`,
  refused: (what, why) => `kolektor menolak ${what}: ${why}`,
};

const en: TelegrafTexts = {
  head: ({ site, agent, method }) => [
    `telegraf.conf for site ${site}, agent ${agent}; made by sambung agents telegraf.`,
    "Holds the agent's key and SNMP secrets: keep it 0640, owned by root:telegraf.",
    ...(method === "native" ? [`method "native" needs CAP_NET_RAW. ${rights}`] : []),
    "The clock of the box has to be right (NTP): what is dated before 2020 or more than 5 minutes ahead is refused.",
  ],
  left: (target, kind) => `Not measured: ${target} (${kind}). Only a Sambung agent can.`,
  buffer: (metrics, hours) => [
    `At most ${metrics} lines are kept while the link is down, some ${hours} hours; the oldest go first.`,
    "They are kept in memory and gone when the power fails. Since Telegraf 1.32 they may be on the card (experimental):",
    '  buffer_strategy = "disk"  and  buffer_directory = "/var/lib/telegraf/buffer"',
  ],
  output: [
    "The collector makes no use of organization and bucket. Other inputs need an output of their own.",
  ],
  noDscp: (dscp) => `DSCP ${dscp} cannot be set by method "native".`,
  interfacesAlone: (profile) =>
    `Profile ${profile}: Telegraf reads the interfaces alone; only a Sambung agent reads the rest.`,
  made: (agent, site, targets) =>
    `Agent ${agent} was made for ${site}: ${targets} targets. The key is shown this once. When targets change, make another and revoke the old one.`,
  nothing: (site) => `${site}: no icmp, snmp or dns target that Telegraf can measure; no agent was made`,
  noServer:
    "--server: say where the box reaches the collector (such as --server https://sambung.example.go.id), or set publicUrl",
  noKey: "SAMBUNG_ADMIN_KEY: an admin key (sbk_…) is needed",
  noCollector: (address, why) =>
    `the collector at ${address} does not answer (${why}); run sambung start first`,
  refused: (what, why) => `the collector refused ${what}: ${why}`,
};

export const telegrafTexts: Record<Language, TelegrafTexts> = { id, en };
