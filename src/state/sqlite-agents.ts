import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { Contradiction } from "./account.ts";
import { unnamedActor } from "./audit.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import type { AgentKind, AgentRecord, EnrolTokenRecord, NewAgent, StateStore } from "./state-store.ts";

type Row = Record<string, SQLOutputValue>;
type AgentMethods = Pick<
  StateStore,
  | "addEnrolToken"
  | "enrolTokens"
  | "revokeEnrolToken"
  | "redeemEnrolToken"
  | "agentByKeyHash"
  | "useAgentKey"
  | "addAgentKey"
  | "askRotation"
  | "agent"
  | "agents"
  | "revokeAgent"
  | "settleLedger"
>;

/** Keys that an agent asked for and never used, beside the one that it uses: answers may be lost on the way. */
const maxUnusedKeys = 3;
/** SQLite's codes for a store that can be read and not written: busy, read-only, I/O error, full. */
const unwritable = [5, 8, 10, 13];

const selectAgents =
  "SELECT agents.*, ledgers.seen_ms AS last_seen_ms FROM agents LEFT JOIN ledgers ON ledgers.agent = agents.id";

/** Agents, their keys and enrolment tokens. Only hashes are kept. */
export function agentMethods(db: DatabaseSync): AgentMethods {
  const byKey = db.prepare(
    `SELECT agents.*, ledgers.seen_ms AS last_seen_ms, agent_keys.used_ms AS key_used_ms, agent_keys.prefix AS key_prefix
     FROM agent_keys JOIN agents ON agents.id = agent_keys.agent LEFT JOIN ledgers ON ledgers.agent = agents.id
     WHERE agent_keys.hash = ? AND agent_keys.revoked_ms IS NULL AND agents.revoked_ms IS NULL`,
  );
  const byId = db.prepare(`${selectAgents} WHERE id = ?`);
  const useKey = db.prepare("UPDATE agent_keys SET used_ms = ? WHERE hash = ?");
  const retireOthers = db.prepare(
    "UPDATE agent_keys SET revoked_ms = ? WHERE agent = ? AND hash <> ? AND revoked_ms IS NULL",
  );
  const rotated = db.prepare("UPDATE agents SET rotate_asked_ms = NULL WHERE id = ?");
  const addKey = db.prepare("INSERT INTO agent_keys (hash, agent, prefix, made_ms) VALUES (?, ?, ?, ?)");
  const retireUnused = db.prepare(
    `UPDATE agent_keys SET revoked_ms = ?1 WHERE agent = ?2 AND used_ms IS NULL AND revoked_ms IS NULL AND hash NOT IN (
       SELECT hash FROM agent_keys WHERE agent = ?2 AND used_ms IS NULL AND revoked_ms IS NULL
       ORDER BY made_ms DESC, hash LIMIT ?3)`,
  );
  const usedKeys = db.prepare("SELECT 1 FROM agent_keys WHERE agent = ? AND used_ms IS NOT NULL LIMIT 1");
  const askRotation = db.prepare("UPDATE agents SET rotate_asked_ms = ? WHERE id = ? AND revoked_ms IS NULL");
  const contradiction = db.prepare("SELECT contradiction FROM ledgers WHERE agent = ?");
  const settle = db.prepare(
    "UPDATE ledgers SET contradiction = NULL, contradicted_ms = NULL WHERE agent = ?",
  );
  const audit = createAuditWriter(db);
  /** Agents by the hashes of keys that were used: each batch asks. Whatever changes an agent or a key empties it. */
  const known = new Map<string, AgentRecord>();
  const change = <T>(work: () => T): T => {
    known.clear();
    return inTransaction(db, work);
  };

  /** The key was not used before: it is taken for good, and those before it are gone. */
  function firstUse(keyHash: string, row: Row, timeMs: number, address: string | null): void {
    change(() => {
      const id = row.id as string;
      useKey.run(timeMs, keyHash);
      const retired = Number(retireOthers.run(timeMs, id, keyHash).changes);
      if (retired === 0) return;
      rotated.run(id);
      const by = { id, name: row.site as string, address };
      const detail = { prefix: row.key_prefix as string, revoked: retired };
      audit({ timeMs, by, action: "agent.key.replaced", subject: id, result: "done", detail });
    });
  }

  /** The answer to its enrolment did not arrive: the agent has no key, and the one that was sent is nobody's. */
  function enrolAgain(token: Row, timeMs: number, { nonceHash, ...made }: NewAgent, address: string | null) {
    const row = byId.get(token.used_by!);
    const isItself = nonceHash !== undefined && nonceHash !== null && token.nonce_hash === nonceHash;
    if (!isItself || row === undefined || row.revoked_ms !== null) return "used";
    const id = row.id as string;
    if (usedKeys.get(id) !== undefined || (token.expires_ms as number) <= timeMs) return "used";
    const revoked = Number(retireOthers.run(timeMs, id, made.keyHash).changes);
    addKey.run(made.keyHash, id, made.keyPrefix, timeMs);
    const by = { id, name: row.site as string, address };
    const detail = { token: tokenIdOf(token.hash as string), prefix: made.keyPrefix, revoked };
    audit({ timeMs, by, action: "agent.enrolled.again", subject: id, result: "done", detail });
    return toAgent(row);
  }

  return {
    ...tokenMethods(db),
    async redeemEnrolToken(tokenHash, nowMs, agent, address = null) {
      return change(() => {
        const token = db.prepare("SELECT * FROM enrol_tokens WHERE hash = ?").get(tokenHash);
        if (token === undefined) return "unknown";
        if (token.used_ms !== null) return enrolAgain(token, nowMs, agent, address);
        if (token.revoked_ms !== null) return "revoked";
        if ((token.expires_ms as number) <= nowMs) return "expired";
        db.prepare("UPDATE enrol_tokens SET used_ms = ?, used_by = ?, nonce_hash = ? WHERE hash = ?").run(
          nowMs,
          agent.id,
          agent.nonceHash ?? null,
          tokenHash,
        );
        db.prepare(
          "INSERT INTO agents (id, site, kind, hardware, version, enrolled_ms) VALUES (?, ?, ?, ?, ?, ?)",
        ).run(agent.id, token.site!, token.kind!, agent.hardware, agent.version, nowMs);
        addKey.run(agent.keyHash, agent.id, agent.keyPrefix, nowMs);
        const site = token.site as string;
        const by = { id: agent.id, name: site, address };
        const detail = { site, token: tokenIdOf(tokenHash), prefix: agent.keyPrefix };
        audit({ timeMs: nowMs, by, action: "agent.enrolled", subject: agent.id, result: "done", detail });
        return toAgent(byId.get(agent.id)!);
      });
    },
    async agentByKeyHash(keyHash) {
      return optional(byKey.get(keyHash), toAgent);
    },
    async useAgentKey(keyHash, nowMs, address = null) {
      const agent = known.get(keyHash);
      if (agent !== undefined) return agent;
      const row = byKey.get(keyHash);
      if (row === undefined) return null;
      if (row.key_used_ms !== null) {
        known.set(keyHash, toAgent(row));
        return known.get(keyHash)!;
      }
      try {
        firstUse(keyHash, row, nowMs, address);
      } catch (error) {
        // A full disk is no reason to call a good key a bad one. Its next use comes when there is room.
        if (!unwritable.includes((error as { errcode?: number }).errcode ?? 0)) throw error;
      }
      return toAgent(byId.get(row.id!)!);
    },
    async addAgentKey(id, key, nowMs, by) {
      change(() => {
        addKey.run(key.hash, id, key.prefix, nowMs);
        retireUnused.run(nowMs, id, maxUnusedKeys);
        const detail = { prefix: key.prefix };
        audit({ timeMs: nowMs, by, action: "agent.key.made", subject: id, result: "done", detail });
      });
    },
    async askRotation(id, nowMs, by) {
      return change(() => {
        if (askRotation.run(nowMs, id).changes === 0) return false;
        audit({
          timeMs: nowMs,
          by,
          action: "agent.rotation.asked",
          subject: id,
          result: "done",
          detail: {},
        });
        return true;
      });
    },
    async agent(id) {
      return optional(byId.get(id), toAgent);
    },
    async agents() {
      return db.prepare(`${selectAgents} ORDER BY site, id`).all().map(toAgent);
    },
    async revokeAgent(id, nowMs, by = unnamedActor) {
      return change(() => {
        const { changes } = db
          .prepare("UPDATE agents SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL")
          .run(nowMs, id);
        if (changes === 0) return false;
        const detail = { site: toAgent(byId.get(id)!).site };
        audit({ timeMs: nowMs, by, action: "agent.revoked", subject: id, result: "done", detail });
        return true;
      });
    },
    async settleLedger(id, nowMs, by) {
      return inTransaction(db, () => {
        const noted = contradiction.get(id)?.contradiction ?? null;
        if (noted === null) return false;
        settle.run(id);
        // What was there to see stays to be seen here.
        const { seq, what } = JSON.parse(noted as string) as Contradiction;
        const detail = { seq, what };
        audit({ timeMs: nowMs, by, action: "agent.ledger.settled", subject: id, result: "done", detail });
        return true;
      });
    },
  };
}

