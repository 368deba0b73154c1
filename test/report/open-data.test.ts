import { describe, expect, it } from "vitest";
import { parseCsv } from "../../src/inventory/csv.ts";
import { rollUp } from "../../src/relation/rollup.ts";
import { sumAvailability } from "../../src/relation/measure.ts";
import {
  availabilityTable,
  availabilityVariables,
  complaintTable,
  complaintVariables,
  toCsv,
} from "../../src/report/open-data-tables.ts";
import type { CountedComplaints, CountedMonth } from "../../src/report/open-data-tables.ts";

const areas = [
  { code: "64.08.01", name: "Hulu" },
  { code: "64.08.02", name: 'Hilir, "Lama"' },
];

describe("the table of availability", () => {
  const nothing = sumAvailability([]);
  const measured = sumAvailability([
    {
      ...nothing,
      windowS: 100,
      availableS: 80,
      unavailableS: 20,
      byCause: { power: 15, service: 5 },
      bothS: 2,
    },
  ]);
  const row = (availability: typeof measured, people: number | null) => ({
    fromMs: 0,
    toMs: 100_000,
    group: "64.08.01",
    name: "Hulu",
    ...rollUp([{ availability, people, isVillage: true }]),
  });

  it("has figures that add up, and none where nothing was observed", () => {
    const [hulu, hilir] = availabilityTable(areas, [row(measured, 10)], "2026-10", "lapor");
    expect(hulu).toMatchObject({
      kode_wilayah: "64.08.01",
      tersedia: 80,
      tidak_tersedia: 20,
      hanya_jaringan: 15,
      hanya_layanan: 3,
      keduanya: 2,
      belum_diketahui: 0,
      penyebab_power: 15,
      penyebab_dns: 0,
      ketersediaan: 0.8,
      detik_orang_tidak_tersedia: 200,
      keterangan: null,
    });
    expect(hilir).toMatchObject({ lokasi: 0, keterangan: "data tidak tersedia" });
    const figures = Object.entries(hilir!).filter(([, value]) => typeof value === "number");
    expect(figures).toEqual([["lokasi", 0]]);
    const unobserved = availabilityTable(areas, [row({ ...nothing, windowS: 100 }, 10)], "2026-10", "lapor");
    expect(unobserved[0]).toMatchObject({ lokasi: 1, tersedia: null, keterangan: "data tidak tersedia" });
  });

  it("does not call people nobody who were not counted", () => {
    const [hulu] = availabilityTable(areas, [row(measured, null)], "2026-10", "lapor");
    expect(hulu).toMatchObject({
      penduduk: null,
      detik_orang_tidak_tersedia: null,
      desa_tanpa_data_penduduk: 1,
      keterangan: "penduduk: data tidak tersedia",
    });
  });

  it("is CSV with every column in every line", () => {
    const rows = availabilityTable(areas, [row(measured, 10)], "2026-10", "lapor");
    const { records, broken } = parseCsv(toCsv(availabilityVariables, rows));
    expect(broken).toBeNull();
    const names = availabilityVariables.map(({ name }) => name);
    expect(records[0]!.fields).toEqual(names);
    expect(new Set(names).size).toBe(names.length);
    expect(records.map(({ fields }) => fields.length)).toEqual([names.length, names.length, names.length]);
    expect(records[2]!.fields[1]).toBe('Hilir, "Lama"');
  });
});

describe("the table of complaints", () => {
  const of = (hulu: CountedComplaints | null, counted: CountedMonth, smallest = 5) =>
    complaintTable(areas, new Map(hulu === null ? [] : [["64.08.01", hulu]]), "2026-10", smallest, counted);
  const table = (all: number, connectivity: number, smallest = 5) =>
    of({ all, connectivity, unsaid: 0 }, "whole", smallest)[0]!;

  it.each([
    [0, 0, 0, 0],
    [1, 0, null, null],
    [4, 4, null, null],
    [5, 0, 5, 0],
    [9, 3, 9, null],
    // The rest, four, would tell as much as a four that stands there.
    [9, 5, 9, null],
    [10, 5, 10, 5],
    [7, 7, 7, 7],
  ])("of %i, %i about connectivity, shows %s and %s", (all, connectivity, shownAll, shownPart) => {
    const row = table(all, connectivity);
    expect([row.aduan, row.aduan_konektivitas]).toEqual([shownAll, shownPart]);
    const isHidden = shownAll === null || shownPart === null;
    expect(row.keterangan).toBe(isHidden ? "dirahasiakan: kurang dari 5" : null);
  });

  it("hides by the limit that is configured", () => {
    expect(table(3, 0, 3).aduan).toBe(3);
    expect(table(2, 0, 3).aduan).toBeNull();
  });

  it.each<[CountedMonth, string | null, number | null, string | null]>([
    ["whole", null, 0, null],
    ["part", "sebagian bulan tidak dihitung", null, "data tidak tersedia"],
    ["none", null, null, "data tidak tersedia"],
  ])("of a month counted in %s", (counted, remark, none, why) => {
    const shown = (rows: ReturnType<typeof of>) => rows.map(({ aduan, keterangan }) => [aduan, keterangan]);
    const [hulu, hilir] = shown(of({ all: 8, connectivity: 0, unsaid: 0 }, counted));
    expect(hulu).toEqual([8, remark]);
    expect(hilir).toEqual([none, why]);
    expect(shown(of(null, counted))).toEqual([
      [none, why],
      [none, why],
    ]);
  });

  it("has no number about connectivity where a file did not say it of all", () => {
    const [row] = of({ all: 20, connectivity: 9, unsaid: 1 }, "whole");
    expect(row).toMatchObject({
      aduan: 20,
      aduan_konektivitas: null,
      keterangan: "aduan_konektivitas: data tidak tersedia",
    });
    expect(of({ all: 2, connectivity: 0, unsaid: 2 }, "whole")[0]!.keterangan).toBe(
      "dirahasiakan: kurang dari 5",
    );
  });

  it("names its columns once each", () => {
    const names = complaintVariables.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
