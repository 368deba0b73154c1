import type { Technology } from "../inventory/inventory.ts";
import type { Cause, Confidence } from "../outage/table.ts";
import type { Language } from "./payload.ts";
import type { Correction } from "./working.ts";

/** The fixed words of alerts, one table per language. Indonesian terms as the field uses them. */
export interface Words {
  down: string;
  massOutage: string;
  serviceDown: string;
  unstable: string;
  update: string;
  backToNormal: string;
  stableAgain: string;
  corrected: string;
  since: (moment: string) => string;
  lasted: (from: string, duration: string) => string;
  unstableFor: (from: string, duration: string) => string;
  unstableNote: string;
  suspectedCause: (cause: string, confidence: string) => string;
  finalCause: (cause: string) => string;
  causeUnknown: string;
  evidence: string;
  behind: (count: number) => string;
  affected: (count: number) => string;
  andMore: (count: number) => string;
  andOthers: (name: string, count: number) => string;
  sitesIn: (count: number, area: string) => string;
  seenFrom: (service: string, place: string) => string;
  worsened: (before: number, now: number) => string;
  causeFound: string;
  movedFrom: (name: string) => string;
  nowUnstable: string;
  nowLasting: string;
  peopleUnknown: (sites: number) => string;
  people: (count: string, unknownSites: number) => string;
  unmeasured: (count: number) => string;
  link: string;
  circuit: string;
  details: string;
  correction: Record<Correction, (partOf: string) => string>;
  causes: Record<Cause, string>;
  confidences: Record<Confidence, string>;
  technologies: Record<Technology, string>;
}

const id: Words = {
  down: "PUTUS",
  massOutage: "GANGGUAN MASSAL",
  serviceDown: "GANGGUAN LAYANAN",
  unstable: "TIDAK STABIL (PUTUS-NYAMBUNG)",
  update: "PEMBARUAN",
  backToNormal: "NORMAL KEMBALI",
  stableAgain: "STABIL KEMBALI",
  corrected: "DIKOREKSI",
  since: (moment) => `Sejak ${moment}.`,
  lasted: (from, duration) => `Putus sejak ${from}, durasi ${duration}.`,
  unstableFor: (from, duration) => `Tidak stabil sejak ${from}, durasi ${duration}.`,
  unstableNote: "Pesan berikutnya bila sudah stabil, atau bila putus lama.",
  suspectedCause: (cause, confidence) => `Dugaan penyebab: ${cause} (keyakinan ${confidence}).`,
  finalCause: (cause) => `Penyebab: ${cause}.`,
  causeUnknown: "Penyebab belum diketahui.",
  evidence: "Bukti",
  behind: (count) => `Dampak: ${count} lokasi lain ikut terputus`,
  affected: (count) => `Dampak: ${count} lokasi`,
  andMore: (count) => `dan ${count} lainnya`,
  andOthers: (name, count) => `${name} dan ${count} lokasi lain`,
  sitesIn: (count, area) => `${count} lokasi di ${area}`,
  seenFrom: (service, place) => `${service} dari ${place}`,
  worsened: (before, now) => `Meluas: dari ${before} menjadi ${now} lokasi.`,
  causeFound: "Dugaan penyebab kini diketahui.",
  movedFrom: (name) => `Sebelumnya diberitakan sebagai gangguan ${name}.`,
  nowUnstable: "Sebelumnya diberitakan putus, kini putus-nyambung.",
  nowLasting: "Sebelumnya diberitakan putus-nyambung, kini putus terus.",
  peopleUnknown: (sites) => `Penduduk terdampak: belum diketahui (${sites} desa).`,
  people: (count, unknown) =>
    `Penduduk terdampak: ${count} jiwa${unknown === 0 ? "" : `, belum termasuk ${unknown} desa yang jumlahnya belum diketahui`}.`,
  unmeasured: (count) => `Belum diketahui (tidak terukur sejak itu): ${count} lokasi di bawahnya`,
  link: "Tautan",
  circuit: "sirkuit",
  details: "Rincian",
  correction: {
    withdrawn: () => "Pengukuran susulan menunjukkan tidak ada gangguan.",
    merged: (partOf) => `Termasuk dalam gangguan ${partOf}.`,
    maintenance: () => "Termasuk perawatan terjadwal, bukan gangguan.",
    agent: () => "Perangkat pemantau tidak mengirim data; status lokasi belum diketahui.",
  },
  causes: {
    power: "pemadaman listrik",
    link: "gangguan tautan",
    rain: "sinyal melemah karena hujan",
    relay: "gangguan di desa perantara",
    hub: "perangkat di lokasi induk mati",
    backhaul: "gangguan jalur induk",
    provider: "gangguan di penyedia",
    dns: "gangguan DNS",
    service: "gangguan pada layanan itu sendiri",
    congestion: "jaringan padat",
    agent: "perangkat pemantau",
    maintenance: "perawatan terjadwal",
    unknown: "belum diketahui",
  },
  confidences: { high: "tinggi", medium: "sedang", low: "rendah" },
  technologies: {
    fibre: "serat optik",
    "4g": "seluler 4G",
    radio: "radio",
    vsat: "satelit VSAT",
    leo: "satelit orbit rendah",
  },
};

