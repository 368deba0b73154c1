import { createLocalTime } from "../../inventory/local-time.ts";
import { writeXlsx } from "../files/xlsx.ts";
import type { Column, Sheet } from "../files/xlsx.ts";
import { exclusionTexts, outageVerdictTexts, slaVerdictTexts } from "../sla/sla-texts.ts";
import type { SlaRow } from "../sla/roll-up.ts";
import type { MonthlyReport } from "./monthly-report.ts";

/** The workbook: sums, links, outages with reasons, exclusions with authors and what a correction changed. */
export function writeMonthlyXlsx(report: MonthlyReport): Uint8Array<ArrayBuffer> {
  const { toLocalMs } = createLocalTime(report.timeZone);
  return writeXlsx([
    summarySheet(report),
    groupSheet("Penyedia", report.providers),
    groupSheet("Kecamatan", report.areas),
    linkSheet(report),
    outageSheet(report, toLocalMs),
    exclusionSheet(report, toLocalMs),
    ...(report.changes.length === 0 ? [] : [changeSheet(report)]),
  ]);
}

const column = (name: string, style: Column["style"] = "text", width?: number): Column =>
  width === undefined ? { name, style } : { name, style, width };
const hours = (ms: number) => ms / 3_600_000;
const hoursOrNull = (ms: number | null) => (ms === null ? null : hours(ms));

function summarySheet({ month, district, issue, total }: MonthlyReport): Sheet {
  const { sums, ratios, verdicts } = total;
  const rows: [string, string | number | null][] = [
    ["Bulan", month],
    ["Kabupaten", district],
    ["Nomor", issue?.number ?? "sementara"],
    ["Tautan", total.links],
    ["Janji tercapai", verdicts.met],
    ["Janji tidak tercapai", verdicts.missed],
    ["Belum dapat dipastikan", verdicts.open],
    ["Tanpa janji", verdicts.none],
    ["Ketersediaan terukur (rasio)", ratios.availabilityRatio],
    ["Ketersediaan paling rendah (rasio)", ratios.worstRatio],
    ["Ketersediaan paling tinggi (rasio)", ratios.bestRatio],
    ["Cakupan pengukuran (rasio)", ratios.coverageRatio],
    ["Waktu henti dihitung (jam)", hoursOrNull(sums.countedMs)],
    ["Gangguan dihitung", sums.failures],
    ["MTTR (jam)", hoursOrNull(ratios.mttrMs)],
    ["MTBF (jam)", hoursOrNull(ratios.mtbfMs)],
    ["Restitusi (Rp)", total.restitutionIdr],
  ];
  return { name: "Ringkasan", columns: [column("Uraian", "text", 36), column("Nilai", "number", 22)], rows };
}

function groupSheet(name: string, groups: readonly SlaRow[]): Sheet {
  return {
    name,
    columns: [
      column(name, "text", 28),
      column("Tautan", "number"),
      ...["Ketersediaan", "Paling rendah", "Paling tinggi", "Cakupan"].map((each) => column(each, "percent")),
      column("Waktu henti dihitung (jam)", "number", 24),
      column("Gangguan", "number"),
      column("MTTR (jam)", "number"),
      column("MTBF (jam)", "number"),
      ...["Tercapai", "Tidak tercapai", "Belum pasti", "Tanpa janji"].map((each) => column(each, "number")),
      column("Sisa waktu henti (jam)", "number", 20),
      column("Restitusi (Rp)", "rupiah"),
    ],
    rows: groups.map(({ name: group, links, ratios, verdicts, sums }) => [
      group,
      links,
      ratios.availabilityRatio,
      ratios.worstRatio,
      ratios.bestRatio,
      ratios.coverageRatio,
      hoursOrNull(sums.countedMs),
      sums.failures,
      hoursOrNull(ratios.mttrMs),
      hoursOrNull(ratios.mtbfMs),
      verdicts.met,
      verdicts.missed,
      verdicts.open,
      verdicts.none,
      hoursOrNull(sums.budgetLeftMs),
      sums.restitutionIdr,
    ]),
  };
}

