import type { Inventory } from "../inventory/inventory.ts";
import { cutByCalendar, defaultTimeZone, monthAt, monthSpan, toLocalIso } from "../inventory/local-time.ts";
import type { StateStore } from "../state/state-store.ts";
import { createAreas } from "./areas.ts";
import {
  availabilityTable,
  availabilityVariables,
  complaintTable,
  complaintVariables,
  toCsv,
} from "./open-data-tables.ts";
import type { CountedComplaints, CountedMonth, OpenRow, Variable } from "./open-data-tables.ts";
import { createFresh } from "./fresh.ts";
import type { Reader } from "./reader.ts";

/** Who stands for the data, as the metadata of Satu Data Indonesia ask. */
export interface OpenDataOptions {
  /** Wali data. */
  steward: string;
  /** Produsen data. */
  producer: string;
  licence: string;
  /** Counts of complaints below it are hidden, 3 to 5. */
  smallestCount: number;
}

export interface OpenDataDeps {
  reader: Pick<Reader, "availability">;
  state: Pick<StateStore, "statesStamp" | "complaintCounts" | "countedDays" | "recordBeganMs">;
  inventory: () => Inventory;
  nowMs: () => number;
  options: OpenDataOptions;
}

/** A data set of one month, named for ever: `ketersediaan-lapor-2026-10`, `aduan-2026-10`. */
export interface OpenDataSet {
  name: string;
  month: string;
  /** null: complaints. */
  service: string | null;
  /** Whether the month is over; late data may correct it all the same. */
  isOver: boolean;
}

export const fileKinds = ["csv", "json", "metadata.json"] as const;
export type FileKind = (typeof fileKinds)[number];

export interface OpenData {
  /** Every data set there is, the newest first. */
  sets(): Promise<OpenDataSet[]>;
  /** null: no such data set. */
  find(name: string): Promise<OpenDataSet | null>;
  file(set: OpenDataSet, kind: FileKind): Promise<string>;
  /** All data sets with their metadata, for portals that collect. */
  catalogue(): Promise<object>;
}

/** While a month lasts, its figures are made anew this often. */
const freshMs = 300_000;

export function createOpenData({ reader, state, inventory, nowMs, options }: OpenDataDeps): OpenData {
  const zone = () => inventory().timeZone ?? defaultTimeZone;

  /** Of complaints only months that are over: a number that grows by one tells of a day and of a person. */
  async function sets(): Promise<OpenDataSet[]> {
    const now = nowMs();
    const [beganMs, counted] = await Promise.all([state.recordBeganMs(), state.countedDays(allDays)]);
    const measured = beganMs === null ? null : monthAt(beganMs, zone());
    const complaints = counted[0]?.firstDay.slice(0, 7) ?? measured;
    const first = [measured, complaints].filter((month) => month !== null).toSorted()[0];
    if (first === undefined) return [];
    const { fromMs } = monthSpan(first, zone())!;
    const months = cutByCalendar({ fromMs, toMs: now + 1 }, "month", zone())
      .map((span) => monthAt(span.fromMs, zone()))
      .toReversed();
    return months.flatMap((month) => {
      const isOver = monthSpan(month, zone())!.toMs <= now;
      const services = measured !== null && month >= measured ? [...inventory().services.keys()] : [];
      const ofServices = services.map((service) => ({
        name: `ketersediaan-${service}-${month}`,
        month,
        service,
        isOver,
      }));
      const hasComplaints = isOver && complaints !== null && month >= complaints;
      return hasComplaints
        ? [...ofServices, { name: `aduan-${month}`, month, service: null, isOver }]
        : ofServices;
    });
  }

  function areas() {
    return [...inventory().sites.values()].filter(({ kind }) => kind === "kecamatan");
  }

  function spanOf({ month, isOver }: OpenDataSet) {
    const { fromMs, toMs } = monthSpan(month, zone())!;
    const untilMs = isOver ? toMs : Math.max(fromMs, Math.floor(nowMs() / freshMs) * freshMs);
    return { fromMs, toMs: untilMs };
  }

  function daysOf({ month }: OpenDataSet) {
    const { fromMs, toMs } = monthSpan(month, zone())!;
    const day = (ms: number) => toLocalIso(ms, zone()).slice(0, 10);
    return { fromDay: day(fromMs), toDay: day(toMs) };
  }

  async function contentOf(set: OpenDataSet): Promise<{ rows: OpenRow[]; variables: readonly Variable[] }> {
    const { service, month } = set;
    const span = spanOf(set);
    if (service !== null) {
      const rows = await reader.availability({ service, by: "kecamatan", ...span });
      return {
        rows: availabilityTable(areas(), rows ?? [], month, service),
        variables: availabilityVariables,
      };
    }
    const { kecamatanOf } = createAreas(inventory());
    const days = daysOf(set);
    const counts = new Map<string, CountedComplaints>();
    for (const { area, aboutConnectivity, count } of await state.complaintCounts(days)) {
      const kecamatan = kecamatanOf(area);
      // What is known of the regency alone is of no kecamatan.
      if (kecamatan === null) continue;
      const held = counts.get(kecamatan) ?? { all: 0, connectivity: 0, unsaid: 0 };
      held.all += count;
      if (aboutConnectivity === true) held.connectivity += count;
      if (aboutConnectivity === null) held.unsaid += count;
      counts.set(kecamatan, held);
    }
    const counted = howCounted(days, await state.countedDays(days));
    return {
      rows: complaintTable(areas(), counts, month, options.smallestCount, counted),
      variables: complaintVariables,
    };
  }

  /** When anything in it was last learned; a month that lasts is as new as its last five minutes. */
  async function updatedMs(set: OpenDataSet): Promise<number | null> {
    const span = spanOf(set);
    if (set.service === null) {
      const counted = await state.countedDays(daysOf(set));
      return counted.length === 0 ? null : Math.max(...counted.map(({ timeMs }) => timeMs));
    }
    const { lastMs } = await state.statesStamp({ ...span, services: [set.service] });
    return lastMs === null || set.isOver ? lastMs : span.toMs;
  }

  async function metadataOf(set: OpenDataSet) {
    const { fromMs, toMs } = monthSpan(set.month, zone())!;
    const updated = await updatedMs(set);
    const top = [...inventory().sites.values()].find(({ parent }) => parent === null);
    const describe = set.service === null ? complaintsAbout : availabilityAbout;
    const name = set.service === null ? "" : (inventory().services.get(set.service)?.name ?? set.service);
    const variables = set.service === null ? complaintVariables : availabilityVariables;
    return {
      ...describe(name, set.month, options.smallestCount),
      wali_data: options.steward,
      produsen_data: options.producer,
      frekuensi: "bulanan",
      periode: { mulai: toLocalIso(fromMs, zone()), selesai: toLocalIso(toMs, zone()) },
      status: set.isOver ? "tetap; data yang terlambat tiba masih dapat mengoreksi" : "sementara",
      cakupan_wilayah: top === undefined ? null : { kode: top.code, nama: top.name, tingkat: "kecamatan" },
      kode_referensi: "Kode wilayah Kemendagri",
      lisensi: options.licence,
      diperbarui: updated === null ? null : toLocalIso(updated, zone()),
      bahasa: "id",
      variabel: variables.map((each) => ({ nama: each.name, definisi: each.definition, satuan: each.unit })),
      berkas: Object.fromEntries(fileKinds.map((kind) => [kind, `/data/${set.name}.${kind}`])),
    };
  }

  return {
    sets,
    find: async (name) => (await sets()).find((set) => set.name === name) ?? null,
    async file(set, kind) {
      if (kind === "metadata.json") return pretty(await metadataOf(set));
      const { rows, variables } = await contentOf(set);
      if (kind === "csv") return toCsv(variables, rows);
      const { status, diperbarui } = await metadataOf(set);
      return pretty({ metadata: `/data/${set.name}.metadata.json`, status, diperbarui, data: rows });
    },
    catalogue: createFresh(60_000, nowMs, async () => {
      const all = await sets();
      const dataset = await Promise.all(
        all.map(async (set) => ({ nama: set.name, ...(await metadataOf(set)) })),
      );
      return { judul: "Katalog data terbuka Sambung", wali_data: options.steward, dataset };
    }),
  };
}

