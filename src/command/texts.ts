import type { AskTexts } from "./ask-collector.ts";
import type { CopyTexts } from "./copies.ts";
import type { ComplaintsTexts } from "./complaints.ts";
import type { ReplayTexts } from "./replay.ts";
import type { SlaTexts } from "./sla.ts";
import type { Language } from "../report/language.ts";

/** What the command says to people: Indonesian first, English with SAMBUNG_LANG=en. Logs are for engineers and stay English. */
export interface CommandTexts {
  help: string;
  wrongUsage: string;
  seeHelp: string;
  failed: string;
  checked: (counts: { sites: number; links: number; targets: number; services: number }) => string;
  open: (address: string) => string;
  adminKey: (key: string) => string;
  next: (address: string) => string;
  agentEnrolled: (site: string) => string;
  agentAgain: (site: string) => string;
  agentStopped: (why: string, waitS: number) => string;
  noPublicUrl: string;
  /** By the code of the error. */
  cannotListen: Readonly<Record<string, string>>;
  stopping: string;
  stateOf: (name: string, state: string, cause: string | null) => string;
  serviceUp: (service: string, site: string) => string;
  serviceDown: (service: string, site: string, phase: string | null, blame: string) => string;
  theService: string;
  theNetwork: string;
  nobodyKnows: string;
  /** An open outage's evidence. */
  because: (sentence: string) => string;
  init: InitTexts;
  replay: ReplayTexts;
  copies: CopyTexts;
  adopted: (engine: string, former: string) => string;
  nothingToAdopt: (engine: string) => string;
  complaints: ComplaintsTexts;
  ask: AskTexts;
  sla: SlaTexts;
}

export interface InitTexts {
  wrote: (path: string) => string;
  /** A configuration that named no inventory names one now. */
  named: (path: string, inventory: string) => string;
  exists: string;
  found: (what: string, address: string) => string;
  gateway: string;
  resolver: string;
  nothingFound: string;
  nothingNew: string;
  ask: (what: string, address: string, site: string) => string;
  added: (id: string) => string;
  notAdded: (address: string) => string;
  noTerminal: string;
  next: string;
}

export function readLanguage(value: string | undefined): Language {
  return value === "en" ? "en" : "id";
}

