import type { Refusal, RefusalCode } from "./refusal.ts";

/* What people read of a file that was not taken: Indonesian first, English as the other. */

export type Text = Readonly<Record<"id" | "en", string>>;

/** `{name}`: what the column is for, or the word in its name · `{other}`: another line, or a limit. */
const sentences: Readonly<Record<RefusalCode, Text>> = {
  "file.empty": {
    id: "berkas kosong: tidak ada baris nama kolom",
    en: "the file is empty: it has no row of column names",
  },
  "file.size": {
    id: "berkas terlalu besar (paling banyak {other} byte)",
    en: "the file is too large (at most {other} bytes)",
  },
  "file.rows": {
    id: "baris terlalu banyak (paling banyak {other})",
    en: "there are too many lines (at most {other})",
  },
  "file.encoding": {
    id: "penyandian teks tidak dikenal; simpan sebagai CSV UTF-8 atau XLSX",
    en: "the text's encoding is not known; save it as CSV UTF-8 or XLSX",
  },
  "file.kind": {
    id: "bukan CSV atau XLSX yang dapat dibaca (XLS lama, atau terkunci kata sandi?); simpan sebagai CSV UTF-8 atau XLSX tanpa kata sandi",
    en: "not a CSV or XLSX file that can be read (an old XLS, or one with a password?); save it as CSV UTF-8, or XLSX without a password",
  },
  "file.broken": {
    id: "isi berkas rusak dari sini (tanda kutip yang tidak ditutup?)",
    en: "the file is broken from here on (a quote that is not closed?)",
  },
  "column.personal": {
    id: 'kolom ini memuat data pribadi atau teks bebas ("{name}"): hapus kolomnya dari berkas; tidak ada yang disimpan',
    en: 'this column has personal data or free text ("{name}"): take the column out of the file; nothing was stored',
  },
  "column.unknown": {
    id: "nama kolom ini tidak dikenal: hapus kolomnya, atau kenalkan namanya di complaints.columns",
    en: "the name of this column is not known: take the column out, or name it in complaints.columns",
  },
  "column.twice": { id: "kolom {name} ada dua kali", en: "there are two columns {name}" },
  "column.missing": { id: "kolom {name} tidak ada", en: "there is no column {name}" },
  "line.fields": {
    id: "ada isian di luar kolom yang bernama",
    en: "there are values outside of the columns that have a name",
  },
  "line.twice": { id: "sama dengan baris {other}", en: "line {other} has the same" },
  "value.missing": { id: "{name} kosong", en: "{name} is empty" },
  "value.unreadable": {
    id: "{name} berisi galat lembar kerja atau tanggal di luar tahun 2000-2099",
    en: "{name} has an error of the spreadsheet, or a day outside of the years 2000 to 2099",
  },
  "value.day": {
    id: "{name} bukan tanggal: tulis 2026-03-04 atau 04/03/2026 (hari/bulan/tahun)",
    en: "{name} is not a day: write 2026-03-04 or 04/03/2026 (day/month/year)",
  },
  "value.day.swapped": {
    id: "{name}: bulan dan hari tertukar (bulan/hari/tahun)",
    en: "{name}: day and month are swapped (month/day/year)",
  },
  "value.day.ambiguous": {
    id: "{name} meragukan: baris lain di kolom ini memakai bulan/hari/tahun",
    en: "{name} is in doubt: other lines of this column are month/day/year",
  },
  "value.day.future": { id: "{name} belum terjadi", en: "{name} is in the future" },
  "value.day.order": { id: "{name} mendahului tanggal diterima", en: "{name} is before the day received" },
  "value.day.outside": {
    id: "{name} di luar hari yang dicakup berkas ini (from dan to)",
    en: "{name} is outside of the days that the file speaks of (from and to)",
  },
  "value.area": {
    id: "{name} tidak dikenal: pakai kode Kemendagri, nama di sites.csv, atau tambahkan ejaan di aliases.csv",
    en: "{name} is not known: use the Kemendagri code, the name in sites.csv, or add the spelling to aliases.csv",
  },
  "value.area.ambiguous": {
    id: "{name} dipakai beberapa wilayah: pakai kode, atau tulis Desa atau Kecamatan di depannya",
    en: "{name} is the name of several places: use the code, or write Desa or Kecamatan before it",
  },
  "value.channel": {
    id: "{name} tidak ada dalam daftar: tambahkan di complaints.channels",
    en: "{name} is in no list: add it to complaints.channels",
  },
  "value.topic": {
    id: "{name} tidak ada dalam daftar: tambahkan di complaints.topics",
    en: "{name} is in no list: add it to complaints.topics",
  },
  "value.status": {
    id: "{name} tidak ada dalam daftar: tambahkan di complaints.statuses",
    en: "{name} is in no list: add it to complaints.statuses",
  },
  "value.yesno": { id: "{name} bukan ya atau tidak", en: "{name} is neither yes nor no" },
  "value.count": {
    id: "{name} bukan bilangan bulat dari 0 sampai 100000 (1 pada baris yang punya nomor laporan)",
    en: "{name} is not a whole number from 0 to 100000 (1 on a line with a tracking id)",
  },
  "value.id": {
    id: "{name} bukan nomor laporan: 3 sampai 32 angka, huruf, '-', '.' atau '/', dengan sedikitnya 4 angka dan paling banyak 8 huruf",
    en: "{name} is not a tracking id: 3 to 32 digits, letters, '-', '.' or '/', at least 4 of them digits and at most 8 letters",
  },
  "value.time": {
    id: "{name} bukan waktu dengan zona seperti 2026-03-04T10:15:00+08:00, atau milidetik sejak 1970",
    en: "{name} is not a time with a zone such as 2026-03-04T10:15:00+08:00, or milliseconds since 1970",
  },
  "value.counted": {
    id: "{name} butuh channel (whatsapp, omnichannel atau portal), from dan to: waktu dengan zona atau milidetik sejak 1970, from sebelum to, to tidak di masa depan; tanpa tumpang tindih",
    en: "{name} needs channel (whatsapp, omnichannel or portal), from and to: times with a zone or milliseconds since 1970, from before to, to not in the future; none may overlap",
  },
  "value.uncounted": {
    id: "{name} di luar waktu penghitungan (counted) kanalnya",
    en: "{name} is outside of the time in which its channel was counted (counted)",
  },
  "value.contact": {
    id: "{name} bukan whatsapp, omnichannel atau portal",
    en: "{name} is none of whatsapp, omnichannel, portal",
  },
  "value.contact.count": {
    id: "{name} bukan bilangan bulat dari 0 sampai 1000000",
    en: "{name} is not a whole number from 0 to 1000000",
  },
  "value.personal.nik": {
    id: "{name} tampak seperti NIK: hapus dari berkas",
    en: "{name} looks like a NIK: take it out of the file",
  },
  "value.personal.phone": {
    id: "{name} tampak seperti nomor telepon: hapus dari berkas",
    en: "{name} looks like a phone number: take it out of the file",
  },
  "value.personal.email": {
    id: "{name} tampak seperti alamat surel: hapus dari berkas",
    en: "{name} looks like an e-mail address: take it out of the file",
  },
  "value.personal.coordinates": {
    id: "{name} tampak seperti koordinat: hapus dari berkas",
    en: "{name} looks like coordinates: take it out of the file",
  },
};

