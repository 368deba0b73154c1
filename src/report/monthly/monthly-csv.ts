import { toLocalIso } from "../../inventory/local-time.ts";
import { feeOfPart } from "../sla/roll-up.ts";
import type { MonthlyReport } from "./monthly-report.ts";

/** One row a link, or each part of its month under another contract: commas, UTF-8, decimal points, durations in seconds, times by the local clock with their distance from UTC. */
export function writeMonthlyCsv({ links, month, timeZone, issue }: MonthlyReport): string {
  const rows = links.map((of) => {
    const { link, site, name, provider, circuitId, contract, counts, ratios, judgement } = of;
    return [
      month,
      issue?.number ?? "sementara",
      toLocalIso(of.part.fromMs, timeZone),
      toLocalIso(of.part.toMs, timeZone),
      link,
      site,
      name,
      provider,
      circuitId,
      contract?.id ?? null,
      contract?.slaRatio ?? null,
      counts.serviceMs / 1000,
      counts.upMs / 1000,
      counts.countedMs / 1000,
      counts.shortMs / 1000,
      counts.blipMs / 1000,
      counts.notMeasuredMs / 1000,
      counts.expectedOffMs / 1000,
      counts.excludedMs.maintenance / 1000,
      counts.excludedMs["force-majeure"] / 1000,
      counts.excludedMs.customer / 1000,
      counts.excludedMs.power / 1000,
      counts.outsideMs / 1000,
      counts.aheadMs / 1000,
      judgement.contractRatio,
      judgement.most.contractRatio,
      ratios.availabilityRatio,
      ratios.worstRatio,
      ratios.bestRatio,
      ratios.coverageRatio,
      counts.failures,
      ratios.mttrMs === null ? null : ratios.mttrMs / 1000,
      ratios.mtbfMs === null ? null : ratios.mtbfMs / 1000,
      judgement.budgetLeftMs === null ? null : judgement.budgetLeftMs / 1000,
      judgement.verdict,
      contract?.monthlyFeeIdr ?? null,
      feeOfPart(of),
      judgement.restitution.amountIdr,
      judgement.most.restitution.amountIdr,
    ];
  });
  return `${[names, ...rows].map((row) => row.map(field).join(",")).join("\r\n")}\r\n`;
}

const names = [
  "bulan",
  "nomor",
  "dari",
  "sampai",
  "tautan",
  "kode_wilayah",
  "lokasi",
  "penyedia",
  "nomor_sirkuit",
  "kontrak",
  "janji_ketersediaan",
  "jam_layanan_s",
  "terhubung_s",
  "gangguan_dihitung_s",
  "gangguan_pendek_s",
  "kehilangan_sesaat_s",
  "tidak_terukur_s",
  "di_luar_jam_nyala_s",
  "perawatan_s",
  "keadaan_kahar_s",
  "pihak_pelanggan_s",
  "listrik_s",
  "di_luar_jam_layanan_s",
  "belum_berlalu_s",
  "ketersediaan_kontrak",
  "ketersediaan_kontrak_terendah",
  "ketersediaan_terukur",
  "ketersediaan_terendah",
  "ketersediaan_tertinggi",
  "cakupan",
  "jumlah_gangguan",
  "mttr_s",
  "mtbf_s",
  "sisa_waktu_henti_s",
  "janji",
  "biaya_bulanan_rp",
  "biaya_bagian_rp",
  "restitusi_rp",
  "restitusi_paling_banyak_rp",
];

function field(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  // What begins so is a formula to a spreadsheet, whoever wrote it.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
