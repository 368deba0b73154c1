import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { makeXlsx, textRow } from "../support/xlsx.ts";
import { end, newAdminKey, sambung, startCollector, writeDistrict } from "./collector.ts";

/*
 * The real program with its log at its most talkative, and files in which people are where they do not belong: in every column,
 * by every way in. Afterwards nothing of them may be found in what it wrote: database and the files beside it, log, terminal,
 * answers, reports. The ids of good cases neither: only their keyed hashes are kept.
 */

const people = {
  nik: "6408010101900001",
  phone: "081254321987",
  phoneAbroad: "+62 812-5432-1987",
  email: "siti.rahmawati@contoh.example",
  name: "Siti Rahmawati",
  address: "Gang Melati Nomor 12",
  place: "0.512345, 117.512345",
  story: "Tetangga saya mengeluh sinyal hilang",
};
const ids = ["LPR-48213977", "LPR-48213978", "LPR-48213979"];
/** As little as would tell of somebody. */
const traces = [
  ...Object.values(people),
  "Rahmawati",
  "81254321987",
  "5432-1987",
  "Melati",
  "mengeluh",
  ...ids,
];

const columns = ["Tracking ID", "Tanggal", "Wilayah", "Kanal", "Topik", "Status", "Terkait Internet"];
const good = [ids[0]!, "2026-03-04", "64.08.04.2001", "Website", "Listrik", "Selesai", "Ya"];
const csv = (...rows: string[][]) =>
  `${rows.map((row) => row.map((cell) => `"${cell}"`).join(",")).join("\n")}\n`;
const second = good.with(0, ids[1]!);

/** Every kind of personal value in every column, and in one column too many. */
const bad = Object.values(people).flatMap((value) => [
  ...columns.map((_, at) => csv(columns, second, good.with(at, value))),
  csv(columns, second, [...good, value]),
  // No row of names: the first line is somebody's.
  csv([value, "2026-03-04", "64.08.04"], good),
  csv([...columns, value], [...good, "x"]),
]);
const personalColumns = [
  "Nama Pelapor",
  "No. HP",
  "Email",
  "NIK",
  "Alamat",
  "Isi Laporan",
  "Lokasi",
  "Lampiran",
];

