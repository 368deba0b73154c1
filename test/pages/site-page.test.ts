import { describe, expect, it } from "vitest";
import type { Availability } from "../../src/relation/availability.ts";
import { siteStates } from "../../src/outage/table.ts";
import { createPages } from "../../src/pages/create-pages.ts";
import { niceCeiling } from "../../src/pages/chart.ts";
import { mainTarget } from "../../src/pages/site-charts.ts";
import type { SmokeRow, TargetView } from "../../src/report/reader.ts";
import { madeOutage, madeReader, madeSegment, madeSite, noOpenData } from "./made-reader.ts";
import type { MadeData } from "./made-reader.ts";

const nowMs = Date.UTC(2025, 5, 24, 6, 5);
const hourMs = 3_600_000;
const code = "64.08.01.2012";

function pagesOf(data: MadeData, now: () => number = () => nowMs) {
  const reader = madeReader(data);
  const services = () => [{ id: "lapor", name: "SP4N-LAPOR!" }];
  return { reader, pages: createPages({ reader, now, services, openData: noOpenData, version: "0.1.0" }) };
}

async function text(data: MadeData, path = `/lokasi/${code}`): Promise<string> {
  const response = await pagesOf(data).pages.request(path);
  expect(response.status).toBe(200);
  return response.text();
}

function read(html: string): string {
  return html
    .replace(/<style>.*?<\/style>/s, "")
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ");
}

const parents = [madeSite("64.08", "Kabupaten Kutai Timur"), madeSite("64.08.01", "Muara Ancalong")];
const village = madeSite(code, "Long Poq Baru", {
  state: "down",
  sinceMs: nowMs - 5 * hourMs,
  cause: "power",
  confidence: "medium",
  root: "64.08.01",
  outage: "out_1",
  links: [
    { id: "l1", provider: "Telkom", technology: "vsat", circuitId: "CID-4711" },
    { id: "l2", provider: "Telkomsat", technology: "leo", circuitId: null },
  ],
});
const sites = [...parents, village];

it("says of each of two links how it stands, and that a poor one is not cut", async () => {
  const both = madeSite(code, "Long Poq Baru", {
    state: "degraded",
    cause: "link",
    links: [
      {
        id: "l1",
        provider: "Telkom",
        technology: "fibre",
        circuitId: null,
        standing: { state: "down", cause: "link", sinceMs: nowMs - hourMs },
      },
      {
        id: "l2",
        provider: "Telkomsat",
        technology: "vsat",
        circuitId: null,
        standing: { state: "degraded", cause: "congestion", sinceMs: nowMs - hourMs },
      },
    ],
  });
  const outages = [madeOutage(code, { link: "l1", ofLink: true, cause: "link" })];
  const page = read(await text({ sites: [...parents, both], outages }));
  expect(page).toContain(
    "Telkom, serat optik (utama): Putus sejak 13.05 WITA · Dugaan penyebab: tautan putus",
  );
  expect(page).toContain(
    "Telkomsat, satelit (VSAT) (cadangan): Lambat sejak 13.05 WITA · Dugaan penyebab: jalur padat",
  );
  expect(page).toContain("Dugaan penyebab: mutu tautan menurun");
  expect(page).toContain("Tautan putus Satu tautan dari beberapa");
});

const target = (id: string, over: Partial<TargetView> = {}): TargetView => ({
  key: `${code}/${id}`,
  site: code,
  id,
  kind: "icmp",
  role: "hub",
  intervalS: 60,
  service: null,
  of: null,
  ...over,
});

const smokeRow = (stepsAgo: number, over: Partial<SmokeRow> = {}): SmokeRow => ({
  timeMs: Math.floor(nowMs / 900_000) * 900_000 - stepsAgo * 900_000,
  target: `${code}/hub`,
  p0: 20,
  p10: 22,
  p25: 25,
  median: 30,
  p75: 35,
  p90: 38,
  p100: 60,
  lossRatio: 0,
  sent: 75,
  received: 75,
  ...over,
});