const en: Words = {
  down: "DOWN",
  massOutage: "MULTI-SITE OUTAGE",
  serviceDown: "SERVICE DOWN",
  unstable: "UNSTABLE",
  update: "UPDATE",
  backToNormal: "RESTORED",
  stableAgain: "STABLE AGAIN",
  corrected: "CORRECTED",
  since: (moment) => `Since ${moment}.`,
  lasted: (from, duration) => `Down since ${from}, duration ${duration}.`,
  unstableFor: (from, duration) => `Unstable since ${from}, duration ${duration}.`,
  unstableNote: "The next message comes when it is stable, or when it stays down.",
  suspectedCause: (cause, confidence) => `Suspected cause: ${cause} (${confidence} confidence).`,
  finalCause: (cause) => `Cause: ${cause}.`,
  causeUnknown: "Cause not known yet.",
  evidence: "Evidence",
  behind: (count) => `Impact: ${count} more ${count === 1 ? "site" : "sites"} cut off`,
  affected: (count) => `Impact: ${count} ${count === 1 ? "site" : "sites"}`,
  andMore: (count) => `and ${count} more`,
  andOthers: (name, count) => `${name} and ${count} more ${count === 1 ? "site" : "sites"}`,
  sitesIn: (count, area) => `${count} ${count === 1 ? "site" : "sites"} in ${area}`,
  seenFrom: (service, place) => `${service} from ${place}`,
  worsened: (before, now) => `It has spread: from ${before} to ${now} sites.`,
  causeFound: "A likely cause is known now.",
  movedFrom: (name) => `Told before as a fault of ${name}.`,
  nowUnstable: "Told before as down, now it comes and goes.",
  nowLasting: "Told before as unstable, now it stays down.",
  peopleUnknown: (sites) => `People affected: not known (${sites} ${sites === 1 ? "village" : "villages"}).`,
  people: (count, unknown) =>
    `People affected: ${count}${unknown === 0 ? "" : `, not counting ${unknown} ${unknown === 1 ? "village" : "villages"} whose number is not known`}.`,
  unmeasured: (count) =>
    `Not known (not measured since): ${count} ${count === 1 ? "site" : "sites"} below it`,
  link: "Link",
  circuit: "circuit",
  details: "Details",
  correction: {
    withdrawn: () => "Later measurements show that there was no outage.",
    merged: (partOf) => `Part of the outage of ${partOf}.`,
    maintenance: () => "Scheduled maintenance, not a fault.",
    agent: () => "The monitoring device sends no data; the state of the site is not known.",
  },
  causes: {
    power: "power outage",
    link: "link fault",
    rain: "rain fade",
    relay: "fault at the relaying village",
    hub: "equipment down at the parent site",
    backhaul: "fault on the parent's path",
    provider: "fault at the provider",
    dns: "DNS fault",
    service: "fault of the service itself",
    congestion: "congested network",
    agent: "monitoring device",
    maintenance: "scheduled maintenance",
    unknown: "not known",
  },
  confidences: { high: "high", medium: "medium", low: "low" },
  technologies: {
    fibre: "fibre",
    "4g": "4G cellular",
    radio: "radio",
    vsat: "VSAT satellite",
    leo: "low-orbit satellite",
  },
};

export const words: Record<Language, Words> = { id, en };
