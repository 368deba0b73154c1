import { describe, expect, it } from "vitest";
import type { Availability } from "../../src/relation/availability.ts";
import { sumAvailability } from "../../src/relation/measure.ts";
import { associate } from "../../src/relation/associate.ts";
import { rollUp } from "../../src/relation/rollup.ts";
import { createPages } from "../../src/pages/create-pages.ts";
import type { SeriesRow, ServiceView } from "../../src/report/reader.ts";
import { madeOutage, madeReader, madeSite, noOpenData } from "./made-reader.ts";
import type { MadeData } from "./made-reader.ts";

const nowMs = Date.UTC(2025, 5, 24, 6, 5);
const hourS = 3600;

const district = [
  madeSite("64.08", "Kabupaten Kutai Timur"),
  madeSite("64.08.01", "Muara Ancalong"),
  madeSite("64.08.01.2001", "Senyiur"),
  madeSite("64.08.01.2002", "Kelinjau Ilir"),
];

function part(byCause: Availability["byCause"], more: Partial<Availability> = {}): Availability {
  const unavailableS = Object.values(byCause).reduce((sum, seconds) => sum + seconds, 0);
  const windowS = 566 * hourS;
  const counts = { windowS, unavailableS, byCause, notMeasuredS: 0, expectedOffS: 0, bothS: 0, ...more };
  const availableS = windowS - unavailableS - counts.notMeasuredS;
  return sumAvailability([{ ...sumAvailability([]), ...counts, availableS }]);
}

/** As the Reader has it for `by: "site"`; for the whole the made one answers with its first row. */
function dataOf(bySite: Record<string, Availability>, more: Partial<MadeData> = {}): MadeData {
  return {
    sites: district,
    availability: { lapor: bySite },
    services: [{ id: "lapor", control: "64.08" } as ServiceView],
    ...more,
  };
}

const onlyLapor = [{ id: "lapor", name: "SP4N-LAPOR!" }];

function pagesOf(data: MadeData, shown = onlyLapor) {
  const reader = madeReader(data);
  const { availability } = reader;
  // The whole is the sum of the sites, as by the Reader itself.
  const summed: typeof availability = async (query) => {
    const rows = await availability(query);
    if (rows === null || query.by === "site") return rows;
    const all = sumAvailability(rows.map((row) => row.availability));
    const whole = await madeReader({
      ...data,
      availability: { [query.service]: { "64.08": all } },
    }).availability(query);
    const people = rollUp(
      rows.map((row) => ({
        availability: row.availability,
        people: data.people?.[row.group] ?? null,
        isVillage: row.group.split(".").length > 3,
      })),
    ).people;
    return whole!.map((row) => ({ ...row, people, sites: rows.length }));
  };
  const services = () => shown;
  return createPages({
    reader: { ...reader, availability: summed },
    now: () => nowMs,
    services,
    openData: noOpenData,
    version: "0.1.0",
  });
}

async function text(
  data: MadeData,
  path = "/layanan-aduan",
  status = 200,
  services = onlyLapor,
): Promise<string> {
  const response = await pagesOf(data, services).request(path);
  expect(response.status).toBe(status);
  return response.text();
}

const lapor = { kind: "http", role: "service", intervalS: 60, service: "lapor", of: null } as const;

const read = (html: string) =>
  html
    .replace(/<style>.*?<\/style>/s, "")
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll(/\s+/g, " ");

const troubled = dataOf({
  "64.08": part({ service: 2 * hourS }),
  "64.08.01.2001": part({ power: 30 * hourS, link: 10 * hourS, service: 2 * hourS }, { bothS: hourS }),
  "64.08.01.2002": part({}, { notMeasuredS: 566 * hourS }),
});

