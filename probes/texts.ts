/*
 * What the command says to people: Indonesian first, English with SAMBUNG_LANG=en. Words: the glossary's. Logs are
 * for engineers and stay English.
 */
export type Language = "id" | "en";

export function readLanguage(value: string | undefined): Language {
  return value === "en" ? "en" : "id";
}

export const helpTexts: Record<Language, string> = {
  id: `sambung-agent: mengukur jaringan dari satu lokasi dan mengirim hasilnya ke Sambung.

Pemakaian:
  sambung-agent run --server URL --data FOLDER [--token sbe_…]
      Jalankan agen. Token hanya perlu pada jalan pertama. Dengan --until-stdin-ends agen berhenti bila masukan
      standarnya berakhir.
  sambung-agent probe icmp ALAMAT [--count 5]
  sambung-agent probe http URL
  sambung-agent probe dns NAMA [--resolver ALAMAT]
  sambung-agent probe snmp ALAMAT --community public [--port 161]
      Satu pengukuran sekarang, hasilnya ditampilkan. [--timeout MILIDETIK], bawaan 5000.
  sambung-agent --help | --version

Variabel: SAMBUNG_SERVER, SAMBUNG_AGENT_DATA, SAMBUNG_TOKEN menggantikan opsi di atas;
  SAMBUNG_LOG tingkat log (debug, info, warn, error); SAMBUNG_LANG id atau en.
Kode keluar: 0 selesai, 1 gagal, 2 pemakaian salah.
`,
  en: `sambung-agent: measures the network from one site and reports to Sambung.

Usage:
  sambung-agent run --server URL --data FOLDER [--token sbe_…]
      Run the agent. The token is needed at the first start only. With --until-stdin-ends it ends with its standard
      input.
  sambung-agent probe icmp ADDRESS [--count 5]
  sambung-agent probe http URL
  sambung-agent probe dns NAME [--resolver ADDRESS]
  sambung-agent probe snmp ADDRESS --community public [--port 161]
      One measurement now, printed. [--timeout MILLISECONDS], default 5000.
  sambung-agent --help | --version

Variables: SAMBUNG_SERVER, SAMBUNG_AGENT_DATA, SAMBUNG_TOKEN stand in for the options above;
  SAMBUNG_LOG the log level (debug, info, warn, error); SAMBUNG_LANG id or en.
Exit codes: 0 done, 1 failed, 2 wrong usage.
`,
};

export const wordTexts: Record<Language, Record<Word, string>> = {
  id: {
    sent: "dikirim",
    received: "diterima",
    loss: "kehilangan paket",
    latency: "latensi",
    notSent: "tidak ada paket yang dapat dikirim: tidak terukur",
    normal: "normal",
    failed: "gagal",
    noAnswer: "tidak ada jawaban",
    failedIn: "gagal pada tahap",
    certificate: "sertifikat berlaku",
    days: "hari lagi",
    wrongUsage: "Pemakaian salah",
    seeHelp: "Lihat sambung-agent --help",
    failure: "Gagal",
  },
  en: {
    sent: "sent",
    received: "received",
    loss: "packet loss",
    latency: "latency",
    notSent: "no packet could be sent: not measured",
    normal: "normal",
    failed: "failed",
    noAnswer: "no answer",
    failedIn: "failed in phase",
    certificate: "certificate valid for",
    days: "more days",
    wrongUsage: "Wrong usage",
    seeHelp: "See sambung-agent --help",
    failure: "Failed",
  },
};

export type Word =
  | "sent"
  | "received"
  | "loss"
  | "latency"
  | "notSent"
  | "normal"
  | "failed"
  | "noAnswer"
  | "failedIn"
  | "certificate"
  | "days"
  | "wrongUsage"
  | "seeHelp"
  | "failure";
