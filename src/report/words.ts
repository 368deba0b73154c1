import type { Role } from "../inventory/inventory.ts";
import type { Cause, Confidence, EvidenceItem, SiteState } from "../outage/table.ts";
import type { Statement } from "../outage/speaks.ts";
import { facts } from "./facts.ts";
import type { Language, Text } from "./language.ts";

export { languages } from "./language.ts";
export type { Language } from "./language.ts";

/*
 * What people read, in both languages. Indonesian is the first one: the field crew's words, as the glossary of the
 * documentation lists them.
 */

const states: Record<SiteState, Text> = {
  up: { id: "Normal", en: "Up" },
  degraded: { id: "Lambat", en: "Degraded" },
  down: { id: "Putus", en: "Down" },
  unreachable: { id: "Putus karena induk", en: "Cut off by its parent" },
  unknown: { id: "Belum diketahui", en: "Not known" },
  maintenance: { id: "Perawatan terjadwal", en: "Scheduled maintenance" },
  off: { id: "Di luar jam nyala", en: "Outside its hours of supply" },
};

/** A service has no parent: what stands between it and a site is the site's own network, or whatever that hangs from. */
const serviceUnreachable: Text = { id: "Tidak terjangkau", en: "Not reachable" };

const causeTexts: Record<Cause, Text> = {
  power: { id: "Pemadaman listrik", en: "Power outage" },
  link: { id: "Tautan putus", en: "Link down" },
  rain: { id: "Sinyal melemah karena hujan", en: "Rain fade" },
  relay: { id: "Gangguan di desa perantara", en: "Fault at the relaying village" },
  hub: { id: "Perangkat di lokasi induk mati", en: "Equipment down at the parent site" },
  backhaul: { id: "Gangguan jalur lokasi induk", en: "Fault on the parent's uplink" },
  provider: { id: "Gangguan penyedia", en: "Provider fault" },
  dns: { id: "Gangguan DNS", en: "DNS fault" },
  service: { id: "Layanan terganggu", en: "Service fault" },
  congestion: { id: "Jalur padat", en: "Congestion" },
  agent: { id: "Agen tidak melapor", en: "Agent silent" },
  maintenance: { id: "Perawatan terjadwal", en: "Scheduled maintenance" },
  unknown: { id: "Belum diketahui", en: "Not known" },
};

/** A link that is slow or loses echoes is not cut. */
const poorLink: Text = { id: "Mutu tautan menurun", en: "Poor link" };

const roleTexts: Record<Role, Text> = {
  gateway: { id: "Gerbang lokasi", en: "Site gateway" },
  device: { id: "Perangkat", en: "Device" },
  hub: { id: "Gerbang lokasi induk", en: "Parent's gateway" },
  noc: { id: "Pusat jaringan (NOC)", en: "Network centre (NOC)" },
  anchor: { id: "Alamat publik", en: "Public address" },
  site: { id: "Lokasi lain", en: "Another site" },
  service: { id: "Layanan", en: "Service" },
};

const confidenceTexts: Record<Confidence, Text> = {
  high: { id: "tinggi", en: "high" },
  medium: { id: "sedang", en: "medium" },
  low: { id: "rendah", en: "low" },
};

const against: Text = { id: "Sebaliknya", en: "Against it" };

export interface Words {
  readonly language: Language;
  readonly state: (state: SiteState) => string;
  /** The state of a service, as seen from a site or from all of them. */
  readonly serviceState: (state: SiteState) => string;
  /** null where there is nothing to explain. `state`: what the cause explains, where that is not an outage. */
  readonly cause: (cause: Cause | null, state?: SiteState) => string | null;
  readonly role: (role: Role) => string;
  readonly confidence: (confidence: Confidence) => string;
  /** A piece of evidence as one sentence without its full stop; a fact without a text is given by its name. */
  readonly fact: (item: EvidenceItem) => string;
  /** The same, and that it speaks against the cause where it does. */
  readonly statement: (statement: Statement) => string;
  /** What the audit of the topology proposes, as a sentence. */
  readonly proposal: (proposal: { sites: readonly string[]; hub: string | null; days: number }) => string;
}

