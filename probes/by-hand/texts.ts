import type { Phase, SnmpFailure, Unsent } from "#wire/rounds-v1.ts";
import type { Language } from "../texts.ts";

/*
 * What a round by hand says: Indonesian first, words of the glossary. Names of fields, phases and protocols stay as the
 * wire has them, so that a report by telephone can be found in the documents.
 */

const indonesian = {
  sent: "dikirim",
  received: "diterima",
  loss: "kehilangan paket",
  latency: "latensi",
  notMeasured: "tidak terukur",
  notSent: "tidak dapat dikirim",
  longestLoss: "kehilangan beruntun terpanjang",
  normal: "normal",
  partly: "sebagian",
  failed: "gagal",
  noAnswer: "tidak ada jawaban",
  wrongAnswer: "jawaban tidak sesuai yang diharapkan",
  failedIn: "gagal pada tahap",
  certificate: "sertifikat berlaku",
  days: "hari lagi",
  expired: "sertifikat kedaluwarsa",
  daysAgo: "hari lalu",
  certificateFault: "kesalahan sertifikat",
  log: "Log (ms sejak mulai)",
  result: "Hasil",
  settings: "Pengaturan (rahasia ditutup)",
  ofAnswered: "dari paket yang dijawab",
  jitter: "jitter sebagai PDV, p95 dikurangi latensi terkecil (RFC 5481 §4.2)",
  broken: "pengukuran tidak dapat dijalankan",
};

export type ProbeWord = keyof typeof indonesian;

const english: Record<ProbeWord, string> = {
  sent: "sent",
  received: "received",
  loss: "packet loss",
  latency: "latency",
  notMeasured: "not measured",
  notSent: "could not be sent",
  longestLoss: "longest run of losses",
  normal: "normal",
  partly: "in part",
  failed: "failed",
  noAnswer: "no answer",
  wrongAnswer: "the answer is not what was expected",
  failedIn: "failed in phase",
  certificate: "certificate valid for",
  days: "more days",
  expired: "certificate expired",
  daysAgo: "days ago",
  certificateFault: "fault of the certificate",
  log: "Log (ms since the start)",
  result: "Result",
  settings: "Settings (secrets hidden)",
  ofAnswered: "of the echoes that were answered",
  jitter: "jitter as PDV, p95 less the smallest latency (RFC 5481 §4.2)",
  broken: "the probe could not be run",
};

export const probeWords: Record<Language, Record<ProbeWord, string>> = { id: indonesian, en: english };

export const unsentTexts: Record<Language, Record<Unsent, string>> = {
  id: {
    route: "mesin ini tidak punya jalur ke alamat itu",
    name: "nama tidak dapat diterjemahkan menjadi alamat",
    local: "mesin ini tidak dapat mengirim: izin, soket atau memori kurang",
  },
  en: {
    route: "this machine has no way to that address",
    name: "the name does not resolve to an address",
    local: "this machine could not send: no right to, no socket or no memory",
  },
};

export const phaseTexts: Record<Language, Record<Phase, string>> = {
  id: {
    dns: "nama tidak dapat diterjemahkan menjadi alamat",
    connect: "alamat tidak terjangkau",
    refused: "sambungan ditolak",
    tls: "TLS atau sertifikat gagal",
    http: "jawaban, status atau pengalihan tidak sesuai",
    body: "isi halaman tidak sesuai",
    timeout: "waktu habis",
  },
  en: {
    dns: "the name does not resolve to an address",
    connect: "the address cannot be reached",
    refused: "the connection was refused",
    tls: "TLS or the certificate failed",
    http: "answer, status or redirect is not as expected",
    body: "the body is not as expected",
    timeout: "the time was up",
  },
};

export const snmpTexts: Record<Language, Record<SnmpFailure, string>> = {
  id: {
    name: "nama tidak dapat diterjemahkan menjadi alamat",
    route: "mesin ini tidak punya jalur ke alamat itu",
    refused: "tidak ada yang mendengarkan pada port itu",
    timeout: "tidak ada jawaban; community atau kunci privasi yang salah juga terlihat begini",
    auth: "perangkat tidak menerima pengguna, kunci, atau tingkat keamanan",
    engine: "waktu mesin SNMPv3 perangkat tidak dapat disepakati",
    garbage: "jawabannya bukan SNMP, atau bukan untuk pertanyaan ini",
    loop: "perangkat mengulang objek yang sama tanpa akhir",
    truncated: "perangkat berhenti di tengah, atau objeknya melebihi batas satu pengukuran",
    error: "perangkat menjawab semua pertanyaan dengan kesalahan",
  },
  en: {
    name: "the name does not resolve to an address",
    route: "this machine has no way to that address",
    refused: "nothing listens on that port",
    timeout: "no answer; a wrong community or privacy key looks the same",
    auth: "the device does not accept user, key or security level",
    engine: "the engine time of the device's SNMPv3 cannot be agreed on",
    garbage: "the answer is no SNMP, or not to this question",
    loop: "the device repeats the same objects without end",
    truncated: "the device stopped half-way, or has more objects than one poll may read",
    error: "the device answered everything with an error",
  },
};
