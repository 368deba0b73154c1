import type { Language } from "../texts.ts";
import type { Judged } from "./compare.ts";
import type { FaultKind } from "./world.ts";

/* What the demonstration says to people: Indonesian first, English with SAMBUNG_LANG=en. */

export interface DemoTexts {
  help: string;
  simulated: string;
  enrolling: (count: number, of: number) => string;
  delivering: (percent: number, rounds: number) => string;
  settling: string;
  delivered: (figures: { rounds: number; batches: number; megabytes: string; seconds: number }) => string;
  page: string;
  reach: string;
  adminKey: string;
  columns: readonly string[];
  kinds: Record<FaultKind, string>;
  judged: Record<Judged, string>;
  stillOpen: string;
  unscripted: (count: number) => string;
  live: string;
  ended: string;
  /** `isDemo`: whether what is there is an earlier demonstration. */
  notEmpty: (folder: string, isDemo: boolean) => string;
  failed: string;
  wrongUsage: string;
  numbers: string;
}

export const demoTexts: Record<Language, DemoTexts> = {
  id: {
    help: `npm run demo: satu kabupaten simulasi di depan Sambung yang sungguhan.

Pemakaian:
  npm run demo -- [--data FOLDER] [--fresh] [--listen HOST:PORT] [--seed TEKS]

  --data FOLDER       tempat menulis semuanya, bawaan ./data/demo
  --fresh             buang demo sebelumnya di folder itu
  --listen HOST:PORT  alamat halaman, bawaan 127.0.0.1:8080
  --seed TEKS         seed yang sama memberi tautan, gangguan dan pengukuran yang sama

Pengukuran di sini simulasi: tidak ada paket yang dikirim ke jaringan mana pun.
Kode keluar: 0 selesai, 1 gagal, 2 pemakaian salah. SAMBUNG_LANG: id atau en.
`,
    simulated: "DATA DEMO: pengukuran dan gangguan disimulasikan; hanya nama lokasi yang nyata.",
    enrolling: (count, of) => `mendaftarkan agen ${count}/${of}`,
    delivering: (percent, rounds) =>
      `mengirim riwayat ${percent} % (${rounds.toLocaleString("id")} pengukuran)`,
    settling: "menunggu tabel gangguan selesai dihitung",
    delivered: ({ rounds, batches, megabytes, seconds }) =>
      `${rounds.toLocaleString("id")} pengukuran dalam ${batches.toLocaleString("id")} kiriman (${megabytes} MB) selama ${seconds} detik: ${Math.round(rounds / seconds).toLocaleString("id")} pengukuran per detik`,
    page: "Halaman",
    reach: "Layanan aduan",
    adminKey: "Kunci admin",
    columns: [
      "Mulai (WITA)",
      "Durasi",
      "Lokasi",
      "Yang disimulasikan",
      "Ditemukan",
      "Penyebab",
      "Akar",
      "Selisih",
    ],
    kinds: {
      link: "tautan putus",
      rain: "redaman hujan",
      provider: "uplink kabupaten putus",
      power: "pemadaman listrik",
      crash: "program agen berhenti",
      dns: "DNS gagal",
      service: "layanan galat, lalu menolak",
      certificate: "sertifikat layanan kedaluwarsa",
      normal: "satelit, latensi wajar",
    },
    judged: { right: "benar", unsettled: "belum diketahui", wrong: "salah", none: "tidak ada" },
    stillOpen: "berlangsung",
    unscripted: (count) => `Gangguan tanpa simulasi: ${count}`,
    live: "Sekarang langsung: tiap agen melapor setiap 60 detik. Ctrl-C untuk berhenti.",
    ended: "Kolektor berhenti sendiri; lihat collector.log di folder demo.",
    notEmpty: (folder, isDemo) =>
      isDemo
        ? `${folder} berisi demo sebelumnya; ulangi dengan --fresh untuk membuangnya, atau pilih --data lain`
        : `${folder} berisi berkas yang bukan demo; pilih --data lain`,
    failed: "Gagal",
    wrongUsage: "Pemakaian salah",
    numbers: "id",
  },
  en: {
    help: `npm run demo: a simulated regency in front of a real Sambung.

Usage:
  npm run demo -- [--data FOLDER] [--fresh] [--listen HOST:PORT] [--seed TEXT]

  --data FOLDER       where everything is written, default ./data/demo
  --fresh             throw away an earlier demonstration in that folder
  --listen HOST:PORT  address of the page, default 127.0.0.1:8080
  --seed TEXT         the same seed gives the same links, faults and measurements

The measurements are simulated: no packet is sent into any network.
Exit codes: 0 done, 1 failed, 2 wrong usage. SAMBUNG_LANG: id or en.
`,
    simulated: "DEMO DATA: measurements and faults are simulated; only the names of the sites are real.",
    enrolling: (count, of) => `enrolling agents ${count}/${of}`,
    delivering: (percent, rounds) =>
      `delivering history ${percent} % (${rounds.toLocaleString("en")} rounds)`,
    settling: "waiting for the outage table to be worked out",
    delivered: ({ rounds, batches, megabytes, seconds }) =>
      `${rounds.toLocaleString("en")} rounds in ${batches.toLocaleString("en")} batches (${megabytes} MB) in ${seconds} s: ${Math.round(rounds / seconds).toLocaleString("en")} rounds a second`,
    page: "Page",
    reach: "Complaint service",
    adminKey: "Admin key",
    columns: ["Start (WITA)", "Duration", "Site", "Simulated", "Found", "Cause", "Root", "Off by"],
    kinds: {
      link: "link cut",
      rain: "rain fade",
      provider: "regency's uplink cut",
      power: "power cut",
      crash: "agent's program ended",
      dns: "DNS failing",
      service: "service errs, then refuses",
      certificate: "service's certificate expired",
      normal: "satellite, latency as usual",
    },
    judged: { right: "right", unsettled: "not known", wrong: "wrong", none: "none" },
    stillOpen: "lasts",
    unscripted: (count) => `Outages told that were not simulated: ${count}`,
    live: "Live from here on: each agent reports every 60 seconds. Ctrl-C ends it.",
    ended: "The collector ended by itself; see collector.log in the folder of the demonstration.",
    notEmpty: (folder, isDemo) =>
      isDemo
        ? `${folder} holds an earlier demonstration; use --fresh to throw it away, or another --data`
        : `${folder} holds files that are not a demonstration's; use another --data`,
    failed: "Failed",
    wrongUsage: "Wrong usage",
    numbers: "en",
  },
};
