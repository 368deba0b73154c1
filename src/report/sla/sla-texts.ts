import type { ExclusionKind } from "../../inventory/contract.ts";
import type { Text } from "../language.ts";
import type { ChangeReason } from "./issues.ts";
import type { SlaVerdict } from "./judge.ts";
import type { OutageVerdict } from "./link-counts.ts";

/* Words of the SLA account for people; the glossary has the terms. */

export const exclusionTexts: Readonly<Record<ExclusionKind, Text>> = {
  maintenance: { id: "perawatan terjadwal", en: "announced work" },
  "force-majeure": { id: "keadaan kahar", en: "force majeure" },
  customer: { id: "pihak pelanggan", en: "customer's side" },
  power: { id: "listrik", en: "power" },
};

export const outageVerdictTexts: Readonly<Record<OutageVerdict, Text>> = {
  counted: { id: "dihitung", en: "counted" },
  short: { id: "tidak dihitung, tidak melebihi ambang", en: "not counted, not above the threshold" },
  excluded: { id: "tidak dihitung, dikecualikan", en: "not counted, excluded" },
  outside: { id: "tidak dihitung, di luar jam layanan", en: "not counted, outside of service hours" },
};

export const slaVerdictTexts: Readonly<Record<SlaVerdict, Text>> = {
  met: { id: "tercapai", en: "met" },
  missed: { id: "tidak tercapai", en: "missed" },
  open: { id: "belum dapat dipastikan", en: "cannot be said for certain" },
  none: { id: "tanpa janji (tanpa SLA)", en: "nothing promised (no SLA)" },
};

export const changeReasonTexts: Readonly<Record<ChangeReason, Text>> = {
  days: { id: "masa berlaku tautan diubah", en: "the link's days were changed" },
  parts: { id: "pembagian kontrak diubah", en: "the month was divided among contracts in another way" },
  terms: { id: "isi kontrak diubah", en: "the terms of the contract were changed" },
  identity: {
    id: "penyedia atau nomor sirkuit diubah",
    en: "the provider or the circuit id was changed",
  },
  causes: { id: "penyebab gangguan diperbaiki", en: "causes of outages were corrected" },
  figures: { id: "hasil pengukuran atau pengecualian", en: "what was measured or taken out" },
};

export const explainTexts = {
  provisional: { id: "sementara, belum diterbitkan", en: "provisional, not issued" },
  issued: { id: "diterbitkan", en: "issued" },
  part: { id: "Bagian bulan", en: "Part of the month" },
  days: { id: "hari", en: "days" },
  contract: { id: "Kontrak", en: "Contract" },
  allLinksOut: {
    id: "Hanya gangguan yang memutus semua tautan lokasi ini",
    en: "Only outages in which all links of the site are out",
  },
  noHolidays: {
    id: "SEMENTARA: hari libur belum dicatat (holidays.csv) untuk tahun",
    en: "PROVISIONAL: no holidays are entered (holidays.csv) for the year",
  },
  least: {
    id: "paling sedikit, tanpa tepi gangguan yang tidak terukur, dan bila sebab yang belum diketahui ternyata listrik yang dikecualikan",
    en: "at least, without edges of outages that nobody measured, and had causes that are not known been power, where that is excluded",
  },
  most: {
    id: "paling banyak, bila semua yang tidak terukur atau belum berlalu putus",
    en: "at most, had all that was not measured or is to come been down",
  },
  noContract: { id: "tidak ada", en: "none" },
  promise: { id: "Janji ketersediaan S", en: "Promised availability S" },
  threshold: { id: "Ambang: hanya gangguan lebih lama dari", en: "Threshold: only outages longer than" },
  excludes: { id: "Dikecualikan menurut kontrak", en: "Excluded by the contract" },
  nothing: { id: "tidak ada", en: "nothing" },
  month: { id: "Bulan", en: "Month" },
  outside: { id: "di luar jam layanan", en: "outside of service hours" },
  service: { id: "Jam layanan Z", en: "Service time Z" },
  ahead: { id: "belum berlalu", en: "still to come" },
  expectedOff: { id: "di luar jam nyala", en: "outside the hours of supply" },
  excluded: { id: "dikecualikan", en: "excluded" },
  up: { id: "terhubung", en: "up" },
  counted: { id: "gangguan dihitung", en: "outages counted" },
  short: { id: "gangguan pendek", en: "short outages" },
  blip: { id: "kehilangan sesaat", en: "single lost rounds" },
  notMeasured: { id: "tidak terukur", en: "not measured" },
  outages: { id: "Gangguan", en: "Outages" },
  noOutages: { id: "Tidak ada gangguan", en: "No outages" },
  lasts: { id: "masih berlangsung", en: "still lasts" },
  inMonth: { id: "dalam bulan ini", en: "in this month" },
  length: { id: "lamanya", en: "length" },
  downtime: { id: "Waktu henti dihitung D", en: "Downtime counted D" },
  contractRatio: {
    id: "Ketersediaan menurut kontrak A = (Z - D) / Z",
    en: "Availability by contract A = (Z - D) / Z",
  },
  measuredRatio: {
    id: "Ketersediaan terukur = terhubung / (terhubung + semua gangguan)",
    en: "Measured availability = up / (up + all downtime)",
  },
  bounds: {
    id: "Paling rendah dan paling tinggi, bila yang tidak terukur putus atau terhubung",
    en: "At worst and at best, had all unmeasured time been down or up",
  },
  coverage: { id: "Cakupan pengukuran", en: "Coverage" },
  allowed: { id: "Waktu henti yang diizinkan (1 - S) x Z", en: "Downtime allowed (1 - S) x Z" },
  left: { id: "Sisa = yang diizinkan - D", en: "Left = allowed - D" },
  verdict: { id: "Janji", en: "Promise" },
  mttr: { id: "Waktu pemulihan rata-rata (MTTR)", en: "Mean time to repair (MTTR)" },
  mtbf: { id: "Waktu antargangguan rata-rata (MTBF)", en: "Mean time between failures (MTBF)" },
  fee: { id: "Biaya bulanan F", en: "Monthly fee F" },
  noFee: { id: "tidak diketahui, jumlah tidak dihitung", en: "not known, no amount is given" },
  restitution: { id: "Restitusi", en: "Restitution" },
  noRestitution: { id: "tidak diperjanjikan", en: "not agreed" },
  within: { id: "D tidak melebihi (1 - S) x Z: tidak ada", en: "D is not above (1 - S) x Z: none" },
  noTier: { id: "A tidak di bawah tingkat mana pun: tidak ada", en: "A is below no tier: none" },
  tier: { id: "A di bawah", en: "A is below" },
  ofFee: { id: "dari F", en: "of F" },
  capped: { id: "dibatasi", en: "limited to" },
  mayRise: {
    id: "sementara: waktu yang tidak terukur atau belum berlalu dapat menambahnya sampai",
    en: "provisional: time that was not measured, or is still to come, could raise it to",
  },
  rounding: { id: "dibulatkan ke kelipatan", en: "rounded to a multiple of" },
  nearest: { id: "terdekat", en: "nearest" },
  down: { id: "ke bawah", en: "down" },
  upwards: { id: "ke atas", en: "up" },
} as const satisfies Record<string, Text>;
