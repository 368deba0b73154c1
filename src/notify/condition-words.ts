import type { ConditionKind } from "../state/alert-store.ts";
import type { ConditionPayload, Language } from "./payload.ts";
import { sayDuration } from "./times.ts";

/** The words of conditions and digests, one table per language. */
export interface ConditionWords {
  /** What it is called, in capitals, what when it is over, and what when that which it warned of has come. */
  names: Record<ConditionKind, { bad: string; good: string; come?: string }>;
  /** What was measured. */
  said: Record<ConditionKind, (at: ConditionPayload, lasted: string) => string>;
  /** What to do about it. */
  advice: Record<ConditionKind, string>;
  /** The same when it has come. */
  adviceLate: Partial<Record<ConditionKind, string>>;
  agents: (count: number) => string;
  /** The end of many, some of which are silent still. */
  agentsBut: (count: number, left: number) => string;
  stillSilent: (sites: readonly string[]) => string;
  more: (before: number, now: number) => string;
  unwatched: string;
  unwatchedNote: (at: ConditionPayload) => string;
  lasted: (from: string, duration: string) => string;
  escalated: string;
  nobodyKnows: (minutes: number) => string;
  providerKnows: (provider: string, moment: string) => string;
  acknowledge: string;
  acknowledgeAll: string;
  digest: (count: number) => string;
  between: (from: string, to: string) => string;
  stillOn: (from: string) => string;
  over: (from: string, to: string, duration: string) => string;
  cyclesOn: (times: number, from: string) => string;
  cyclesOver: (times: number, from: string, to: string) => string;
  others: (count: number) => string;
}

/** What it warned of has come: the certificate has ended, the budget is overdrawn. */
export function hasCome({ condition, value }: Pick<ConditionPayload, "condition" | "value">): boolean {
  return (condition === "certificate" || condition === "slaBudget") && (value ?? 0) < 0;
}

const isOfUps = ({ condition }: ConditionPayload) => condition === "battery" || condition === "lowBattery";
const inPercent = ({ value }: ConditionPayload) => `${value ?? 0}`;
const whichLink = ({ what }: ConditionPayload) => what.join(", ");
const minutesOf = ({ value }: ConditionPayload, language: Language) =>
  sayDuration(Math.abs(value ?? 0) * 60_000, language);
