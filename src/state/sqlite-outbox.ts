import { createHash } from "node:crypto";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { unrouted } from "./alert-store.ts";
import type { AlertRecord, NewMessage, OutboxMessage, StateStore, WatchWrite } from "./state-store.ts";
import { createTogether } from "./together.ts";

type Row = Record<string, SQLOutputValue>;

/** Writes alerts and messages inside the watch's transaction; a message whose key is known stays as it is. */
export function createMessageWriter(
  db: DatabaseSync,
): (write: Pick<WatchWrite, "alerts" | "messages">) => void {
  const putAlert = db.prepare(
    `INSERT INTO alerts (id, opened_ms, closed_ms, record) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET opened_ms = excluded.opened_ms, closed_ms = excluded.closed_ms, record = excluded.record`,
  );
  const addMessage = createMessageAdder(db);
  return ({ alerts, messages }) => {
    for (const alert of alerts) putAlert.run(alert.id, alert.openedMs, alert.closedMs, JSON.stringify(alert));
    for (const message of messages) addMessage(message);
  };
}

/** Made from the key, so that a receiver sees one id however often a crash makes us send it. */
export function messageId(dedupeKey: string): string {
  return `msg_${createHash("sha256").update(dedupeKey).digest("hex").slice(0, 24)}`;
}

/** Adds a message inside a transaction of its caller; one whose key is known stays as it is. */
export function createMessageAdder(db: DatabaseSync): (message: NewMessage) => void {
  const add = db.prepare(
    `INSERT OR IGNORE INTO outbox (id, dedupe_key, channel, type, alert, incident, payload, created_ms, attempts, next_try_ms, digest_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`,
  );
  return (message) => {
    add.run(
      messageId(message.dedupeKey),
      message.dedupeKey,
      message.channel,
      message.type,
      message.alert ?? message.incident,
      message.incident,
      JSON.stringify(message.payload),
      message.createdMs,
      message.nextTryMs,
      message.digestMs ?? null,
    );
  };
}

export function outboxMethods(
  db: DatabaseSync,
): Pick<
  StateStore,
  "openAlerts" | "isAlertOpen" | "dueMessages" | "messages" | "messageSent" | "messageFailed"
> {
  const due = (among: string) =>
    db.prepare(
      `SELECT * FROM outbox AS one WHERE sent_ms IS NULL AND failed_ms IS NULL AND digest_ms IS NULL AND next_try_ms <= ?1${among}
       -- What comes before it in its incident goes before it.
       AND NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.channel = one.channel AND earlier.incident = one.incident
         AND earlier.sent_ms IS NULL AND earlier.failed_ms IS NULL AND earlier.digest_ms IS NULL
         AND earlier.created_ms < one.created_ms AND earlier.next_try_ms > ?1)
       ORDER BY created_ms, id LIMIT ?2`,
    );
  const dueOfAll = due("");
  const dueOfOne = due(" AND channel = ?3");
  const sent = db.prepare(
    "UPDATE outbox SET sent_ms = ?, attempts = attempts + 1, last_error = NULL, failed_ms = NULL, remote_id = ? WHERE id = ?",
  );
  // In a storm every channel has one at a time to write down.
  const together = createTogether(db);
  const isOpen = db.prepare(
    `SELECT 1 FROM alerts WHERE id = ?1 AND closed_ms IS NULL
     UNION ALL SELECT 1 FROM conditions WHERE id = ?1 AND closed_ms IS NULL`,
  );
  return {
    async openAlerts() {
      const rows = db.prepare("SELECT record FROM alerts WHERE closed_ms IS NULL ORDER BY id").all();
      return rows.map(({ record }) => JSON.parse(record as string) as AlertRecord);
    },
    async isAlertOpen(id) {
      return isOpen.get(id) !== undefined;
    },
    async dueMessages(nowMs, limit, among) {
      if (among === undefined) return dueOfAll.all(nowMs, limit).map(toMessage);
      if ("only" in among) return dueOfOne.all(nowMs, limit, among.only).map(toMessage);
      const places = among.except.map((_, at) => `?${at + 3}`).join(", ");
      return due(` AND channel NOT IN (${places})`)
        .all(nowMs, limit, ...among.except)
        .map(toMessage);
    },
    async messages({ limit }) {
      return db
        .prepare("SELECT * FROM outbox WHERE channel != ? ORDER BY created_ms DESC, id LIMIT ?")
        .all(unrouted, limit)
        .map(toMessage);
    },
    messageSent: (id, nowMs, remoteId) => together(() => void sent.run(nowMs, remoteId ?? null, id)),
    async messageFailed(id, nowMs, error, nextTryMs) {
      db.prepare(
        "UPDATE outbox SET attempts = attempts + 1, last_error = ?, next_try_ms = coalesce(?, next_try_ms), failed_ms = ? WHERE id = ?",
      ).run(error, nextTryMs, nextTryMs === null ? nowMs : null, id);
    },
  };
}

export function toMessage(row: Row): OutboxMessage {
  return {
    id: row.id as string,
    dedupeKey: row.dedupe_key as string,
    channel: row.channel as string,
    type: row.type as string,
    alert: row.alert as string,
    incident: row.incident as string,
    payload: JSON.parse(row.payload as string) as unknown,
    createdMs: row.created_ms as number,
    attempts: row.attempts as number,
    nextTryMs: row.next_try_ms as number,
    sentMs: row.sent_ms as number | null,
    failedMs: row.failed_ms as number | null,
    lastError: row.last_error as string | null,
    digestMs: row.digest_ms as number | null,
    remoteId: row.remote_id as string | null,
  };
}
