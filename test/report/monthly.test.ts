import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askCollector } from "../../src/command/ask-collector.ts";
import { explainLink, fetchReport, issueMonth } from "../../src/command/sla.ts";
import { commandTexts } from "../../src/command/texts.ts";
import { sizeFor, widthOf, wrap } from "../../src/report/files/pdf-fonts.ts";
import { createPdf } from "../../src/report/files/pdf.ts";
import { writeXlsx } from "../../src/report/files/xlsx.ts";
import { listen } from "../support/listen.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { writeWatch } from "../support/watch.ts";
import { openVillages, villages } from "./sla/sla-world.ts";

const poppler = needs({ commands: ["pdftotext", "pdftoppm"] });
const sheets = needs({ commands: ["xlsx2csv"] });
const folder = tempDir();
const those = villages(4);
let http: Awaited<ReturnType<typeof openVillages>>;

beforeAll(async () => {
  http = await openVillages(those);
});
afterAll(() => {
  http[Symbol.dispose]();
  folder[Symbol.dispose]();
});

/** `called`: the file's own name. */
async function fileOf(
  name: string,
  called = name.replace(/(\.[a-z]+)$/, "-sementara$1"),
): Promise<Uint8Array> {
  const response = await http.request(`/api/v1/reports/${name}`);
  expect([name, response.status]).toEqual([name, 200]);
  expect(response.headers.get("Content-Disposition")).toBe(`attachment; filename="${called}"`);
  return new Uint8Array(await response.arrayBuffer());
}

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

describe.skipIf(poppler !== null)(`the PDF${poppler === null ? "" : `: ${poppler}`}`, () => {
  it("reads as a report, with a place to sign, and its pages can be drawn", async () => {
    const file = folder.file("report.pdf");
    writeFileSync(file, await fileOf("laporan-sla-2028-03.pdf"));
    const text = run("pdftotext", "-layout", file, "-");
    for (const said of [
      "Laporan Bulanan Tingkat Layanan Jaringan (SLA)",
      "Kutai Contoh, Maret 2028",
      "SEMENTARA: belum diterbitkan",
      "Ketersediaan menurut penyedia",
      "Waktu yang tidak terhubung, menurut sebab",
      "Gangguan yang dihitung, yang terlama lebih dahulu",
      "Mengetahui / menyetujui,",
    ])
      expect(text).toContain(said);
    for (const { link } of those) expect(text).toContain(link);
    expect(text).toMatch(/Tautan +7\n+ *Tautan dengan janji ketersediaan +4\n/);
    // Not among the bars, which are outages.
    const [, chart = ""] = text.split("Waktu yang tidak terhubung, menurut sebab");
    expect(chart).toMatch(/Dikecualikan: listrik +[\d.,]+ jam\s+Tidak terukur: [\d.,]+ jam, semua tautan/);
    run("pdftoppm", "-r", "20", "-png", file, folder.file("page"));
    const pages = readdirSync(folder.path).filter((name) => /^page-\d+\.png$/.test(name));
    expect(text).toContain(`halaman 1 dari ${pages.length}`);
  });

  it("has letters in every place where a text has them, and a mark for those of other scripts", () => {
    const pdf = createPdf();
    pdf.addPage().text(50, 50, "Rp1.500 (lima) \\ – é … 村");
    const file = folder.file("letters.pdf");
    writeFileSync(file, pdf.toBytes({ title: "t", author: "a", createdMs: 0 }));
    expect(run("pdftotext", file, "-").trim()).toBe("Rp1.500 (lima) \\ – é … ?");
  });
});

