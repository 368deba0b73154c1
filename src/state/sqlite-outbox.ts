import { createHash } from "node:crypto";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { AlertRecord, OutboxMessage, StateStore, WatchWrite } from "./state-store.ts";

type Row = Record<string, SQLOutputValue>;

/** Writes alerts and messages inside the watch's transaction; a message whose key is known stays as it is. */
export function createMessageWriter(
  db: DatabaseSync,
): (write: Pick<WatchWrite, "alerts" | "messages">) => void {
  const putAlert = db.prepare(
    `INSERT INTO alerts (id, opened_ms, closed_ms, record) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET opened_ms = excluded.opened_ms, closed_ms = excluded.closed_ms, record = excluded.record`,
  );
  const addMessage = db.prepare(
    `INSERT OR IGNORE INTO outbox (id, dedupe_key, channel, type, incident, payload, created_ms, attempts, next_try_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)`,
  );
  return ({ alerts, messages }) => {
    for (const alert of alerts) putAlert.run(alert.id, alert.openedMs, alert.closedMs, JSON.stringify(alert));
    for (const message of messages) {
      // Made from the key, so that a receiver sees one id however often a crash makes us send it.
      const id = `msg_${createHash("sha256").update(message.dedupeKey).digest("hex").slice(0, 24)}`;
      addMessage.run(
        id,
        message.dedupeKey,
        message.channel,
        message.type,
        message.incident,
        JSON.stringify(message.payload),
        message.createdMs,
        message.nextTryMs,
      );
    }
  };
}

export function outboxMethods(
  db: DatabaseSync,
): Pick<StateStore, "openAlerts" | "dueMessages" | "messages" | "messageSent" | "messageFailed"> {
  const due = (among: string) =>
    db.prepare(
      `SELECT * FROM outbox WHERE sent_ms IS NULL AND failed_ms IS NULL AND next_try_ms <= ?${among}
       ORDER BY next_try_ms, created_ms, id LIMIT ?`,
    );
  const dueOfAll = due("");
  const dueOfOne = due(" AND channel = ?");
  return {
    async openAlerts() {
      const rows = db.prepare("SELECT record FROM alerts WHERE closed_ms IS NULL ORDER BY id").all();
      return rows.map(({ record }) => JSON.parse(record as string) as AlertRecord);
    },
    async dueMessages(nowMs, limit, among) {
      if (among === undefined) return dueOfAll.all(nowMs, limit).map(toMessage);
      if ("only" in among) return dueOfOne.all(nowMs, among.only, limit).map(toMessage);
      const places = among.except.map(() => "?").join(", ");
      return due(` AND channel NOT IN (${places})`)
        .all(nowMs, ...among.except, limit)
        .map(toMessage);
    },
    async messages({ limit }) {
      return db
        .prepare("SELECT * FROM outbox ORDER BY created_ms DESC, id LIMIT ?")
        .all(limit)
        .map(toMessage);
    },
    async messageSent(id, nowMs) {
      db.prepare(
        "UPDATE outbox SET sent_ms = ?, attempts = attempts + 1, last_error = NULL WHERE id = ?",
      ).run(nowMs, id);
    },
    async messageFailed(id, nowMs, error, nextTryMs) {
      db.prepare(
        "UPDATE outbox SET attempts = attempts + 1, last_error = ?, next_try_ms = coalesce(?, next_try_ms), failed_ms = ? WHERE id = ?",
      ).run(error, nextTryMs, nextTryMs === null ? nowMs : null, id);
    },
  };
}

function toMessage(row: Row): OutboxMessage {
  return {
    id: row.id as string,
    dedupeKey: row.dedupe_key as string,
    channel: row.channel as string,
    type: row.type as string,
    incident: row.incident as string,
    payload: JSON.parse(row.payload as string) as unknown,
    createdMs: row.created_ms as number,
    attempts: row.attempts as number,
    nextTryMs: row.next_try_ms as number,
    sentMs: row.sent_ms as number | null,
    failedMs: row.failed_ms as number | null,
    lastError: row.last_error as string | null,
  };
}