describe("the page layanan aduan", () => {
  it("answers in one sentence, then names the places, how long and because of what", async () => {
    const said = read(await text(troubled));
    expect(said).toContain("Juni 2025, sampai 24 Juni 2025, 14.05 WITA");
    expect(said).toContain("SP4N-LAPOR! dapat dijangkau 96,11 % dari waktu yang terukur");
    expect(said).toContain(
      "2 dari 3 lokasi, di antaranya 1 desa atau kelurahan, pernah tidak dapat menjangkaunya.",
    );
    expect(said).toContain("Terlama: Senyiur, 1 hari 18 jam.");
    expect(said).toContain("Senyiur Muara Ancalong 1 hari 18 jam pemadaman listrik (71 %)");
    expect(said).toContain("Lebih dari satu hari: 1 lokasi.");
    expect(said).toContain("Tidak terukur sama sekali: 1 lokasi.");
    expect(said).toContain("Tidak terukur sama sekali: Kelinjau Ilir.");
    expect(said).toContain("Terukur 66,66 % dari waktu.");
  });

  it("splits the time between network and service, the overlap beside both, and adds up to the causes", async () => {
    const said = read(await text(troubled));
    expect(said).toContain("Hanya karena jaringan 1 hari 16 jam 91 %");
    expect(said).toContain("Hanya karena layanan sendiri 3 jam 7 %");
    expect(said).toContain("Keduanya bersamaan 1 jam 2 %");
    expect(said).toContain(
      "Pemadaman listrik 1 hari 6 jam 68 % Tautan putus 10 jam 23 % Layanan terganggu 4 jam 9 %",
    );
  });

  it("links every figure to the outages behind it", async () => {
    const html = (await text(troubled)).replaceAll("&amp;", "&");
    expect(html).toContain('href="/layanan-aduan/gangguan?bulan=2025-06&layanan=lapor&penyebab=power"');
    expect(html).toContain('href="/layanan-aduan/gangguan?bulan=2025-06&layanan=lapor&lokasi=64.08.01.2001"');
    for (const side of ["jaringan", "layanan", "keduanya"])
      expect(html).toContain(`href="/layanan-aduan/gangguan?bulan=2025-06&layanan=lapor&karena=${side}"`);
    expect(html).toContain('href="/layanan-aduan?bulan=2025-05&layanan=lapor"');
    expect(html).toContain('href="/lokasi/64.08.01.2001"');
  });

  it("says that there are no data, and neither up nor down, where nothing was measured", async () => {
    const said = read(await text(dataOf({ "64.08": part({}, { notMeasuredS: 566 * hourS }) })));
    expect(said).toContain("SP4N-LAPOR!: data tidak tersedia");
    expect(said).not.toContain("dapat dijangkau 0");
    expect(said).not.toContain("dapat dijangkau 100");
  });

  it("says that the service was asked and never answered, where that is why nothing is known", async () => {
    const target = { ...lapor, key: "64.08/lapor", site: "64.08", id: "lapor" };
    const round = (upRatio: number) => ({
      timeMs: nowMs,
      target: target.key,
      site: "64.08",
      values: { up_ratio: upRatio },
    });
    const asked = (series: SeriesRow[]) =>
      dataOf({ "64.08": part({}, { notMeasuredS: 566 * hourS }) }, { targets: [target], series });
    const never = "diperiksa, tetapi pada bulan ini belum pernah menjawab";
    const nothing = "Tidak ada waktu yang terukur pada bulan ini.";
    const said = read(await text(asked([round(0)])));
    expect(said).toContain(never);
    expect(said).not.toContain(nothing);
    for (const series of [[], [round(0.5)]]) {
      const other = read(await text(asked(series)));
      expect(other).not.toContain(never);
      expect(other).toContain(nothing);
    }
  });

  it("says of people over how many villages it counts, and that some are missing only where some are", async () => {
    const bySite = {
      "64.08.01.2001": part({ link: 10 * hourS }),
      "64.08.01.2002": part({}),
    };
    const people = { "64.08.01.2001": 1000, "64.08.01.2002": 500 };
    const english = "/layanan-aduan?lang=en";
    const all = read(await text(dataOf(bySite, { people }), english));
    expect(all).toContain("10,000 person-hours without the service, counted over 2 villages.");
    expect(all).not.toContain("on record");
    const one = { "64.08.01.2001": bySite["64.08.01.2001"] };
    expect(read(await text(dataOf(one, { people }), english))).toContain("counted over 1 village.");
    const some = dataOf(bySite, { people: { "64.08.01.2001": 1000 } });
    expect(read(await text(some, english))).toContain(
      "counted over 1 of 2 villages; of the others no population is on record.",
    );
    expect(read(await text(some))).toContain("dihitung di 1 dari 2 desa atau kelurahan");
  });

  it("calls each service by its name where there are several, and one alone the complaint service", async () => {
    const alone = await text(troubled);
    expect(alone).toContain("<title>Layanan aduan: Juni 2025</title>");
    const services = [
      { id: "lapor", name: "SP4N-LAPOR!" },
      { id: "ppid", name: "PPID" },
    ];
    const data = dataOf({ "64.08": part({}) });
    const both = { ...data, availability: { ...data.availability, ppid: { "64.08": part({}) } } };
    const second = await text(both, "/layanan-aduan?layanan=ppid", 200, services);
    expect(second).toContain("<title>PPID: Juni 2025</title>");
    expect(read(second)).not.toContain("Layanan aduan");
    expect(second).toContain('<li aria-current="page"><b>PPID</b></li>');
    expect(read(await text(both, "/", 200, services))).toContain(
      "Bulan ini: dari mana setiap layanan tidak dapat dijangkau",
    );
    expect(read(await text(data, "/"))).toContain("Bulan ini: dari mana SP4N-LAPOR! tidak dapat dijangkau");
  });

  it("says that nothing was lost, where nothing was", async () => {
    const said = read(await text(dataOf({ "64.08": part({}) })));
    expect(said).toContain("SP4N-LAPOR! dapat dijangkau 100 % dari waktu yang terukur");
    expect(said).toContain("Tidak ada waktu tanpa layanan yang tercatat pada bulan ini.");
  });

  it("keeps what may be said in general apart, in a sentence with what is missing", async () => {
    const association = associate({
      service: "lapor",
      exposure: "down",
      window: { fromMs: Date.UTC(2025, 4, 31, 16), days: 23, offsetMs: 8 * 3_600_000 },
      sites: [{ code: "64.08", area: "64.08", network: [], service: [] }],
      control: null,
    });
    const said = read(await text({ ...troubled, relation: { association, leftOut: [] } }));
    expect(said).toContain(
      "Data belum cukup untuk menyimpulkan apakah layanan lebih sering gagal saat jaringan putus.",
    );
    expect(said).toContain("gangguan jaringan: 0 dari 10");
    expect(said).toContain("Dihitung dari 1 Juni 2025 sampai 23 Juni 2025.");
    expect(read(await text(troubled))).toContain("Hubungan ini sedang dihitung");
  });

  it("speaks English, and keeps month and service when the language changes", async () => {
    const html = await text(troubled, "/layanan-aduan?bulan=2025-05&lang=en");
    expect(read(html)).toContain("SP4N-LAPOR! could be reached 96.11% of the time measured");
    expect(html.replaceAll("&amp;", "&")).toContain('href="/layanan-aduan?bulan=2025-05&lang=id"');
    expect(html.replaceAll("&amp;", "&")).toContain("layanan=lapor&lang=en");
  });

  it.each([
    "/layanan-aduan?bulan=2025-07",
    "/layanan-aduan?bulan=2025-6",
    "/layanan-aduan?layanan=none",
    "/layanan-aduan/gangguan?penyebab=gremlins",
    "/layanan-aduan/gangguan?karena=gremlins",
  ])("has no page for %s", async (path) => {
    expect(await text(troubled, path, 404)).toContain("Halaman tidak ditemukan");
  });

  it("stays small on a thin link, without a script, for a whole district", async () => {
    const sites = [district[0]!];
    const bySite: Record<string, Availability> = {};
    for (let n = 1; n <= 159; n++) {
      const code = `64.08.${String(1 + (n % 18)).padStart(2, "0")}.2${String(n).padStart(3, "0")}`;
      sites.push(madeSite(code, `Nama Desa Panjang ${n}`));
      bySite[code] = part({ power: n * 60, link: 3600, service: 7200, rain: 60 });
    }
    const html = await text(dataOf(bySite, { sites }));
    expect(Buffer.byteLength(html)).toBeLessThan(30_000);
    expect(html).not.toContain("<script");
    expect(read(html)).toContain("144 lokasi lain, bersama");
    expect(html).toContain('href="/layanan-aduan?bulan=2025-06&amp;layanan=lapor&amp;semua=1#lokasi"');
    const all = read(await text(dataOf(bySite, { sites }), "/layanan-aduan?semua=1"));
    for (let n = 1; n <= 159; n++) expect(all).toContain(`Nama Desa Panjang ${n} `);
  });

  it("gives a range where it is not known whose the time was", async () => {
    const said = read(await text(dataOf({ "64.08.01.2001": part({ unknown: 283 * hourS, link: hourS }) })));
    expect(said).toContain("layanan dapat dijangkau antara 50 % dan 100 % dari waktu");
    expect(read(await text(dataOf({ "64.08.01.2001": part({ link: hourS }) })))).toContain(
      "layanan dapat dijangkau 100 % dari waktu",
    );
  });
});