describe.skipIf(sheets !== null)(`the workbook${sheets === null ? "" : `: ${sheets}`}`, () => {
  const csvOf = (file: string, sheet: number) =>
    run("xlsx2csv", "-s", String(sheet), file).trimEnd().split("\n");

  it("opens in another program, with what the API says", async () => {
    const file = folder.file("report.xlsx");
    writeFileSync(file, await fileOf("laporan-sla-2028-03.xlsx"));
    expect(csvOf(file, 1).slice(0, 4)).toEqual([
      "Uraian,Nilai",
      "Bulan,2028-03",
      "Kabupaten,Kutai Contoh",
      "Nomor,sementara",
    ]);
    const [names, ...rows] = csvOf(file, 4).map((line) => line.split(","));
    const { data } = await http.get("/api/v1/sla?period=2028-03");
    expect(rows.map((row) => row[0])).toEqual(data.map(({ group }) => group));
    const at = names!.indexOf("Restitusi (Rp)");
    const amounts = rows.map((row) => ((row[at] ?? "") === "" ? null : Number(row[at])));
    expect(amounts).toEqual(data.map(({ restitutionIdr }) => restitutionIdr));
    const outages = data.flatMap((row) => row.outages as unknown[]);
    expect(csvOf(file, 5)).toHaveLength(outages.length + 1);
  });

  it("holds a text as a text, a moment as a moment, and nothing as a formula", () => {
    const file = folder.file("cells.xlsx");
    const sheet = {
      name: "A & <B>",
      columns: [
        { name: "teks", style: "text" },
        { name: "saat", style: "time" },
        { name: "bagian", style: "percent" },
      ],
      rows: [
        ['=1+1 & "x" <y>\u0001', Date.UTC(2028, 1, 29, 13, 45, 30), 0.5],
        [null, null, null],
      ],
    } as const;
    writeFileSync(file, writeXlsx([sheet]));
    expect(csvOf(file, 1)).toEqual(["teks,saat,bagian", '"=1+1 & ""x"" <y>",2028-02-29 13:45:30,0.500000']);
  });
});

describe("the table", () => {
  it("has a row for each link, in a form that spreadsheets and programs read", async () => {
    const text = new TextDecoder().decode(await fileOf("laporan-sla-2028-03.csv"));
    const [names, ...rows] = text.trimEnd().split("\r\n");
    expect(names!.split(",").slice(0, 5)).toEqual(["bulan", "nomor", "dari", "sampai", "tautan"]);
    expect(rows).toHaveLength(7);
    expect(rows[0]).toMatch(
      /^2028-03,sementara,2028-03-01T00:00:00\+08:00,2028-04-01T00:00:00\+08:00,64\.08-1,/,
    );
    expect(new Set(rows.map((row) => row.split(",").length))).toEqual(new Set([names!.split(",").length]));
  });
});

describe("a report", () => {
  it("is the same file for the same figures, and says the number of those that were issued", async () => {
    for (const kind of ["pdf", "xlsx", "csv"])
      expect(await fileOf(`laporan-sla-2028-04.${kind}`)).toEqual(
        await fileOf(`laporan-sla-2028-04.${kind}`),
      );
    expect((await http.post("/api/v1/sla/issues", { month: "2028-04" })).status).toBe(201);
    const name = "laporan-sla-2028-04.csv";
    const text = new TextDecoder().decode(await fileOf(name, name));
    expect(text).toContain("\r\n2028-04,SLA-2028-04,");
  });

  it.each(["laporan-sla-2028-13.pdf", "laporan-sla-2031-01.pdf", "laporan-sla-2028-03.doc", "x.pdf"])(
    "%s is not there",
    async (name) => {
      expect((await http.request(`/api/v1/reports/${name}`)).status).toBe(404);
    },
  );
});

describe("the command", () => {
  it("asks the collector for the arithmetic and the files", async () => {
    await using door = await listen(createAdaptorServer({ fetch: http.app.fetch }) as never);
    const texts = commandTexts.id.ask;
    const asking = { collector: `http://127.0.0.1:${door.port}`, key: http.readKey, texts };
    const explained = { month: "2028-03", issue: null };
    const said = await explainLink({ link: those[0]!.link, ...explained }, "id", asking);
    expect(said.split("\n")[1]).toBe("Maret 2028 (sementara, belum diterbitkan)");
    const out = folder.file("a/b");
    const paths = await fetchReport({ month: "2028-03", issue: null, out }, commandTexts.id.sla, asking);
    expect(paths.map((path) => path.slice(out.length + 1))).toEqual([
      "laporan-sla-2028-03-sementara.pdf",
      "laporan-sla-2028-03-sementara.xlsx",
      "laporan-sla-2028-03-sementara.csv",
    ]);
    expect(readFileSync(paths[0]!).subarray(0, 8).toString()).toBe("%PDF-1.7");
    await expect(explainLink({ link: "none", ...explained }, "id", asking)).rejects.toThrow(
      "kolektor menolak (404) there is no link none in 2028-03",
    );
    const none = { month: "2031-03", issue: null, out: folder.file("c") };
    await expect(fetchReport(none, commandTexts.id.sla, asking)).rejects.toThrow("(404)");
    expect(readdirSync(folder.path)).not.toContain("c");
    await expect(askCollector("/", { ...asking, collector: "http://127.0.0.1:1" })).rejects.toThrow(
      "kolektor di http://127.0.0.1:1 tidak dapat dihubungi",
    );
  });
});

