import { spawn } from "node:child_process";
import { once } from "node:events";
import { backup, DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { defaultRetention } from "../../src/series/retention.ts";
import { createCatalogue } from "../../src/series/sqlite-catalogue.ts";
import { createNames } from "../../src/series/sqlite-names.ts";
import { createSqliteSeries } from "../../src/series/sqlite-series.ts";
import type { SqliteSeries } from "../../src/series/sqlite-series.ts";
import { migrate } from "../../src/state/migrations.ts";
import { tempDir } from "../support/temp-dir.ts";
import { seriesContract } from "./contract.ts";
import type { EngineUnderTest } from "./contract.ts";
import { day0Ms, dayMs } from "./samples.ts";

const child = fileURLToPath(new URL("append-child.ts", import.meta.url));

/** Opens the file as openSqlite does, but with a clock, and nothing at work by itself. */
function open(file: string, now: () => number): { db: DatabaseSync; series: SqliteSeries } {
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  migrate(db);
  return {
    db,
    series: createSqliteSeries(
      db,
      { names: createNames(db), catalogue: createCatalogue(db) },
      { retention: defaultRetention, now, onDamage() {} },
    ),
  };
}

function engineOf(dir: ReturnType<typeof tempDir>, file = "s.db"): EngineUnderTest {
  let nowMs = day0Ms + dayMs;
  let held = open(dir.file(file), () => nowMs);
  return {
    store: () => held.series,
    async killWhileWriting(batches) {
      held.db.close();
      const writer = spawn(
        process.execPath,
        [child, dir.file(file), batches[0]!.rounds[0]!.key, String(batches.length)],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      let acknowledged = 0;
      for await (const said of writer.stdout) {
        acknowledged += (said as Buffer).length;
        if (acknowledged > batches.length / 4) break;
      }
      writer.kill("SIGKILL");
      await once(writer, "exit");
      held = open(dir.file(file), () => nowMs);
      return acknowledged;
    },
    async expire(beforeMs) {
      nowMs = beforeMs + defaultRetention.rawMs + 3_600_000 * 4;
      while (held.series.rollUp(1_000));
    },
    async openBackup() {
      await backup(held.db, dir.file("copy.db"));
      const copy = engineOf(dir, "copy.db");
      return { ...copy, [Symbol.asyncDispose]: async () => copy[Symbol.asyncDispose]() };
    },
    async [Symbol.asyncDispose]() {
      held.db.close();
      if (file === "s.db") dir[Symbol.dispose]();
    },
  };
}

seriesContract("SQLite", async () => engineOf(tempDir()));
