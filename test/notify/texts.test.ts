import { describe, expect, it } from "vitest";
import type { AlertPayload, ConditionPayload } from "../../src/notify/payload.ts";
import { formatAlert } from "../../src/notify/texts.ts";
import { sayDuration, sayMoment } from "../../src/notify/times.ts";
import { aDigest, anAlert, morningMs } from "./factories.ts";

const hourMs = 3_600_000;
const ended = { type: "site.up", endMs: morningMs + 3.5 * hourMs } as const;

function aCondition(): ConditionPayload {
  const { alert, incident, root, name, kecamatan, startMs, endMs, sites, providers, url } = anAlert();
  return {
    alert,
    incident,
    root,
    name,
    kecamatan,
    startMs,
    endMs,
    sites,
    providers,
    url,
    type: "condition.down",
    condition: "certificate",
    severity: "medium",
    what: ["SP4N-LAPOR!"],
    count: 1,
    value: 13,
  };
}

function say(
  alert: Partial<AlertPayload>,
  language: "id" | "en" = "id",
  nowMs = morningMs + 120_000,
): string {
  const { subject, lines } = formatAlert(anAlert(alert), nowMs, { language });
  return [subject, ...lines].join("\n");
}

describe("formatAlert", () => {
  it("says a problem as the glossary does", () => {
    expect(say({ confidence: "medium" })).toBe(
      "PUTUS - Mekar Baru (Busang)\nSejak 09.10 WITA.\nDugaan penyebab: pemadaman listrik (keyakinan sedang).",
    );
    expect(say({ confidence: "medium" }, "en")).toBe(
      "DOWN - Mekar Baru (Busang)\nSince 09:10 WITA.\nSuspected cause: power outage (medium confidence).",
    );
  });

  it("says what is new, how many people, and what nobody knows", () => {
    const alert = {
      type: "site.update",
      changes: ["worsened", "cause"],
      sitesBefore: 1,
      sites: ["a", "b", "c", "d"],
      people: { known: 4_321, unknownSites: 2 },
      unmeasured: { count: 3, names: ["Long Lees", "Long Pejeng"] },
    } as const;
    const mutable = structuredClone(alert) as unknown as Partial<AlertPayload>;
    expect(say(mutable).split("\n")).toEqual([
      "PEMBARUAN: PUTUS - Mekar Baru (Busang)",
      "Meluas: dari 1 menjadi 4 lokasi.",
      "Dugaan penyebab kini diketahui.",
      "Sejak 09.10 WITA.",
      "Dugaan penyebab: pemadaman listrik (keyakinan tinggi).",
      "Penduduk terdampak: 4.321 jiwa, belum termasuk 2 desa yang jumlahnya belum diketahui.",
      "Belum diketahui (tidak terukur sejak itu): 3 lokasi di bawahnya: Long Lees, Long Pejeng, dan 1 lainnya.",
    ]);
    expect(say(mutable, "en")).toContain("It has spread: from 1 to 4 sites.");
    expect(say(mutable, "en")).toContain(
      "People affected: 4,321, not counting 2 villages whose number is not known.",
    );
    // Of what is over nobody asks what was not measured.
    expect(say({ ...mutable, ...ended })).not.toContain("Belum diketahui");
  });

  it("says that it does not know how many people there are", () => {
    const people = { known: 0, unknownSites: 1 };
    expect(say({ people })).toContain("\nPenduduk terdampak: belum diketahui (1 desa).");
    expect(say({ people }, "en")).toContain("\nPeople affected: not known (1 village).");
    expect(say({ people, ...ended })).not.toContain("Penduduk");
    expect(say({ people: { known: 0, unknownSites: 0 } })).not.toContain("Penduduk");
  });

  it("says in an update of what it is one", () => {
    const elsewhere = { type: "site.update", changes: ["elsewhere"], nameBefore: "Mekar Baru" } as const;
    const busang = { root: "64.08.05", name: "Busang", kecamatan: null, behind: { count: 1, names: [] } };
    expect(say({ ...structuredClone(elsewhere), ...busang, changes: ["elsewhere"] }).split("\n")).toEqual([
      "PEMBARUAN: GANGGUAN MASSAL - Busang dan 1 lokasi lain",
      "Sebelumnya diberitakan sebagai gangguan Mekar Baru.",
      "Sejak 09.10 WITA.",
      "Dugaan penyebab: pemadaman listrik (keyakinan tinggi).",
      "Dampak: 1 lokasi lain ikut terputus.",
    ]);
    const pattern = { type: "site.update" as const, changes: ["pattern" as const] };
    expect(say({ ...pattern, kind: "unstable" })).toContain(
      "\nSebelumnya diberitakan putus, kini putus-nyambung.\n",
    );
    expect(say({ ...pattern, kind: "outage" })).toContain(
      "\nSebelumnya diberitakan putus-nyambung, kini putus terus.\n",
    );
  });

  it.each([
    ["withdrawn", "Pengukuran susulan menunjukkan tidak ada gangguan."],
    ["merged", "Termasuk dalam gangguan Busang."],
    ["maintenance", "Termasuk perawatan terjadwal, bukan gangguan."],
    ["agent", "Perangkat pemantau tidak mengirim data; status lokasi belum diketahui."],
  ] as const)("says in a digest why something was corrected: %s", (correction, why) => {
    const item = anAlert({ type: "site.up", correction, partOf: "Busang" });
    const { lines } = formatAlert({ ...aDigest(0), items: [item] }, morningMs);
    expect(lines[1]).toBe(`- DIKOREKSI - Mekar Baru (Busang): ${why}`);
  });

  it("says that several agents more are silent, and that something is watched no more", () => {
    const many: ConditionPayload = {
      ...aCondition(),
      type: "condition.update",
      condition: "agentSilent",
      count: 141,
      countBefore: 6,
      value: 600,
    };
    const { subject, lines } = formatAlert(many, morningMs + 600 * 60_000);
    expect([subject, ...lines]).toEqual([
      "PEMBARUAN: PERANGKAT PEMANTAU DIAM - 141 perangkat pemantau",
      "Bertambah: dari 6 menjadi 141 perangkat pemantau.",
      "Sejak 09.10 WITA.",
      "Tidak ada data sejak itu (10 jam); status lokasi belum diketahui.",
      "SP4N-LAPOR!, dan 140 lainnya.",
      "Periksa listrik dan jaringan perangkat pemantau.",
    ]);
    const gone: ConditionPayload = { ...aCondition(), type: "condition.up", correction: "unwatched" };
    expect(formatAlert(gone, morningMs)).toEqual({
      subject: "TIDAK DIPANTAU LAGI: SERTIFIKAT SEGERA BERAKHIR - SP4N-LAPOR!",
      lines: [
        "Keadaannya tidak diketahui lagi: ambangnya dimatikan, atau yang dipantau sudah dikeluarkan dari daftar.",
      ],
    });
    expect(formatAlert({ ...gone, condition: "battery" }, morningMs).lines).toEqual([
      "Keadaannya tidak diketahui lagi: ambangnya dimatikan, UPS sudah dikeluarkan dari daftar, atau sudah sehari tidak ada kabar darinya.",
    ]);
  });

  it("says at the end of several silent agents how many are silent still, and never of those that they are heard", () => {
    const end: ConditionPayload = {
      ...aCondition(),
      type: "condition.up",
      condition: "agentSilent",
      name: "Kutai Timur",
      count: 6,
      what: ["A", "B", "C", "D", "E"],
      endMs: morningMs + hourMs,
    };
    const left = { ...end, stillSilent: ["B"] };
    expect(formatAlert(end, morningMs + hourMs).subject).toBe(
      "PERANGKAT PEMANTAU TERDENGAR LAGI - 6 perangkat pemantau",
    );
    expect(formatAlert(left, morningMs + hourMs)).toEqual({
      subject: "PERANGKAT PEMANTAU TERDENGAR LAGI - 6 perangkat pemantau, kecuali 1",
      lines: ["Sejak 09.10 WITA, durasi 1 jam.", "1 perangkat pemantau masih diam: B."],
    });
    expect(formatAlert({ ...aDigest(0), items: [left] }, morningMs + hourMs).lines[1]).toBe(
      "- PERANGKAT PEMANTAU DIAM - 6 perangkat pemantau: 09.10 WITA sampai 10.10 WITA (1 jam). 1 perangkat pemantau masih diam: B.",
    );
    expect(formatAlert(left, morningMs + hourMs, { language: "en" }).lines[1]).toBe(
      "1 monitoring device is still silent: B.",
    );
  });

  it("says of a certificate and a budget how near they are, in a digest and when it is over", () => {
    const up = { type: "condition.up" as const, endMs: morningMs + hourMs, value: 89 };
    const lines = [
      aCondition(),
      { ...aCondition(), ...up },
      { ...aCondition(), condition: "slaBudget" as const, type: "condition.update" as const, value: -60 },
      { ...aCondition(), ...up, condition: "battery" as const },
    ].map((item) => formatAlert({ ...aDigest(0), items: [item] }, morningMs).lines[1]);
    expect(lines).toEqual([
      "- SERTIFIKAT SEGERA BERAKHIR - SP4N-LAPOR!: Sertifikatnya berakhir dalam 13 hari.",
      "- SERTIFIKAT SUDAH DIPERBARUI - SP4N-LAPOR!: Sertifikatnya berakhir dalam 89 hari.",
      "- JATAH GANGGUAN SLA SUDAH HABIS - Mekar Baru (Busang): SP4N-LAPOR!: waktu henti bulan ini sudah 1 jam di atas yang diizinkan kontrak.",
      "- UPS MEMAKAI BATERAI - Mekar Baru (Busang): 09.10 WITA sampai 10.10 WITA (1 jam)",
    ]);
  });

  it("says where to answer, and that nobody has", () => {
    const ackUrl = (alert: string) => `https://s.example/peringatan?t=${alert.length}`;
    const escalation = { step: 1, waitedMin: 20 };
    const told = formatAlert(anAlert({ alert: "abc", escalation }), morningMs, { ackUrl });
    expect(told.subject).toBe("BELUM DITANGGAPI: PUTUS - Mekar Baru (Busang)");
    expect(told.lines[0]).toBe("Sudah 20 menit belum ada petugas yang menandai peringatan ini diketahui.");
    const providers = [{ name: "Telkom", atMs: morningMs }];
    expect(formatAlert(anAlert({ escalation: { ...escalation, providers } }), morningMs).lines[1]).toBe(
      "Penyedia Telkom sudah menandainya diketahui, 09.10 WITA.",
    );
    expect(told.lines.at(-1)).toBe("Tandai diketahui: https://s.example/peringatan?t=3");
    expect(formatAlert(anAlert({ ...ended }), morningMs, { ackUrl }).lines.join()).not.toContain("Tandai");
  });

  it.each([
    ["lowBattery", 24, 1, "BATERAI UPS HAMPIR HABIS - Mekar Baru (Busang)", "Isi baterai tinggal 24 %."],
    [
      "certificate",
      13,
      1,
      "SERTIFIKAT SEGERA BERAKHIR - SP4N-LAPOR!",
      "Sertifikatnya berakhir dalam 13 hari.",
    ],
    ["certificate", -1, 1, "SERTIFIKAT SUDAH BERAKHIR - SP4N-LAPOR!", "Sertifikatnya sudah berakhir."],
    [
      "certificate",
      -1,
      1,
      "SERTIFIKAT SUDAH BERAKHIR - SP4N-LAPOR!",
      "Perbarui sekarang: peramban menolak layanan ini.",
    ],
    [
      "certificate",
      0,
      1,
      "SERTIFIKAT SEGERA BERAKHIR - SP4N-LAPOR!",
      "Sertifikatnya berakhir dalam waktu kurang dari 1 hari.",
    ],
    [
      "agentSilent",
      35,
      1,
      "PERANGKAT PEMANTAU DIAM - Mekar Baru (Busang)",
      "Tidak ada data sejak itu (35 menit); status lokasi belum diketahui.",
    ],
    ["agentSilent", 35, 9, "PERANGKAT PEMANTAU DIAM - 9 perangkat pemantau", "SP4N-LAPOR!, dan 8 lainnya."],
    [
      "backlog",
      400,
      77,
      "DATA TERLAMBAT MENUMPUK - Mekar Baru (Busang)",
      "77 pengukuran menunggu dikirim, yang tertua 6 jam.",
    ],
    [
      "slaBudget",
      72,
      1,
      "JATAH GANGGUAN SLA HAMPIR HABIS - Mekar Baru (Busang)",
      "SP4N-LAPOR!: sisa waktu henti yang diizinkan kontrak bulan ini 1 jam 12 menit.",
    ],
    [
      "slaBudget",
      -3000,
      1,
      "JATAH GANGGUAN SLA SUDAH HABIS - Mekar Baru (Busang)",
      "SP4N-LAPOR!: waktu henti bulan ini sudah 2 hari 2 jam di atas yang diizinkan kontrak.",
    ],
    [
      "slaBudget",
      -3000,
      1,
      "JATAH GANGGUAN SLA SUDAH HABIS - Mekar Baru (Busang)",
      "Janji kontrak bulan ini tidak tercapai. Angkanya masih sementara.",
    ],
    [
      "partnerWebhook",
      null,
      1,
      "WEBHOOK PENYEDIA DINONAKTIFKAN - SP4N-LAPOR!",
      "1 webhook penyedia ini dinonaktifkan: alamatnya tidak menerima kiriman, atau kunci API-nya tidak berlaku lagi. Kabar gangguan tidak sampai ke sana lagi.",
    ],
  ] as const)("says %s of %d, %d", (condition, value, count, subject, line) => {
    const payload: ConditionPayload = { ...aCondition(), condition, count, value };
    const told = formatAlert(payload, morningMs + 35 * 60_000);
    expect(told.subject).toBe(subject);
    expect(told.lines).toContain(line);
    expect(formatAlert(payload, morningMs, { language: "en" }).lines.every((one) => one.length > 0)).toBe(
      true,
    );
  });

  it("says which report needs a correction, and of which links", () => {
    const payload: ConditionPayload = {
      ...aCondition(),
      condition: "slaIssue",
      what: ["SLA-2026-08", "mekar-Icon+", "busang-radio"],
      count: 3,
      value: null,
    };
    const told = formatAlert(payload, morningMs + 35 * 60_000);
    expect(told.subject).toBe("LAPORAN SLA PERLU DIKOREKSI - SLA-2026-08");
    expect(told.lines.slice(0, 2)).toEqual([
      "Angka SLA-2026-08 tidak lagi sesuai dengan yang diketahui sekarang, pada 3 tautan: mekar-Icon+, busang-radio, dan 1 lainnya.",
      "Periksa perubahannya, lalu terbitkan koreksi; yang sudah ditandatangani tetap seperti semula.",
    ]);
    expect(formatAlert(payload, morningMs, { language: "en" }).lines[0]).toBe(
      "The figures of SLA-2026-08 are no longer what is known now, of 3 links: mekar-Icon+, busang-radio, and 1 more.",
    );
  });

  it("says the recovery with its time and duration", () => {
    expect(say(ended)).toBe(
      "NORMAL KEMBALI - Mekar Baru (Busang), 12.40 WITA\nPutus sejak 09.10 WITA, durasi 3 jam 30 menit.\nPenyebab: pemadaman listrik.",
    );
    expect(say(ended, "en")).toBe(
      "RESTORED - Mekar Baru (Busang), 12:40 WITA\nDown since 09:10 WITA, duration 3 hours 30 minutes.\nCause: power outage.",
    );
  });

  it("keeps a suspicion a suspicion after the recovery", () => {
    expect(say({ ...ended, confidence: "low" })).toContain(
      "Dugaan penyebab: pemadaman listrik (keyakinan rendah).",
    );
    expect(say({ ...ended, cause: "unknown" })).toContain("Penyebab belum diketahui.");
  });

  it("says the date when it is not today's", () => {
    expect(say({}, "id", morningMs + 26 * hourMs)).toContain("Sejak 5 Maret 2026 09.10 WITA.");
    expect(say({}, "en", morningMs + 26 * hourMs)).toContain("Since 5 March 2026 09:10 WITA.");
  });

  it("takes today from the district's clock, not from UTC", () => {
    // 6 March 00.30 WITA is still 5 March in UTC.
    const midnightMs = Date.UTC(2026, 2, 5, 16, 30);
    expect(sayMoment(morningMs, midnightMs, "id", "Asia/Makassar")).toBe("5 Maret 2026 09.10 WITA");
  });

  it("counts and names the sites behind the root", () => {
    const names = ["Long Lees", "Long Pejeng", "Rantau Sentosa"];
    expect(say({ name: "Busang", kecamatan: null, behind: { count: 7, names } })).toContain(
      "GANGGUAN MASSAL - Busang dan 7 lokasi lain\n",
    );
    expect(say({ behind: { count: 7, names } })).toContain(
      "Dampak: 7 lokasi lain ikut terputus: Long Lees, Long Pejeng, Rantau Sentosa, dan 4 lainnya.",
    );
    expect(say({ behind: { count: 3, names } })).toContain(": Long Lees, Long Pejeng, dan Rantau Sentosa.");
    expect(say({ behind: { count: 1, names: ["Long Lees"] } }, "en")).toContain(
      "MULTI-SITE OUTAGE - Mekar Baru (Busang) and 1 more site\n",
    );
  });

  it("says how many fell together in an area, without calling the area itself cut off", () => {
    const area: Partial<AlertPayload> = {
      kind: "area",
      root: "64.08.05",
      name: "Busang",
      kecamatan: null,
      behind: { count: 3, names: ["Mekar Baru", "Long Lees", "Long Pejeng"] },
    };
    expect(say(area)).toContain("GANGGUAN MASSAL - 3 lokasi di Busang\n");
    expect(say(area)).toContain("Dampak: 3 lokasi: Mekar Baru, Long Lees, dan Long Pejeng.");
    expect(say({ ...area, ...ended }, "en")).toContain("RESTORED - 3 sites in Busang, 12:40 WITA\n");
  });

  it("says that a site comes and goes, and that it is stable again", () => {
    expect(say({ kind: "unstable", cause: "link" })).toBe(
      "TIDAK STABIL (PUTUS-NYAMBUNG) - Mekar Baru (Busang)\nSejak 09.10 WITA.\nPesan berikutnya bila sudah stabil, atau bila putus lama.\nDugaan penyebab: gangguan tautan (keyakinan tinggi).",
    );
    expect(say({ kind: "unstable", cause: "link", ...ended })).toBe(
      "STABIL KEMBALI - Mekar Baru (Busang), 12.40 WITA\nTidak stabil sejak 09.10 WITA, durasi 3 jam 30 menit.\nPenyebab: gangguan tautan.",
    );
    expect(say({ kind: "unstable" }, "en")).toContain("UNSTABLE - Mekar Baru (Busang)\n");
  });

  it("says that an update is one", () => {
    expect(say({ type: "site.update" })).toContain("PEMBARUAN: PUTUS - Mekar Baru (Busang)\n");
    expect(say({ type: "site.update", behind: { count: 2, names: [] } }, "en")).toContain(
      "UPDATE: MULTI-SITE OUTAGE - Mekar Baru (Busang) and 2 more sites\n",
    );
  });

  it("does not call a site cut off when only a service is out of reach from it", () => {
    const service = { id: "lapor", name: "SP4N-LAPOR!" };
    const text = say({ service, cause: "dns" });
    expect(text).toContain("GANGGUAN LAYANAN - SP4N-LAPOR! dari Mekar Baru (Busang)\n");
    expect(text).not.toContain("PUTUS");
  });

  it("names a service that is down itself, and how many sites miss it", () => {
    const text = say({
      type: "service.down",
      root: "service:lapor",
      name: "SP4N-LAPOR!",
      kecamatan: null,
      service: { id: "lapor", name: "SP4N-LAPOR!" },
      cause: "service",
      behind: { count: 2, names: ["Mekar Baru", "Long Lees"] },
    });
    expect(text).toContain("GANGGUAN LAYANAN - SP4N-LAPOR!\n");
    expect(text).toContain("Dampak: 2 lokasi: Mekar Baru dan Long Lees.");
  });

  it.each([
    [{ correction: "withdrawn" }, "Pengukuran susulan menunjukkan tidak ada gangguan."],
    [{ correction: "merged", partOf: "Busang" }, "Termasuk dalam gangguan Busang."],
    [{ correction: "maintenance" }, "Termasuk perawatan terjadwal, bukan gangguan."],
    [{ correction: "agent" }, "status lokasi belum diketahui"],
  ] as const)("says a correction %o without calling it a recovery", (given, sentence) => {
    const text = say({ type: "site.up", ...given });
    expect(text).toContain("DIKOREKSI - Mekar Baru (Busang)\n");
    expect(text).toContain(sentence);
    expect(text).not.toContain("NORMAL KEMBALI");
  });

  it("adds evidence, the link and the address", () => {
    const text = say({
      evidence: [{ id: "Gerbang menjawab, 3 pengukuran.", en: "The gateway answers, 3 measurements." }],
      link: { id: "busang-fo", provider: "Telkom", technology: "fibre", circuitId: "1234-567" },
      url: "https://sambung.example/incidents/in_1",
    });
    expect(text).toContain("Bukti:\n- Gerbang menjawab, 3 pengukuran.\n");
    expect(text).toContain("Tautan: Telkom, serat optik, sirkuit 1234-567.\n");
    expect(text).toContain("Rincian: https://sambung.example/incidents/in_1");
  });
});

describe("sayDuration", () => {
  it.each([
    [59_999, "kurang dari 1 menit", "less than 1 minute"],
    [60_000, "1 menit", "1 minute"],
    [3 * hourMs, "3 jam", "3 hours"],
    [3 * hourMs - 1, "2 jam 59 menit", "2 hours 59 minutes"],
    [25 * hourMs + 59_000, "1 hari 1 jam", "1 day 1 hour"],
    [24 * hourMs + 120_000, "1 hari", "1 day"],
  ])("says %i ms as %s", (durationMs, id, en) => {
    expect(sayDuration(durationMs, "id")).toBe(id);
    expect(sayDuration(durationMs, "en")).toBe(en);
  });
});
