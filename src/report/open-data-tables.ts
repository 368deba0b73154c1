import { causes } from "../outage/table.ts";
import type { AvailabilityRow } from "./reader.ts";

/*
 * The tables of the open data, by kecamatan and month (Satu Data Indonesia, Perpres 39/2019). Names of columns are
 * Indonesian, since they are read beside those of other agencies. A cell without a figure is empty, and the row says why:
 * nothing that was not measured or counted is ever a zero.
 */

export type Cell = string | number | null;
export type OpenRow = Record<string, Cell>;

export interface Variable {
  name: string;
  definition: string;
  unit: string;
}

export const notAvailable = "data tidak tersedia";

/** One month of one kecamatan. */
interface Area {
  code: string;
  name: string;
}

const place: readonly Variable[] = [
  { name: "kode_wilayah", definition: "Kode wilayah Kemendagri kecamatan", unit: "-" },
  { name: "nama_wilayah", definition: "Nama kecamatan", unit: "-" },
  { name: "bulan", definition: "Bulan menurut waktu setempat", unit: "YYYY-MM" },
];

const remark: Variable = {
  name: "keterangan",
  definition: "Kosong bila semua angka ada; bila tidak, mengapa tidak",
  unit: "-",
};

export const availabilityVariables: readonly Variable[] = [
  ...place,
  { name: "layanan", definition: "Layanan yang diperiksa", unit: "-" },
  { name: "lokasi", definition: "Lokasi yang memeriksa layanan", unit: "lokasi" },
  { name: "tersedia", definition: "Waktu layanan dapat dijangkau, dijumlah per lokasi", unit: "detik" },
  {
    name: "tidak_tersedia",
    definition: "Waktu layanan tidak dapat dijangkau, dijumlah per lokasi",
    unit: "detik",
  },
  { name: "tidak_terukur", definition: "Waktu tanpa pengukuran, dijumlah per lokasi", unit: "detik" },
  {
    name: "di_luar_jam_nyala",
    definition: "Waktu tanpa listrik menurut jam nyala, tidak dihitung dalam rasio",
    unit: "detik",
  },
  { name: "ketersediaan", definition: "tersedia / (tersedia + tidak_tersedia)", unit: "rasio 0-1" },
  {
    name: "ketersediaan_terburuk",
    definition: "Ketersediaan bila semua waktu yang tidak terukur dianggap putus",
    unit: "rasio 0-1",
  },
  {
    name: "ketersediaan_terbaik",
    definition: "Ketersediaan bila semua waktu yang tidak terukur dianggap normal",
    unit: "rasio 0-1",
  },
  { name: "cakupan", definition: "Bagian waktu yang terukur", unit: "rasio 0-1" },
  { name: "hanya_jaringan", definition: "Bagian dari tidak_tersedia: hanya karena jaringan", unit: "detik" },
  {
    name: "hanya_layanan",
    definition: "Bagian dari tidak_tersedia: hanya karena layanan sendiri",
    unit: "detik",
  },
  {
    name: "keduanya",
    definition: "Bagian dari tidak_tersedia: jaringan dan layanan bersamaan",
    unit: "detik",
  },
  {
    name: "belum_diketahui",
    definition: "Bagian dari tidak_tersedia: penyebab belum diketahui",
    unit: "detik",
  },
  ...causes.map((cause) => ({
    name: `penyebab_${cause}`,
    definition: `Bagian dari tidak_tersedia dengan penyebab ${cause}; semua penyebab berjumlah tidak_tersedia`,
    unit: "detik",
  })),
  { name: "penduduk", definition: "Penduduk desa yang jumlahnya diketahui", unit: "jiwa" },
  {
    name: "detik_orang_tidak_tersedia",
    definition: "Waktu tanpa layanan dikali penduduk, hanya desa yang jumlah penduduknya diketahui",
    unit: "detik-orang",
  },
  {
    name: "desa_tanpa_data_penduduk",
    definition: "Desa yang tidak masuk hitungan menurut penduduk",
    unit: "desa",
  },
  remark,
];

/** `rows`: by kecamatan; an area without one, or in which nothing was observed, has no figures. */
export function availabilityTable(
  areas: readonly Area[],
  rows: readonly AvailabilityRow[],
  month: string,
  service: string,
): OpenRow[] {
  const byArea = new Map(rows.map((row) => [row.group, row]));
  return areas.map(({ code, name }) => {
    const row = byArea.get(code);
    const head = { kode_wilayah: code, nama_wilayah: name, bulan: month, layanan: service };
    const figures = row === undefined || row.availability.observedS === 0 ? null : figuresOf(row);
    return inOrder(availabilityVariables, {
      ...head,
      lokasi: row?.sites ?? 0,
      ...(figures ?? { keterangan: notAvailable }),
    });
  });
}

