import type { ComplaintChannel, ComplaintStatus } from "../../state/complaint-store.ts";

/*
 * The words of an export, and what they mean. SP4N-LAPOR!'s own words could not be confirmed in a public source, so that
 * these are the likely ones; others are added in the configuration. What is in no list is refused and never stored: a closed
 * list cannot hold anybody's name.
 */

/** Without capitals, accents, punctuation and double blanks: `Tgl. Masuk ` and `tgl masuk` are one word. */
export function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** How a topic is stored, such as `teknologi-informasi-dan-komunikasi`. */
export function toTopic(text: string): string {
  return plain(text).replaceAll(" ", "-");
}

function wordsOf<T extends string>(lists: Readonly<Record<T, string>>): ReadonlyMap<string, T> {
  const entries = Object.entries<string>(lists).flatMap(([meaning, list]) =>
    [meaning, ...list.split(",")].map((word) => [plain(word), meaning as T] as const),
  );
  return new Map(entries);
}

export const channelWords = wordsOf<ComplaintChannel>({
  web: "website,situs,situs web,lapor go id,www lapor go id,portal",
  app: "aplikasi,mobile,aplikasi mobile,android,ios,mobile apps",
  sms: "sms 1708,1708",
  whatsapp: "wa,whats app,whatsapp",
  x: "twitter,media sosial x",
  email: "surel,e mail",
  phone: "telepon,telp,call center,hotline",
  "walk-in": "tatap muka,datang langsung,langsung,loket,surat",
  omnichannel: "omni channel,kanal terpadu",
  other: "lainnya,lain lain,kanal lain,media sosial,facebook,instagram,instansi",
});

export const statusWords = wordsOf<ComplaintStatus>({
  received: "diterima,masuk,baru,menunggu,belum terverifikasi,belum diverifikasi,menunggu verifikasi",
  verified: "terverifikasi,diverifikasi,verifikasi,belum ditindaklanjuti,belum tindak lanjut,didisposisikan",
  "in-progress": "proses,diproses,sedang diproses,dalam proses,koordinasi,disposisi,ditindaklanjuti",
  closed: "selesai,ditutup,tutup,tuntas",
  postponed: "tunda,ditunda,tertunda",
  "not-ours": "bukan wewenang,bukan kewenangan",
  archived: "arsip,arsipkan,diarsipkan",
});

export const yesNoWords: ReadonlyMap<string, boolean> = new Map([
  ...["ya", "y", "yes", "true", "1", "benar", "iya"].map((word) => [word, true] as const),
  ...["tidak", "t", "no", "n", "false", "0", "bukan"].map((word) => [word, false] as const),
]);

/** Categories that the public service shows, and plain ones. */
const topicNames = [
  "Agama",
  "Air Bersih",
  "Bantuan Sosial",
  "Ekonomi dan Keuangan",
  "Energi dan Sumber Daya Alam",
  "Infrastruktur",
  "Jalan",
  "Jaringan Internet",
  "Kependudukan",
  "Kesehatan",
  "Kesetaraan Gender dan Sosial Inklusif",
  "Ketenagakerjaan",
  "Ketentraman, Ketertiban Umum, dan Perlindungan Masyarakat",
  "Lingkungan",
  "Lingkungan Hidup dan Kehutanan",
  "Listrik",
  "Pariwisata dan Ekonomi Kreatif",
  "Pekerjaan Umum dan Penataan Ruang",
  "Pelayanan Publik",
  "Pembangunan Desa, Daerah Tertinggal, dan Transmigrasi",
  "Pendidikan",
  "Pendidikan dan Kebudayaan",
  "Perhubungan",
  "Perlindungan Konsumen",
  "Pertanian dan Peternakan",
  "Perumahan dan Permukiman",
  "Politik dan Hukum",
  "Sosial dan Kesejahteraan",
  "Teknologi Informasi dan Komunikasi",
  "Telekomunikasi",
  "Topik Khusus",
] as const;

export const topicWords: ReadonlyMap<string, string> = new Map([
  ...topicNames.map((name) => [plain(name), toTopic(name)] as const),
  ...["lainnya", "lain lain", "other", "umum"].map((word) => [word, "other"] as const),
]);