describe("the site page", () => {
  it("says state, since, cause with its certainty, where the fault lies and what that rests on", async () => {
    const evidence = [
      { fact: "hub.silent", target: null, detail: {} },
      { fact: "siblings.up", target: null, detail: {} },
    ];
    const html = await text({ sites, outages: [madeOutage(code, { id: "out_1", evidence })] });
    const words = read(html);
    expect(words).toContain(
      "Desa · Kode wilayah 64.08.01.2012 Long Poq Baru Putus sejak 09.05 WITA, selama 5 jam",
    );
    expect(words).toContain(
      "Dugaan penyebab: pemadaman listrik (kepastian sedang) Letak gangguan: Muara Ancalong",
    );
    expect(words).toContain(
      "Gerbang lokasi induk tidak menjawab Lokasi lain di bawah induk yang sama normal",
    );
    expect(words).toContain("terakhir mengirim data 14.04 WITA (1 menit yang lalu)");
  });

  it("says once what several targets say alike", async () => {
    const evidence = ["lapor", "lapor-dns"].map((target) => ({
      fact: "outside.silent",
      target: `${code}/${target}`,
      detail: { phase: "dns" },
    }));
    const html = await text({ sites, outages: [madeOutage(code, { id: "out_1", evidence })] });
    const [standing, table] = html.split("<table");
    for (const part of [standing!, table ?? ""])
      expect(part.split("Tidak ada alamat di luar lokasi").length - 1).toBeLessThanOrEqual(1);
    expect(standing).toContain("Tidak ada alamat di luar lokasi");
  });

  it("names provider and technology, and no circuit number", async () => {
    const html = await text({ sites });
    expect(read(html)).toContain("Telkom, satelit (VSAT) (utama) Telkomsat, satelit orbit rendah (cadangan)");
    expect(html).not.toContain("CID-4711");
  });

  it("leads up by breadcrumbs and down by a list of children", async () => {
    const crumbs = /<nav.*?<\/nav>/s.exec(await text({ sites }))?.[0] ?? "";
    expect([...crumbs.matchAll(/href="([^"]+)"/g)].map(([, href]) => href)).toEqual([
      "/",
      "/lokasi/64.08",
      "/lokasi/64.08.01",
    ]);
    const parent = await text({ sites }, "/lokasi/64.08.01");
    expect(read(parent)).toContain("Lokasi di bawahnya (1) Long Poq Baru Putus sejak 09.05 WITA");
  });

  it("shows a site that was never measured without inventing anything", async () => {
    const site = madeSite(code, "Long Poq Baru", { state: "unknown", sinceMs: null, agent: null, links: [] });
    const words = read(await text({ sites: [site], targets: [target("hub")] }));
    expect(words).toContain("Belum diketahui belum pernah ada jawaban");
    expect(words).toContain("tidak ada agen di lokasi ini");
    expect(words).toContain("Tidak ada tautan yang tercatat.");
    expect(words).toContain("Belum ada pengukuran dalam 24 jam terakhir.");
    expect(words).toContain("Belum diketahui sepanjang waktu");
    expect(words).not.toContain("Normal");
  });

  it("lists outages newest first, with the services that were lost alone, and all evidence", async () => {
    const words = read(
      await text({
        sites,
        outages: [
          madeOutage(code, {
            id: "old",
            startMs: nowMs - 72 * hourMs,
            endMs: nowMs - 70 * hourMs,
            cause: "dns",
            confidence: "high",
            service: "lapor",
            evidence: [{ fact: "hub.silent", target: null, detail: {} }],
          }),
          madeOutage(code, { id: "out_1", startMs: nowMs - 5 * hourMs }),
        ],
      }),
    );
    expect(words).toContain(
      "09.05 WITA masih berlangsung 5 jam Pemadaman listrik sedang – " +
        "21 Juni, 14.05 WITA 21 Juni, 16.05 WITA 2 jam Gangguan DNS Hanya SP4N-LAPOR! tinggi Gerbang lokasi induk tidak menjawab",
    );
  });

  it("keeps a flapping site's page small and says what it left out", async () => {
    const outages = Array.from({ length: 500 }, (_, n) =>
      madeOutage(code, {
        id: `o${n}`,
        startMs: nowMs - (n + 1) * hourMs,
        endMs: nowMs - n * hourMs - 60_000,
      }),
    );
    const html = await text({ sites, outages });
    expect(read(html)).toContain("440 gangguan yang lebih lama tidak ditampilkan di sini.");
    expect(Buffer.byteLength(html)).toBeLessThan(60_000);
  });

  it("tells each of the last seven days in words beside its bar", async () => {
    const midnightMs = Date.UTC(2025, 5, 23, 16);
    const states = [
      madeSegment(code, "up", midnightMs - 24 * hourMs, midnightMs - 2 * hourMs),
      madeSegment(code, "down", midnightMs - 2 * hourMs, midnightMs, "power"),
      madeSegment(code, "up", midnightMs, null),
    ];
    const words = read(await text({ sites, states }));
    expect(words).toContain("Sel, 24 Jun Normal sepanjang waktu");
    expect(words).toContain("Sen, 23 Jun Putus 2 jam");
    expect(words).toContain("Min, 22 Jun Belum diketahui sepanjang waktu");
  });

  it("gives each state a bar of its own height or place, so that it is not told by colour alone", async () => {
    const midnightMs = Date.UTC(2025, 5, 23, 16);
    const states = siteStates.map((state, n) =>
      madeSegment(code, state, midnightMs + n * hourMs, midnightMs + (n + 1) * hourMs),
    );
    const html = await text({ sites, states });
    const legend = [
      ...html.matchAll(/<rect class="(\w+)" x="0" y="(\d+)" width="14" height="(\d+)"\/>/g),
    ].map(([, state, y, height]) => ({ state, shape: `${y} ${height}` }));
    expect(legend.map(({ state }) => state).toSorted()).toEqual([...siteStates].toSorted());
    expect(new Set(legend.map(({ shape }) => shape)).size).toBe(siteStates.length);
  });

  it("writes what the axis says beside the plot, where no curve runs", async () => {
    const html = await text({ sites, targets: [target("hub")], smoke: [smokeRow(2)] });
    const labels = [...html.matchAll(/<text[^>]*>[\d.,]+ ms/g)].map(String);
    expect(labels).toHaveLength(3);
    for (const label of labels) expect(label).toMatch(/x="-\d+".*text-anchor="end"/s);
  });
});

