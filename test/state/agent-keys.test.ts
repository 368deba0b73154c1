import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { migrate } from "../../src/state/migrations.ts";
import { agentMethods } from "../../src/state/sqlite-agents.ts";

const by = { id: "ag_1", name: "64.08", address: null };

it("keeps a good key good while nothing can be written, and retires the old one when it can", async () => {
  using db = new DatabaseSync(":memory:");
  migrate(db);
  const state = agentMethods(db);
  const own = { keyHash: "old", keyPrefix: "sba_1111", hardware: "h", version: "1" };
  const token = { prefix: "sbe_1111", site: "64.08", kind: "sambung" as const, expiresMs: 100, nowMs: 1 };
  await state.addEnrolToken({ hash: "t", ...token });
  await state.redeemEnrolToken("t", 2, { id: "ag_1", ...own });
  await state.useAgentKey("old", 3);
  await state.addAgentKey("ag_1", { hash: "new", prefix: "sba_2222" }, 4, by);
  db.exec("PRAGMA query_only = ON");
  expect(await state.useAgentKey("new", 5)).toMatchObject({ id: "ag_1" });
  expect(await state.useAgentKey("old", 6)).toMatchObject({ id: "ag_1" });
  db.exec("PRAGMA query_only = OFF");
  expect(await state.useAgentKey("new", 7)).toMatchObject({ id: "ag_1" });
  expect(await state.useAgentKey("old", 8)).toBeNull();
});