const allDays = { fromDay: "0000-01-01", toDay: "9999-12-31" };

/** Whether imports speak of every day in [fromDay, toDay). `counted`: ascending by first day. */
function howCounted(
  { fromDay, toDay }: { fromDay: string; toDay: string },
  counted: readonly { firstDay: string; lastDay: string }[],
): CountedMonth {
  const dayAfter = (day: string) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  let next = fromDay;
  for (const { firstDay, lastDay } of counted)
    if (firstDay <= next && lastDay >= next) next = dayAfter(lastDay);
  return next >= toDay ? "whole" : counted.length === 0 ? "none" : "part";
}

const pretty = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function availabilityAbout(name: string, month: string) {
  return {
    judul: `Ketersediaan ${name} menurut kecamatan, ${month}`,
    konsep: "Ketersediaan layanan publik dari lokasi pemerintah desa dan kecamatan",
    definisi:
      "Bagian waktu terukur dalam sebulan ketika layanan dapat dijangkau dari kantor desa, kelurahan, dan kecamatan yang dipantau, beserta sebab bila tidak. Waktu yang tidak terukur tidak dihitung sebagai putus maupun normal.",
    klasifikasi: "Wilayah administrasi (kecamatan); penyebab gangguan",
    ukuran: "Jumlah waktu dan rasio",
    satuan: "detik; rasio 0-1",
  };
}

function complaintsAbout(_name: string, month: string, smallest: number) {
  return {
    judul: `Aduan yang diterima menurut kecamatan, ${month}`,
    konsep: "Pengaduan pelayanan publik",
    definisi: `Banyaknya aduan menurut hari diterima dan wilayah yang diadukan. Angka 1 sampai ${smallest - 1} dirahasiakan. Nol hanya ditulis bila setiap hari bulan itu tercakup berkas yang diimpor. Aduan yang wilayahnya hanya diketahui sampai kabupaten tidak termasuk. Sedikit aduan tidak berarti layanan baik.`,
    klasifikasi: "Wilayah administrasi (kecamatan)",
    ukuran: "Banyaknya aduan",
    satuan: "aduan",
    batas_sel_kecil: smallest,
  };
}