describe("the latency chart", () => {
  it("draws median, band, loss and what was not measured, and says the same in words", async () => {
    const smoke = [
      smokeRow(2),
      smokeRow(1, { lossRatio: 0.5 }),
      smokeRow(0, { p10: null, median: null, p90: null, lossRatio: 1 }),
    ];
    const html = await text({ sites, targets: [target("hub")], smoke });
    expect(read(html)).toContain(
      "Latensi ke lokasi induk, 24 jam terakhir Median 30 ms; tertinggi 30 ms; kehilangan paket rata-rata 50 %.",
    );
    const path = (name: string) => new RegExp(`<path class="${name}" d="([^"]*)"`).exec(html)?.[1];
    // The axis ends at 50 ms: 30 ms lies at 140 × (1 − 30/50) = 56. Steps 93 and 94 of 96; in 95 nothing answered.
    expect(path("median")).toBe("M93 56H94V56H95");
    expect(path("band")).toBe("M93 33.6h1V78.4h-1zM94 33.6h1V78.4h-1z");
    expect(path("loss")).toBe("M94 140h1v7h-1zM95 140h1v14h-1z");
    expect(path("gap")?.split("z").length).toBe(94);
    expect(html).toMatch(/role="img"\s+aria-labelledby="latensi-t latensi-d"/);
  });

  it("prefers the target that tells most of the site's own path", () => {
    const anchor = target("a", { role: "anchor" });
    const gateway = target("g", { role: "gateway" });
    const other = target("d", { role: "device" });
    const snmp = target("s", { role: "hub", kind: "snmp" });
    expect(mainTarget([other, gateway, anchor, snmp])).toBe(anchor);
    expect(mainTarget([other, gateway])).toBe(gateway);
    expect(mainTarget([snmp, other])).toBe(other);
    expect(mainTarget([snmp])).toBeNull();
  });

  it("draws the time that a service takes to answer, and checks that failed", async () => {
    const check = target("lapor", { kind: "http", role: "service", service: "lapor" });
    const timeMs = Math.floor(nowMs / 900_000) * 900_000;
    const series = [{ timeMs, target: check.key, site: code, values: { total_ms: 640, up_ratio: 0.75 } }];
    expect(read(await text({ sites, targets: [check], series }))).toContain(
      "Waktu jawab SP4N-LAPOR!, 24 jam terakhir Median 640 ms; tertinggi 640 ms; pemeriksaan gagal 25 %.",
    );
  });

  it.each([
    [0.7, 1],
    [38, 50],
    [50, 50],
    [51, 100],
    [560, 1000],
    [1001, 2000],
  ])("ends an axis for %d at %d", (value, top) => {
    expect(niceCeiling(value)).toBeCloseTo(top, 9);
  });
});

