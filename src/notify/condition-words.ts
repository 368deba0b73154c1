import type { ConditionKind } from "../state/alert-store.ts";
import type { ConditionPayload, Language } from "./payload.ts";
import { sayDuration } from "./times.ts";

/** The words of conditions and digests, one table per language. */
export interface ConditionWords {
  /** What it is called, in capitals, and what when it is over. */
  names: Record<ConditionKind, { bad: string; good: string }>;
  /** What was measured. */
  said: Record<ConditionKind, (at: ConditionPayload, lasted: string) => string>;
  /** What to do about it. */
  advice: Record<ConditionKind, string>;
  agents: (count: number) => string;
  lasted: (from: string, duration: string) => string;
  escalated: string;
  nobodyKnows: (minutes: number) => string;
  acknowledge: string;
  digest: (count: number) => string;
  between: (from: string, to: string) => string;
  stillOn: (from: string) => string;
  over: (from: string, to: string, duration: string) => string;
  more: (count: number) => string;
}

const inPercent = ({ value }: ConditionPayload) => `${value ?? 0}`;
const whichLink = ({ what }: ConditionPayload) => what.join(", ");
const isOverdrawn = ({ value }: ConditionPayload) => (value ?? 0) < 0;
const left = ({ value }: ConditionPayload, language: Language) =>
  sayDuration((value ?? 0) * 60_000, language);
/** The number of the issue, then links. */
const issueOf = ({ what }: ConditionPayload) => what[0] ?? "";
const linksOf = ({ what, count }: ConditionPayload, more: (count: number) => string) => {
  const named = what.slice(1);
  return named.join(", ") + (count > named.length ? more(count - named.length) : "");
};
const inHours = ({ value }: ConditionPayload) => Math.floor((value ?? 0) / 60);

const id: ConditionWords = {
  names: {
    battery: { bad: "UPS MEMAKAI BATERAI", good: "UPS KEMBALI KE LISTRIK" },
    lowBattery: { bad: "BATERAI UPS HAMPIR HABIS", good: "BATERAI UPS TERISI KEMBALI" },
    certificate: { bad: "SERTIFIKAT SEGERA BERAKHIR", good: "SERTIFIKAT SUDAH DIPERBARUI" },
    agentSilent: { bad: "PERANGKAT PEMANTAU DIAM", good: "PERANGKAT PEMANTAU TERDENGAR LAGI" },
    backlog: { bad: "DATA TERLAMBAT MENUMPUK", good: "DATA TERLAMBAT SUDAH TERKIRIM" },
    slaBudget: { bad: "JATAH GANGGUAN SLA HAMPIR HABIS", good: "JATAH GANGGUAN SLA TERSEDIA LAGI" },
    slaIssue: { bad: "LAPORAN SLA PERLU DIKOREKSI", good: "LAPORAN SLA SUDAH SESUAI" },
  },
  said: {
    battery: (at) =>
      at.value === null
        ? "Listrik padam di lokasi ini."
        : `Listrik padam di lokasi ini; isi baterai ${inPercent(at)} %.`,
    lowBattery: (at) =>
      at.value === null
        ? "UPS melaporkan baterainya hampir habis."
        : `Isi baterai tinggal ${inPercent(at)} %.`,
    certificate: ({ value }) =>
      (value ?? 0) < 0 ? "Sertifikatnya sudah berakhir." : `Sertifikatnya berakhir dalam ${value} hari.`,
    agentSilent: (_, lasted) => `Tidak ada data sejak itu (${lasted}); status lokasi belum diketahui.`,
    backlog: (at) => `${at.count} pengukuran menunggu dikirim, yang tertua ${inHours(at)} jam.`,
    slaBudget: (at) =>
      isOverdrawn(at)
        ? `${whichLink(at)}: waktu henti bulan ini sudah melebihi yang diizinkan kontrak.`
        : `${whichLink(at)}: sisa waktu henti yang diizinkan kontrak bulan ini ${left(at, "id")}.`,
    slaIssue: (at) =>
      `Angka ${issueOf(at)} tidak lagi sesuai dengan yang diketahui sekarang, pada ${at.count} tautan: ${linksOf(at, (more) => `, dan ${more} lainnya`)}.`,
  },
  advice: {
    battery: "Bila baterai habis, lokasi ini akan terputus.",
    lowBattery: "Lokasi ini segera terputus bila listrik tidak kembali.",
    certificate: "Perbarui sebelum berakhir: setelah itu peramban menolak layanan ini.",
    agentSilent: "Periksa listrik dan jaringan perangkat pemantau.",
    backlog: "Tautan terlalu lambat untuk datanya, atau batas data hariannya habis.",
    slaBudget: "Bila jatah itu habis, janji kontrak bulan ini tidak tercapai. Angkanya masih sementara.",
    slaIssue: "Periksa perubahannya, lalu terbitkan koreksi; yang sudah ditandatangani tetap seperti semula.",
  },
  agents: (count) => `${count} perangkat pemantau`,
  lasted: (from, duration) => `Sejak ${from}, durasi ${duration}.`,
  escalated: "BELUM DITANGGAPI",
  nobodyKnows: (minutes) => `Sudah ${minutes} menit belum ada yang menandai peringatan ini diketahui.`,
  acknowledge: "Tandai diketahui",
  digest: (count) => `REKAP PERINGATAN - ${count} masalah`,
  between: (from, to) => `Peringatan yang ditahan dari ${from} sampai ${to}:`,
  stillOn: (from) => `sejak ${from}, masih berlangsung`,
  over: (from, to, duration) => `${from} sampai ${to} (${duration})`,
  more: (count) => `… dan ${count} lainnya.`,
};

