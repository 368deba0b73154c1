import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monthSpan } from "../../src/inventory/local-time.ts";
import { createPdf } from "../../src/report/files/pdf.ts";
import { writable } from "../../src/report/files/pdf-letters.ts";
import { openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { makeContract, makeInventory, makeLink, makeSite } from "../support/inventory.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { segments, writeWatch } from "../support/watch.ts";

/* What stands on the page that is signed, with figures and words as they come: to the millisecond, and out of Word. */

const poppler = needs({ commands: ["pdftotext", "pdftoppm"] });
const sheets = needs({ commands: ["xlsx2csv"] });
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const { fromMs, toMs } = monthSpan("2026-08", "Asia/Makassar")!;
const reason =
  "Banjir “besar” di Sungai Kelinjau – jalan putus, ‘BPBD’ menutup akses ≥ 3 hari, biaya € 1.000 (surat 440/12/BPBD/VIII/2026)";
const author = "Kepala Bidang Teknologi Informasi, Sri Wahyuningsih Ningrum";
const [cutSite, upSite, freeSite] = ["64.08.01.2001", "64.08.01.2002", "64.08.01.2003"] as const;
const folder = tempDir();
let http: TestHttp;

beforeAll(async () => {
  const proRata = { rule: "pro-rata", ceiling: 1, roundIdr: 1, rounding: "nearest" } as const;
  const terms = { slaRatio: 0.98, excludes: ["force-majeure"] as const, restitution: proRata };
  const of = (id: string, more = {}) =>
    makeContract({ id, ...terms, excludes: [...terms.excludes], ...more });
  const site = (code: string, name: string) => makeSite(code, name);
  const villages = [site(cutSite, "Muara Bengkal Ulu"), site(upSite, "Bawah"), site(freeSite, "Muara")];
  http = await openTestHttp({
    inventory: {
      ...makeInventory({
        sites: [site("64.08", "Kutai Contoh"), site("64.08.01", "Hulu"), ...villages],
        links: villages.map((each, at) =>
          makeLink(each, {
            contract: `c${at}`,
            provider: at === 0 ? "Telkomsat Starlink (BAKTI)" : `Penyedia ${at}`,
          }),
        ),
      }),
      contracts: new Map([
        ["c0", of("c0", { monthlyFeeIdr: 350_000_000_000 })],
        ["c1", of("c1", { monthlyFeeIdr: 1_000_000 })],
        ["c2", of("c2")],
      ]),
      exclusions: new Map(
        [cutSite, upSite].map((code, at) => [
          `x${at}`,
          {
            id: `x${at}`,
            kind: "force-majeure" as const,
            site: code,
            fromMs: fromMs + 2 * dayMs,
            toMs: fromMs + 2 * dayMs + hourMs,
            reason,
            author,
          },
        ]),
      ),
    },
  });
  http.clock.ms = toMs + 3 * dayMs;
  const write = (code: string, changes: Parameters<typeof segments>[2]) =>
    writeWatch(http.state, { states: [segments(code, "", changes)] });
  // Half an hour of the hour of force majeure it was cut off, and the other half up.
  await write(cutSite, [
    [fromMs - dayMs, "up"],
    [fromMs + 2 * dayMs, "down", "link"],
    [fromMs + 2 * dayMs + hourMs / 2, "up"],
    [fromMs + 9 * dayMs, "down", "link"],
    [fromMs + 9 * dayMs + 131 * hourMs + 1_439, "unknown", "agent"],
    [fromMs + 16 * dayMs, "up"],
  ]);
  await write(upSite, [[fromMs - dayMs, "up"]]);
  await write(freeSite, [
    [fromMs - dayMs, "up"],
    [fromMs + dayMs, "down", "link"],
    [fromMs + 2 * dayMs, "up"],
  ]);
});
afterAll(() => {
  http[Symbol.dispose]();
  folder[Symbol.dispose]();
});

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

async function fileOf(kind: string): Promise<string> {
  const response = await http.request(`/api/v1/reports/laporan-sla-2026-08.${kind}`);
  expect(response.status).toBe(200);
  const file = folder.file(`report.${kind}`);
  writeFileSync(file, new Uint8Array(await response.arrayBuffer()));
  return file;
}

describe.skipIf(poppler !== null)(`a page that is signed${poppler === null ? "" : `: ${poppler}`}`, () => {
  let text: string;
  beforeAll(async () => {
    text = run("pdftotext", "-layout", await fileOf("pdf"), "-");
  });

  it("cuts nothing off: no figure, no name, no reason and no author", () => {
    expect(text).not.toMatch(/[…?]/);
    for (const whole of ["131:00:01.439", "Rp61.626.532.127 *", "24:00:00"]) expect(text).toContain(whole);
    const words = new Set(text.split(/\s+/));
    const written = reason.replace("≥", ">=");
    for (const word of `${written} ${author} Telkomsat Starlink (BAKTI) Muara Bengkal Ulu`.split(" "))
      expect([word, words.has(word)]).toEqual([word, true]);
  });

  it("says WITA where it says a time", () => {
    for (const name of ["Mulai (WITA)", "Selesai (WITA)", "Dari (WITA)", "Sampai (WITA)"])
      expect(text).toContain(name);
  });

  it("draws of what is excluded only the time in which a link was cut off", () => {
    const [, chart = ""] = text.split("Waktu yang tidak terhubung, menurut sebab");
    expect(chart).toMatch(/Gangguan yang dihitung +155 jam/);
    expect(chart).toMatch(/Dikecualikan: keadaan kahar +0,5 jam/);
    expect(chart).not.toMatch(/Di luar jam nyala +[\d.,]+ jam/);
  });

  it("marks amounts that may rise, and counts links without a fee", () => {
    expect(text).toMatch(/Restitusi menurut kontrak +Rp61\.626\.532\.127 \*/);
    expect(text.replaceAll(/\s+/g, " ")).toContain(
      "dapat menambah restitusi 1 tautan; seluruhnya paling banyak menjadi Rp79.032.258.065.",
    );
    expect(text).toContain("Restitusi 1 tautan tidak termasuk dalam jumlah, karena biaya bulanannya tidak");
    expect(text).toMatch(/Penyedia 1 .* Rp0\n/);
    expect(text).toMatch(/Penyedia 2 .* –\n/);
  });

  it("names what a correction replaces", async () => {
    const issue = async () => {
      expect((await http.post("/api/v1/sla/issues", { month: "2026-08" })).status).toBe(201);
      return run("pdftotext", "-layout", await fileOf("pdf"), "-");
    };
    expect(await issue()).not.toContain("KOREKSI");
    http.clock.ms += dayMs;
    const states = segments(freeSite, "", [[fromMs - dayMs, "up"]]);
    await writeWatch(http.state, { states: [{ ...states, knownMs: http.clock.ms }] });
    http.clock.ms += 1000;
    const { data } = await http.get("/api/v1/sla/issues");
    const said = (await issue()).replaceAll(/\s+/g, " ");
    expect(said).toContain("KOREKSI: menggantikan SLA-2026-08, diterbitkan 3 September 2026,");
    expect(said).toContain(`angka yang digantikan: ${(data[0] as unknown as { digest: string }).digest}`);
    run("pdftoppm", "-r", "20", "-png", folder.file("report.pdf"), folder.file("page"));
    expect(readdirSync(folder.path).some((name) => /^page-\d+\.png$/.test(name))).toBe(true);
  });
});

describe("the table and the workbook", () => {
  it("mark amounts that may rise as well", async () => {
    const response = await http.request("/api/v1/reports/laporan-sla-2026-08.csv");
    const [names, ...rows] = (await response.text()).trimEnd().split("\r\n");
    const at = names!.split(",").indexOf("restitusi_paling_banyak_rp");
    expect(rows.map((row) => row.split(",")[at])).toEqual(["79032258065", "0", ""]);
    const { data } = await http.get("/api/v1/sla?period=2026-08&by=kabupaten");
    expect(data[0]).toMatchObject({
      amountsMayRise: 1,
      amountsUnknown: 1,
      excludedDownS: { "force-majeure": 1800 },
    });
  });

  it.skipIf(sheets !== null)(
    `counts links without a fee${sheets === null ? "" : `: ${sheets}`}`,
    async () => {
      const file = await fileOf("xlsx");
      const summary = run("xlsx2csv", "-s", "1", file);
      expect(summary).toContain("Tautan yang restitusinya sementara (dapat bertambah),1\n");
      expect(summary).toContain('"Tautan tanpa biaya, tidak termasuk dalam restitusi",1\n');
      expect(run("xlsx2csv", "-s", "5", file).split("\n")[0]).toContain("Mulai (WITA),Selesai (WITA)");
    },
  );
});

describe("letters that the fonts do not have", () => {
  it("are written plainly, and what is of another script is a mark", () => {
    expect(writable("“a” ‘b’ € ≥ ≤ − → ′ ā ﬁ\u200b\u00a0x\u2009y 村 ☃ ™ Ž")).toBe(
      "“a” ‘b’ € >= <= - -> ' a fi\u00a0x y ? ? ™ Ž",
    );
    if (poppler !== null) return;
    const every = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ é ÿ ¡ (\\)";
    const pdf = createPdf();
    pdf.addPage().text(50, 50, every);
    const file = folder.file("letters.pdf");
    writeFileSync(file, pdf.toBytes({ title: "t", author: "a", createdMs: 0 }));
    expect(run("pdftotext", file, "-").trim()).toBe(every);
  });
});