const id: CommandTexts = {
  help: `sambung: siapa yang terputus, mengapa, dan masih bisakah warga mengadu?

Pemakaian:
  sambung start [--with-agent [--site KODE]]
      Jalankan kolektor; dengan --with-agent juga satu agen di mesin ini.
  sambung init [--yes]
      Buat sambung.yaml dan folder inventory milik sendiri; temukan gerbang dan DNS mesin ini dan tawarkan untuk diukur.
  sambung check
      Periksa konfigurasi dan inventaris saja.
  sambung key
      Cetak satu kunci acak (sbk_…), misalnya untuk SAMBUNG_ADMIN_KEY.
  sambung agents telegraf KODE [--server ALAMAT] [--method native|exec]
      Daftarkan agen Telegraf untuk satu lokasi di kolektor yang sedang berjalan, dan cetak telegraf.conf beserta kuncinya.
      --server adalah alamat kolektor dari sisi perangkat (bawaan: publicUrl). Memerlukan SAMBUNG_ADMIN_KEY.
  sambung backup BERKAS
      Salin sambung.db (putaran, gangguan, kunci API, buku besar) ke satu berkas, juga sementara kolektor berjalan.
  sambung restore BERKAS
      Periksa salinan dan siapkan; dipakai saat kolektor dijalankan berikutnya. Berkas lama disimpan dengan akhiran .before-restore.
  sambung series adopt
      Terima mesin data deret waktu yang disebut sambung.yaml sebagai pengganti yang lama; kolektor harus berhenti dulu. Apa yang
      terjadi sebelum saat itu tidak dinilai lagi.
  sambung complaints import BERKAS [--dry-run] [--good-lines] [--from HARI --to HARI]
      Serahkan berkas pengaduan (CSV atau XLSX, tanpa data pribadi) ke kolektor yang sedang berjalan. --dry-run hanya memeriksa;
      --good-lines menyimpan baris yang benar walaupun ada yang ditolak; --from dan --to (hari sesudahnya) mengatakan hari mana
      saja yang dicakup berkas itu. Memerlukan SAMBUNG_ADMIN_KEY.
  sambung sla explain TAUTAN BULAN [--issue NOMOR]
      Hitungan SLA satu tautan dalam satu bulan (misalnya 2026-10), baris demi baris. --issue: menurut terbitan itu (misalnya
      SLA-2026-10), bukan yang terakhir. Memerlukan SAMBUNG_ADMIN_KEY.
  sambung sla issue BULAN
      Terbitkan angka satu bulan, atau koreksinya bila data terlambat mengubah sesuatu. Memerlukan SAMBUNG_ADMIN_KEY.
  sambung report BULAN [--issue NOMOR] [--out FOLDER]
      Tulis laporan bulanan (PDF, XLSX, CSV) ke FOLDER (bawaan: folder ini), dengan nomor terbitan dalam nama berkas. Berkas
      terbitan yang sudah ada tidak ditimpa dengan isi lain. Memerlukan SAMBUNG_ADMIN_KEY.
  sambung replay FOLDER [--out BERKAS] [--final-only | --send-every DETIK] [--ablate tree,power,clock,noc,edges]
      Putar ulang skenario rekaman lewat deteksi yang sama, dan tulis hasilnya (bawaan: FOLDER/sambung.json). --final-only tanpa
      apa yang diketahui saat kejadian; --send-every: agen mengirim hasil ukurnya terkumpul, bukan satu per satu; --ablate tanpa
      sebagian bukti, untuk melihat nilainya.
  sambung --help | --version

Variabel: SAMBUNG_CONFIG berkas konfigurasi, SAMBUNG_LISTEN alamat:port, SAMBUNG_DATA folder data,
  SAMBUNG_PUBLIC_URL alamat halaman untuk tautan, SAMBUNG_ADMIN_KEY kunci admin yang dipakai, SAMBUNG_LOG tingkat log (debug, info, warn, error), SAMBUNG_LANG id atau en.
Kode keluar: 0 selesai, 1 gagal, 2 pemakaian salah.
`,
  wrongUsage: "Pemakaian salah",
  seeHelp: "Lihat sambung --help",
  failed: "Gagal",
  checked: ({ sites, links, targets, services }) =>
    `Benar: ${sites} lokasi, ${links} tautan, ${targets} sasaran, ${services} layanan.`,
  open: (address) => `Sambung berjalan. Buka ${address}`,
  adminKey: (key) => `Kunci admin (hanya ditampilkan sekali, simpanlah): ${key}`,
  next: (address) =>
    [
      "Selanjutnya:",
      "  npm run init     temukan gerbang dan DNS mesin ini, dan buat inventaris sendiri; lalu jalankan ulang",
      "  npm run demo -- --listen 127.0.0.1:8090     satu kabupaten dengan data contoh",
      `  curl -H "Authorization: Bearer KUNCI" ${address}/api/v1/sites`,
      "Ctrl-C menghentikan.",
    ].join("\n"),
  agentEnrolled: (site) => `Agen baru didaftarkan di ${site} dan mulai mengukur.`,
  agentAgain: (site) => `Agen di ${site} mengukur lagi.`,
  agentStopped: (why, waitS) => `Agen berhenti (${why}); dijalankan lagi dalam ${waitS} detik.`,
  noPublicUrl: "Peringatan dikirim tanpa tautan: isi publicUrl (atau SAMBUNG_PUBLIC_URL) supaya ada.",
  cannotListen: {
    EADDRINUSE: "sudah dipakai program lain; pilih alamat lain, misalnya SAMBUNG_LISTEN=127.0.0.1:8090",
    EADDRNOTAVAIL: "bukan alamat mesin ini; lihat listen di sambung.yaml atau SAMBUNG_LISTEN",
    EACCES:
      "pengguna ini tidak berhak atas port di bawah 1024; pilih port lain atau pasang proksi di depannya",
  },
  stopping: "Berhenti …",
  stateOf: (name, state, cause) => `${name}: ${state}${cause === null ? "" : ` (dugaan penyebab: ${cause})`}`,
  serviceUp: (service, site) => `${service} dapat dijangkau dari ${site}.`,
  serviceDown: (service, site, phase, blame) =>
    `${service} tidak dapat dijangkau dari ${site}${phase === null ? "" : ` (gagal pada tahap ${phase})`}: ${blame}.`,
  theService: "layanannya sendiri yang terganggu",
  theNetwork: "jaringan yang terganggu, bukan layanannya",
  nobodyKnows: "penyebab belum diketahui",
  because: (sentence) => `    - ${sentence}`,
  init: {
    wrote: (path) => `ditulis: ${path}`,
    named: (path, inventory) => `diubah: ${path} sekarang menyebut inventory: ${inventory}`,
    exists: "sambung.yaml sudah ada dan tetap dipakai.",
    found: (what, address) => `Ditemukan ${what}: ${address}`,
    gateway: "gerbang mesin ini",
    resolver: "DNS mesin ini",
    nothingFound: "Tidak ada gerbang atau DNS di luar mesin ini yang ditemukan.",
    nothingNew: "Gerbang dan DNS mesin ini sudah ada dalam inventaris.",
    ask: (what, address, site) => `Ukur ${what} (${address}) dari ${site}? [Y/t] `,
    added: (target) => `ditambahkan: sasaran ${target}`,
    notAdded: (address) => `tidak ditambahkan: ${address}`,
    noTerminal: "Bukan terminal: tidak ada yang ditambahkan. Dengan --yes semuanya ditambahkan.",
    next: "Jalankan npm start; yang sedang berjalan dihentikan dulu.",
  },
  replay: {
    progress: (share) => `membaca rekaman: ${Math.floor(share * 100)} %`,
    done: ({ records, duplicates, seconds, cpuSeconds, path }) =>
      `${records} catatan (${duplicates} ganda) dalam ${seconds} s (${cpuSeconds} s CPU): ${path}`,
  },
  complaints: {
    noKey: "Isi SAMBUNG_ADMIN_KEY dengan kunci yang boleh menulis pengaduan (complaints atau admin).",
    noCollector: (address, why) =>
      `kolektor di ${address} tidak dapat dihubungi (${why}); bila alamatnya lain, isi SAMBUNG_LISTEN seperti saat kolektor dijalankan`,
    noFile: (file, why) => `${file} tidak dapat dibaca (${why})`,
    tooLarge: (bytes, maxBytes) =>
      `berkas terlalu besar: ${bytes} byte, paling banyak ${maxBytes} (complaints.maxFileMiB)`,
    refused: (status, detail) => `tidak ada yang disimpan (${status}) ${detail}`.trimEnd(),
    imported: ({ rows, refused, result, passedOver, days }) =>
      `${rows} baris, ${refused} ditolak. ${days === null ? "Tidak mencakup hari mana pun." : `Mencakup ${days.first} sampai ${days.last}.`} Kasus: ${result!.added} baru, ${result!.corrected} dikoreksi, ${result!.unchanged} tetap, ${result!.hidden} menjadi jumlah saja. Sel jumlah berubah: ${result!.cells}. Dilewati karena pernah dihapus: ${passedOver}.`,
    allRefused: "tidak ada yang disimpan: setiap baris ditolak",
    dryRun: "Hanya diperiksa, tidak ada yang disimpan. Yang akan terjadi:",
  },
  ask: {
    noKey: "Isi SAMBUNG_ADMIN_KEY dengan kunci yang boleh membaca (read atau admin).",
    noCollector: (address, why) =>
      `kolektor di ${address} tidak dapat dihubungi (${why}); bila alamatnya lain, isi SAMBUNG_LISTEN seperti saat kolektor dijalankan`,
    refused: (status, detail) => `kolektor menolak (${status}) ${detail}`.trimEnd(),
  },
  sla: {
    issued: (number, digest) => `Diterbitkan: ${number}. Sidik SHA-256: ${digest}`,
    otherFile: (path) =>
      `${path} sudah ada dengan isi lain dan tidak ditimpa; tidak ada berkas yang ditulis. Pilih folder lain dengan --out.`,
    pending: (number, links, month) =>
      `PERHATIAN: angka ${number} tidak lagi sesuai dengan yang diketahui sekarang, pada ${links.length} tautan: ${links.join(", ")}. Koreksi diterbitkan dengan: sambung sla issue ${month}`,
  },
  adopted: (engine, former) =>
    `Diterima: ${engine} sebagai pengganti ${former}. Apa yang terjadi sebelum sekarang tidak dinilai lagi.`,
  nothingToAdopt: (engine) => `Tidak ada yang berubah: ${engine} sudah dipakai.`,
  copies: {
    progress: (share) => `menyalin: ${Math.floor(share * 100)} %`,
    backedUp: (path, megabytes) =>
      `Salinan sambung.db di ${path} (${megabytes} MB). Simpanlah di mesin lain. complaints.key dan alerts.key dari folder data tidak termasuk: simpan terpisah.`,
    restored: (old) =>
      `Salinan sudah diperiksa dan disiapkan. Jalankan ulang kolektor untuk memakainya; data lama akan ada di ${old}.`,
  },
};