it("keeps nothing of people: in no file, no log, no answer", async () => {
  using dir = tempDir();
  const adminKey = newAdminKey();
  writeDistrict(dir.path, {}, "complaints: {folder: ./masuk, mode: good-lines}\n");
  const collector = await startCollector(dir.path, { SAMBUNG_LOG: "debug", SAMBUNG_ADMIN_KEY: adminKey });
  const told: string[] = [];
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${collector.address}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${adminKey}`, ...(init.headers as Record<string, string>) },
    });
    told.push(JSON.stringify([...answer.headers]) + (await answer.clone().text()));
    return answer;
  };
  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, type = "text/csv") =>
    ask(path, { method: "POST", body, headers: { "Content-Type": type } });
  const json = (path: string, body: unknown) => post(path, JSON.stringify(body), "application/json");
  const statuses = new Map<string, number>();
  const count = async (answer: Promise<Response>) => {
    const { status } = await answer;
    statuses.set(String(status), (statuses.get(String(status)) ?? 0) + 1);
  };

  try {
    // Whole files, refused whole.
    for (const text of bad) await count(post("/api/v1/complaints", text));
    for (const [at, name] of personalColumns.entries()) {
      const value = Object.values(people)[at]!;
      await count(post("/api/v1/complaints?mode=good-lines", csv([...columns, name], [...good, value])));
      await count(
        json("/api/v1/complaints?mode=good-lines", {
          rows: [{ area: "64.08.04", received: "2026-03-04", [name]: value }],
        }),
      );
    }
    expect([...statuses]).toEqual([["422", bad.length + 2 * personalColumns.length]]);
    const counted = async () =>
      ((await (await ask("/api/v1/complaints")).json()) as { data: unknown[] }).data;
    expect(await counted()).toEqual([]);

    // Good lines among them, in a workbook too.
    for (const value of Object.values(people)) {
      await post("/api/v1/complaints?mode=good-lines", csv(columns, good, second.with(4, value)));
      const sheet = [columns, good, second.with(3, value)].map((row) => textRow(...row)).join("");
      await post(
        "/api/v1/complaints?mode=good-lines&lang=en",
        new Uint8Array(makeXlsx(sheet)),
        "application/octet-stream",
      );
      await json("/api/v1/complaints", {
        rows: [{ area: value, received: value, topic: value }],
        [value]: value,
      });
      await json("/api/v1/complaints", { rows: [{ received: "2026-03-04", area: { name: value } }] });
      await json("/api/v1/complaints/deletions", { trackingId: value });
      await json("/api/v1/contacts", {
        contacts: [{ area: value, time: value, channel: value, count: value, [value]: 1 }],
      });
      await post("/api/v1/contacts", `{"contacts": "${value}`);
    }
    // One that turns confidential, and one that somebody asks to have deleted.
    await post("/api/v1/complaints", csv(columns, second, good.with(0, ids[2]!)));
    await post("/api/v1/complaints", csv([...columns, "Rahasia"], [...second, "Ya"]));
    expect((await json("/api/v1/complaints/deletions", { trackingId: ids[2] })).status).toBe(204);

    // The command, and the folder.
    const file = dir.file("ekspor.csv");
    for (const [text, code] of [
      [bad[0]!, 1],
      [csv(columns, good), 0],
    ] as const) {
      writeFileSync(file, text);
      const env = { SAMBUNG_ADMIN_KEY: adminKey, SAMBUNG_LISTEN: new URL(collector.address).host };
      const command = sambung(["complaints", "import", file], dir.path, env);
      expect(await command.ended).toBe(code);
      told.push(command.out() + command.err());
    }
    writeFileSync(dir.file("sementara"), csv(columns, good, second.with(4, people.name)));
    renameSync(dir.file("sementara"), dir.file(`masuk/${people.name}.csv`));
    writeFileSync(dir.file("masuk/2.csv"), csv([...columns, "Nama"], [...good, people.name]));
    const reports = await waitFor("the files of the folder", () => {
      const found = ["done", "refused"].flatMap((folder) =>
        readdirSync(dir.file(`masuk/${folder}`))
          .filter((name) => name.endsWith(".laporan.txt"))
          .map((name) => readFileSync(dir.file(`masuk/${folder}/${name}`), "utf8")),
      );
      return found.length === 2 ? found : null;
    });
    told.push(...reports);
    expect(reports.join("\n")).toContain("baris 3, kolom 5 (E): topik tidak ada dalam daftar");

    // Everything that can be read.
    const { paths } = (await (await ask("/openapi.json")).json()) as { paths: Record<string, object> };
    for (const [path, operations] of Object.entries(paths))
      if ("get" in operations && !path.includes("agent/config")) await ask(path.replaceAll(/\{\w+\}/g, "x"));
    await ask("/api/v1/audit?limit=1000");
    await ask("/api/v1/complaints?by=area,day,channel,topic,connectivity");
    expect((await counted()).length).toBeGreaterThan(0);
    search(join(dir.path, "data"), told, "while it runs");
  } finally {
    expect(await end(collector, "SIGTERM")).toBe(0);
  }
  const log = collector.out() + collector.err();
  expect(log.length).toBeGreaterThan(10_000);
  search(join(dir.path, "data"), [...told, log], "afterwards");
}, 180_000);

/** Looks for every trace in the files of a folder, as text of one byte and of two, and in what was told. */
function search(folder: string, told: readonly string[], when: string): void {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toContain("sambung.db");
  const contents = files.map(({ name }) => ({ name, bytes: readFileSync(join(folder, name)) }));
  for (const trace of traces) {
    for (const { name, bytes } of contents)
      for (const form of [
        Buffer.from(trace),
        Buffer.from(trace, "utf16le"),
        Buffer.from(trace.toUpperCase()),
      ])
        expect([when, name, trace, bytes.includes(form)]).toEqual([when, name, trace, false]);
    const found = told.filter((text) => text.toLowerCase().includes(trace.toLowerCase()));
    expect([when, trace, found]).toEqual([when, trace, []]);
  }
}
