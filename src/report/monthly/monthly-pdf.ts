import { createFlow, contentWidth } from "../files/pdf-flow.ts";
import type { Flow, TableColumn } from "../files/pdf-flow.ts";
import { createSlaFormat } from "../sla/sla-format.ts";
import type { SlaFormat } from "../sla/sla-format.ts";
import { mayRise } from "../sla/judge.ts";
import { changeReasonTexts, exclusionTexts, slaVerdictTexts } from "../sla/sla-texts.ts";
import type { SlaRow } from "../sla/roll-up.ts";
import { availabilityHeight, drawAvailability, drawLengths, lengthHeight } from "./charts.ts";
import type { MonthlyReport, Total } from "./monthly-report.ts";

/* The monthly report for a signature: Indonesian, A4. Whatever is left out of a long list is in the workbook, and said so. */

const mostRows = 60;
const mostBars = 24;
/** Behind an amount that could become higher. */
const provisional = " *";

interface Writer {
  report: MonthlyReport;
  flow: Flow;
  format: SlaFormat;
}

export function writeMonthlyPdf(report: MonthlyReport): Uint8Array<ArrayBuffer> {
  const { district, fromMs, issue, replaces } = report;
  const format = createSlaFormat("id", report.timeZone);
  const flow = createFlow();
  const writer: Writer = { report, flow, format };
  const month = format.month(fromMs);
  flow.title("Laporan Bulanan Tingkat Layanan Jaringan (SLA)");
  flow.paragraph(`${district}, ${month}`, { bold: true });
  flow.paragraph(
    issue === null
      ? "SEMENTARA: belum diterbitkan, angka masih dapat berubah."
      : `Nomor ${issue.number}, diterbitkan ${format.date(issue.issuedMs)}. Sidik SHA-256 angka: ${issue.digest}`,
  );
  if (replaces !== null)
    flow.paragraph(
      `KOREKSI: menggantikan ${replaces.number}, diterbitkan ${format.date(replaces.issuedMs)}. Sidik SHA-256 angka yang digantikan: ${replaces.digest}`,
      { bold: true },
    );
  const years = new Set(report.links.flatMap(({ yearsWithoutHolidays }) => yearsWithoutHolidays));
  for (const year of years)
    flow.paragraph(
      `Hari libur tahun ${year} belum dicatat (holidays.csv): jam layanan kontrak yang tidak berlaku pada hari libur belum pasti.`,
      { bold: true },
    );
  summary(writer);
  charts(writer);
  flow.heading("Menurut penyedia");
  groups(writer, "Penyedia", report.providers);
  flow.heading("Menurut kecamatan");
  groups(writer, "Kecamatan", report.areas);
  changes(writer);
  links(writer);
  outages(writer);
  exclusions(writer);
  readingNotes(writer);
  signatures(writer);
  const name = issue?.number ?? "sementara";
  flow.close(
    (page, pages) => `Laporan SLA ${district}, ${month} (${name})  –  halaman ${page} dari ${pages}`,
  );
  return flow.pdf.toBytes({
    title: `Laporan Bulanan SLA ${district}, ${month}`,
    author: district,
    createdMs: issue?.issuedMs ?? null,
  });
}

function summary({ report, flow, format }: Writer): void {
  const { sums, ratios, verdicts, promised, links: all, restitutionIdr, doubts } = report.total;
  const { clock, percent, count } = format;
  const mean = (ms: number | null) => (ms === null ? "–" : clock(Math.floor(ms / 1000) * 1000));
  flow.heading("Ringkasan");
  flow.table(
    [
      { name: "Uraian", share: 0.56 },
      { name: "Nilai", share: 0.44, align: "right" },
    ],
    [
      ["Tautan", count(all)],
      ["Tautan dengan janji ketersediaan", count(promised)],
      [
        "Janji tercapai / tidak tercapai / belum dapat dipastikan",
        `${count(verdicts.met)} / ${count(verdicts.missed)} / ${count(verdicts.open)}`,
      ],
      ["Ketersediaan terukur", percent(ratios.availabilityRatio)],
      [
        "Ketersediaan paling rendah – paling tinggi",
        `${percent(ratios.worstRatio)} – ${percent(ratios.bestRatio)}`,
      ],
      ["Cakupan pengukuran", percent(ratios.coverageRatio)],
      [
        "Gangguan yang dihitung pada tautan dengan janji, dan waktu hentinya (jam:menit:detik)",
        `${count(sums.failures ?? 0)}, ${clock(sums.countedMs ?? 0)}`,
      ],
      ["Waktu pemulihan rata-rata (MTTR), semua tautan", mean(ratios.mttrMs)],
      ["Waktu antargangguan rata-rata (MTBF), semua tautan", mean(ratios.mtbfMs)],
      ["Restitusi menurut kontrak", amountOf(restitutionIdr, doubts.mayRise > 0, format)],
    ],
  );
  amountNotes(flow, report.total, format);
}

