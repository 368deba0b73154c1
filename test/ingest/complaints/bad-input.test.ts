import { describe, expect, it } from "vitest";
import { ComplaintFileError } from "../../../src/ingest/complaints/refusal.ts";
import { describeRefusal } from "../../../src/ingest/complaints/texts.ts";
import { complaintWorld } from "../../support/complaint-world.ts";
import { makeXlsx, makeZip, textRow } from "../../support/xlsx.ts";

const columns = "Tracking ID,Tanggal,Wilayah,Kanal,Topik,Status,Tanggal Verifikasi,Terkait Internet";
const good = "7654321,2026-03-04,64.08.01,Website,Listrik,Selesai,2026-03-05,Ya";
/** The good line with one column changed. */
function line(column: string, value: string): string {
  const index = columns.split(",").indexOf(column);
  return good
    .split(",")
    .map((cell, at) => (at === index ? value : cell))
    .join(",");
}

/** Why the file as a whole is refused. */
async function fileRefusal(from: string | Buffer, options = {}): Promise<string> {
  using world = complaintWorld(options);
  const before = await world.content();
  const error: unknown = await world.importOf(from).catch((thrown: unknown) => thrown);
  expect(await world.content()).toEqual(before);
  if (!(error instanceof ComplaintFileError)) throw new Error(`taken, or failed otherwise`, { cause: error });
  return error.refusals.map((refusal) => describeRefusal(refusal, "en")).join("\n");
}

const cell = {
  area: "64.08.01",
  day: "2026-03-04",
  channel: "web",
  topic: "listrik",
  aboutConnectivity: true,
};
const goodCounts = [{ ...cell, count: 1 }];

/** What is counted of a file without a mistake. */
async function countsOf(from: Buffer) {
  using world = complaintWorld();
  await world.importOf(from);
  return world.counts();
}

describe("a file in another encoding or with other separators", () => {
  const text = `${columns}\n${good}\n`;
  it.each([
    ["UTF-8 with a mark", Buffer.from(`\ufeff${text}`)],
    ["CRLF", Buffer.from(text.replaceAll("\n", "\r\n"))],
    ["semicolons", Buffer.from(text.replaceAll(",", ";"))],
    ["tabs", Buffer.from(text.replaceAll(",", "\t"))],
    ["a line that names the separator", Buffer.from(`sep=;\r\n${text.replaceAll(",", ";")}`)],
    ["UTF-16 with a mark", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["everything in quotes", Buffer.from(text.replaceAll(/[^,\n]+/g, '"$&"'))],
    ["a title above, and empty lines", Buffer.from(`Rekap pengaduan\n\n${text}\n,,,\n`)],
  ])("is read: %s", async (_, bytes) => {
    expect(await countsOf(bytes)).toEqual(goodCounts);
  });

  it("that is Windows-1252 is read by its letters", async () => {
    using world = complaintWorld();
    // 0xF3 alone is no UTF-8.
    await world.importOf(Buffer.from(`${columns}\n${line("Wilayah", "Muar\u00f3")}\n`, "latin1"));
    expect((await world.counts()).map(({ area }) => area)).toEqual(["64.08.02.2001"]);
  });
});

describe("a file that cannot be taken as a whole", () => {
  it.each([
    ["nothing", Buffer.alloc(0), "empty"],
    ["blank lines", "\n\n", "empty"],
    ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0, 0, 0, 1]), "not a CSV or XLSX"],
    [
      "an old XLS, or one with a password",
      Buffer.from("d0cf11e0a1b11ae1000000", "hex"),
      "without a password",
    ],
    ["half a UTF-16 letter", Buffer.from([0xff, 0xfe, 0x41, 0x00, 0x00, 0xd8]), "encoding"],
    ["a quote that is not closed", `${columns}\n"7654321,2026-03-04\n`, "line 2: the file is broken"],
    [
      "a column that nobody knows",
      `${columns},Warna\n${good},x\n`,
      "line 1, column 9 (I): the name of this column",
    ],
    ["a column twice", `${columns},Kanal\n${good},x\n`, "two columns channel"],
    ["no day", "Tracking ID,Wilayah\n7654321,Hulu\n", "no column day received"],
    ["no area", "Tracking ID,Tanggal\n7654321,2026-03-04\n", "no column area"],
    ["neither ids nor numbers", "Wilayah,Tanggal\nHulu,2026-03-04\n", "no column tracking id"],
    ["half a workbook", makeXlsx(textRow("Tanggal", "Wilayah")).subarray(0, 400), "broken"],
  ])("is refused: %s", async (_, from, why) => {
    expect(await fileRefusal(from)).toContain(why);
  });

  it("is refused by its size before it is read, and by its lines", async () => {
    const large = Buffer.alloc(2_000_000, "a");
    expect(await fileRefusal(large, { maxFileBytes: 1_000_000 })).toBe(
      "the file is too large (at most 1000000 bytes)",
    );
    const lines = `${columns}\n${good}\n${good}\n${good}\n`;
    expect(await fileRefusal(lines, { maxRows: 2 })).toBe("there are too many lines (at most 2)");
  });
});

