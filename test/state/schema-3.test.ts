import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { migrate, schemaSteps } from "../../src/state/migrations.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { tempDir } from "../support/temp-dir.ts";

it("finds whose webhooks there are in the audit log, through keys that took each other's place", async () => {
  using dir = tempDir();
  const file = dir.file("sambung.db");
  {
    using db = new DatabaseSync(file);
    migrate(db, schemaSteps.slice(0, 2));
    const key = db.prepare(
      `INSERT INTO api_keys (id, name, prefix, hash, scopes, provider, created_ms, expires_ms, replaced_by, revoked_ms)
       VALUES (?, 'NOC', 'sbk_', ?, 'partner', 'Telkom', 1, NULL, ?, ?)`,
    );
    key.run("key_1", "a", "key_2", 5);
    key.run("key_2", "b", "key_3", 6);
    key.run("key_3", "c", null, null);
    const hook = db.prepare(
      "INSERT INTO partner_hooks (id, provider, kind, disabled, hook) VALUES (?, 'Telkom', 'webhook', 0, ?)",
    );
    const made = db.prepare(
      `INSERT INTO audit (time_ms, actor, actor_name, action, subject, result, detail)
       VALUES (1, ?, 'NOC', 'webhook.made', ?, 'done', '{}')`,
    );
    for (const [id, by] of [
      ["whk_1", "key_1"],
      ["whk_2", "key_3"],
    ] as const) {
      hook.run(id, JSON.stringify({ id, provider: "Telkom", kind: "webhook", madeMs: 1 }));
      made.run(by, id);
    }
    hook.run("whk_3", JSON.stringify({ id: "whk_3", provider: "Telkom", kind: "webhook", madeMs: 1 }));
    db.exec(`INSERT INTO partner_changes VALUES ('Telkom', 7, 'pout_1', 'outage.opened', 1, '{}');
      INSERT INTO partner_outages VALUES ('Telkom', 'pout_1', 3, 'out_1', 'hulu', 1, NULL, 0, 1, 7, '{}');`);
  }
  const stores = openSqlite(file);
  expect((await stores.state.allHooks()).map(({ id, key, dropped }) => [id, key, dropped])).toEqual([
    ["whk_1", "key_3", 0],
    ["whk_2", "key_3", 0],
    ["whk_3", "", 0],
  ]);
  stores.close();
  using db = new DatabaseSync(file);
  expect({ ...db.prepare("SELECT * FROM partner_counters").get() }).toEqual({
    provider: "Telkom",
    number: 3,
    seq: 7,
  });
});
