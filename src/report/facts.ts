import type { Text } from "./language.ts";

/** The statements that lead to a cause, by the stable name that the outage table gives them. */
export const facts: Readonly<Record<string, Text>> = {
  "gateway.answers": { id: "Gerbang lokasi menjawab", en: "The site's gateway answers" },
  "gateway.silent": { id: "Gerbang lokasi tidak menjawab", en: "The site's gateway does not answer" },
  "hub.answers": { id: "Gerbang lokasi induk menjawab", en: "The parent's gateway answers" },
  "hub.silent": { id: "Gerbang lokasi induk tidak menjawab", en: "The parent's gateway does not answer" },
  "noc.answers": { id: "NOC menjawab", en: "The NOC answers" },
  "noc.silent": { id: "NOC tidak menjawab", en: "The NOC does not answer" },
  "anchor.answers": { id: "Alamat publik menjawab", en: "The public address answers" },
  "outside.answers": { id: "Layanan di luar lokasi menjawab", en: "A service outside the site answers" },
  "anchor.silent": { id: "Alamat publik tidak menjawab", en: "The public address does not answer" },
  "outside.silent": {
    id: "Tidak ada alamat di luar lokasi yang menjawab",
    en: "Nothing outside the site answers",
  },
  "witness.silent": {
    id: "Lokasi ini tidak menjawab ketika diukur dari lokasi lain",
    en: "The site does not answer when measured from elsewhere",
  },
  "witness.answers": {
    id: "Lokasi ini menjawab ketika diukur dari lokasi lain",
    en: "The site answers when measured from elsewhere",
  },
  "hole.inferred": {
    id: "Sempat tidak terukur; dianggap tetap putus, karena putus sebelum dan sesudahnya",
    en: "Not measured for a moment; inferred to be down, as it was before and after",
  },
  "silence.suspected": {
    id: "Diduga terputus: agen diam lebih lama dari yang wajar, dan tak ada yang dapat memeriksanya dari luar",
    en: "Suspected to be cut off: the agent is silent for longer than chance explains, and nobody else can look",
  },
  "signs.weak": {
    id: "Diduga terputus: beberapa tanda lemah pada saat yang sama",
    en: "Suspected to be cut off: several weak signs at the same moment",
  },
  "agent.silent": { id: "Agen di lokasi tidak melapor", en: "The site's agent does not report" },
  "parent.down": { id: "Lokasi induk putus", en: "The parent site is down" },
  "link.onBackup": {
    id: "Lokasi tetap terhubung lewat tautan cadangan",
    en: "The site stays connected by its backup link",
  },
  "falls.with": {
    id: "Putus dan pulih bersama lokasi lain yang menurut data bukan induknya",
    en: "Lost and back together with another site that is not its parent by the inventory",
  },
  "siblings.cut": {
    id: "Lokasi lain di bawah induk yang sama juga putus",
    en: "Other sites below the same parent are cut off as well",
  },
  "siblings.up": {
    id: "Lokasi lain di bawah induk yang sama normal",
    en: "Other sites below the same parent are up",
  },
  "service.control.failed": {
    id: "Layanan juga gagal dari lokasi pembanding",
    en: "The service fails from the control vantage as well",
  },
  "service.control.ok": {
    id: "Layanan normal dari lokasi pembanding",
    en: "The service works from the control vantage",
  },
  "service.elsewhere.failed": {
    id: "Layanan juga gagal dari lokasi lain",
    en: "The service fails from other sites as well",
  },
  "service.elsewhere.ok": {
    id: "Layanan normal dari lokasi lain",
    en: "The service works from other sites",
  },
  "service.phase": {
    id: "Pemeriksaan layanan gagal pada satu tahap",
    en: "The check of the service fails in one phase",
  },
  "local.unplugged": {
    id: "Kabel atau radio agen sendiri tidak tersambung",
    en: "The agent's own cable or radio has no link",
  },
  "local.noRoute": { id: "Agen tidak punya rute bawaan", en: "The agent has no default route" },
  "local.gatewaySilent": {
    id: "Gerbang bawaan agen tidak menjawab",
    en: "The agent's default gateway does not answer",
  },
  "local.fine": {
    id: "Kabel, rute, dan gerbang di tempat agen normal",
    en: "Cable, route and gateway are fine where the agent stands",
  },
  "path.ends": { id: "Jalur menjawab hanya sampai satu titik", en: "The path answers up to one hop" },
  "path.silent": { id: "Tidak ada titik di jalur yang menjawab", en: "No hop of the path answers" },
  "path.reaches": {
    id: "Jalur sampai ke tujuan ketika ditelusuri",
    en: "The path led to its target when it was traced",
  },
  "device.rebooted": { id: "Perangkat menyala ulang", en: "A device was restarted" },
  "device.ranOn": {
    id: "Perangkat tetap menyala selama agen mati",
    en: "A device ran on while the agent was off",
  },
  "power.onBattery": { id: "UPS memakai baterai", en: "The UPS runs on battery" },
  "power.lowBattery": { id: "Baterai UPS hampir habis", en: "The battery of the UPS is nearly empty" },
  "maintenance.announced": {
    id: "Di dalam waktu pekerjaan yang diumumkan",
    en: "Within the time of announced work",
  },
  "supply.hours": {
    id: "Di luar jam nyala tidak dihitung; lokasi mati sejak",
    en: "Hours without supply are not counted; the site was off from",
  },
  "signal.low": {
    id: "Sinyal radio jauh lebih lemah dari biasanya",
    en: "The radio hears far less than usual",
  },
  "signal.usual": { id: "Sinyal radio seperti biasanya", en: "The radio hears as much as usual" },
  "echoes.poor": {
    id: "Banyak paket hilang menjelang putus atau sesudahnya",
    en: "Many echoes were lost just before the cut or after it",
  },
  "host.rebooted": {
    id: "Perangkat agen menyala ulang setelah gangguan",
    en: "The agent's machine was restarted after the gap",
  },
};