describe("a workbook that no program wrote", () => {
  const rows = textRow(...columns.split(",")) + textRow(...good.split(","));
  it("is read as its parts say: days by their style, in both systems of numbers", async () => {
    const withDay = (serial: number) =>
      rows.replace('<c t="inlineStr"><is><t>2026-03-04</t></is></c>', `<c s="1"><v>${serial}</v></c>`);
    expect(await countsOf(makeXlsx(rows))).toEqual(goodCounts);
    // 2026-03-04 is day 46085 from 1899-12-30, and 1462 fewer from 1904-01-01.
    expect(await countsOf(makeXlsx(withDay(46_085.75)))).toEqual(goodCounts);
    expect(await countsOf(makeXlsx(withDay(44_623), { is1904: true }))).toEqual(goodCounts);
  });

  it("with cells out of order, shared texts and formulas is read by what they show", async () => {
    const shared = {
      name: "xl/sharedStrings.xml",
      content: `<sst><si><r><t>Tang</t></r><r><t>gal</t></r><rPh><t>x</t></rPh></si><si><t>Wilayah</t></si><si><t>Jumlah &amp;</t></si></sst>`,
    };
    const sheet = `<row r="3"><c r="A3" t="s"><v>0</v></c><c r="C3" t="s"><v>1</v></c><c r="D3" t="str"><f>1+1</f><v>Jumlah</v></c></row>
      <row r="7"><c r="A7" s="1"><v>46085</v></c><c r="C7" t="inlineStr"><is><t>Hilir</t></is></c><c r="D7"><f>2+2</f><v>4</v></c></row>
      <row r="9"><c r="A9" t="e"><v>#N/A</v></c><c r="C9" t="inlineStr"><is><t>Hilir</t></is></c><c r="D9"><v>1</v></c></row>`;
    using world = complaintWorld();
    const report = await world.importOf(makeXlsx(sheet, { parts: [shared] }), { mode: "good-lines" });
    expect(report.refusals.map(({ code, line: at, column }) => [code, at, column])).toContainEqual([
      "value.unreadable",
      9,
      1,
    ]);
    expect((await world.counts()).map(({ day, count }) => [day, count])).toEqual([["2026-03-04", 4]]);
  });

  const entity = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>${textRow("&a;")}`;
  it.each([
    ["a document type", makeXlsx(entity), "broken"],
    [
      "a wrong checksum",
      makeXlsx(rows, { parts: [{ name: "xl/sharedStrings.xml", content: "<sst/>", crc: 1 }] }),
      "broken",
    ],
    [
      "a part with a password",
      makeXlsx(rows, { parts: [{ name: "xl/sharedStrings.xml", content: "<sst/>", flags: 1 }] }),
      "password",
    ],
    [
      "a part that is longer than it says",
      makeXlsx(rows, {
        parts: [
          { name: "xl/sharedStrings.xml", content: `<sst>${"a".repeat(5_000)}</sst>`, expandedBytes: 100 },
        ],
      }),
      "broken",
    ],
    [
      "a part that expands to 64 MiB",
      makeXlsx(rows, { parts: [{ name: "xl/sharedStrings.xml", content: Buffer.alloc(67_108_864, "a") }] }),
      "too large",
    ],
    ["no sheet", makeZip([{ name: "xl/workbook.xml", content: "<workbook/>" }]), "broken"],
    ["a cell far to the right", makeXlsx(`<row r="1"><c r="ZZZ1"><v>1</v></c></row>`), "broken"],
  ])("is refused: %s", async (_, from, why) => {
    expect(await fileRefusal(from)).toContain(why);
  });
});

describe("a line that is wrong", () => {
  it.each([
    ["a day that is none", line("Tanggal", "2026-02-30"), "line 3, column 2 (B): day received is not a day"],
    ["a year of two digits", line("Tanggal", "04/03/26"), "day received is not a day"],
    ["day and month swapped", line("Tanggal", "03/25/2026"), "day and month are swapped"],
    ["a day that is to come", line("Tanggal Verifikasi", "2026-09-22"), "in the future"],
    ["no day", line("Tanggal", ""), "day received is empty"],
    [
      "verified before it was received",
      line("Tanggal Verifikasi", "2026-03-03"),
      "column 7 (G): day verified is before",
    ],
    ["an area that nobody knows", line("Wilayah", "Atlantis"), "column 3 (C): area is not known"],
    ["a code that is not in the inventory", line("Wilayah", "64.08.77"), "area is not known"],
    ["an area that several are called", line("Wilayah", "Hulu"), "name of several places"],
    ["a channel that is in no list", line("Kanal", "Burung merpati"), "complaints.channels"],
    ["a topic that is in no list", line("Topik", "Budi Santoso"), "complaints.topics"],
    ["a status that is in no list", line("Status", "Entah"), "complaints.statuses"],
    ["neither yes nor no", line("Terkait Internet", "mungkin"), "neither yes nor no"],
    ["no id", line("Tracking ID", ""), "tracking id is empty"],
    ["a name for an id", line("Tracking ID", "Budi"), "not a tracking id"],
    ["outside of the columns", `${good},Budi Santoso`, "outside of the columns"],
  ])("is refused by number, column and reason, and never by what it says: %s", async (_, bad, why) => {
    using world = complaintWorld();
    const first = good.replace("7654321", "7654320");
    const refusals = await world.refusalsOf(`${columns}\n${first}\n${bad}\n`);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(why);
    for (const word of ["Budi", "Atlantis", "merpati", "Entah", "mungkin"])
      expect(refusals[0]).not.toContain(word);
  });

  it("with something in a column without a name is refused", async () => {
    using world = complaintWorld();
    const file = "Tanggal,,Wilayah,Jumlah\n2026-03-04,,Hilir,1\n2026-03-05,Siti,Hilir,1\n";
    expect(await world.refusalsOf(file)).toEqual([
      "line 3: there are values outside of the columns that have a name",
    ]);
  });

  it("that repeats a case or a cell names the line above that has it", async () => {
    using world = complaintWorld();
    expect(await world.refusalsOf(`${columns}\n${good}\n${good}\n#${good}\n`)).toEqual([
      "line 3: line 2 has the same",
      "line 4: line 2 has the same",
    ]);
    const cells = "Tanggal,Wilayah,Jumlah\n2026-03-04,Hilir,1\n04/03/2026,Kec. Hilir,2\n2026-03-04,Muaro,1\n";
    expect(await world.refusalsOf(cells)).toEqual(["line 3: line 2 has the same"]);
  });

  it("casts doubt on its column where it is month/day/year: of the others only those that can be read both ways", async () => {
    using world = complaintWorld();
    const days = ["03/25/2026", "04/03/2026", "25/03/2026", "03/03/2026", "2026-03-04", "4 Maret 2026"];
    const file = `Tanggal,Wilayah,Jumlah,Tanggal Verifikasi\n${days.map((day, at) => `${day},64.08.0${(at % 2) + 1},${at},04/05/2026`).join("\n")}\n`;
    expect(await world.refusalsOf(file)).toEqual([
      "line 2, column 1 (A): day received: day and month are swapped (month/day/year)",
      "line 3, column 1 (A): day received is in doubt: other lines of this column are month/day/year",
    ]);
  });

  it("is one of 1,000 that are told of, and all are counted", async () => {
    using world = complaintWorld();
    const lines = Array.from({ length: 1_500 }, (_, at) => `${1_000_000 + at},kemarin,64.08.01`);
    const report = await world.importOf(`Tracking ID,Tanggal,Wilayah\n${lines.join("\n")}\n`);
    expect([report.rows, report.refused, report.refusals.length]).toEqual([1_500, 1_500, 1_000]);
  });
});