function tokenMethods(
  db: DatabaseSync,
): Pick<AgentMethods, "addEnrolToken" | "enrolTokens" | "revokeEnrolToken"> {
  const audit = createAuditWriter(db);
  return {
    async addEnrolToken({ hash, prefix, site, kind, expiresMs, nowMs }, by = unnamedActor) {
      inTransaction(db, () => {
        db.prepare(
          "INSERT INTO enrol_tokens (hash, id, prefix, site, kind, expires_ms) VALUES (?, ?, ?, ?, ?, ?)",
        ).run(hash, tokenIdOf(hash), prefix, site, kind, expiresMs);
        audit({
          timeMs: nowMs,
          by,
          action: "token.made",
          subject: tokenIdOf(hash),
          result: "done",
          detail: { prefix, site, kind, expiresMs },
        });
      });
      return tokenIdOf(hash);
    },
    async enrolTokens() {
      return db.prepare("SELECT * FROM enrol_tokens ORDER BY expires_ms, id").all().map(toToken);
    },
    async revokeEnrolToken(id, nowMs, by = unnamedActor) {
      return inTransaction(db, () => {
        const row = db.prepare("SELECT * FROM enrol_tokens WHERE id = ? AND revoked_ms IS NULL").get(id);
        if (row === undefined) return "unknown";
        if (row.used_ms !== null) return "used";
        db.prepare("UPDATE enrol_tokens SET revoked_ms = ? WHERE id = ?").run(nowMs, id);
        const { prefix, site } = toToken(row);
        const detail = { prefix, site };
        audit({ timeMs: nowMs, by, action: "token.revoked", subject: id, result: "done", detail });
        return "revoked";
      });
    },
  };
}

/** What a token is called in lists: from its hash, of which it tells too little to find the token. */
function tokenIdOf(hash: string): string {
  return `tok_${hash.slice(0, 16)}`;
}

function optional<T>(row: Row | undefined, to: (row: Row) => T): T | null {
  return row === undefined ? null : to(row);
}

function toToken(row: Row): EnrolTokenRecord {
  return {
    id: row.id as string,
    prefix: row.prefix as string,
    site: row.site as string,
    kind: row.kind as AgentKind,
    expiresMs: row.expires_ms as number,
    usedMs: row.used_ms as number | null,
    usedBy: row.used_by as string | null,
    revokedMs: row.revoked_ms as number | null,
  };
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
    rotateAskedMs: row.rotate_asked_ms as number | null,
  };
}