/** `timeZone`: IANA name in which moments within a fact are told; such as Asia/Makassar, which people call WITA. */
export function createWords(language: Language, timeZone: string): Words {
  const words: Words = {
    language,
    state: (state) => states[state][language],
    serviceState: (state) => (state === "unreachable" ? serviceUnreachable : states[state])[language],
    cause(cause, state) {
      if (cause === null) return null;
      return (state === "degraded" && cause === "link" ? poorLink : causeTexts[cause])[language];
    },
    role: (role) => roleTexts[role][language],
    confidence: (confidence) => confidenceTexts[confidence][language],
    fact(item) {
      const sentence = facts[item.fact]?.[language] ?? item.fact;
      const figures = Object.entries(item.detail)
        .filter(([name, value]) => value !== null && !(name === "silentS" && value === 0))
        .map(([name, value]) => figure(name, value as string | number | boolean, language, timeZone));
      // "5 of 7" is one figure made of two.
      const joined = figures.join(", ").replaceAll(`, ${names.of![language]} `, ` ${names.of![language]} `);
      return figures.length === 0 ? sentence : `${sentence} (${joined})`;
    },
    statement({ item, stance }) {
      const sentence = words.fact(item);
      return stance === "against" ? `${against[language]}: ${lowerFirst(sentence)}` : sentence;
    },
    proposal({ sites, hub, days }) {
      const list = new Intl.ListFormat(language, { type: "conjunction" }).format(sites);
      if (language === "id")
        return hub === null
          ? `${list} putus bersamaan pada ${days} hari: mungkin ada sambungan atau listrik bersama yang belum dicatat.`
          : `${list} putus bersama ${hub} pada ${days} hari: mungkin ${hub} lokasi induknya.`;
      return hub === null
        ? `${list} went down together on ${days} days: they may share a path or a power line that nobody wrote down.`
        : `${list} went down together with ${hub} on ${days} days: ${hub} may be the parent.`;
    },
  };
  return words;
}

/** "Pemadaman listrik" → "pemadaman listrik"; "DNS fault" stays. */
export function lowerFirst(text: string): string {
  const isAbbreviation = /^\p{Lu}{2}/u.test(text);
  return isAbbreviation ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

/** Beyond this a number of milliseconds is a moment and not a duration: 2001-09-09. */
const momentMs = 1e12;

const names: Readonly<Record<string, Text>> = {
  rounds: { id: "pengukuran", en: "rounds" },
  sites: { id: "lokasi", en: "sites" },
  phase: { id: "tahap", en: "phase" },
  cause: { id: "penyebab", en: "cause" },
  since: { id: "sejak", en: "since" },
  first: { id: "pertama", en: "first" },
  last: { id: "terakhir", en: "last" },
  gap: { id: "jeda", en: "gap" },
  uptime: { id: "lama menyala", en: "uptime" },
  interval: { id: "selang", en: "interval" },
  loss: { id: "kehilangan paket", en: "packet loss" },
  silent: { id: "tanpa jawaban", en: "without an answer" },
  measured: { id: "terukur", en: "measured" },
  duration: { id: "selama", en: "for" },
  cut: { id: "putus", en: "cut off" },
  of: { id: "dari", en: "of" },
  site: { id: "lokasi", en: "site" },
  time: { id: "pukul", en: "at" },
  address: { id: "tujuan", en: "to" },
  deepest: { id: "terakhir", en: "last" },
  plan: { id: "rencana", en: "plan" },
  reason: { id: "alasan", en: "reason" },
  confidence: { id: "keyakinan", en: "confidence" },
  hop: { id: "titik ke-", en: "hop" },
  link: { id: "tautan", en: "link" },
};

/** `lastMs: 1763…` → `terakhir 14.05.10 WITA`; the unit is the end of the name, as everywhere in the code. */
function figure(
  name: string,
  value: string | number | boolean,
  language: Language,
  timeZone: string,
): string {
  const [, stem = name, unit = ""] = /^(.+?)(Ms|S|Ratio)?$/.exec(name) ?? [];
  const label = names[stem]?.[language] ?? stem;
  const told = inWords(name, value)?.[language] ?? value;
  return `${label} ${typeof told === "number" ? quantity(told, unit, language, timeZone) : told}`;
}

/** Values that have texts of their own; undefined: it is said as it stands. */
function inWords(name: string, value: string | number | boolean): Text | undefined {
  if (name === "cause") return causeTexts[value as Cause];
  return name === "confidence" ? confidenceTexts[value as Confidence] : undefined;
}

function quantity(value: number, unit: string, language: Language, timeZone: string): string {
  const locale = language === "id" ? "id-ID" : "en-GB";
  if (unit === "Ms" && value >= momentMs) {
    const options = { timeZone, dateStyle: "medium", timeStyle: "medium" } as const;
    return new Intl.DateTimeFormat(locale, options).format(value);
  }
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  if (unit === "Ratio") return `${number.format(value * 100)} %`;
  if (unit === "Ms" && value < 1000) return `${number.format(value)} ms`;
  if (unit === "") return number.format(value);
  const seconds = unit === "Ms" ? value / 1000 : value;
  const short = language === "id" ? { h: "jam", m: "menit", s: "dtk" } : { h: "h", m: "min", s: "s" };
  if (seconds < 120) return `${number.format(seconds)} ${short.s}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} ${short.m}`;
  return `${Math.floor(minutes / 60)} ${short.h} ${minutes % 60} ${short.m}`;
}
