import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import { unnamedActor } from "./audit.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import type { ApiKeyRecord, NewApiKey, Scope, StateStore } from "./state-store.ts";

type KeyMethods = Pick<
  StateStore,
  "addApiKey" | "apiKeyByHash" | "apiKeys" | "rotateApiKey" | "revokeApiKey"
>;

/** The keys of people and programs. Only hashes are kept. */
export function keyMethods(db: DatabaseSync): KeyMethods {
  const byHash = db.prepare("SELECT * FROM api_keys WHERE hash = ? AND revoked_ms IS NULL");
  const byId = db.prepare("SELECT * FROM api_keys WHERE id = ? AND revoked_ms IS NULL");
  const insert = db.prepare(
    `INSERT INTO api_keys (id, name, prefix, hash, scopes, provider, created_ms, expires_ms, revoked_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const expire = db.prepare("UPDATE api_keys SET expires_ms = ?, replaced_by = ? WHERE id = ?");
  // What a program registered with the key goes on with the one that takes its place.
  const inherit = db.prepare("UPDATE partner_hooks SET key = ? WHERE key = ?");
  const revoke = db.prepare("UPDATE api_keys SET revoked_ms = ? WHERE id = ?");
  const audit = createAuditWriter(db);
  const add = (key: NewApiKey) => {
    const { id, name, prefix, hash, scopes, provider = null, createdMs, expiresMs = null, revokedMs } = key;
    insert.run(id, name, prefix, hash, scopes.join(" "), provider, createdMs, expiresMs, revokedMs);
  };
  return {
    async addApiKey(key, by = unnamedActor) {
      const { id, name, prefix, scopes, provider = null, createdMs: timeMs, expiresMs = null } = key;
      const detail = { name, prefix, scopes: scopes.join(" "), expiresMs, provider };
      inTransaction(db, () => {
        add(key);
        audit({ timeMs, by, action: "key.made", subject: id, result: "done", detail });
      });
    },
    async apiKeyByHash(hash) {
      const row = byHash.get(hash);
      return row === undefined ? null : toApiKey(row);
    },
    async apiKeys() {
      return db.prepare("SELECT * FROM api_keys ORDER BY created_ms, id").all().map(toApiKey);
    },
    async rotateApiKey(oldId, { oldUntilMs, makeNew }, nowMs, by = unnamedActor) {
      return inTransaction(db, () => {
        const row = byId.get(oldId);
        if (row === undefined) return "unknown";
        const old = toApiKey(row);
        if (old.replacedBy !== null) return "replaced";
        if (old.expiresMs !== null && old.expiresMs <= nowMs) return "unknown";
        const fresh = makeNew(old);
        add(fresh);
        const untilMs = Math.min(oldUntilMs, old.expiresMs ?? Infinity);
        expire.run(untilMs, fresh.id, oldId);
        inherit.run(fresh.id, oldId);
        if (untilMs <= nowMs) revoke.run(nowMs, oldId);
        const detail = { by: fresh.id, prefix: fresh.prefix, oldUntilMs: untilMs };
        audit({ timeMs: nowMs, by, action: "key.rotated", subject: oldId, result: "done", detail });
        return toApiKey(byId.get(fresh.id)!);
      });
    },
    async revokeApiKey(id, nowMs, by = unnamedActor) {
      return inTransaction(db, () => {
        const row = byId.get(id);
        if (row === undefined) return false;
        revoke.run(nowMs, id);
        const { name, prefix } = toApiKey(row);
        const detail = { name, prefix };
        audit({ timeMs: nowMs, by, action: "key.revoked", subject: id, result: "done", detail });
        return true;
      });
    },
  };
}

function toApiKey(row: Record<string, unknown>): ApiKeyRecord {
  return {
    id: row.id as string,
    name: row.name as string,
    prefix: row.prefix as string,
    scopes: (row.scopes as string).split(" ") as Scope[],
    provider: row.provider as string | null,
    createdMs: row.created_ms as number,
    expiresMs: row.expires_ms as number | null,
    replacedBy: row.replaced_by as string | null,
    revokedMs: row.revoked_ms as number | null,
  };
}
