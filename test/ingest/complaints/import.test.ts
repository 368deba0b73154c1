import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { byTest, complaintWorld, header, testNowMs } from "../../support/complaint-world.ts";

const dayMs = 86_400_000;
const spreadsheet = readFileSync(new URL("./files/export.xlsx", import.meta.url));

const file = `${header}7654321,2026-03-04,64.08.01.2001,Website,Jaringan Internet,Selesai,2026-03-05,2026-03-06,2026-03-20,Tidak,Tidak,Ya
7654322,05/03/2026,Desa Bawah,WhatsApp,Listrik,Proses,06/03/2026,,,,,
,2026-03-07,Hilir,SMS,Lainnya,,,,,Ya,,
,2026-03-07,Hilir,SMS,Lainnya,,,,,,Ya,
`;

describe("an import", () => {
  it("keeps cases, and only numbers of anonymous and confidential ones", async () => {
    using world = complaintWorld();
    const report = await world.importOf(file);
    expect(report).toMatchObject({ rows: 4, refused: 0, refusals: [], passedOver: 0 });
    expect(report.result).toEqual({ added: 2, corrected: 0, unchanged: 0, hidden: 0, cells: 1 });
    expect(await world.counts()).toEqual([
      {
        area: "64.08.01.2001",
        day: "2026-03-04",
        channel: "web",
        topic: "jaringan-internet",
        aboutConnectivity: true,
        count: 1,
      },
      {
        area: "64.08.01.2002",
        day: "2026-03-05",
        channel: "whatsapp",
        topic: "listrik",
        aboutConnectivity: null,
        count: 1,
      },
      {
        area: "64.08.02",
        day: "2026-03-07",
        channel: "sms",
        topic: "other",
        aboutConnectivity: null,
        count: 2,
      },
    ]);
    expect(await world.state.complaintHandling({ fromDay: "2026-03-01", toDay: "2026-03-05" })).toEqual([
      {
        area: "64.08.01.2001",
        receivedDay: "2026-03-04",
        status: "closed",
        verifiedDay: "2026-03-05",
        followedUpDay: "2026-03-06",
        closedDay: "2026-03-20",
        count: 1,
      },
    ]);
  });

  it("reads a workbook as a spreadsheet program writes it: a title, days as numbers and as text, a second sheet", async () => {
    using world = complaintWorld();
    const report = await world.importOf(spreadsheet);
    expect(report).toMatchObject({ rows: 4, refusals: [] });
    expect(report.result).toMatchObject({ added: 2, hidden: 1, cells: 1 });
    const counts = await world.counts();
    expect(counts.map(({ area, day, count }) => [area, day, count])).toEqual([
      ["64.08.01.2001", "2026-03-04", 1],
      ["64.08.01.2002", "2026-03-05", 1],
      ["64.08.02", "2026-03-07", 1],
      ["64.08.02.2001", "2026-03-08", 1],
    ]);
    const [first] = await world.state.complaintHandling({ fromDay: "2026-03-04", toDay: "2026-03-05" });
    expect(first).toMatchObject({
      verifiedDay: "2026-03-05",
      followedUpDay: "2026-03-06",
      closedDay: "2026-03-20",
    });
  });

  it("of the same file changes nothing the second time", async () => {
    using world = complaintWorld();
    await world.importOf(file);
    const before = await world.content();
    world.clock.ms += dayMs;
    const again = await world.importOf(file);
    expect(again.result).toEqual({ added: 0, corrected: 0, unchanged: 2, hidden: 0, cells: 0 });
    const { imports, ...after } = await world.content();
    expect({ ...after, imports: imports.length }).toEqual({ ...before, imports: 2 });
  });

  it("corrects a case that changed, and what was known before can be read", async () => {
    using world = complaintWorld();
    await world.importOf(file);
    const laterMs = (world.clock.ms += dayMs);
    const report = await world.importOf(file.replace("Desa Bawah,WhatsApp", "Desa Atas,Website"));
    expect(report.result).toMatchObject({ added: 0, corrected: 1, unchanged: 1 });
    const counted = async (asOfMs: number) => {
      const found = await world.state.complaintCounts({ fromDay: "2026-03-05", toDay: "2026-03-06", asOfMs });
      return found.map(({ area, channel, count }) => [area, channel, count]);
    };
    expect(await counted(laterMs - 1)).toEqual([["64.08.01.2002", "whatsapp", 1]]);
    expect(await counted(laterMs)).toEqual([["64.08.01.2001", "web", 1]]);
    expect(await counted(testNowMs - 1)).toEqual([]);
    const history = await world.state.complaintHistory(await world.hash("7654322"));
    expect(history.map(({ version, area, supersededMs }) => [version, area, supersededMs])).toEqual([
      [1, "64.08.01.2002", laterMs],
      [2, "64.08.01.2001", null],
    ]);
  });

  it("makes a number of a case that turns confidential, and leaves nothing of it", async () => {
    using world = complaintWorld();
    await world.importOf(file);
    const confidential = file.replace("Proses,06/03/2026,,,,,", "Proses,06/03/2026,,,,Ya,");
    expect((await world.importOf(confidential)).result).toMatchObject({ hidden: 1, unchanged: 1, cells: 0 });
    const hash = await world.hash("7654322");
    expect(await world.state.complaintHistory(hash)).toEqual([]);
    expect(world.filesWith(hash)).toEqual([]);
    expect(world.filesWith(await world.hash("7654321"))).not.toEqual([]);
    expect((await world.counts()).reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  it.each([
    ["its topic is corrected", ",Jalan,,,,,Ya,,\n", 1, "jalan"],
    ["it is confidential as well", ",Listrik,,,,,Ya,Ya,\n", 1, "listrik"],
    ["it is anonymous no more", ",Listrik,,,,,Tidak,,\n", 1, "listrik"],
  ])("counts an anonymous case once when %s", async (_, change, count, topic) => {
    using world = complaintWorld();
    const of = (rest: string) => `${header}7654331,2026-03-07,Hilir,SMS${rest}`;
    await world.importOf(of(",Listrik,,,,,Ya,,\n"));
    for (const _again of [1, 2]) await world.importOf(of(change));
    expect((await world.counts()).map((cell) => [cell.topic, cell.count])).toEqual([[topic, count]]);
  });

  it("counts nobody out whose case is not in a later export", async () => {
    using world = complaintWorld();
    const line = (id: string, isAnonymous: string) =>
      `${id},2026-03-07,Hilir,SMS,Jalan,,,,,${isAnonymous},,\n`;
    await world.importOf(
      `${header}${line("7654331", "Ya")}${line("7654332", "Ya")}${line("7654333", "Tidak")}`,
    );
    const report = await world.importOf(`${header}${line("7654333", "Ya")}`);
    expect(report.result).toEqual({ added: 0, corrected: 0, unchanged: 0, hidden: 1, cells: 0 });
    expect((await world.counts()).map(({ count }) => count)).toEqual([3]);
  });

  it("has the days that it speaks of: those of its lines, or those that it was said to", async () => {
    using world = complaintWorld();
    await world.importOf(file);
    await world.importOf(file, { days: { first: "2026-03-01", last: "2026-03-31" } });
    await world.importOf(header);
    const imports = await world.state.complaintImports({ limit: 3 });
    const days = imports.map(({ firstDay, lastDay }) => `${firstDay} ${lastDay}`);
    expect(days.toSorted()).toEqual(["2026-03-01 2026-03-31", "2026-03-04 2026-03-07", "null null"]);
    const counted = await world.state.countedDays({ fromDay: "2026-03-08", toDay: "2026-04-01" });
    expect(counted.map(({ lastDay }) => lastDay)).toEqual(["2026-03-31"]);
  });

  it("refuses lines of days that it does not speak of, and says nothing of the days where none is left", async () => {
    using world = complaintWorld();
    const february = { first: "2026-02-01", last: "2026-02-28" };
    const outside = "day received is outside of the days that the file speaks of (from and to)";
    expect(await world.refusalsOf(file, { days: { first: "2026-03-05", last: "2026-03-06" } })).toEqual(
      [2, 4, 5].map((line) => `line ${line}, column 2 (B): ${outside}`),
    );
    expect(await world.importOf(file, { days: february })).toMatchObject({ refused: 4, result: null });
    const good = await world.importOf(file, { days: february, mode: "good-lines" });
    expect(good).toMatchObject({ rows: 4, refused: 4, days: null });
    expect(await world.state.countedDays({ fromDay: "2026-01-01", toDay: "2027-01-01" })).toEqual([]);
    // A file without any line is how an office says that there were no complaints.
    expect(await world.importOf(header, { days: february })).toMatchObject({ rows: 0, days: february });
  });

  it("lets others have their turn while it is compared with what is stored", async () => {
    using world = complaintWorld();
    const cell = { area: "64.08.01", day: "2026-03-07", channel: "sms", topic: "jalan" } as const;
    const rest = {
      aboutConnectivity: null,
      status: null,
      verifiedDay: null,
      followedUpDay: null,
      closedDay: null,
    };
    const cases = Array.from({ length: 6_000 }, (_, n) => ({ ...cell, ...rest, hash: `hash ${n}` }));
    const parts = { surface: "api", fileHash: "x", hidden: [], counts: [], refused: 0, days: null } as const;
    let turns = 0;
    const count = () => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await world.state.importComplaints({ id: "imp_1", cases, ...parts }, testNowMs, byTest);
    clearImmediate(counting);
    expect(turns).toBeGreaterThan(10);
    expect((await world.counts()).map((found) => found.count)).toEqual([6_000]);
  });

  it("takes numbers in the place of cases, and another number for a cell in the place of the one before", async () => {
    using world = complaintWorld();
    const numbers = (count: string) =>
      `tanggal;kecamatan;jumlah\n04/03/2026;Hilir;${count}\n2026-03-05;Hilir;2\n`;
    await world.importOf(numbers("5"));
    await world.importOf(numbers("3"));
    expect((await world.counts()).map(({ day, count }) => [day, count])).toEqual([
      ["2026-03-04", 3],
      ["2026-03-05", 2],
    ]);
    await world.importOf(numbers("0"));
    expect((await world.counts()).map(({ day }) => day)).toEqual(["2026-03-05"]);
  });

  it("stores the good lines where that is asked for, else none", async () => {
    using world = complaintWorld();
    const mixed = file.replace("Listrik", "Bukan Topik");
    const before = await world.content();
    const none = await world.importOf(mixed);
    expect(none).toMatchObject({ import: null, result: null, refused: 1 });
    expect(await world.content()).toEqual(before);
    const good = await world.importOf(mixed, { mode: "good-lines" });
    expect(good).toMatchObject({ refused: 1, result: { added: 1, cells: 1 } });
    expect(good.refusals).toEqual([{ code: "value.topic", line: 3, column: 5, name: "topic" }]);
  });

  it("says in a dry run what it would change, and changes nothing", async () => {
    using world = complaintWorld();
    await world.importOf(file);
    const before = await world.content();
    const report = await world.importOf(file.replace("WhatsApp", "SMS"), { dryRun: true });
    expect(report).toMatchObject({ import: null, result: { corrected: 1, unchanged: 1 } });
    expect(await world.content()).toEqual(before);
    expect((await world.state.audit({ limit: 10 })).map(({ action }) => action)).toEqual([
      "complaints.imported",
    ]);
  });

  it("finds the audit log with a row for each import and refusal, which tells numbers alone", async () => {
    using world = complaintWorld();
    const { import: id } = await world.importOf(file);
    await world.importOf(file.replace("Listrik", "Bukan Topik"));
    await expect(world.importOf("Nama,Tanggal,Wilayah\n")).rejects.toThrow("column.personal");
    const rows = await world.state.audit({ limit: 10 });
    expect(rows.map(({ action, subject, detail }) => ({ action, subject, detail }))).toEqual([
      {
        action: "complaints.refused",
        subject: "",
        detail: { surface: "api", refusals: 1, first: "column.personal" },
      },
      {
        action: "complaints.refused",
        subject: "",
        detail: { surface: "api", refusals: 1, first: "value.topic" },
      },
      {
        action: "complaints.imported",
        subject: id,
        detail: {
          surface: "api",
          refused: 0,
          again: false,
          added: 2,
          corrected: 0,
          unchanged: 0,
          hidden: 0,
          cells: 1,
        },
      },
    ]);
  });
});

describe("a deletion", () => {
  it("takes a case with its history, and later imports pass it over", async () => {
    using world = complaintWorld();
    await world.importOf(file);
    await world.importOf(file.replace("WhatsApp", "SMS"));
    expect(await world.complaints.remove(" #7654322", { id: "key_x", name: "x", address: null })).toBe(true);
    expect(await world.complaints.remove("7654322", { id: "key_x", name: "x", address: null })).toBe(false);
    expect(await world.state.complaintHistory(await world.hash("7654322"))).toEqual([]);
    const again = await world.importOf(file);
    expect(again).toMatchObject({ passedOver: 1, result: { added: 0, unchanged: 1 } });
    const rows = await world.state.audit({ limit: 10 });
    expect(rows.find(({ action }) => action === "complaints.deleted")).toMatchObject({
      subject: "",
      detail: { cases: 1 },
      by: { id: "key_x" },
    });
  });
});

describe("retention", () => {
  it("makes numbers of old cases, and the same file again counts none of them twice", async () => {
    using world = complaintWorld();
    await world.importOf(file);
    const before = await world.counts();
    world.clock.ms = Date.UTC(2026, 2, 4) + 731 * dayMs;
    await world.complaints.purge();
    expect(await world.state.complaintHistory(await world.hash("7654321"))).toEqual([]);
    expect(world.filesWith(await world.hash("7654321"))).toEqual([]);
    expect(await world.state.complaintHistory(await world.hash("7654322"))).toHaveLength(1);
    expect(await world.counts()).toEqual(before);
    await world.importOf(file);
    expect(await world.counts()).toEqual(before);
    expect((await world.state.audit({ limit: 10 })).map(({ action }) => action)).toContain(
      "complaints.purged",
    );
  });

  it("counts a case that is past it once, also when a later export has it alone", async () => {
    using world = complaintWorld();
    await world.importOf(file);
    const before = await world.counts();
    world.clock.ms = Date.UTC(2026, 2, 8) + 731 * dayMs;
    await world.complaints.purge();
    const [title, first] = file.split("\n");
    await world.importOf(`${title}\n${first}\n`);
    expect(await world.counts()).toEqual(before);
    expect(await world.complaints.remove("7654321", { id: "key_x", name: "x", address: null })).toBe(true);
    expect((await world.importOf(`${title}\n${first}\n`)).passedOver).toBe(1);
    expect(await world.counts()).toEqual(before.slice(1));
  });

  it("deletes numbers and contacts that are older than the configuration says", async () => {
    using world = complaintWorld({ retention: { caseDays: 10, countDays: 20, contactDays: 5 } });
    const by = { id: "key_x", name: "x", address: null };
    await world.complaints.putContacts(
      [{ channel: "whatsapp", fromMs: testNowMs - 2 * dayMs, toMs: testNowMs }],
      [{ area: "64.08.01", timeMs: testNowMs - dayMs, channel: "whatsapp", count: 2 }],
      by,
    );
    await world.importOf("tanggal,wilayah,jumlah\n2026-09-10,64.08.01,3\n");
    world.clock.ms += 5 * dayMs;
    await world.complaints.purge();
    expect((await world.content()).contacts).toEqual([]);
    expect(await world.state.contactSpans({ fromMs: 0, toMs: testNowMs })).toEqual([]);
    expect(await world.counts()).toHaveLength(1);
    world.clock.ms += 5 * dayMs;
    await world.complaints.purge();
    expect(await world.counts()).toEqual([]);
  });
});

describe("the key of tracking ids", () => {
  it("is kept beside the database, for its user alone, and is the same after a restart", async () => {
    using world = complaintWorld();
    await world.importOf(file);
    const hash = await world.hash("7654321");
    world.reopen();
    expect((await world.importOf(file)).result).toMatchObject({ added: 0, unchanged: 2 });
    expect(await world.hash("7654321")).toBe(hash);
    const database = readFileSync(`${world.folder.path}/sambung.db`, "latin1");
    expect(database.includes(readFileSync(world.keyFile, "latin1").trim())).toBe(false);
  });

  it("that is another one is refused, before it makes two cases of one", async () => {
    using world = complaintWorld();
    await world.importOf(file);
    const before = await world.content();
    rmSync(world.keyFile);
    world.reopen();
    await expect(world.importOf(file)).rejects.toThrow("is missing");
    writeFileSync(world.keyFile, `${"0".repeat(64)}\n`);
    await expect(world.importOf(file)).rejects.toThrow("is not the one in use");
    expect(await world.content()).toEqual(before);
  });
});
