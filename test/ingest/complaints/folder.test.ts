import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createComplaintFolder } from "../../../src/ingest/complaints/complaint-folder.ts";
import { createRepeat } from "../../../src/compose/repeat.ts";
import { createComplaintPass } from "../../../src/ingest/complaints/keep-complaints.ts";
import { complaintWorld, header } from "../../support/complaint-world.ts";
import { waitFor } from "../../support/wait-for.ts";

const settleMs = 10_000;
const good = `${header}7654321,2026-03-04,64.08.01.2001,Website,Listrik,,,,,,,\n`;

function folderWorld(options = {}, mode: "all-or-nothing" | "good-lines" = "all-or-nothing") {
  const world = complaintWorld(options);
  const path = world.folder.file("masuk");
  const log: string[] = [];
  const line = (fields: object, message: string) => void log.push(`${message} ${JSON.stringify(fields)}`);
  const nowMs = () => world.clock.ms;
  const make = () =>
    createComplaintFolder(
      { path, mode, fileDays: 30, settleMs },
      { complaints: world.complaints, nowMs, logger: { info: line, error: line } },
    );
  const folder = make();
  return {
    world,
    folder,
    log,
    make,
    put: (name: string, text: string | Buffer) => writeFileSync(join(path, name), text),
    path: (name: string) => join(path, name),
    files: (at: string) =>
      readdirSync(join(path, at)).filter((name) => name !== "done" && name !== "refused"),
    /** Two looks with the settling time between them. */
    async settle() {
      await folder.look();
      world.clock.ms += settleMs;
      return folder.look();
    },
    [Symbol.dispose]: () => world[Symbol.dispose](),
  };
}

