import { createLocalTime } from "../../inventory/local-time.ts";
import { writeXlsx } from "../files/xlsx.ts";
import type { Column, Sheet } from "../files/xlsx.ts";
import { createSlaFormat } from "../sla/sla-format.ts";
import { changeReasonTexts, exclusionTexts, outageVerdictTexts, slaVerdictTexts } from "../sla/sla-texts.ts";
import { feeOfPart } from "../sla/roll-up.ts";
import type { SlaRow } from "../sla/roll-up.ts";
import type { MonthlyReport } from "./monthly-report.ts";

/** The workbook: sums, links, outages with reasons, exclusions with authors and what a correction changed. */
export function writeMonthlyXlsx(report: MonthlyReport): Uint8Array<ArrayBuffer> {
  const { toLocalMs } = createLocalTime(report.timeZone);
  return writeXlsx([
    summarySheet(report),
    groupSheet("Penyedia", report.providers),
    groupSheet("Kecamatan", report.areas),
    linkSheet(report, toLocalMs),
    outageSheet(report, toLocalMs),
    exclusionSheet(report, toLocalMs),
    ...(report.changes.length === 0 ? [] : [changeSheet(report, toLocalMs)]),
  ]);
}

const column = (name: string, style: Column["style"] = "text", width?: number): Column =>
  width === undefined ? { name, style } : { name, style, width };
const hours = (ms: number) => ms / 3_600_000;
const hoursOrNull = (ms: number | null) => (ms === null ? null : hours(ms));

function summarySheet({ month, district, issue, replaces, total }: MonthlyReport): Sheet {
  const { sums, ratios, verdicts } = total;
  const rows: [string, string | number | null][] = [
    ["Bulan", month],
    ["Kabupaten", district],
    ["Nomor", issue?.number ?? "sementara"],
    ...(issue === null ? [] : ([["Sidik SHA-256 angka", issue.digest]] satisfies [string, string][])),
    ...(replaces === null ? [] : ([["Menggantikan", replaces.number]] satisfies [string, string][])),
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
    ["Restitusi paling banyak, bila semua yang tidak terukur putus (Rp)", sums.restitutionMostIdr],
    ["Tautan yang restitusinya sementara (dapat bertambah)", total.doubts.mayRise],
    ["Tautan tanpa biaya, tidak termasuk dalam restitusi", total.doubts.withoutFee],
  ];
  return { name: "Ringkasan", columns: [column("Uraian", "text", 50), column("Nilai", "number", 22)], rows };
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
      column("Restitusi paling banyak (Rp)", "rupiah", 26),
      column("Tautan dengan restitusi sementara", "number", 32),
      column("Tautan tanpa biaya", "number", 20),
    ],
    rows: groups.map(({ name: group, links, ratios, verdicts, sums, doubts }) => [
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
      sums.restitutionMostIdr,
      doubts.mayRise,
      doubts.withoutFee,
    ]),
  };
}

function linkSheet({ links }: MonthlyReport, toLocalMs: (ms: number) => number): Sheet {
  return {
    name: "Tautan",
    columns: [
      column("Tautan", "text", 24),
      column("Kode wilayah"),
      column("Lokasi", "text", 22),
      column("Penyedia", "text", 20),
      column("Nomor sirkuit"),
      column("Kontrak", "text", 20),
      column("Berlaku dari", "time", 20),
      column("Berlaku sampai", "time", 20),
      column("Janji", "percent"),
      column("Menurut kontrak", "percent", 18),
      column("Menurut kontrak (paling rendah)", "percent", 30),
      ...["Terukur", "Paling rendah", "Paling tinggi", "Cakupan"].map((each) => column(each, "percent")),
      ...["Jam layanan", "Waktu henti dihitung", "Gangguan pendek", "Tidak terukur", "Sisa waktu henti"].map(
        (each) => column(`${each} (jam)`, "number", 24),
      ),
      ...Object.values(exclusionTexts).map(({ id }) => column(`Dikecualikan: ${id} (jam)`, "number", 32)),
      column("Gangguan", "number"),
      column("Janji tercapai", "text", 24),
      column("Biaya bulanan (Rp)", "rupiah", 18),
      column("Biaya bagian (Rp)", "rupiah", 18),
      column("Restitusi (Rp)", "rupiah"),
      column("Restitusi paling banyak (Rp)", "rupiah", 26),
    ],
    rows: links.map((link) => {
      const { contract, counts, ratios, judgement } = link;
      return [
        link.link,
        link.site,
        link.name,
        link.provider,
        link.circuitId,
        contract?.id ?? null,
        toLocalMs(link.part.fromMs),
        toLocalMs(link.part.toMs),
        contract?.slaRatio ?? null,
        judgement.contractRatio,
        judgement.most.contractRatio,
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
        feeOfPart(link),
        judgement.restitution.amountIdr,
        judgement.most.restitution.amountIdr,
      ];
    }),
  };
}

function outageSheet(
  { links, causeText, timeZone, fromMs }: MonthlyReport,
  toLocalMs: (ms: number) => number,
): Sheet {
  const zone = createSlaFormat("id", timeZone).zone(fromMs);
  return {
    name: "Gangguan",
    columns: [
      column("Tautan", "text", 24),
      column("Lokasi", "text", 22),
      column("Penyedia", "text", 20),
      column(`Mulai (${zone})`, "time", 20),
      column(`Selesai (${zone})`, "time", 20),
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

function exclusionSheet(
  { links, timeZone, fromMs }: MonthlyReport,
  toLocalMs: (ms: number) => number,
): Sheet {
  const zone = createSlaFormat("id", timeZone).zone(fromMs);
  return {
    name: "Pengecualian",
    columns: [
      column("Tautan", "text", 24),
      column("Jenis", "text", 22),
      column(`Dari (${zone})`, "time", 20),
      column(`Sampai (${zone})`, "time", 20),
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

function changeSheet({ changes }: MonthlyReport, toLocalMs: (ms: number) => number): Sheet {
  return {
    name: "Koreksi",
    columns: [
      column("Tautan", "text", 24),
      column("Berlaku dari", "time", 20),
      column("Berlaku sampai", "time", 20),
      column("Yang diubah", "text", 40),
      column("Waktu henti semula (jam)", "number", 26),
      column("Waktu henti menjadi (jam)", "number", 26),
      column("Janji semula", "text", 24),
      column("Janji menjadi", "text", 24),
      column("Restitusi semula (Rp)", "rupiah", 22),
      column("Restitusi menjadi (Rp)", "rupiah", 22),
    ],
    rows: changes.map(({ link, before, after, reasons, ...part }) => [
      link,
      toLocalMs(part.fromMs),
      toLocalMs(part.toMs),
      reasons.map((reason) => changeReasonTexts[reason].id).join(", "),
      before === null ? null : hours(before.countedMs),
      after === null ? null : hours(after.countedMs),
      before === null ? null : slaVerdictTexts[before.verdict].id,
      after === null ? null : slaVerdictTexts[after.verdict].id,
      before?.amountIdr ?? null,
      after?.amountIdr ?? null,
    ]),
  };
}
