import type { Language } from "../report/language.ts";

/*
 * Words of the page "layanan aduan": whether people could reach the complaint service. Plain words for a head of
 * department; nothing is claimed beyond the paths that are monitored (methods: docs/relation.md).
 */

const indonesian = {
  title: "Layanan aduan",
  lead: "Seberapa jauh warga dapat menjangkau layanan pengaduan lewat jaringan yang dipantau.",
  period: (month: string, until: string | null) => (until === null ? month : `${month}, sampai ${until}`),
  could: (service: string, ratio: string) => `${service} dapat dijangkau ${ratio} dari waktu yang terukur`,
  nothing: (service: string) => `${service}: data tidak tersedia`,
  nothingHint:
    "Tidak ada waktu yang terukur pada bulan ini. Itu tidak berarti layanan terputus, dan juga tidak berarti normal.",
  neverAnswered:
    "Layanan ini diperiksa, tetapi pada bulan ini belum pernah menjawab. Selama belum pernah ada jawaban, tidak disimpulkan apakah layanan terputus atau jalurnya yang tidak sampai.",
  everywhere: (sites: string) => `Dari semua ${sites} yang terukur, layanan dapat dijangkau sepanjang waktu.`,
  lost: (count: string, of: string, villages: string) =>
    `${count} dari ${of} lokasi, di antaranya ${villages} desa atau kelurahan, pernah tidak dapat menjangkaunya.`,
  longest: (site: string, duration: string) => `Terlama: ${site}, ${duration}.`,
  longer: (sites: string) => `Lebih dari satu hari: ${sites}.`,
  together: (duration: string) => `Jumlah waktu tanpa layanan di semua lokasi: ${duration}.`,
  people: (hours: string, _villages: number, written: string) =>
    `Menurut penduduk: ${hours} jam-orang tanpa layanan, dihitung di ${written} desa atau kelurahan.`,
  peopleOfSome: (hours: string, villages: string, of: string) =>
    `Menurut penduduk: ${hours} jam-orang tanpa layanan, dihitung di ${villages} dari ${of} desa atau kelurahan; jumlah penduduk yang lain belum dicatat.`,
  noPeople: "Menurut penduduk belum dapat dihitung: jumlah penduduk desa belum dicatat.",
  coverage: (ratio: string, worst: string, best: string) =>
    `Terukur ${ratio} dari waktu. Bila waktu yang tidak terukur dianggap putus atau dianggap normal, ketersediaan ada di antara ${worst} dan ${best}.`,
  complete: "Seluruh waktu terukur.",
  never: (sites: string) => `Tidak terukur sama sekali: ${sites}.`,
  whose: "Karena jaringan atau karena layanan",
  side: {
    network: "Hanya karena jaringan",
    service: "Hanya karena layanan sendiri",
    both: "Keduanya bersamaan",
    unexplained: "Penyebab belum diketahui",
  },
  networkUp: (ratio: string) =>
    `Andai jaringan tidak pernah putus, layanan dapat dijangkau ${ratio} dari waktu.`,
  networkUpRange: (low: string, high: string) =>
    `Andai jaringan tidak pernah putus, layanan dapat dijangkau antara ${low} dan ${high} dari waktu; selisihnya waktu yang penyebabnya belum diketahui.`,
  serviceOut: (duration: string) => `Menurut titik itu, layanan sendiri terganggu selama ${duration}.`,
  bothUnder: "Waktu ketika jaringan dan layanan putus bersamaan di sini ditulis pada layanan.",
  allSites: (count: string) => `Tampilkan semua ${count} lokasi`,
  control: (site: string) =>
    `Layanan dianggap terganggu bila titik pembanding (${site}) juga tidak dapat menjangkaunya.`,
  causes: "Menurut penyebab",
  causesLead: "Jumlah waktu tanpa layanan di semua lokasi. Setiap penyebab membuka gangguan di baliknya.",
  noLoss: "Tidak ada waktu tanpa layanan yang tercatat pada bulan ini.",
  sites: "Lokasi yang tidak dapat menjangkau layanan",
  site: "Lokasi",
  without: "Tanpa layanan",
  why: "Penyebab utama",
  notMeasured: "Tidak terukur",
  outages: "Gangguan",
  show: "lihat",
  more: (count: string, duration: string) => `${count} lokasi lain, bersama ${duration}.`,
  more2: "Semua gangguan bulan ini",
  relation: "Apakah layanan lebih sering gagal saat jaringan terganggu?",
  relationPending: "Hubungan ini sedang dihitung; muat ulang halaman sebentar lagi.",
  relationSpan: (from: string, to: string) => `Dihitung dari ${from} sampai ${to}.`,
  months: "Bulan lain",
  month: "Bulan",
  reach: "Dapat dijangkau",
  notAvailable: "data tidak tersedia",
  provisional: "sementara",
  services: "Layanan",
  files: "Data terbuka (CSV dan JSON)",
  caveat:
    "Yang diukur adalah jaringan kantor desa dan kecamatan. Warga mungkin memakai jalur lain, seperti seluler pribadi, atau mengadu kemudian; halaman ini tidak menghitung aduan.",
  list: {
    title: (service: string, month: string) => `Gangguan yang memutus ${service}, ${month}`,
    lead: (count: string, lost: string) =>
      `${count} gangguan lokasi atau layanan. Waktu tanpa layanan pada bulan ini: ${lost}.`,
    of: (what: string) => `Pilihan: ${what}.`,
    all: "Tampilkan semua",
    back: "Kembali ke ringkasan bulan ini",
    none: "Tidak ada gangguan yang sesuai pada bulan ini.",
    note: "Lamanya dihitung utuh, juga bila gangguan mulai sebelum bulan ini atau berlanjut sesudahnya, dan bila sebagian waktunya tidak terukur atau sudah dihitung pada penyebab lain. Sebaliknya, satu putaran pengukuran yang hilang ikut dalam waktu tanpa layanan, tetapi terlalu singkat untuk menjadi gangguan di daftar ini.",
    cut: (count: string) => `${count} gangguan lain tidak ditampilkan; pilih satu lokasi atau penyebab.`,
  },
  openData: {
    title: "Data terbuka",
    lead: "Ketersediaan layanan dan banyaknya aduan per kecamatan dan bulan, untuk siapa saja.",
    rules:
      "Yang tidak terukur atau tidak dihitung ditulis sebagai data tidak tersedia dan bukan nol. Jumlah aduan yang kecil dirahasiakan.",
    catalogue: "Katalog (JSON)",
    none: "Belum ada data.",
    complaints: "Aduan yang diterima",
    reach: (service: string) => `Ketersediaan ${service}`,
  },
};