describe("availability", () => {
  const day: Availability = {
    windowS: 86_400,
    availableS: 64_800,
    unavailableS: 10_800,
    expectedOffS: 0,
    notMeasuredS: 10_800,
    observedS: 75_600,
    byCause: { power: 7200, link: 3600 },
    bothS: 0,
    availabilityRatio: 64_800 / 75_600,
    worstRatio: 0.75,
    bestRatio: 0.875,
    networkUpRatio: 1,
    networkUpLowerRatio: 1,
    coverageRatio: 0.875,
  };

  it("is given with causes, coverage and bounds", async () => {
    const words = read(await text({ sites, availability: { lapor: { [code]: day } } }));
    expect(words).toContain("Ketersediaan terukur 85,71 % 85,71 %");
    expect(words).toContain("Batas terburuk–terbaik 75 % – 87,5 %");
    expect(words).toContain("Cakupan pengukuran 87,5 %");
    expect(words).toContain("Waktu henti 3 jam 3 jam Pemadaman listrik 2 jam 2 jam Tautan putus 1 jam 1 jam");
    expect(words).toContain("Tidak terukur 3 jam");
  });

  it("is not claimed where nothing was observed", async () => {
    const nothing: Availability = {
      ...day,
      availableS: 0,
      unavailableS: 0,
      notMeasuredS: 86_400,
      observedS: 0,
      byCause: {},
      availabilityRatio: null,
      worstRatio: 0,
      bestRatio: 1,
      networkUpRatio: null,
      networkUpLowerRatio: null,
      coverageRatio: 0,
    };
    const words = read(await text({ sites, availability: { lapor: { [code]: nothing } } }));
    expect(words).toContain(
      "Ketersediaan terukur belum diketahui belum diketahui Batas terburuk–terbaik 0 % – 100 %",
    );
    expect(words).toContain("Waktu henti belum diketahui");
  });

  it("is computed once a minute, however many people look", async () => {
    let at = nowMs;
    const { reader, pages } = pagesOf({ sites, availability: { lapor: { [code]: day } } }, () => at);
    for (const path of [code, code, "64.08.01"]) await pages.request(`/lokasi/${path}`);
    expect(reader.asked).toEqual(["availability lapor 1 d", "availability lapor 30 d"]);
    at += 60_000;
    await pages.request(`/lokasi/${code}`);
    expect(reader.asked).toHaveLength(4);
  });
});

describe("addresses", () => {
  it("redirects the English path, with the language", async () => {
    const response = await pagesOf({ sites }).pages.request(`/sites/${code}?lang=en`);
    expect([response.status, response.headers.get("location")]).toEqual([301, `/lokasi/${code}?lang=en`]);
  });

  it("answers 404 with a page, in the reader's language, for a site and for any other address", async () => {
    const { pages } = pagesOf({ sites });
    const site = await pages.request("/lokasi/%3Cb%3E");
    expect(site.status).toBe(404);
    expect(await site.text()).toContain("Tidak ada lokasi dengan kode &lt;b&gt;.");
    const other = await pages.request("/nowhere", { headers: { "Accept-Language": "en" } });
    expect(other.status).toBe(404);
    expect(await other.text()).toContain("<h1>Page not found</h1>");
  });

  it("has an icon for those who ask without being told", async () => {
    for (const path of ["/favicon.ico", "/favicon.svg"]) {
      const icon = await pagesOf({ sites }).pages.request(path);
      expect([icon.status, icon.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
    }
  });
});