const countOf = ({ count }: ConditionPayload, language: Language) =>
  new Intl.NumberFormat(language === "id" ? "id-ID" : "en-GB").format(count);
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
    certificate: {
      bad: "SERTIFIKAT SEGERA BERAKHIR",
      good: "SERTIFIKAT SUDAH DIPERBARUI",
      come: "SERTIFIKAT SUDAH BERAKHIR",
    },
    agentSilent: { bad: "PERANGKAT PEMANTAU DIAM", good: "PERANGKAT PEMANTAU TERDENGAR LAGI" },
    backlog: { bad: "DATA TERLAMBAT MENUMPUK", good: "DATA TERLAMBAT SUDAH TERKIRIM" },
    slaBudget: {
      bad: "JATAH GANGGUAN SLA HAMPIR HABIS",
      good: "JATAH GANGGUAN SLA TERSEDIA LAGI",
      come: "JATAH GANGGUAN SLA SUDAH HABIS",
    },
    partnerWebhook: { bad: "WEBHOOK PENYEDIA DINONAKTIFKAN", good: "WEBHOOK PENYEDIA AKTIF LAGI" },
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
    certificate: (at) =>
      hasCome(at)
        ? "Sertifikatnya sudah berakhir."
        : at.value === 0
          ? "Sertifikatnya berakhir dalam waktu kurang dari 1 hari."
          : `Sertifikatnya berakhir dalam ${at.value} hari.`,
    agentSilent: (_, lasted) => `Tidak ada data sejak itu (${lasted}); status lokasi belum diketahui.`,
    backlog: (at) => `${countOf(at, "id")} pengukuran menunggu dikirim, yang tertua ${inHours(at)} jam.`,
    slaBudget: (at) =>
      hasCome(at)
        ? `${whichLink(at)}: waktu henti bulan ini sudah ${minutesOf(at, "id")} di atas yang diizinkan kontrak.`
        : `${whichLink(at)}: sisa waktu henti yang diizinkan kontrak bulan ini ${minutesOf(at, "id")}.`,
    partnerWebhook: ({ count }) =>
      `${count} webhook penyedia ini dinonaktifkan: alamatnya tidak menerima kiriman, atau kunci API-nya tidak berlaku lagi. Kabar gangguan tidak sampai ke sana lagi.`,
    slaIssue: (at) =>
      at.type === "condition.up"
        ? `Angka ${issueOf(at)} sesuai dengan yang diketahui sekarang, atau sudah digantikan koreksinya.`
        : `Angka ${issueOf(at)} tidak lagi sesuai dengan yang diketahui sekarang, pada ${at.count} tautan: ${linksOf(at, (more) => `, dan ${more} lainnya`)}.`,
  },
  advice: {
    battery: "Bila baterai habis, lokasi ini akan terputus.",
    lowBattery: "Lokasi ini segera terputus bila listrik tidak kembali.",
    certificate: "Perbarui sebelum berakhir: setelah itu peramban menolak layanan ini.",
    agentSilent: "Periksa listrik dan jaringan perangkat pemantau.",
    backlog: "Tautan terlalu lambat untuk datanya, atau batas data hariannya habis.",
    slaBudget: "Bila jatah itu habis, janji kontrak bulan ini tidak tercapai. Angkanya masih sementara.",
    partnerWebhook:
      "Hubungi penyedia: setelah alamat atau kuncinya diperbaiki, webhook diaktifkan lagi lewat API dan yang tertunda dikirim.",
    slaIssue: "Periksa perubahannya, lalu terbitkan koreksi; yang sudah ditandatangani tetap seperti semula.",
  },
  adviceLate: {
    certificate: "Perbarui sekarang: peramban menolak layanan ini.",
    slaBudget: "Janji kontrak bulan ini tidak tercapai. Angkanya masih sementara.",
  },
  agents: (count) => `${count} perangkat pemantau`,
  agentsBut: (count, left) => `${count} perangkat pemantau, kecuali ${left}`,
  stillSilent: (sites) => `${sites.length} perangkat pemantau masih diam: ${sites.join(", ")}.`,
  more: (before, now) => `Bertambah: dari ${before} menjadi ${now} perangkat pemantau.`,
  unwatched: "TIDAK DIPANTAU LAGI",
  unwatchedNote: (at) =>
    isOfUps(at)
      ? "Keadaannya tidak diketahui lagi: ambangnya dimatikan, UPS sudah dikeluarkan dari daftar, atau sudah sehari tidak ada kabar darinya."
      : "Keadaannya tidak diketahui lagi: ambangnya dimatikan, atau yang dipantau sudah dikeluarkan dari daftar.",
  lasted: (from, duration) => `Sejak ${from}, durasi ${duration}.`,
  escalated: "BELUM DITANGGAPI",
  nobodyKnows: (minutes) =>
    `Sudah ${minutes} menit belum ada petugas yang menandai peringatan ini diketahui.`,
  providerKnows: (provider, moment) => `Penyedia ${provider} sudah menandainya diketahui, ${moment}.`,
  acknowledge: "Tandai diketahui",
  acknowledgeAll: "Tandai semua yang masih berlangsung sebagai diketahui",
  digest: (count) => `REKAP PERINGATAN - ${count} masalah`,
  between: (from, to) => `Peringatan yang ditahan sejak ${from}, keadaan pada ${to}:`,
  stillOn: (from) => `sejak ${from}, masih berlangsung`,
  over: (from, to, duration) => `${from} sampai ${to} (${duration})`,
  cyclesOn: (times, from) => `${times} kali sejak ${from}, masih berlangsung`,
  cyclesOver: (times, from, to) => `${times} kali dari ${from} sampai ${to}`,
  others: (count) => `… dan ${count} lainnya.`,
};

