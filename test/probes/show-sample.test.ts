import { describe, expect, it } from "vitest";
import { phases, snmpFailures, unsentReasons } from "#wire/rounds-v1.ts";
import type { IcmpSample, Sample } from "../../probes/probe.ts";
import { showSample } from "../../probes/show-sample.ts";

const icmp = (fields: Partial<IcmpSample>): IcmpSample => ({
  kind: "icmp",
  sent: 5,
  recv: 5,
  rttUs: [20_000, 20_100, 20_200, 20_300, 21_500],
  unsent: null,
  lossRun: 0,
  ...fields,
});

const http = {
  kind: "http",
  ok: 1,
  phase: null,
  status: 200,
  dnsMs: 1.2,
  connectMs: 20.5,
  tlsMs: 41,
  ttfbMs: 80,
  totalMs: 95.4,
  certExpiresS: 30.5 * 86_400,
  tlsError: null,
} satisfies Sample;

describe("one round, as a person reads it", () => {
  it.each([
    [
      icmp({}),
      "icmp: normal: dikirim 5, diterima 5, kehilangan paket 0 %, latensi min/med/max 20 / 20,2 / 21,5 ms",
    ],
    [
      icmp({ recv: 2, rttUs: [20_000, 20_100], lossRun: 3 }),
      "icmp: normal: dikirim 5, diterima 2, kehilangan paket 60 %, kehilangan beruntun terpanjang 3, latensi min/med/max 20 / 20,05 / 20,1 ms",
    ],
    [icmp({ recv: 0, rttUs: [], lossRun: 5 }), "icmp: gagal: dikirim 5, diterima 0, kehilangan paket 100 %"],
    [
      icmp({ sent: 0, recv: 0, rttUs: [], unsent: "route" }),
      "icmp: tidak terukur, tidak dapat dikirim: mesin ini tidak punya jalur ke alamat itu",
    ],
    [
      icmp({ sent: 1, recv: 1, rttUs: [20_000], unsent: "local" }),
      "icmp: normal: dikirim 1, diterima 1, kehilangan paket 0 %, latensi min/med/max 20 / 20 / 20 ms, tidak dapat dikirim: mesin ini tidak dapat mengirim: izin, soket atau memori kurang",
    ],
    [
      http,
      "http: normal, status 200, dns 1,2 ms, connect 20,5 ms, tls 41 ms, ttfb 80 ms, total 95,4 ms, sertifikat berlaku 30 hari lagi",
    ],
    [
      {
        ...http,
        ok: 0,
        phase: "tls",
        status: null,
        ttfbMs: null,
        certExpiresS: -86_400,
        tlsError: "CERT_HAS_EXPIRED",
      },
      "http: gagal pada tahap tls (TLS atau sertifikat gagal), dns 1,2 ms, connect 20,5 ms, tls 41 ms, total 95,4 ms, sertifikat kedaluwarsa 1 hari lalu, kesalahan sertifikat CERT_HAS_EXPIRED",
    ],
    [{ kind: "tcp", ok: 1, phase: null, connectMs: 12.34 }, "tcp: normal, connect 12,3 ms"],
    [
      { kind: "tcp", ok: 0, phase: "dns", connectMs: null },
      "tcp: gagal pada tahap dns (nama tidak dapat diterjemahkan menjadi alamat)",
    ],
    [{ kind: "dns", ok: 1, rcode: "NOERROR", totalMs: 3 }, "dns: normal, NOERROR, 3 ms"],
    [
      { kind: "dns", ok: 0, rcode: "NXDOMAIN", totalMs: 3 },
      "dns: gagal, jawaban tidak sesuai yang diharapkan, NXDOMAIN, 3 ms",
    ],
    [{ kind: "dns", ok: 0, rcode: null, totalMs: null }, "dns: gagal, tidak ada jawaban"],
    [
      { kind: "snmp", ok: 1, values: { sysName: "rt-1", sysUpTime: null }, why: null },
      "snmp: normal\n  sysName = rt-1\n  sysUpTime = -",
    ],
    [
      { kind: "snmp", ok: 1, values: { sysName: "rt-1" }, why: "loop" },
      "snmp: sebagian: perangkat mengulang objek yang sama tanpa akhir\n  sysName = rt-1",
    ],
    [
      { kind: "snmp", ok: 0, values: { sysName: null }, why: "refused" },
      "snmp: gagal: tidak ada yang mendengarkan pada port itu",
    ],
  ] as [Sample, string][])("%j", (sample, text) => {
    expect(showSample(sample, "id")).toBe(text);
  });

  it("says the same in English", () => {
    expect(showSample(icmp({ sent: 0, recv: 0, rttUs: [], unsent: "name" }), "en")).toBe(
      "icmp: not measured, could not be sent: the name does not resolve to an address",
    );
    expect(showSample({ kind: "tcp", ok: 0, phase: "timeout", connectMs: null }, "en")).toBe(
      "tcp: failed in phase timeout (the time was up)",
    );
  });

  it("has words of its own for every reason, in both languages", () => {
    for (const language of ["id", "en"] as const) {
      const texts = [
        ...unsentReasons.map((unsent) => showSample(icmp({ sent: 0, recv: 0, rttUs: [], unsent }), language)),
        ...snmpFailures.map((why) => showSample({ kind: "snmp", ok: 0, values: {}, why }, language)),
        ...phases.map((phase) => showSample({ kind: "tcp", ok: 0, phase, connectMs: null }, language)),
      ];
      expect(new Set(texts).size).toBe(texts.length);
      expect(texts.filter((text) => text.includes("undefined"))).toEqual([]);
    }
  });
});