function amountOf(idr: number | null, isProvisional: boolean, format: SlaFormat): string {
  return idr === null ? "–" : `${format.rupiah(idr)}${isProvisional ? provisional : ""}`;
}

function amountNotes(flow: Flow, { doubts, sums }: Total, { count, rupiah }: SlaFormat): void {
  if (doubts.mayRise > 0)
    flow.paragraph(
      `* Sementara: waktu yang tidak terukur atau belum berlalu dapat menambah restitusi ${count(doubts.mayRise)} tautan; seluruhnya paling banyak menjadi ${rupiah(sums.restitutionMostIdr ?? 0)}.`,
    );
  if (doubts.withoutFee > 0)
    flow.paragraph(
      `Restitusi ${count(doubts.withoutFee)} tautan tidak termasuk dalam jumlah, karena biaya bulanannya tidak diketahui.`,
    );
}

function charts({ report, flow, format }: Writer): void {
  const { counts } = report.total;
  flow.heading("Ketersediaan menurut penyedia");
  const bars = report.providers.map(({ name, ratios }) => ({
    name,
    worst: ratios.worstRatio,
    measured: ratios.availabilityRatio,
    best: ratios.bestRatio,
    label: `${format.percent(ratios.availabilityRatio)} (${format.percent(ratios.coverageRatio)})`,
  }));
  flow.paragraph(
    "Garis: terukur. Bidang muda: dari paling rendah sampai paling tinggi, bila waktu yang tidak terukur putus atau terhubung. Dalam kurung: cakupan pengukuran.",
    { grey: 0.35 },
  );
  const shown = bars.slice(0, mostBars);
  flow.block(availabilityHeight(shown.length), (page, x, y) =>
    drawAvailability(page, x, y, shown, (ratio) => format.percent(ratio)),
  );
  if (bars.length > shown.length)
    flow.paragraph(
      `${format.count(bars.length - shown.length)} penyedia lainnya tidak digambar; angkanya ada dalam tabel Menurut penyedia.`,
      { grey: 0.35 },
    );
  flow.heading("Waktu yang tidak terhubung, menurut sebab");
  // Of what is excluded only the time in which a link was cut off: work may be announced for a link that stays up.
  const lost: [string, number][] = [
    ["Gangguan yang dihitung", counts.countedMs],
    ["Gangguan pendek", counts.shortMs],
    ["Kehilangan sesaat", counts.blipMs],
    ...Object.entries(exclusionTexts).map(([kind, { id }]): [string, number] => [
      `Dikecualikan: ${id}`,
      counts.excludedDownMs[kind as "power"],
    ]),
  ];
  const hours = (ms: number) => `${format.count(Math.round(ms / 36_000) / 100)} jam`;
  flow.block(lengthHeight(lost.length), (page, x, y) =>
    drawLengths(
      page,
      x,
      y,
      lost.map(([name, ms]) => ({
        name,
        value: ms,
        label: hours(ms),
      })),
    ),
  );
  // Beside a month before the measuring began every outage would be too short to see.
  flow.paragraph(
    `Tidak terukur: ${hours(counts.notMeasuredMs)}, semua tautan bersama. Waktu itu bukan putus dan bukan terhubung, dan tidak digambar. Di luar jam nyala: ${hours(counts.expectedOffMs)}.`,
    { grey: 0.35 },
  );
}

