import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { AgentKind, AgentRecord, ApiKeyRecord, Scope, StateStore } from "./state-store.ts";
import { transaction } from "./transaction.ts";

type Row = Record<string, SQLOutputValue>;
type AgentMethods = Pick<
  StateStore,
  | "addEnrolToken"
  | "redeemEnrolToken"
  | "agentByKeyHash"
  | "agent"
  | "agents"
  | "revokeAgent"
  | "addApiKey"
  | "apiKeyByHash"
  | "apiKeys"
  | "revokeApiKey"
>;

/** Agents, their keys and enrolment tokens, and the keys of people and programs. Only hashes are kept. */
export function agentMethods(db: DatabaseSync): AgentMethods {
  const byKey = db.prepare(
    `SELECT agents.* FROM agent_keys JOIN agents ON agents.id = agent_keys.agent
     WHERE agent_keys.hash = ? AND agent_keys.revoked_ms IS NULL AND agents.revoked_ms IS NULL`,
  );
  const byId = db.prepare("SELECT * FROM agents WHERE id = ?");
  const apiKey = db.prepare("SELECT * FROM api_keys WHERE hash = ? AND revoked_ms IS NULL");
  return {
    async addEnrolToken({ hash, site, kind, expiresMs }) {
      db.prepare("INSERT INTO enrol_tokens (hash, site, kind, expires_ms) VALUES (?, ?, ?, ?)").run(
        hash,
        site,
        kind,
        expiresMs,
      );
    },
    async redeemEnrolToken(tokenHash, nowMs, agent) {
      return transaction(db, () => {
        const token = db.prepare("SELECT * FROM enrol_tokens WHERE hash = ?").get(tokenHash);
        if (token === undefined) return "unknown";
        if (token.used_ms !== null) return "used";
        if ((token.expires_ms as number) <= nowMs) return "expired";
        db.prepare("UPDATE enrol_tokens SET used_ms = ? WHERE hash = ?").run(nowMs, tokenHash);
        db.prepare(
          "INSERT INTO agents (id, site, kind, hardware, version, enrolled_ms) VALUES (?, ?, ?, ?, ?, ?)",
        ).run(agent.id, token.site!, token.kind!, agent.hardware, agent.version, nowMs);
        db.prepare("INSERT INTO agent_keys (hash, agent, prefix) VALUES (?, ?, ?)").run(
          agent.keyHash,
          agent.id,
          agent.keyPrefix,
        );
        return toAgent(byId.get(agent.id)!);
      });
    },
    async agentByKeyHash(keyHash) {
      return optional(byKey.get(keyHash), toAgent);
    },
    async agent(id) {
      return optional(byId.get(id), toAgent);
    },
    async agents() {
      return db.prepare("SELECT * FROM agents ORDER BY site, id").all().map(toAgent);
    },
    async revokeAgent(id, nowMs) {
      return (
        db.prepare("UPDATE agents SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL").run(nowMs, id)
          .changes === 1
      );
    },
    async addApiKey(key) {
      db.prepare(
        "INSERT INTO api_keys (id, name, prefix, hash, scopes, created_ms, revoked_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
      ).run(key.id, key.name, key.prefix, key.hash, key.scopes.join(" "), key.createdMs, key.revokedMs);
    },
    async apiKeyByHash(hash) {
      return optional(apiKey.get(hash), toApiKey);
    },
    async apiKeys() {
      return db.prepare("SELECT * FROM api_keys ORDER BY created_ms, id").all().map(toApiKey);
    },
    async revokeApiKey(id, nowMs) {
      return (
        db.prepare("UPDATE api_keys SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL").run(nowMs, id)
          .changes === 1
      );
    },
  };
}

function optional<T>(row: Row | undefined, to: (row: Row) => T): T | null {
  return row === undefined ? null : to(row);
}

function toAgent(row: Row): AgentRecord {
  return {
    id: row.id as string,
    site: row.site as string,
    kind: row.kind as AgentKind,
    hardware: row.hardware as string,
    version: row.version as string,
    enrolledMs: row.enrolled_ms as number,
    revokedMs: row.revoked_ms as number | null,
    lastSeenMs: row.last_seen_ms as number | null,
  };
}

function toApiKey(row: Row): ApiKeyRecord {
  return {
    id: row.id as string,
    name: row.name as string,
    prefix: row.prefix as string,
    scopes: (row.scopes as string).split(" ") as Scope[],
    createdMs: row.created_ms as number,
    revokedMs: row.revoked_ms as number | null,
  };
}
