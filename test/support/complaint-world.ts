import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createComplaintSecret } from "../../src/ingest/complaints/secret.ts";
import type {
  ComplaintOptions,
  ImportReport,
  ImportRequest,
} from "../../src/ingest/complaints/create-complaints.ts";
import { describeRefusal } from "../../src/ingest/complaints/texts.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { testComplaints } from "./complaints.ts";
import { makeDistrict } from "./inventory.ts";
import { tempDir } from "./temp-dir.ts";

export const byTest = { id: "key_test", name: "test", address: null };
/** 2026-09-21T22:00 in WITA. */
export const testNowMs = Date.UTC(2026, 8, 21, 14);

/** The district with another spelling, and a village that is called as its kecamatan. */
function district(): Inventory {
  const made = makeDistrict();
  const sites = new Map(made.sites);
  const hulu = sites.get("64.08.01.2001")!;
  sites.set("64.08.01.2003", { ...hulu, code: "64.08.01.2003", name: "Hulu" });
  return { ...made, sites, aliases: new Map([["Muaro", "64.08.02.2001"]]), timeZone: "Asia/Makassar" };
}

/** Complaints over a real store, with a clock that stands still until it is moved. */
export function complaintWorld(options: Partial<ComplaintOptions> = {}) {
  const folder = tempDir();
  const file = join(folder.path, "sambung.db");
  let stores = openSqlite(file);
  const clock = { ms: testNowMs };
  const keyFile = join(folder.path, "complaints.key");
  const inventory = district();
  const make = () =>
    testComplaints(
      { state: stores.state, inventory: () => inventory, nowMs: () => clock.ms, keyFile },
      options,
    );
  let complaints = make();
  const importOf = (from: string | Buffer, more: Partial<ImportRequest> = {}): Promise<ImportReport> =>
    complaints.importFile({
      from: typeof from === "string" ? Buffer.from(from) : from,
      surface: "api",
      mode: "all-or-nothing",
      dryRun: false,
      by: byTest,
      ...more,
    });
  return {
    folder,
    keyFile,
    clock,
    importOf,
    get state() {
      return stores.state;
    },
    get complaints() {
      return complaints;
    },
    /** Lines with their reasons, in English. */
    async refusalsOf(from: string | Buffer, more: Partial<ImportRequest> = {}): Promise<string[]> {
      const report = await importOf(from, { dryRun: true, ...more });
      return report.refusals.map((refusal) => describeRefusal(refusal, "en"));
    },
    hash: (trackingId: string) => createComplaintSecret(keyFile, stores.state).hash("case", trackingId),
    /** Names of the store's files in which a text stands, free pages and logs included. */
    filesWith: (text: string) =>
      readdirSync(folder.path).filter((name) => readFileSync(folder.file(name)).includes(text)),
    counts: () => stores.state.complaintCounts({ fromDay: "2000-01-01", toDay: "2100-01-01" }),
    /** Everything that is stored of complaints, as it is read. */
    async content() {
      const { state } = stores;
      return {
        counts: await state.complaintCounts({ fromDay: "2000-01-01", toDay: "2100-01-01" }),
        handling: await state.complaintHandling({ fromDay: "2000-01-01", toDay: "2100-01-01" }),
        contacts: await state.contacts({ fromMs: 0, toMs: 9e15 }),
        imports: await state.complaintImports({ limit: 1_000 }),
        deleted: [...(await state.deletedComplaints())],
      };
    },
    /** The collector is started again on the same files. */
    reopen() {
      stores.close();
      stores = openSqlite(file);
      complaints = make();
    },
    close: () => stores.close(),
    [Symbol.dispose]() {
      stores.close();
      folder[Symbol.dispose]();
    },
  };
}

export const header =
  "Tracking ID,Tanggal Laporan,Wilayah,Kanal,Kategori,Status,Tanggal Verifikasi,Tanggal Tindak Lanjut,Tanggal Selesai,Anonim,Rahasia,Terkait Internet\n";