function groups({ report, flow, format }: Writer, name: string, rows: readonly SlaRow[]): void {
  const { total } = report;
  const columns: TableColumn[] = [
    { name, share: 0.2 },
    { name: "Tautan", share: 0.08, align: "right" },
    { name: "Terukur", share: 0.12, align: "right" },
    { name: "Cakupan", share: 0.11, align: "right" },
    { name: "Waktu henti", share: 0.15, align: "right" },
    { name: "Gangguan", share: 0.1, align: "right" },
    { name: "Tak tercapai", share: 0.09, align: "right" },
    { name: "Restitusi", share: 0.15, align: "right" },
  ];
  const line = (
    of: Pick<SlaRow, "links" | "ratios" | "verdicts" | "sums" | "doubts">,
    label: string,
    idr: number | null,
  ) => [
    label,
    format.count(of.links),
    format.percent(of.ratios.availabilityRatio),
    format.percent(of.ratios.coverageRatio),
    of.sums.countedMs === null ? "–" : format.clock(of.sums.countedMs),
    of.sums.failures === null ? "–" : format.count(of.sums.failures),
    format.count(of.verdicts.missed),
    amountOf(idr, of.doubts.mayRise > 0, format),
  ];
  flow.table(
    columns,
    [
      ...rows.map((row) => line(row, row.name, row.sums.restitutionIdr)),
      line(total, "Jumlah", total.restitutionIdr),
    ],
    true,
  );
}

function changes({ report, flow, format }: Writer): void {
  if (report.changes.length === 0) return;
  flow.heading("Yang berubah terhadap terbitan sebelumnya");
  const amount = (idr: number | null | undefined) =>
    idr === null || idr === undefined ? "–" : format.rupiah(idr);
  const clock = (ms: number | undefined) => (ms === undefined ? "–" : format.clock(ms));
  flow.table(
    [
      { name: "Tautan", share: 0.28 },
      { name: "Waktu henti semula", share: 0.18, align: "right" },
      { name: "menjadi", share: 0.18, align: "right" },
      { name: "Restitusi semula", share: 0.18, align: "right" },
      { name: "menjadi", share: 0.18, align: "right" },
    ],
    report.changes.map(({ link, before, after, reasons, ...part }) => [
      [
        link,
        ...(part.fromMs === report.fromMs && part.toMs === report.toMs ? [] : [format.days(part)]),
        // What somebody wrote: nothing that was measured is the reason.
        ...reasons.filter((reason) => reason !== "figures").map((reason) => changeReasonTexts[reason].id),
      ].join("\n"),
      clock(before?.countedMs),
      clock(after?.countedMs),
      amount(before?.amountIdr),
      amount(after?.amountIdr),
    ]),
  );
}

function links({ report, flow, format }: Writer): void {
  flow.heading("Tautan");
  flow.table(
    [
      { name: "Tautan", share: 0.15 },
      { name: "Lokasi", share: 0.12 },
      { name: "Penyedia", share: 0.11 },
      { name: "Janji", share: 0.08, align: "right" },
      { name: "Kontrak (A)", share: 0.1, align: "right" },
      { name: "Cakupan", share: 0.1, align: "right" },
      { name: "Waktu henti", share: 0.13, align: "right" },
      { name: "Hasil", share: 0.08 },
      { name: "Restitusi", share: 0.13, align: "right" },
    ],
    report.links.map((of) => [
      of.part.of === 1 ? of.link : `${of.link}\n${format.days(of.part)}`,
      of.name,
      of.provider,
      format.percent(of.contract?.slaRatio ?? null),
      of.judgement.verdict === "none" ? "–" : format.percent(of.judgement.contractRatio),
      format.percent(of.ratios.coverageRatio),
      format.clock(of.counts.countedMs),
      shortVerdicts[of.judgement.verdict],
      amountOf(of.judgement.restitution.amountIdr, mayRise(of.judgement), format),
    ]),
  );
  amountNotes(flow, report.total, format);
}

const shortVerdicts = { met: "tercapai", missed: "tidak", open: "belum pasti", none: "tanpa SLA" } as const;