const en: ConditionWords = {
  names: {
    battery: { bad: "UPS ON BATTERY", good: "UPS BACK ON MAINS" },
    lowBattery: { bad: "UPS BATTERY NEARLY EMPTY", good: "UPS BATTERY CHARGED AGAIN" },
    certificate: { bad: "CERTIFICATE ENDS SOON", good: "CERTIFICATE RENEWED", come: "CERTIFICATE HAS ENDED" },
    agentSilent: { bad: "MONITORING DEVICE SILENT", good: "MONITORING DEVICE HEARD AGAIN" },
    backlog: { bad: "LATE DATA PILE UP", good: "LATE DATA DELIVERED" },
    slaBudget: {
      bad: "SLA BUDGET NEARLY USED UP",
      good: "SLA BUDGET AVAILABLE AGAIN",
      come: "SLA BUDGET USED UP",
    },
    partnerWebhook: { bad: "PROVIDER'S WEBHOOK DISABLED", good: "PROVIDER'S WEBHOOK IN USE AGAIN" },
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
    certificate: (at) =>
      hasCome(at)
        ? "Its certificate has ended."
        : at.value === 0
          ? "Its certificate ends in less than a day."
          : `Its certificate ends in ${at.value} ${at.value === 1 ? "day" : "days"}.`,
    agentSilent: (_, lasted) => `No data since then (${lasted}); the state of the site is not known.`,
    backlog: (at) => `${countOf(at, "en")} measurements wait to be sent, the oldest for ${inHours(at)} h.`,
    slaBudget: (at) =>
      hasCome(at)
        ? `${whichLink(at)}: downtime this month is ${minutesOf(at, "en")} above what the contract allows.`
        : `${whichLink(at)}: of the downtime that the contract allows this month ${minutesOf(at, "en")} is left.`,
    partnerWebhook: ({ count }) =>
      `${count} ${count === 1 ? "webhook" : "webhooks"} of this provider ${count === 1 ? "was" : "were"} disabled: the address took nothing, or the API key is no longer good. Word of outages does not get there any more.`,
    slaIssue: (at) =>
      at.type === "condition.up"
        ? `The figures of ${issueOf(at)} are what is known now, or a correction took their place.`
        : `The figures of ${issueOf(at)} are no longer what is known now, of ${at.count} ${at.count === 1 ? "link" : "links"}: ${linksOf(at, (more) => `, and ${more} more`)}.`,
  },
  advice: {
    battery: "When the battery is empty this site will be cut off.",
    lowBattery: "This site will soon be cut off unless the mains come back.",
    certificate: "Renew it before: after that browsers refuse the service.",
    agentSilent: "Check power and network of the monitoring device.",
    backlog: "The link is too slow for its data, or its daily allowance is used up.",
    slaBudget: "Once it is used up, this month's promise is broken. The figures are provisional.",
    partnerWebhook:
      "Call the provider: once address or key is mended, the webhook is enabled again by the API, and what waited is delivered.",
    slaIssue: "Look at what has changed, then issue a correction; what was signed stays as it was.",
  },
  adviceLate: {
    certificate: "Renew it now: browsers refuse the service.",
    slaBudget: "This month's promise is broken. The figures are provisional.",
  },
  agents: (count) => `${count} monitoring devices`,
  agentsBut: (count, left) => `${count} monitoring devices, but for ${left}`,
  stillSilent: (sites) =>
    `${sites.length} monitoring ${sites.length === 1 ? "device is" : "devices are"} still silent: ${sites.join(", ")}.`,
  more: (before, now) => `More of them: from ${before} to ${now} monitoring devices.`,
  unwatched: "NO LONGER WATCHED",
  unwatchedNote: (at) =>
    isOfUps(at)
      ? "Its state is not known any more: its threshold was switched off, the UPS left the inventory, or it has said nothing for a day."
      : "Its state is not known any more: its threshold was switched off, or what was watched left the inventory.",
  lasted: (from, duration) => `Since ${from}, duration ${duration}.`,
  escalated: "UNANSWERED",
  nobodyKnows: (minutes) => `No officer has acknowledged this alert for ${minutes} minutes.`,
  providerKnows: (provider, moment) => `The provider ${provider} has acknowledged it, ${moment}.`,
  acknowledge: "Acknowledge",
  acknowledgeAll: "Acknowledge all that are still on",
  digest: (count) => `DIGEST OF ALERTS - ${count} ${count === 1 ? "problem" : "problems"}`,
  between: (from, to) => `Alerts kept back since ${from}, as of ${to}:`,
  stillOn: (from) => `since ${from}, still on`,
  over: (from, to, duration) => `${from} to ${to} (${duration})`,
  cyclesOn: (times, from) => `${times} times since ${from}, still on`,
  cyclesOver: (times, from, to) => `${times} times from ${from} to ${to}`,
  others: (count) => `… and ${count} more.`,
};

export const conditionWords: Record<Language, ConditionWords> = { id, en };
