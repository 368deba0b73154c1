import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createComplaintFolder } from "../../../src/ingest/complaints/complaint-folder.ts";
import { readCsv } from "../../../src/inventory/csv.ts";
import { ComplaintFileError } from "../../../src/ingest/complaints/refusal.ts";
import { complaintWorld } from "../../support/complaint-world.ts";
import { seededRandom, shuffled, whole } from "../../support/random.ts";

const columns = "Tracking ID,Tanggal,Wilayah,Kanal,Topik,Status,Anonim,Jumlah";
const some = <T>(...items: readonly T[]) => fc.constantFrom(...items);

/** Good values three times as often as others. */
const value = (good: readonly string[], bad: readonly string[]) =>
  fc.oneof({ weight: 12, arbitrary: some(...good) }, { weight: 1, arbitrary: some(...bad) });

const lineOf = fc.record({
  id: value(["", ...Array.from({ length: 9 }, (_, at) => `700000${at}`)], ["Budi", "6408010101900001"]),
  day: value(["2026-03-04", "05/03/2026", "2026-03-06"], ["03/25/2026", "", "kemarin"]),
  area: value(["64.08.01", "Hilir", "Desa Atas"], ["Hulu", "Jalan Melati 3", ""]),
  channel: value(["Website", "SMS", ""], ["Siti"]),
  topic: value(["Listrik", "Jalan", ""], ["a@b.example"]),
  status: value(["Selesai", "Proses", ""], ["?"]),
  hidden: value(["Ya", "Tidak", ""], ["mungkin"]),
  count: value(["", "1"], ["-1", "081254321987"]),
});
type Line = typeof lineOf extends fc.Arbitrary<infer T> ? T : never;

const textOf = ({ id, day, area, channel, topic, status, hidden, count }: Line) =>
  [id, day, area, channel, topic, status, hidden, count].join(",");
const fileOf = (lines: readonly string[]) => `${columns}\n${lines.join("\n")}\n`;

describe("any file", () => {
  it("is stored whole or changes nothing, and its good lines are what a file of them alone would be", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(lineOf, { minLength: 1, maxLength: 12 }), fc.nat(), async (given, seed) => {
        using world = complaintWorld();
        using other = complaintWorld();
        await world.importOf(fileOf(["7000000,2026-03-01,64.08.02,Website,Listrik,Proses,,"]));
        const before = await world.content();
        const lines = given.map(textOf);
        const report = await world.importOf(fileOf(lines));
        const bad = new Set(report.refusals.map(({ line }) => line! - 2));
        expect(report.refused).toBe(bad.size);
        const goodLines = lines.filter((_, at) => !bad.has(at));
        if (bad.size > 0) {
          expect(report).toMatchObject({ import: null, result: null });
          expect(await world.content()).toEqual(before);
          await world.importOf(fileOf(lines), { mode: "good-lines" });
        }
        // The same lines in another order, imported twice.
        await other.importOf(fileOf(["7000000,2026-03-01,64.08.02,Website,Listrik,Proses,,"]));
        const mixed = fileOf(shuffled(goodLines, seededRandom(seed)));
        for (const _ of [1, 2]) expect((await other.importOf(mixed)).refusals).toEqual([]);
        const { imports: _mine, ...mine } = await world.content();
        const { imports: _others, ...others } = await other.content();
        expect(mine).toEqual(others);
      }),
      { numRuns: 40 },
    );
  }, 180_000);

  it("is taken or refused by a reason, however its bytes were changed", async () => {
    const workbook = readFileSync(new URL("./files/export.xlsx", import.meta.url));
    const text = Buffer.from(fileOf(["7000001,2026-03-04,64.08.01,Website,Listrik,Selesai,,"]));
    const random = seededRandom(33);
    using world = complaintWorld();
    let refused = 0;
    for (let run = 0; run < 400; run++) {
      const bytes = Buffer.from(run % 2 === 0 ? workbook : text);
      for (let changes = 1 + whole(random, 6); changes > 0; changes--)
        bytes[whole(random, bytes.length)] = whole(random, 256);
      const cut = whole(random, 4) === 0 ? bytes.subarray(0, whole(random, bytes.length)) : bytes;
      try {
        refused += (await world.importOf(cut, { dryRun: true })).refused > 0 ? 1 : 0;
      } catch (error) {
        if (!(error instanceof ComplaintFileError)) throw new Error(`run ${run}`, { cause: error });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(100);
    expect(await world.counts()).toEqual([]);
  }, 120_000);

  it("of 200 MB is refused by its size, and takes no memory", async () => {
    using world = complaintWorld();
    const logger = { info() {}, error() {} };
    const options = {
      path: world.folder.file("masuk"),
      mode: "all-or-nothing",
      fileDays: 1,
      settleMs: 0,
    } as const;
    const nowMs = () => world.clock.ms;
    const folder = createComplaintFolder(options, { complaints: world.complaints, nowMs, logger });
    writeFileSync(world.folder.file("masuk/besar.csv"), columns);
    truncateSync(world.folder.file("masuk/besar.csv"), 209_715_200);
    const before = process.memoryUsage().rss;
    await folder.look();
    expect(await folder.look()).toBe(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(67_108_864);
  });

  it("with a field as long as the file is read, or refused, without a stack that overflows", () => {
    const field = "a".repeat(4_000_000);
    expect([...readCsv(`"${field}"\n`, ",")][0]!.fields[0]).toHaveLength(4_000_000);
    expect([...readCsv(`"${field.replaceAll("aa", '""')}"\n`, ",")][0]!.fields[0]).toHaveLength(2_000_000);
    const broken = readCsv(`"${field}`, ",").next();
    expect(broken).toMatchObject({ done: true, value: { line: 1 } });
  });
});
