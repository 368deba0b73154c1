import { expect, it } from "vitest";
import { acceptAdminKey, makeFirstAdminKey } from "../../src/command/admin-key.ts";
import { hashKey, keyPrefix, makeKey } from "../../src/state/keys.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { tempDir } from "../support/temp-dir.ts";

it("an admin key that has expired is refused, and no longer keeps the collector from making a first one", async () => {
  using dir = tempDir();
  const { state, close } = openSqlite(dir.file("s.db"));
  const key = makeKey("sbk");
  const own = { id: "key_1", name: "admin", prefix: keyPrefix(key), hash: hashKey(key) };
  await state.addApiKey({ ...own, scopes: ["admin"], createdMs: 1, expiresMs: 100, revokedMs: null });
  await acceptAdminKey(state, key, 99);
  expect(await makeFirstAdminKey(state, 99)).toBeNull();
  await expect(acceptAdminKey(state, key, 100)).rejects.toThrow("SAMBUNG_ADMIN_KEY: this key has expired");
  const fresh = await makeFirstAdminKey(state, 100);
  expect(await state.apiKeyByHash(hashKey(fresh!))).toMatchObject({ name: "admin", expiresMs: null });
  expect((await state.audit({ limit: 1 }))[0]).toMatchObject({
    by: { id: "command", name: "sambung start" },
    action: "key.made",
  });
  close();
});
