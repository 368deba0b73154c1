import { refuseFile, ComplaintFileError } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";
import { plain } from "./words.ts";

/*
 * What the columns of a file are, by their names. A name that is in no list is refused, as is one that speaks of people:
 * such a file is refused whole, before a line of it is looked at.
 */

export const fields = [
  "trackingId",
  "area",
  "kecamatan",
  "village",
  "received",
  "channel",
  "topic",
  "status",
  "verified",
  "followedUp",
  "closed",
  "aboutConnectivity",
  "anonymous",
  "confidential",
  "count",
] as const;
export type Field = (typeof fields)[number];

const fieldNames: Readonly<Record<Field, string>> = {
  trackingId:
    "tracking id,trackingid,id tracking,kode tracking,nomor tracking,no tracking,nomor laporan,no laporan,id laporan,kode laporan,nomor pengaduan,no pengaduan,nomor aduan,no aduan,nomor tiket,no tiket,id",
  area: "area,area code,wilayah,kode wilayah,kode area,kode kemendagri,nama wilayah",
  kecamatan: "kecamatan,nama kecamatan,kode kecamatan",
  village: "village,desa,kelurahan,desa kelurahan,nama desa,kode desa,kelurahan desa",
  received:
    "received,day,received day,tanggal,tanggal masuk,tgl masuk,tanggal laporan,tgl laporan,tanggal lapor,tanggal diterima,tgl diterima,tanggal pengaduan,tanggal aduan",
  channel: "channel,kanal,media,sumber,kanal pengaduan,kanal laporan,sumber laporan",
  topic: "topic,topik,kategori,kategori laporan,kategori aduan,topik laporan,bidang",
  status: "status,status laporan,status aduan,status pengaduan",
  verified: "verified,verified day,tanggal verifikasi,tgl verifikasi,tanggal diverifikasi",
  followedUp:
    "followed up,followedup,tanggal tindak lanjut,tgl tindak lanjut,tanggal tindaklanjut,tanggal ditindaklanjuti,tanggal tanggapan pertama",
  closed: "closed,closed day,tanggal selesai,tgl selesai,tanggal tutup,tanggal ditutup",
  aboutConnectivity:
    "about connectivity,aboutconnectivity,tentang konektivitas,konektivitas,tentang internet,terkait internet,terkait jaringan",
  anonymous: "anonymous,anonim,laporan anonim",
  confidential: "confidential,rahasia,laporan rahasia",
  count: "count,jumlah,jumlah laporan,jumlah aduan",
};

const fieldByName: ReadonlyMap<string, Field> = new Map(
  Object.entries(fieldNames).flatMap(([field, names]) =>
    names.split(",").map((name) => [name, field as Field] as const),
  ),
);

/** Words in the name of a column that say that it tells of people. */
const personalWords: ReadonlySet<string> = new Set(
  `nama name pelapor reporter pengadu penulis terlapor petugas user username pengguna akun account
   telepon telpon telp tlp phone mobile hp handphone ponsel wa whatsapp sms kontak contact email surel mail twitter
   nik ktp kk npwp paspor passport identitas identity sim bpjs rekening plat nopol
   alamat address jalan rt rw dusun lokasi location tempat koordinat coordinate coordinates latitude longitude lat lon lng
   isi judul title subject perihal deskripsi description uraian keterangan kronologi pesan message teks text komentar comment
   tanggapan jawaban balasan catatan note notes
   lampiran attachment foto photo gambar image file berkas dokumen tautan link url
   lahir birth umur usia age kelamin gender agama religion pekerjaan job pendidikan disabilitas ip`
    .split(/\s+/)
    .filter((word) => word !== ""),
);

/** Names of columns that have what people wrote; as a part of a name they say only what kind of list it is. */
const storyNames: ReadonlySet<string> = new Set(["laporan", "aduan", "pengaduan", "keluhan", "complaint"]);

/** The word for which a column is refused; null: its name says nothing of people. */
export function personalWordIn(name: string): string | null {
  const words = plain(name);
  if (storyNames.has(words)) return words;
  return words.split(" ").find((word) => personalWords.has(word)) ?? null;
}

/** Which column, from 0, has which field. */
export type Columns = ReadonlyMap<Field, number>;

/** What a name means; `more`: names of the configuration, plain. */
function fieldOf(name: string, more: ReadonlyMap<string, Field>): Field | undefined {
  const word = plain(name);
  return more.get(word) ?? fieldByName.get(word);
}

/** Whether a row can be the one with the names: two of them are known. Files often begin with a title. */
export function isHeader(cells: readonly string[], more: ReadonlyMap<string, Field>): boolean {
  return cells.filter((cell) => fieldOf(cell, more) !== undefined).length >= 2;
}

/** Reads the row with the names. Throws ComplaintFileError with everything that is wrong with it. */
export function readColumns(
  cells: readonly string[],
  line: number,
  more: ReadonlyMap<string, Field>,
): Columns {
  const columns = new Map<Field, number>();
  const refusals: Refusal[] = [];
  for (const [index, cell] of cells.entries()) {
    if (plain(cell) === "") continue;
    const field = fieldOf(cell, more);
    const at = { line, column: index + 1 };
    const personal = personalWordIn(cell);
    if (field !== undefined && columns.has(field))
      refusals.push({ ...at, code: "column.twice", name: field });
    else if (field !== undefined) columns.set(field, index);
    else if (personal !== null) refusals.push({ ...at, code: "column.personal", name: personal });
    // Its name is not repeated: where the row is none of names, it is somebody's data.
    else refusals.push({ ...at, code: "column.unknown", name: null });
  }
  if (refusals.length > 0) throw new ComplaintFileError(refusals);
  const missing = missingFrom(columns);
  if (missing !== null) throw refuseFile("column.missing", { line, name: missing });
  return columns;
}

function missingFrom(columns: Columns): string | null {
  if (!columns.has("received")) return "received";
  if (!columns.has("area") && !columns.has("kecamatan") && !columns.has("village")) return "area";
  if (!columns.has("trackingId") && !columns.has("count")) return "trackingId";
  return null;
}