const en: CommandTexts = {
  help: `sambung: who is cut off, why, and could they still complain?

Usage:
  sambung start [--with-agent [--site CODE]]
      Run the collector; with --with-agent also one agent on this machine.
  sambung init [--yes]
      Make a sambung.yaml and an inventory folder of your own; find this machine's gateway and DNS and offer to measure them.
  sambung check
      Only check the configuration and the inventory.
  sambung key
      Print a random key (sbk_…), for SAMBUNG_ADMIN_KEY say.
  sambung agents telegraf CODE [--server ADDRESS] [--method native|exec]
      Enrol a Telegraf agent of one site at the running collector, and print a telegraf.conf with its key.
      --server is where the box reaches the collector (default: publicUrl). Needs SAMBUNG_ADMIN_KEY.
  sambung backup FILE
      Copy sambung.db (rounds, outages, API keys, ledger) into one file, also while the collector runs.
  sambung restore FILE
      Check a copy and lay it ready; it is taken when the collector starts the next time. The old file stays as .before-restore.
  sambung series adopt
      Accept the engine of rounds that sambung.yaml names in place of the former one; the collector has to be stopped first.
      Nothing before that moment is judged anew.
  sambung complaints import FILE [--dry-run] [--good-lines] [--from DAY --to DAY]
      Hand a file of complaints (CSV or XLSX, without personal data) to the running collector. --dry-run only checks it;
      --good-lines stores the good lines although others are refused; --from and --to (the day after) say which days the file
      speaks of. Needs SAMBUNG_ADMIN_KEY.
  sambung sla explain LINK MONTH [--issue NUMBER]
      The SLA arithmetic of a link in a month (such as 2026-10), line by line. --issue: of that issue (such as SLA-2026-10), in
      place of the last one. Needs SAMBUNG_ADMIN_KEY.
  sambung sla issue MONTH
      Issue a month's figures, or their correction where late data changed something. Needs SAMBUNG_ADMIN_KEY.
  sambung report MONTH [--issue NUMBER] [--out FOLDER]
      Write the monthly report (PDF, XLSX, CSV) to FOLDER (default: this one), the number of the issue in the names. Files of an
      issue are not overwritten by something else. Needs SAMBUNG_ADMIN_KEY.
  sambung replay FOLDER [--out FILE] [--final-only | --send-every S] [--ablate tree,power,clock,noc,edges]
      Play a recorded scenario through the same detection, and write what came of it (default: FOLDER/sambung.json). --final-only
      without what was known while it happened; --send-every: agents collect their rounds instead of sending each at once;
      --ablate without some of the evidence, to see what it is worth.
  sambung --help | --version

Variables: SAMBUNG_CONFIG configuration file, SAMBUNG_LISTEN host:port, SAMBUNG_DATA data folder,
  SAMBUNG_PUBLIC_URL where the pages are, for links, SAMBUNG_ADMIN_KEY admin key to use, SAMBUNG_LOG log level (debug, info, warn, error), SAMBUNG_LANG id or en.
Exit codes: 0 done, 1 failed, 2 wrong usage.
`,
  wrongUsage: "Wrong usage",
  seeHelp: "See sambung --help",
  failed: "Failed",
  checked: ({ sites, links, targets, services }) =>
    `All right: ${sites} sites, ${links} links, ${targets} targets, ${services} services.`,
  open: (address) => `Sambung is running. Open ${address}`,
  adminKey: (key) => `Admin key (shown only once, keep it): ${key}`,
  next: (address) =>
    [
      "Next:",
      "  npm run init     find this machine's gateway and DNS, and make an inventory of your own; then start again",
      "  npm run demo -- --listen 127.0.0.1:8090     a whole regency with example data",
      `  curl -H "Authorization: Bearer KEY" ${address}/api/v1/sites`,
      "Ctrl-C stops.",
    ].join("\n"),
  agentEnrolled: (site) => `A new agent was enrolled at ${site} and begins to measure.`,
  agentAgain: (site) => `The agent at ${site} measures again.`,
  agentStopped: (why, waitS) => `The agent ended (${why}); it is started again in ${waitS} seconds.`,
  noPublicUrl: "Alerts are sent without a link: set publicUrl (or SAMBUNG_PUBLIC_URL) to have one.",
  cannotListen: {
    EADDRINUSE: "another program uses it; choose another address, such as SAMBUNG_LISTEN=127.0.0.1:8090",
    EADDRNOTAVAIL: "not an address of this machine; see listen in sambung.yaml, or SAMBUNG_LISTEN",
    EACCES: "this user has no right to a port below 1024; choose another, or put a proxy before it",
  },
  stopping: "Stopping …",
  stateOf: (name, state, cause) => `${name}: ${state}${cause === null ? "" : ` (suspected cause: ${cause})`}`,
  serviceUp: (service, site) => `${service} can be reached from ${site}.`,
  serviceDown: (service, site, phase, blame) =>
    `${service} cannot be reached from ${site}${phase === null ? "" : ` (fails in phase ${phase})`}: ${blame}.`,
  theService: "the service itself is at fault",
  theNetwork: "the network is at fault, not the service",
  nobodyKnows: "the cause is not known yet",
  because: (sentence) => `    - ${sentence}`,
  init: {
    wrote: (path) => `written: ${path}`,
    named: (path, inventory) => `changed: ${path} now says inventory: ${inventory}`,
    exists: "sambung.yaml is there already and stays in use.",
    found: (what, address) => `Found ${what}: ${address}`,
    gateway: "this machine's gateway",
    resolver: "this machine's DNS resolver",
    nothingFound: "No gateway or DNS resolver outside this machine was found.",
    nothingNew: "This machine's gateway and DNS resolver are in the inventory already.",
    ask: (what, address, site) => `Measure ${what} (${address}) from ${site}? [Y/n] `,
    added: (target) => `added: target ${target}`,
    notAdded: (address) => `not added: ${address}`,
    noTerminal: "Not a terminal: nothing was added. With --yes everything is.",
    next: "Now run npm start; stop first what is running.",
  },
  replay: {
    progress: (share) => `reading the records: ${Math.floor(share * 100)} %`,
    done: ({ records, duplicates, seconds, cpuSeconds, path }) =>
      `${records} records (${duplicates} twice) in ${seconds} s (${cpuSeconds} s CPU): ${path}`,
  },
  complaints: {
    noKey: "Set SAMBUNG_ADMIN_KEY to a key that may write complaints (complaints or admin).",
    noCollector: (address, why) =>
      `the collector at ${address} cannot be reached (${why}); if it is elsewhere, set SAMBUNG_LISTEN as it was when the collector was started`,
    noFile: (file, why) => `${file} cannot be read (${why})`,
    tooLarge: (bytes, maxBytes) =>
      `the file is too large: ${bytes} bytes, at most ${maxBytes} (complaints.maxFileMiB)`,
    refused: (status, detail) => `nothing was stored (${status}) ${detail}`.trimEnd(),
    imported: ({ rows, refused, result, passedOver, days }) =>
      `${rows} lines, ${refused} refused. ${days === null ? "It speaks of no day." : `It speaks of ${days.first} to ${days.last}.`} Cases: ${result!.added} new, ${result!.corrected} corrected, ${result!.unchanged} unchanged, ${result!.hidden} now a number only. Cells changed: ${result!.cells}. Passed over, since they were deleted: ${passedOver}.`,
    allRefused: "nothing was stored: every line was refused",
    dryRun: "Only checked, nothing was stored. What would happen:",
  },
  ask: {
    noKey: "Set SAMBUNG_ADMIN_KEY to a key that may read (read or admin).",
    noCollector: (address, why) =>
      `the collector at ${address} cannot be reached (${why}); if it is elsewhere, set SAMBUNG_LISTEN as it was when the collector was started`,
    refused: (status, detail) => `the collector refuses (${status}) ${detail}`.trimEnd(),
  },
  sla: {
    issued: (number, digest) => `Issued: ${number}. SHA-256: ${digest}`,
    otherFile: (path) =>
      `${path} is there with something else in it and was not overwritten; no file was written. Choose another folder with --out.`,
    pending: (number, links, month) =>
      `NOTE: the figures of ${number} are no longer what is known now, of ${links.length} links: ${links.join(", ")}. To issue a correction: sambung sla issue ${month}`,
  },
  adopted: (engine, former) =>
    `Accepted: ${engine} in place of ${former}. Nothing before now is judged anew.`,
  nothingToAdopt: (engine) => `Nothing changed: ${engine} is in use already.`,
  copies: {
    progress: (share) => `copying: ${Math.floor(share * 100)} %`,
    backedUp: (path, megabytes) =>
      `A copy of sambung.db is in ${path} (${megabytes} MB). Keep it on another machine. complaints.key and alerts.key of the data folder are not in it: keep them apart.`,
    restored: (old) =>
      `The copy was checked and lies ready. Restart the collector to take it; the old data will be in ${old}.`,
  },
};

export const commandTexts: Record<Language, CommandTexts> = { id, en };