describe("the outages behind a figure", () => {
  const outages = [
    madeOutage("64.08.01.2001", { id: "a", cause: "power", endMs: nowMs }),
    madeOutage("64.08.01", { id: "b", cause: "link", endMs: nowMs }),
    madeOutage("64.08.01.2001", { id: "c", cause: "link", endMs: nowMs, ofLink: true }),
  ];

  it("are those of the places that ask for the service, with their names, and no link's own", async () => {
    const data = dataOf({ "64.08": part({}), "64.08.01.2001": part({}) }, { outages });
    const said = read(await text(data, "/layanan-aduan/gangguan?bulan=2025-06"));
    expect(said).toContain("Gangguan yang memutus SP4N-LAPOR!, Juni 2025");
    expect(said).toContain("Senyiur 09.10 WITA");
    expect(said).not.toContain("Satu tautan dari beberapa");
    expect(said).not.toContain("Muara Ancalong 09.10");
  });

  it("are narrowed to the place of the figure, and tell the same figure", async () => {
    const bySite = { "64.08.01": part({ link: hourS }), "64.08.01.2001": part({ power: 9 * hourS }) };
    const data = dataOf(bySite, { outages });
    const office = read(await text(data, "/layanan-aduan/gangguan?bulan=2025-06&lokasi=64.08.01"));
    expect(office).toContain("Pilihan: Muara Ancalong.");
    expect(office).toContain("Waktu tanpa layanan pada bulan ini: 1 jam.");
    expect(office).toContain("Muara Ancalong 09.10 WITA");
    expect(office).not.toContain("Senyiur");
    const other = read(await text(data, "/layanan-aduan/gangguan?bulan=2025-06&lokasi=64.08.02"));
    expect(other).toContain("Tidak ada gangguan yang sesuai pada bulan ini.");
  });

  it("of both sides at once are those of network and service that lie over one another", async () => {
    const at = (id: string, site: string, hours: [number, number], service: string | null) =>
      madeOutage(site, {
        id,
        service,
        cause: service === null ? "rain" : "service",
        startMs: nowMs - hours[0] * hourS * 1000,
        endMs: nowMs - hours[1] * hourS * 1000,
      });
    const found = [
      at("n1", "64.08.01", [9, 6], null),
      at("s1", "64.08.01", [7, 5], "lapor"),
      at("n2", "64.08.01.2001", [9, 8], null),
      at("s2", "64.08.01.2001", [7, 5], "lapor"),
    ];
    const service = part({ service: 2 * hourS, rain: 2 * hourS }, { bothS: hourS });
    const data = dataOf(
      { "64.08.01": service, "64.08.01.2001": part({ service: 2 * hourS }) },
      { outages: found },
    );
    const both = read(await text(data, "/layanan-aduan/gangguan?bulan=2025-06&karena=keduanya"));
    expect(both).toContain("2 gangguan lokasi atau layanan. Waktu tanpa layanan pada bulan ini: 1 jam.");
    expect(both).not.toContain("Senyiur");
    const network = read(await text(data, "/layanan-aduan/gangguan?bulan=2025-06&karena=jaringan"));
    expect(network).toContain("Waktu tanpa layanan pada bulan ini: 2 jam.");
  });
});