function linkSheet({ links }: MonthlyReport): Sheet {
  return {
    name: "Tautan",
    columns: [
      column("Tautan", "text", 24),
      column("Kode wilayah"),
      column("Lokasi", "text", 22),
      column("Penyedia", "text", 20),
      column("Nomor sirkuit"),
      column("Kontrak", "text", 20),
      ...["Janji", "Menurut kontrak", "Terukur", "Paling rendah", "Paling tinggi", "Cakupan"].map((each) =>
        column(each, "percent"),
      ),
      ...["Jam layanan", "Waktu henti dihitung", "Gangguan pendek", "Tidak terukur", "Sisa waktu henti"].map(
        (each) => column(`${each} (jam)`, "number", 24),
      ),
      ...Object.values(exclusionTexts).map(({ id }) => column(`Dikecualikan: ${id} (jam)`, "number", 32)),
      column("Gangguan", "number"),
      column("Janji tercapai", "text", 24),
      column("Biaya bulanan (Rp)", "rupiah", 18),
      column("Restitusi (Rp)", "rupiah"),
    ],
    rows: links.map(({ contract, counts, ratios, judgement, ...link }) => [
      link.link,
      link.site,
      link.name,
      link.provider,
      link.circuitId,
      contract?.id ?? null,
      contract?.slaRatio ?? null,
      judgement.contractRatio,
      ratios.availabilityRatio,
      ratios.worstRatio,
      ratios.bestRatio,
      ratios.coverageRatio,
      hours(counts.serviceMs),
      hours(counts.countedMs),
      hours(counts.shortMs),
      hours(counts.notMeasuredMs),
      hoursOrNull(judgement.budgetLeftMs),
      ...Object.keys(exclusionTexts).map((kind) => hours(counts.excludedMs[kind as "power"])),
      counts.failures,
      slaVerdictTexts[judgement.verdict].id,
      contract?.monthlyFeeIdr ?? null,
      judgement.restitution.amountIdr,
    ]),
  };
}

function outageSheet({ links, causeText }: MonthlyReport, toLocalMs: (ms: number) => number): Sheet {
  return {
    name: "Gangguan",
    columns: [
      column("Tautan", "text", 24),
      column("Lokasi", "text", 22),
      column("Penyedia", "text", 20),
      column("Mulai", "time", 20),
      column("Selesai", "time", 20),
      column("Lamanya (jam)", "number", 16),
      column("Dalam bulan ini (jam)", "number", 20),
      column("Penyebab", "text", 32),
      column("Dihitung", "text", 36),
      column("Nomor gangguan", "text", 28),
    ],
    rows: links.flatMap(({ link, name, provider, outages }) =>
      outages.map((outage) => [
        link,
        name,
        provider,
        toLocalMs(outage.fromMs),
        outage.toMs === null ? null : toLocalMs(outage.toMs),
        hours(outage.lengthMs),
        hours(outage.inMonthMs),
        [...new Set(outage.causes.map(({ cause }) => causeText(cause)))].join(", "),
        outageVerdictTexts[outage.verdict].id,
        outage.ids.join(", "),
      ]),
    ),
  };
}

function exclusionSheet({ links }: MonthlyReport, toLocalMs: (ms: number) => number): Sheet {
  return {
    name: "Pengecualian",
    columns: [
      column("Tautan", "text", 24),
      column("Jenis", "text", 22),
      column("Dari", "time", 20),
      column("Sampai", "time", 20),
      column("Alasan", "text", 50),
      column("Dicatat oleh", "text", 24),
      column("Nomor", "text", 24),
    ],
    rows: links.flatMap(({ link, exclusions }) =>
      exclusions.map(({ kind, fromMs, toMs, reason, author, id }) => [
        link,
        exclusionTexts[kind].id,
        toLocalMs(fromMs),
        toLocalMs(toMs),
        reason,
        author,
        id,
      ]),
    ),
  };
}

function changeSheet({ changes }: MonthlyReport): Sheet {
  return {
    name: "Koreksi",
    columns: [
      column("Tautan", "text", 24),
      column("Waktu henti semula (jam)", "number", 26),
      column("Waktu henti menjadi (jam)", "number", 26),
      column("Janji semula", "text", 24),
      column("Janji menjadi", "text", 24),
      column("Restitusi semula (Rp)", "rupiah", 22),
      column("Restitusi menjadi (Rp)", "rupiah", 22),
    ],
    rows: changes.map(({ link, before, after }) => [
      link,
      before === null ? null : hours(before.countedMs),
      after === null ? null : hours(after.countedMs),
      before === null ? null : slaVerdictTexts[before.verdict].id,
      after === null ? null : slaVerdictTexts[after.verdict].id,
      before?.amountIdr ?? null,
      after?.amountIdr ?? null,
    ]),
  };
}