export type ReachTexts = typeof indonesian;

const english: ReachTexts = {
  title: "Complaint service",
  lead: "How far people could reach the complaint service over the networks that are monitored.",
  period: (month, until) => (until === null ? month : `${month}, up to ${until}`),
  could: (service, ratio) => `${service} could be reached ${ratio} of the time measured`,
  nothing: (service) => `${service}: no data available`,
  nothingHint:
    "No time of this month was measured. That does not mean that the service was out, nor that it was up.",
  neverAnswered:
    "The service was checked, but has not answered once in this month. Until there is a first answer, nothing is said of whether the service was out or the way to it.",
  everywhere: (sites) => `From all ${sites} measured, the service could be reached all the time.`,
  lost: (count, of, villages) =>
    `${count} of ${of} sites, ${villages} of them villages, could not reach it at some time.`,
  longest: (site, duration) => `Longest: ${site}, ${duration}.`,
  longer: (sites) => `Longer than a day: ${sites}.`,
  together: (duration) => `Time without the service at all sites together: ${duration}.`,
  people: (hours, villages, written) =>
    `By inhabitants: ${hours} person-hours without the service, counted over ${written} ${villages === 1 ? "village" : "villages"}.`,
  peopleOfSome: (hours, villages, of) =>
    `By inhabitants: ${hours} person-hours without the service, counted over ${villages} of ${of} villages; of the others no population is on record.`,
  noPeople: "By inhabitants it cannot be told yet: no village's population is on record.",
  coverage: (ratio, worst, best) =>
    `${ratio} of the time was measured. Had all unmeasured time been down, or up, availability would be between ${worst} and ${best}.`,
  complete: "All the time was measured.",
  never: (sites) => `Not measured at all: ${sites}.`,
  whose: "The network or the service",
  side: {
    network: "Only because of the network",
    service: "Only because of the service itself",
    both: "Both at once",
    unexplained: "Cause not known",
  },
  networkUp: (ratio) =>
    `Had the network never been down, the service could have been reached ${ratio} of the time.`,
  networkUpRange: (low, high) =>
    `Had the network never been down, the service could have been reached between ${low} and ${high} of the time; what lies between is time of unknown cause.`,
  serviceOut: (duration) => `By that vantage, the service itself was out for ${duration}.`,
  bothUnder: "Time in which network and service were out at once is listed under the service here.",
  allSites: (count) => `Show all ${count} sites`,
  control: (site) =>
    `The service counts as out when the control vantage (${site}) could not reach it either.`,
  causes: "By cause",
  causesLead: "Time without the service at all sites together. Each cause opens the outages behind it.",
  noLoss: "No time without the service is on record in this month.",
  sites: "Sites that could not reach the service",
  site: "Site",
  without: "Without the service",
  why: "Main cause",
  notMeasured: "Not measured",
  outages: "Outages",
  show: "show",
  more: (count, duration) => `${count} more sites, ${duration} together.`,
  more2: "All outages of this month",
  relation: "Does the service fail more often while the network is in trouble?",
  relationPending: "This is being computed; load the page again in a moment.",
  relationSpan: (from, to) => `Computed from ${from} to ${to}.`,
  months: "Other months",
  month: "Month",
  reach: "Could be reached",
  notAvailable: "no data available",
  provisional: "provisional",
  services: "Services",
  files: "Open data (CSV and JSON)",
  caveat:
    "What is measured are the networks of village and district offices. People may use other ways, such as their own mobile phones, or complain later; this page counts no complaints.",
  list: {
    title: (service, month) => `Outages that cut off ${service}, ${month}`,
    lead: (count, lost) =>
      `${count} outages of sites or of the service. Time without the service in this month: ${lost}.`,
    of: (what) => `Chosen: ${what}.`,
    all: "Show all",
    back: "Back to the summary of this month",
    none: "No outage of this kind in this month.",
    note: "Durations are whole, also where an outage began before this month or lasted beyond it, and where part of it was not measured or is counted under another cause. On the other hand, a single round that was lost is part of the time without the service, and too short to be an outage of this list.",
    cut: (count) => `${count} more outages are not shown; choose one site or cause.`,
  },
  openData: {
    title: "Open data",
    lead: "Availability of services and numbers of complaints by district and month, for anybody.",
    rules:
      "What was not measured or counted is given as not available, and never as zero. Small numbers of complaints are hidden.",
    catalogue: "Catalogue (JSON)",
    none: "There is no data yet.",
    complaints: "Complaints received",
    reach: (service) => `Availability of ${service}`,
  },
};

export const reachTexts: Record<Language, ReachTexts> = { id: indonesian, en: english };