describe("an area", () => {
  it.each([
    ["64.08.02.2001", "64.08.02.2001"],
    ["6408022001", "64.08.02.2001"],
    ["Muara", "64.08.02.2001"],
    ["muaro", "64.08.02.2001"],
    ["DESA MUARA", "64.08.02.2001"],
    ["Kec. Hulu", "64.08.01"],
    ["Desa Hulu", "64.08.01.2003"],
    ["Kab. Kutai Contoh", "64.08"],
  ])("is found by %s", async (text, code) => {
    using world = complaintWorld();
    await world.importOf(`Tanggal,Wilayah,Jumlah\n2026-03-04,${text},1\n`);
    expect((await world.counts()).map(({ area }) => area)).toEqual([code]);
  });

  it("is the village within the kecamatan, where a file has both", async () => {
    using world = complaintWorld();
    const file =
      "Tanggal,Kecamatan,Desa,Jumlah\n2026-03-04,Hulu,Hulu,1\n2026-03-04,Hulu,,2\n2026-03-04,Hilir,Atas,3\n";
    expect(await world.refusalsOf(file)).toHaveLength(1);
    await world.importOf(file, { mode: "good-lines" });
    expect((await world.counts()).map(({ area, count }) => [area, count])).toEqual([
      ["64.08.01", 2],
      ["64.08.01.2003", 1],
    ]);
  });
});
