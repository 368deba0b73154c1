/*
 * What the command says to people: Indonesian first, English with SAMBUNG_LANG=en. Words: the glossary's. Logs are
 * for engineers and stay English. What a round by hand says is in by-hand/texts.ts.
 */
export type Language = "id" | "en";

export function readLanguage(value: string | undefined): Language {
  return value === "en" ? "en" : "id";
}

export const helpTexts: Record<Language, string> = {
  id: `sambung-agent: mengukur jaringan dari satu lokasi dan mengirim hasilnya ke Sambung.

Pemakaian:
  sambung-agent run --server URL --data FOLDER [--token sbe_…] [--via ALAMAT|ANTARMUKA]
                    [--ca FILE] [--cert FILE --key FILE] [--spool-bytes N]
      Jalankan agen. Token hanya perlu pada jalan pertama. Dengan --until-stdin-ends agen berhenti bila masukan
      standarnya berakhir.
      --server      alamat kolektor; dapat diulang, yang pertama diutamakan
      --via         jalan keluar: alamat mesin ini atau antarmuka; dapat diulang, yang pertama diutamakan
      --ca          hanya CA ini yang diterima (PEM)
      --cert, --key sertifikat dan kunci agen sendiri, bila kolektor memintanya (PEM)
      --spool-bytes batas simpanan di disk selama kolektor tidak terjangkau; bawaan 64000000

  sambung-agent probe icmp ALAMAT [--count 5] [--size 56] [--dscp 0] [--family 4|6]
  sambung-agent probe tcp ALAMAT:PORT [--family 4|6]
  sambung-agent probe http URL [--text TEKS] [--regex POLA] [--json-path '$.a.b' [--json-equals NILAI]]
                           [--http auto|1.1|2] [--no-verify-tls] [--family 4|6]
  sambung-agent probe dns NAMA [--resolver ALAMAT] [--type A|AAAA] [--expect-rcode NOERROR]
                          [--expect-answer ALAMAT|RENTANG]
  sambung-agent probe snmp ALAMAT [--port 161] [--profile auto|NAMA] [--oid nama=1.3.6…]
                           [--snmp-version 1|2c] --community public
  sambung-agent probe snmp ALAMAT --user NAMA [--auth-protocol sha|sha224|sha256|sha384|sha512|md5] [--auth-key KUNCI]
                           [--priv-protocol aes|aes256b|aes256r] [--priv-key KUNCI]
      Satu pengukuran sekarang, hasilnya ditampilkan. --expect-rcode, --expect-answer dan --oid dapat diulang.
  sambung-agent probe ID --data FOLDER
      Satu pengukuran sasaran dari konfigurasi agen di FOLDER; agen yang sedang berjalan tidak terganggu.
      --debug       tampilkan juga log dan pengaturannya; rahasia ditutup
      --json        hasil sebagai JSON untuk skrip
      --timeout     MILIDETIK; bawaan 5000, dengan ID milik sasaran itu sendiri

  sambung-agent --help | --version

Variabel: SAMBUNG_SERVER, SAMBUNG_VIA (beberapa nilai dengan spasi), SAMBUNG_CA, SAMBUNG_CERT, SAMBUNG_KEY,
  SAMBUNG_AGENT_DATA, SAMBUNG_TOKEN, SAMBUNG_SPOOL_BYTES menggantikan opsi di atas;
  SAMBUNG_SNMP_COMMUNITY, SAMBUNG_SNMP_AUTH_KEY, SAMBUNG_SNMP_PRIV_KEY untuk rahasia SNMP, agar tidak terlihat di
  daftar proses; SAMBUNG_LOG tingkat log (debug, info, warn, error); SAMBUNG_LANG id atau en.
Kode keluar: 0 selesai, atau sasaran menjawab; 1 gagal, atau tidak menjawab; 2 pemakaian salah.
`,
  en: `sambung-agent: measures the network from one site and reports to Sambung.

Usage:
  sambung-agent run --server URL --data FOLDER [--token sbe_…] [--via ADDRESS|INTERFACE]
                    [--ca FILE] [--cert FILE --key FILE] [--spool-bytes N]
      Run the agent. The token is needed at the first start only. With --until-stdin-ends it ends with its standard
      input.
      --server      address of the collector; may be repeated, the first is preferred
      --via         way out: an address of this machine, or an interface; may be repeated, the first is preferred
      --ca          the only CA that is accepted (PEM)
      --cert, --key the agent's own certificate and key, where the collector asks for one (PEM)
      --spool-bytes bound of what is kept on the disk while the collector is out of reach; default 64000000

  sambung-agent probe icmp ADDRESS [--count 5] [--size 56] [--dscp 0] [--family 4|6]
  sambung-agent probe tcp ADDRESS:PORT [--family 4|6]
  sambung-agent probe http URL [--text TEXT] [--regex PATTERN] [--json-path '$.a.b' [--json-equals VALUE]]
                           [--http auto|1.1|2] [--no-verify-tls] [--family 4|6]
  sambung-agent probe dns NAME [--resolver ADDRESS] [--type A|AAAA] [--expect-rcode NOERROR]
                          [--expect-answer ADDRESS|RANGE]
  sambung-agent probe snmp ADDRESS [--port 161] [--profile auto|NAME] [--oid name=1.3.6…]
                           [--snmp-version 1|2c] --community public
  sambung-agent probe snmp ADDRESS --user NAME [--auth-protocol sha|sha224|sha256|sha384|sha512|md5] [--auth-key KEY]
                           [--priv-protocol aes|aes256b|aes256r] [--priv-key KEY]
      One measurement now, printed. --expect-rcode, --expect-answer and --oid may be repeated.
  sambung-agent probe ID --data FOLDER
      One measurement of a target in the configuration of the agent in FOLDER; a running agent is not disturbed.
      --debug       show the log and the settings too; secrets hidden
      --json        the result as JSON, for scripts
      --timeout     MILLISECONDS; default 5000, with an ID the target's own

  sambung-agent --help | --version

Variables: SAMBUNG_SERVER, SAMBUNG_VIA (several values with spaces between), SAMBUNG_CA, SAMBUNG_CERT, SAMBUNG_KEY,
  SAMBUNG_AGENT_DATA, SAMBUNG_TOKEN, SAMBUNG_SPOOL_BYTES stand in for the options above;
  SAMBUNG_SNMP_COMMUNITY, SAMBUNG_SNMP_AUTH_KEY, SAMBUNG_SNMP_PRIV_KEY for the secrets of SNMP, to keep them off the
  list of processes; SAMBUNG_LOG the log level (debug, info, warn, error); SAMBUNG_LANG id or en.
Exit codes: 0 done, or the target answered; 1 failed, or it did not; 2 wrong usage.
`,
};

export type Word = "wrongUsage" | "seeHelp" | "failure";

export const wordTexts: Record<Language, Record<Word, string>> = {
  id: {
    wrongUsage: "Pemakaian salah",
    seeHelp: "Lihat sambung-agent --help",
    failure: "Gagal",
  },
  en: {
    wrongUsage: "Wrong usage",
    seeHelp: "See sambung-agent --help",
    failure: "Failed",
  },
};