const labels: Readonly<Record<string, Text>> = {
  trackingId: { id: "nomor laporan", en: "tracking id" },
  area: { id: "wilayah", en: "area" },
  kecamatan: { id: "kecamatan", en: "kecamatan" },
  village: { id: "desa/kelurahan", en: "village" },
  received: { id: "tanggal diterima", en: "day received" },
  channel: { id: "kanal", en: "channel" },
  topic: { id: "topik", en: "topic" },
  status: { id: "status", en: "status" },
  verified: { id: "tanggal verifikasi", en: "day verified" },
  followedUp: { id: "tanggal tindak lanjut", en: "day followed up" },
  closed: { id: "tanggal selesai", en: "day closed" },
  aboutConnectivity: { id: "tentang konektivitas", en: "about connectivity" },
  anonymous: { id: "anonim", en: "anonymous" },
  confidential: { id: "rahasia", en: "confidential" },
  count: { id: "jumlah", en: "count" },
  time: { id: "waktu", en: "time" },
};

const places = { id: { line: "baris", column: "kolom" }, en: { line: "line", column: "column" } } as const;

/** `baris 7, kolom 3 (C): kanal tidak ada dalam daftar …`; never what stands there. */
export function describeRefusal(refusal: Refusal, language: "id" | "en"): string {
  const { code, line, column, name, other } = refusal;
  const words = places[language];
  const at = [
    // Rows of JSON have no line of names.
    ...(line === null || line === 0 ? [] : [`${words.line} ${line}`]),
    ...(column === null ? [] : [`${words.column} ${column} (${letters(column)})`]),
  ];
  const label = labels[name ?? ""]?.[language] ?? name ?? "";
  const sentence = sentences[code][language].replace("{name}", label).replace("{other}", String(other ?? ""));
  return at.length === 0 ? sentence : `${at.join(", ")}: ${sentence}`;
}

/** 1 is A, 28 is AB. */
function letters(column: number): string {
  const rest = Math.floor((column - 1) / 26);
  return `${rest === 0 ? "" : letters(rest)}${String.fromCharCode(65 + ((column - 1) % 26))}`;
}
