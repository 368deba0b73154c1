import { execFile } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { openSqlite } from "../../src/state/sqlite.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { tempDir } from "../support/temp-dir.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const key = "64.08.01/hub";
const fromMs = 1_790_000_000_000;

async function sambung(data: string, ...argv: string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env.PATH, SAMBUNG_DATA: data, SAMBUNG_LANG: "en" };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...argv], { env, cwd: data });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, said: stderr };
  }
}

it(
  "copies a store while it is written to, and puts the copy back at the next start",
  { timeout: 120_000 },
  async () => {
    using dir = tempDir();
    const file = dir.file("sambung.db");
    const stores = openSqlite(file);
    const write = createWriter(stores.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    await write([icmpRounds(key, fromMs, 30_000, [[1], [2]])]);
    let done = false;
    const writing = (async () => {
      for (let minute = 1; !done; minute++) {
        await write([icmpRounds(key, fromMs + minute * 60_000, 30_000, [[3], [4]])]);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const copied = await sambung(dir.path, "backup", dir.file("copy.db"));
    done = true;
    await writing;
    expect(copied).toMatchObject({ code: 0 });
    expect(statSync(dir.file("copy.db")).mode & 0o777).toBe(0o600);
    expect(await sambung(dir.path, "backup", dir.file("copy.db"))).toMatchObject({
      code: 1,
      said: expect.stringContaining("not overwritten"),
    });

    const before = (await stores.series.read([key], 0, Number.MAX_SAFE_INTEGER))[0]!.timeMs.length;
    expect(await sambung(dir.path, "restore", dir.file("copy.db"))).toMatchObject({ code: 0 });
    await write([icmpRounds(key, fromMs - 60_000, 30_000, [[5], [6]])]);
    expect((await stores.series.read([key], 0, Number.MAX_SAFE_INTEGER))[0]!.timeMs).toHaveLength(before + 2);
    stores.close();

    const again = openSqlite(file);
    const [restored] = await again.series.read([key], 0, Number.MAX_SAFE_INTEGER);
    expect(restored!.timeMs[0]).toBe(fromMs);
    expect(restored!.timeMs.length).toBeLessThanOrEqual(before);
    // Rounds and ledger are of one moment.
    expect((await again.state.ledger("ag_hulu01"))!.storedRounds).toBe(restored!.timeMs.length);
    again.close();
    using old = new DatabaseSync(`${file}.before-restore`);
    expect(old.prepare("SELECT rounds FROM batches").all().length).toBe(before / 2 + 1);
  },
);

it(
  "refuses what is no copy of a collector's file, and leaves everything as it is",
  { timeout: 120_000 },
  async () => {
    using dir = tempDir();
    openSqlite(dir.file("sambung.db")).close();
    writeFileSync(dir.file("text"), "not a database, but long enough to look at".repeat(100));
    using other = new DatabaseSync(dir.file("other.db"));
    other.exec("CREATE TABLE t (x); PRAGMA user_version = 7");
    for (const [name, why] of [
      ["text", "is no whole copy"],
      ["other.db", "no copy of this version of the program or an older one: its schema is 7; expected 1 to "],
      ["none", "is not there"],
    ] as const) {
      const refused = await sambung(dir.path, "restore", dir.file(name));
      expect(refused).toMatchObject({ code: 1, said: expect.stringContaining(why) });
    }
    expect(existsSync(dir.file("sambung.db.restore"))).toBe(false);
    expect(await sambung(dir.path, "restore")).toMatchObject({ code: 2 });
  },
);

it("makes all tables of a new file or none", () => {
  using dir = tempDir();
  const file = dir.file("sambung.db");
  using other = new DatabaseSync(file);
  // The last table of the schema is in the way.
  other.exec("CREATE TABLE blocks (x)");
  expect(() => openSqlite(file)).toThrow("blocks already exists");
  expect(other.prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "blocks" }]);
  expect(other.prepare("PRAGMA user_version").get()).toEqual({ user_version: 0 });
});
