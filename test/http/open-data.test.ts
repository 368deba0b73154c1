import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseCsv } from "../../src/inventory/csv.ts";
import { commandActor } from "../../src/state/audit.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { makeOutage, segments, writeWatch } from "../support/watch.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
let http: TestHttp;

const get = (file: string, headers: Record<string, string> = {}) =>
  http.request(`/data/${file}`, { key: null, headers });

beforeEach(async () => {
  http = await openTestHttp();
  // From the middle of August on, so that one month is over and one is not.
  const startMs = Date.UTC(2026, 7, 15);
  await writeWatch(http.state, {
    outages: [makeOutage({ startMs, knownMs: startMs })],
    states: [
      segments("64.08.01", "lapor", [
        [startMs, "up"],
        [startMs + dayMs, "down", "service"],
        [startMs + dayMs + hourMs, "up"],
      ]),
    ].map((written) => ({ ...written, knownMs: startMs + 2 * dayMs })),
  });
});
afterEach(() => http[Symbol.dispose]());

describe("open data", () => {
  it("lists every month since the record began, the running one as provisional and without complaints", async () => {
    const response = await get("katalog.json");
    const { dataset } = (await response.json()) as { dataset: Record<string, unknown>[] };
    expect(dataset.map(({ nama, status }) => [nama, String(status).slice(0, 9)])).toEqual([
      ["ketersediaan-lapor-2026-09", "sementara"],
      ["ketersediaan-lapor-2026-08", "tetap; da"],
      ["aduan-2026-08", "tetap; da"],
    ]);
  });

  it("gives the same rows as CSV and as JSON, without a key", async () => {
    const csv = await get("ketersediaan-lapor-2026-08.csv");
    expect(csv.status).toBe(200);
    expect(csv.headers.get("content-type")).toContain("text/csv");
    const { records } = parseCsv(await csv.text());
    const [header, ...lines] = records.map(({ fields }) => fields);
    const json = (await (await get("ketersediaan-lapor-2026-08.json")).json()) as {
      data: Record<string, unknown>[];
    };
    expect(lines).toEqual(
      json.data.map((row) => header!.map((name) => `${(row[name] as string | number | null) ?? ""}`)),
    );
    expect(json.data).toMatchObject([
      { kode_wilayah: "64.08.01", tidak_tersedia: 3600, penyebab_service: 3600, lokasi: 3 },
      { kode_wilayah: "64.08.02", tersedia: null, keterangan: "data tidak tersedia" },
    ]);
  });

  it("has the metadata of Satu Data, and a definition for each column", async () => {
    const metadata = (await (await get("ketersediaan-lapor-2026-08.metadata.json")).json()) as Record<
      string,
      unknown
    >;
    const asked =
      "judul konsep definisi klasifikasi ukuran satuan wali_data produsen_data frekuensi periode cakupan_wilayah lisensi diperbarui";
    for (const name of asked.split(" ")) expect([name, metadata[name] ?? null]).not.toEqual([name, null]);
    expect(metadata).toMatchObject({
      periode: { mulai: "2026-08-01T00:00:00+08:00", selesai: "2026-09-01T00:00:00+08:00" },
      diperbarui: "2026-08-17T08:00:00+08:00",
      lisensi: "CC BY 4.0",
    });
    const { data } = (await (await get("ketersediaan-lapor-2026-08.json")).json()) as { data: object[] };
    expect((metadata.variabel as { nama: string }[]).map(({ nama }) => nama)).toEqual(Object.keys(data[0]!));
  });

  it("may be kept by caches, longer once the month is over, and is asked again by its tag", async () => {
    const first = await get("ketersediaan-lapor-2026-08.csv");
    expect(first.headers.get("cache-control")).toContain("public, max-age=3600");
    expect((await get("ketersediaan-lapor-2026-09.csv")).headers.get("cache-control")).toContain(
      "max-age=300",
    );
    const tag = first.headers.get("etag")!;
    const again = await get("ketersediaan-lapor-2026-08.csv", { "If-None-Match": tag });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("has zeros only where imports speak of every day, hides small numbers, and leaves out what is of no kecamatan", async () => {
    const rows = async (month: string) => {
      const { data } = (await (await get(`aduan-${month}.json`)).json()) as {
        data: Record<string, unknown>[];
      };
      return data.map(({ kode_wilayah, aduan, keterangan }) => [kode_wilayah, aduan, keterangan]);
    };
    expect(await rows("2026-08")).toEqual([
      ["64.08.01", null, "data tidak tersedia"],
      ["64.08.02", null, "data tidak tersedia"],
    ]);
    const count = (area: string, day: string, many: number) => ({
      area,
      day,
      channel: "web" as const,
      topic: "other",
      aboutConnectivity: false,
      count: many,
    });
    const take = (
      id: string,
      counts: ReturnType<typeof count>[],
      first: string,
      last: string,
      atMs = nowMs,
    ) =>
      http.state.importComplaints(
        {
          id,
          surface: "api",
          fileHash: id,
          cases: [],
          hidden: [],
          counts,
          refused: 0,
          days: { first, last },
        },
        atMs,
        commandActor("test"),
      );
    const august = [
      count("64.08.01.2001", "2026-08-03", 4),
      count("64.08.01", "2026-08-04", 2),
      count("64.08", "2026-08-05", 50),
      count("64.08.02", "2026-09-01", 90),
    ];
    await take("imp_1", august, "2026-08-03", "2026-09-01");
    expect(await rows("2026-08")).toEqual([
      ["64.08.01", 6, "sebagian bulan tidak dihitung"],
      ["64.08.02", null, "data tidak tersedia"],
    ]);
    await take("imp_2", [count("64.08.01", "2026-07-30", 9)], "2026-07-01", "2026-08-02", nowMs + dayMs);
    expect(await rows("2026-08")).toEqual([
      ["64.08.01", 6, null],
      ["64.08.02", 0, null],
    ]);
    await take("imp_3", [count("64.08.02", "2026-08-31", 4)], "2026-08-31", "2026-08-31");
    expect((await rows("2026-08"))[1]).toEqual(["64.08.02", null, "dirahasiakan: kurang dari 5"]);
    // Before the record of the network began, and as new as the imports that speak of it.
    expect((await rows("2026-07"))[0]).toEqual(["64.08.01", 9, null]);
    await take("imp_4", [], "2026-09-02", "2026-09-02", nowMs + 2 * dayMs);
    const metadata = (await (await get("aduan-2026-08.metadata.json")).json()) as { diperbarui: string };
    expect(metadata.diperbarui).toBe("2026-09-22T22:00:00+08:00");
  });

  it("keeps a month's name for ever", async () => {
    http.clock.ms = Date.UTC(2036, 0, 1);
    expect((await get("ketersediaan-lapor-2026-08.csv")).status).toBe(200);
  });

  it.each([
    "ketersediaan-lapor-2026-07.csv",
    "ketersediaan-lapor-2026-10.csv",
    "ketersediaan-ppid-2026-08.csv",
    "ketersediaan-lapor-2026-08.xlsx",
    "aduan-2026-08",
    // It lasts, and a number that grows by one tells of a person.
    "aduan-2026-09.csv",
    "..%2Fsambung.db",
  ])("has no %s", async (file) => {
    expect((await get(file)).status).toBe(404);
  });
});