function outages({ report, flow, format }: Writer): void {
  const all = report.links
    .flatMap((link) => link.outages.map((outage) => ({ link, outage })))
    .filter(({ outage }) => outage.verdict === "counted")
    .sort((a, b) => b.outage.inMonthMs - a.outage.inMonthMs);
  const zone = format.zone(report.fromMs);
  flow.heading("Gangguan yang dihitung, yang terlama lebih dahulu");
  if (all.length === 0) {
    flow.paragraph("Tidak ada.");
    return;
  }
  flow.table(
    [
      { name: "Tautan", share: 0.21 },
      { name: `Mulai (${zone})`, share: 0.16 },
      { name: `Selesai (${zone})`, share: 0.16 },
      { name: "Dalam bulan ini", share: 0.15, align: "right" },
      { name: "Penyebab", share: 0.32 },
    ],
    all
      .slice(0, mostRows)
      .map(({ link, outage }) => [
        link.link,
        format.moment(outage.fromMs),
        outage.toMs === null ? "masih berlangsung" : format.moment(outage.toMs),
        format.clock(outage.inMonthMs),
        [...new Set(outage.causes.map(({ cause }) => report.causeText(cause)))].join(", "),
      ]),
  );
  leftOut(flow, all.length);
}

function exclusions({ report, flow, format }: Writer): void {
  const all = report.links.flatMap((link) => link.exclusions.map((exclusion) => ({ link, exclusion })));
  const zone = format.zone(report.fromMs);
  flow.heading("Pengecualian, dengan yang mencatat");
  if (all.length === 0) {
    flow.paragraph("Tidak ada yang dicatat.");
    return;
  }
  flow.table(
    [
      { name: "Tautan", share: 0.16 },
      { name: "Jenis", share: 0.12 },
      { name: `Dari (${zone})`, share: 0.15 },
      { name: `Sampai (${zone})`, share: 0.15 },
      { name: "Alasan", share: 0.26 },
      { name: "Dicatat oleh", share: 0.16 },
    ],
    all
      .slice(0, mostRows)
      .map(({ link, exclusion }) => [
        link.link,
        exclusionTexts[exclusion.kind].id,
        format.moment(exclusion.fromMs),
        format.moment(exclusion.toMs),
        exclusion.reason,
        exclusion.author,
      ]),
  );
  leftOut(flow, all.length);
}

function leftOut(flow: Flow, count: number): void {
  if (count > mostRows)
    flow.paragraph(`${count - mostRows} baris lainnya ada dalam berkas XLSX bulan ini.`, { grey: 0.35 });
}

function readingNotes({ flow }: Writer): void {
  // Nobody signs a page that says nothing.
  flow.keep(310);
  flow.heading("Cara membaca");
  for (const note of [
    "Ketersediaan terukur = waktu terhubung / (waktu terhubung + semua waktu henti). Waktu yang tidak terukur bukan putus dan bukan terhubung; karena itu setiap angka disertai cakupan serta batas paling rendah dan paling tinggi.",
    "Kontrak (A) = (jam layanan - waktu henti dihitung) / jam layanan. Dihitung hanya gangguan yang lebih lama dari ambang kontrak, tanpa yang dikecualikan oleh kontrak.",
    `Hasil: ${slaVerdictTexts.open.id} berarti waktu yang tidak terukur, atau gangguan yang sebabnya belum diketahui, masih dapat menentukan apakah janji tercapai; restitusinya dapat bertambah atau berkurang karenanya.`,
    "Ringkasan menghitung gangguan pada tautan dengan janji ketersediaan; MTTR, MTBF, grafik sebab, dan daftar gangguan meliputi semua tautan.",
    "Durasi ditulis jam:menit:detik. Bukti setiap tautan (pengukuran, pengecualian, jam, hitungan) dapat diminta per bulan dan diperiksa tanpa perangkat lunak ini.",
  ])
    flow.paragraph(note);
}

function signatures({ flow, report, format }: Writer): void {
  const half = contentWidth / 2;
  flow.space(14);
  flow.block(132, (page, x, y) => {
    page.text(x, y + 10, `Periode ${format.month(report.fromMs)}`, { grey: 0.35 });
    page.text(x + half, y + 10, "Tempat, tanggal: ................................");
    for (const [at, role] of ["Disusun oleh,", "Mengetahui / menyetujui,"].entries()) {
      const left = x + at * half;
      page.text(left, y + 30, role, { bold: true });
      page.line(left, y + 100, left + 190, y + 100, 0.3);
      page.text(left, y + 112, "Nama:");
      page.text(left, y + 125, "NIP / jabatan:");
    }
  });
}