describe("the command, of an issued month", () => {
  it("issues it, keeps each issue under its own name, and says that a correction is due", async () => {
    await using door = await listen(createAdaptorServer({ fetch: http.app.fetch }) as never);
    const { ask: texts, sla: slaTexts } = commandTexts.id;
    const asking = { collector: `http://127.0.0.1:${door.port}`, key: http.adminKey, texts };
    const [month, out] = ["2028-05", folder.file("signed")];
    expect(await issueMonth({ month }, slaTexts, asking)).toMatch(
      /^Diterbitkan: SLA-2028-05\. Sidik SHA-256: [0-9a-f]{64}$/,
    );
    const fetch = (issue: string | null) => fetchReport({ month, issue, out }, slaTexts, asking);
    expect(await fetch(null)).toHaveLength(3);
    const signed = readFileSync(`${out}/laporan-sla-2028-05.pdf`);
    await expect(issueMonth({ month }, slaTexts, asking)).rejects.toThrow("(409)");

    const { site, link } = those[1]!;
    http.clock.ms += 1000;
    const up = { site, service: "", startMs: 0, endMs: null, state: "up" as const, cause: null };
    const states = [{ site, service: "", replaceFromMs: 0, knownMs: http.clock.ms, segments: [up] }];
    await writeWatch(http.state, { states });
    http.clock.ms += 1000;
    expect((await fetch(null)).at(-1)).toBe(
      `PERHATIAN: angka SLA-2028-05 tidak lagi sesuai dengan yang diketahui sekarang, pada 1 tautan: ${link}. Koreksi diterbitkan dengan: sambung sla issue 2028-05`,
    );
    expect(await issueMonth({ month }, slaTexts, asking)).toContain("Diterbitkan: SLA-2028-05-K1.");
    expect((await fetch(null)).map((path) => path.slice(out.length + 1))).toEqual([
      "laporan-sla-2028-05-K1.pdf",
      "laporan-sla-2028-05-K1.xlsx",
      "laporan-sla-2028-05-K1.csv",
    ]);
    // The one that was signed can be had again, to the byte.
    expect(await fetch("SLA-2028-05")).toHaveLength(3);
    expect(readFileSync(`${out}/laporan-sla-2028-05.pdf`)).toEqual(signed);
    await expect(fetch("SLA-2028-05-K2")).rejects.toThrow("there is no issue SLA-2028-05-K2 of 2028-05");
    writeFileSync(`${out}/laporan-sla-2028-05.xlsx`, "something else");
    await expect(fetch("SLA-2028-05")).rejects.toThrow(
      "laporan-sla-2028-05.xlsx sudah ada dengan isi lain dan tidak ditimpa",
    );
    expect(readFileSync(`${out}/laporan-sla-2028-05.xlsx`, "utf8")).toBe("something else");
  });
});

describe("widths of letters", () => {
  // Adobe's metrics, added by hand: H 722, e 556, l 222, l 222, o 556.
  it("are those of the fonts", () => {
    expect(widthOf("Hello", 10, false)).toBeCloseTo(22.78, 6);
    expect(widthOf("Hello", 10, true)).toBeCloseTo(24.45, 6);
    // As wide as without its accent.
    expect(widthOf("Héllo", 10, false)).toBeCloseTo(22.78, 6);
    expect(sizeFor("Hello", 23, 10, false)).toBe(10);
    expect(sizeFor("Hello", 11.39, 10, false)).toBeCloseTo(5, 6);
  });

  it("break a text at its blanks, a long word after a sign, and lose nothing of it", () => {
    const lines = (text: string, width: number) => wrap(text, width, 10, false);
    expect(lines("Hello Hello Hello", 50)).toEqual(["Hello Hello", "Hello"]);
    expect(lines("sangatta-utara-icon-plus", 70)).toEqual(["sangatta-utara-", "icon-plus"]);
    expect(lines("a HelloHelloHello", 30).join("|")).toBe("a|HelloH|elloHe|llo");
    for (const text of ["Kepala Bidang TIK, Sri Wahyuningsih", "x".repeat(200), ""])
      expect(lines(text, 40).join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
  });
});