const en: ConditionWords = {
  names: {
    battery: { bad: "UPS ON BATTERY", good: "UPS BACK ON MAINS" },
    lowBattery: { bad: "UPS BATTERY NEARLY EMPTY", good: "UPS BATTERY CHARGED AGAIN" },
    certificate: { bad: "CERTIFICATE ENDS SOON", good: "CERTIFICATE RENEWED" },
    agentSilent: { bad: "MONITORING DEVICE SILENT", good: "MONITORING DEVICE HEARD AGAIN" },
    backlog: { bad: "LATE DATA PILE UP", good: "LATE DATA DELIVERED" },
    slaBudget: { bad: "SLA BUDGET NEARLY USED UP", good: "SLA BUDGET AVAILABLE AGAIN" },
    slaIssue: { bad: "SLA REPORT NEEDS A CORRECTION", good: "SLA REPORT STANDS" },
  },
  said: {
    battery: (at) =>
      at.value === null
        ? "No mains power at this site."
        : `No mains power at this site; battery at ${inPercent(at)}%.`,
    lowBattery: (at) =>
      at.value === null
        ? "The UPS says that its battery is nearly empty."
        : `${inPercent(at)}% of the battery is left.`,
    certificate: ({ value }) =>
      (value ?? 0) < 0
        ? "Its certificate has ended."
        : `Its certificate ends in ${value} ${value === 1 ? "day" : "days"}.`,
    agentSilent: (_, lasted) => `No data since then (${lasted}); the state of the site is not known.`,
    backlog: (at) => `${at.count} measurements wait to be sent, the oldest for ${inHours(at)} h.`,
    slaBudget: (at) =>
      isOverdrawn(at)
        ? `${whichLink(at)}: downtime this month is above what the contract allows.`
        : `${whichLink(at)}: of the downtime that the contract allows this month ${left(at, "en")} is left.`,
    slaIssue: (at) =>
      `The figures of ${issueOf(at)} are no longer what is known now, of ${at.count} ${at.count === 1 ? "link" : "links"}: ${linksOf(at, (more) => `, and ${more} more`)}.`,
  },
  advice: {
    battery: "When the battery is empty this site will be cut off.",
    lowBattery: "This site will soon be cut off unless the mains come back.",
    certificate: "Renew it before: after that browsers refuse the service.",
    agentSilent: "Check power and network of the monitoring device.",
    backlog: "The link is too slow for its data, or its daily allowance is used up.",
    slaBudget: "Once it is used up, this month's promise is broken. The figures are provisional.",
    slaIssue: "Look at what has changed, then issue a correction; what was signed stays as it was.",
  },
  agents: (count) => `${count} monitoring devices`,
  lasted: (from, duration) => `Since ${from}, duration ${duration}.`,
  escalated: "UNANSWERED",
  nobodyKnows: (minutes) => `Nobody has acknowledged this alert for ${minutes} minutes.`,
  acknowledge: "Acknowledge",
  digest: (count) => `DIGEST OF ALERTS - ${count} ${count === 1 ? "problem" : "problems"}`,
  between: (from, to) => `Alerts kept back from ${from} to ${to}:`,
  stillOn: (from) => `since ${from}, still on`,
  over: (from, to, duration) => `${from} to ${to} (${duration})`,
  more: (count) => `… and ${count} more.`,
};

export const conditionWords: Record<Language, ConditionWords> = { id, en };
