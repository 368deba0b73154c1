import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { migrate, schemaSteps } from "../../src/state/migrations.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { tempDir } from "../support/temp-dir.ts";

it("numbers the messages of a file from before by time, and keeps what became of each", async () => {
  using dir = tempDir();
  const file = dir.file("sambung.db");
  const before = new DatabaseSync(file);
  migrate(before, schemaSteps.slice(0, 3));
  const add = before.prepare(
    `INSERT INTO outbox (id, dedupe_key, channel, type, alert, incident, payload, created_ms, attempts, next_try_ms, sent_ms, remote_id)
     VALUES (?1, ?1, 'chat', 'site.down', ?1, 'in', '{"a":1}', ?2, 3, 50, ?3, ?4)`,
  );
  add.run("b", 30, null, null);
  add.run("c", 20, 25, "77");
  add.run("a", 30, null, null);
  before.close();
  const { state, close } = openSqlite(file);
  expect((await state.messages({ limit: 10 })).map(({ id }) => id)).toEqual(["b", "a", "c"]);
  expect((await state.dueMessages("chat", 50, 10)).map(({ id, payload }) => [id, payload])).toEqual([
    ["a", { a: 1 }],
    ["b", { a: 1 }],
  ]);
  expect(await state.alertOfRemote("chat", "77")).toBe("c");
  close();
});