describe("a watched folder", () => {
  it("takes a file that stands still, and puts it into done with a report", async () => {
    using at = folderWorld();
    at.put("ekspor.csv", good);
    expect(await at.folder.look()).toBe(0);
    at.world.clock.ms += settleMs - 1;
    expect(await at.folder.look()).toBe(0);
    at.world.clock.ms += 1;
    expect(await at.folder.look()).toBe(1);
    expect(at.files("")).toEqual([]);
    expect(at.files("done")).toEqual([
      "20260921T140010Z-ekspor.csv",
      "20260921T140010Z-ekspor.csv.laporan.txt",
    ]);
    const report = readFileSync(at.path("done/20260921T140010Z-ekspor.csv.laporan.txt"), "utf8");
    expect(report).toContain("Diimpor: 1 baris, 0 ditolak.");
    expect(report).toContain("Cases: 1 new");
    expect(await at.world.counts()).toHaveLength(1);
    expect((await at.world.state.audit({ limit: 1 }))[0]).toMatchObject({
      action: "complaints.imported",
      by: { id: "command", name: "complaints.folder" },
    });
  });

  it("waits for a file that grows, or is written again", async () => {
    using at = folderWorld();
    at.put("ekspor.csv", header);
    await at.folder.look();
    at.world.clock.ms += settleMs;
    appendFileSync(at.path("ekspor.csv"), good.slice(header.length, -20));
    expect(await at.folder.look()).toBe(0);
    at.world.clock.ms += settleMs;
    truncateSync(at.path("ekspor.csv"), 0);
    writeFileSync(at.path("ekspor.csv"), good);
    // Of the same length as before, at another moment.
    utimesSync(at.path("ekspor.csv"), 1, 1);
    expect(await at.folder.look()).toBe(0);
    at.world.clock.ms += settleMs;
    expect(await at.folder.look()).toBe(1);
    expect(at.files("done")).toHaveLength(2);
  });

  it("puts what is refused beside its reasons, and names no file in the log", async () => {
    using at = folderWorld();
    at.put("laporan Siti.csv", good.replace("Listrik", "Siti Rahmawati"));
    at.put("besar.csv", Buffer.alloc(9_000_000, "a"));
    expect(await at.settle()).toBe(2);
    expect(at.files("refused")).toHaveLength(4);
    const reports = at.files("refused").filter((name) => name.endsWith(".laporan.txt"));
    const texts = reports.map((name) => readFileSync(at.path(`refused/${name}`), "utf8"));
    expect(texts[0]).toContain("berkas terlalu besar");
    expect(texts[1]).toContain("Tidak ada yang disimpan.");
    expect(texts[1]).toContain("- baris 2, kolom 5 (E): topik tidak ada dalam daftar");
    expect(texts[1]).toContain("- line 2, column 5 (E): topic is in no list");
    expect(texts.join("") + at.log.join("")).not.toContain("Siti");
    expect(await at.world.counts()).toEqual([]);
  });

  it("takes the good lines where that is configured", async () => {
    using at = folderWorld({}, "good-lines");
    at.put("ekspor.csv", `${good}7654322,kemarin,64.08.01.2001,,,,,,,,,\n`);
    await at.settle();
    expect(at.files("done")).toHaveLength(2);
    expect(await at.world.counts()).toHaveLength(1);
  });

  it("leaves alone what is unfinished, what leads elsewhere, and what lies in other folders", async () => {
    using at = folderWorld();
    const names = [".ekspor.csv", "~$ekspor.xlsx", "ekspor.csv.part", "ekspor.tmp", "ekspor.csv~"];
    for (const name of names) at.put(name, good);
    mkdirSync(at.path("lain"));
    writeFileSync(at.path("lain/ekspor.csv"), good);
    symlinkSync(at.path("lain/ekspor.csv"), at.path("tautan.csv"));
    expect(await at.settle()).toBe(0);
    expect(at.files("").toSorted()).toEqual([...names, "lain", "tautan.csv"].toSorted());
  });

  it("that cannot be one is refused by the name of the setting", () => {
    using at = folderWorld();
    at.put("a.csv", good);
    const options = { path: at.path("a.csv"), mode: "good-lines", fileDays: 1, settleMs } as const;
    const deps = { complaints: at.world.complaints, nowMs: () => 0, logger: { info() {}, error() {} } };
    expect(() => createComplaintFolder(options, deps)).toThrow(/^complaints\.folder: .*expected a folder/);
  });

  it("keeps two files of one name apart", async () => {
    using at = folderWorld();
    at.put("a.csv", good);
    await at.folder.look();
    writeFileSync(at.path("done/20260921T140010Z-a.csv"), "before");
    at.world.clock.ms += settleMs;
    await at.folder.look();
    expect(
      at
        .files("done")
        .filter((name) => name.endsWith(".csv"))
        .toSorted(),
    ).toEqual(["20260921T140010Z-2-a.csv", "20260921T140010Z-a.csv"]);
  });

  it("tries a file again later when it could not be stored, and takes it after a restart without counting twice", async () => {
    using at = folderWorld();
    at.put("a.csv", good);
    await at.world.hash("1");
    const key = readFileSync(at.world.keyFile);
    writeFileSync(at.world.keyFile, "0".repeat(64));
    at.world.reopen();
    const folder = at.make();
    await folder.look();
    at.world.clock.ms += settleMs;
    expect(await folder.look()).toBe(0);
    expect(at.log.filter((text) => text.includes("could not be taken"))).toHaveLength(1);
    writeFileSync(at.world.keyFile, key);
    at.world.clock.ms += settleMs;
    expect(await folder.look()).toBe(0);
    at.world.clock.ms += 600_000;
    expect(await folder.look()).toBe(1);
    at.put("a.csv", good);
    await folder.look();
    at.world.clock.ms += settleMs;
    await folder.look();
    expect((await at.world.counts()).map(({ count }) => count)).toEqual([1]);
  });

  it("deletes files and reports that were kept for long enough", async () => {
    using at = folderWorld();
    at.put("a.csv", good);
    at.put("b.csv", "Nama,Tanggal\n");
    await at.settle();
    at.put("done/mine.txt", "somebody's own");
    at.world.clock.ms += 29 * 86_400_000;
    expect(at.folder.tidy()).toBe(0);
    at.world.clock.ms += 86_400_000 + 1_000;
    expect(at.folder.tidy()).toBe(4);
    expect([at.files("done"), at.files("refused")]).toEqual([["mine.txt"], []]);
  });
});

describe("the keeper of complaints", () => {
  it("looks into the folder and deletes what is past its retention, until it is stopped", async () => {
    using at = folderWorld({ retention: { caseDays: 30, countDays: 60, contactDays: 5 } });
    await at.world.importOf(good.replace("2026-03-04", "2026-09-20"));
    const { world } = at;
    world.clock.ms += 61 * 86_400_000;
    const errors: unknown[] = [];
    const pass = createComplaintPass({
      complaints: world.complaints,
      folder: at.folder,
      nowMs: () => world.clock.ms,
    });
    const keeper = createRepeat(pass, {
      onError: (error) => errors.push(error),
      everyMs: 5,
    });
    at.put("a.csv", `Tanggal,Wilayah,Jumlah\n2026-11-20,Hilir,2\n`);
    keeper.start();
    await waitFor(
      "the file",
      () => {
        world.clock.ms += settleMs;
        return at.files("done").length === 2;
      },
      { everyMs: 20 },
    );
    await keeper.stop();
    expect((await world.counts()).map(({ day, count }) => [day, count])).toEqual([["2026-11-20", 2]]);
    expect(errors).toEqual([]);
    at.put("b.csv", good);
    expect(await at.settle()).toBe(1);
  });
});