function figuresOf({ availability, attribution, people }: AvailabilityRow): OpenRow {
  const of = availability;
  return {
    tersedia: of.availableS,
    tidak_tersedia: of.unavailableS,
    tidak_terukur: of.notMeasuredS,
    di_luar_jam_nyala: of.expectedOffS,
    ketersediaan: rounded(of.availabilityRatio),
    ketersediaan_terburuk: rounded(of.worstRatio),
    ketersediaan_terbaik: rounded(of.bestRatio),
    cakupan: rounded(of.coverageRatio),
    hanya_jaringan: attribution.networkOnlyS,
    hanya_layanan: attribution.serviceOnlyS,
    keduanya: attribution.bothS,
    belum_diketahui: attribution.unexplainedS,
    ...Object.fromEntries(causes.map((cause) => [`penyebab_${cause}`, of.byCause[cause] ?? 0])),
    penduduk: people.villages === 0 ? null : people.inhabitants,
    detik_orang_tidak_tersedia: people.availability?.unavailableS ?? null,
    desa_tanpa_data_penduduk: people.unknownVillages,
    keterangan: people.villages === 0 ? "penduduk: data tidak tersedia" : null,
  };
}

export const complaintVariables: readonly Variable[] = [
  ...place,
  { name: "aduan", definition: "Aduan yang diterima, menurut wilayah yang diadukan", unit: "aduan" },
  { name: "aduan_konektivitas", definition: "Di antaranya tentang internet atau telepon", unit: "aduan" },
  remark,
];

export interface CountedComplaints {
  all: number;
  connectivity: number;
  /** Of how many nobody said whether they are about connectivity. */
  unsaid: number;
}

/** How much of the month imports speak of. */
export type CountedMonth = "whole" | "part" | "none";

/**
 * Complaints by kecamatan. Counts from 1 to below `smallest` are hidden, and so is a part whose rest would be as small:
 * either would tell of single people (domain.md §F). None is a zero only where imports speak of every day of the month.
 */
export function complaintTable(
  areas: readonly Area[],
  counts: ReadonlyMap<string, CountedComplaints>,
  month: string,
  smallest: number,
  counted: CountedMonth,
): OpenRow[] {
  const isSmall = (count: number) => count > 0 && count < smallest;
  return areas.map(({ code, name }) => {
    const head = { kode_wilayah: code, nama_wilayah: name, bulan: month };
    const found = counts.get(code) ?? { all: 0, connectivity: 0, unsaid: 0 };
    const { all, connectivity, unsaid } = found;
    if (all === 0 && counted !== "whole")
      return inOrder(complaintVariables, { ...head, keterangan: notAvailable });
    const hidesAll = isSmall(all);
    const hidesPart = hidesAll || isSmall(connectivity) || isSmall(all - connectivity);
    const remarks = [
      counted === "part" ? "sebagian bulan tidak dihitung" : "",
      hidesAll || (unsaid === 0 && hidesPart) ? `dirahasiakan: kurang dari ${smallest}` : "",
      unsaid > 0 && !hidesAll ? `aduan_konektivitas: ${notAvailable}` : "",
    ];
    return inOrder(complaintVariables, {
      ...head,
      aduan: hidesAll ? null : all,
      aduan_konektivitas: hidesPart || unsaid > 0 ? null : connectivity,
      keterangan: remarks.filter((remark) => remark !== "").join("; ") || null,
    });
  });
}

/** Every row has every column, in one order. */
function inOrder(variables: readonly Variable[], row: OpenRow): OpenRow {
  return Object.fromEntries(variables.map(({ name }) => [name, row[name] ?? null]));
}

/** Six digits: a second of a month is 4e-7. */
const rounded = (ratio: number | null) => (ratio === null ? null : Number(ratio.toFixed(6)));

/** RFC 4180 in UTF-8, with a header, a comma between and a point in decimals. */
export function toCsv(variables: readonly Variable[], rows: readonly OpenRow[]): string {
  const cell = (value: Cell | undefined) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const names = variables.map(({ name }) => name);
  const lines = [names, ...rows.map((row) => names.map((name) => cell(row[name])))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}
