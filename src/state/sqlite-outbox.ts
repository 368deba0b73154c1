import { createHash } from "node:crypto";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { digestPrefix, unrouted } from "./alert-store.ts";
import type { AlertRecord, NewMessage, OutboxMessage, StateStore, WatchWrite } from "./state-store.ts";
import type { Together } from "./together.ts";

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

/**
 * Of a digest, by its key as ?1, what is told in it: by the alerts that it names or that lasted in it, since only those are found by an
 * index. What else there is was over before and has no news any more.
 */
export const isInDigest = `told_in = ?1 AND alert IN (
  SELECT lasting.value FROM outbox AS d, json_each(d.payload, '$.lasting') AS lasting WHERE d.dedupe_key = ?1
  UNION SELECT item.value ->> '$.alert' FROM outbox AS d, json_each(d.payload, '$.items') AS item WHERE d.dedupe_key = ?1)`;

/**
 * Inside a transaction of its caller: a channel does not tell a digest, so that it told nothing of what is in it. When it was to be
 * told stays known: nobody could have read of it before.
 */
export function createDigestLeaver(
  db: DatabaseSync,
): (digestKey: string, nowMs: number, why: string) => void {
  const leave = db.prepare(
    `UPDATE outbox SET sent_ms = NULL, told_in = NULL, failed_ms = ?2, last_error = ?3 WHERE ${isInDigest}`,
  );
  return (digestKey, nowMs, why) => void leave.run(digestKey, nowMs, why);
}

/** `together`: in a storm every channel has one at a time to write down. */
export function outboxMethods(
  db: DatabaseSync,
  together: Together,
): Pick<
  StateStore,
  | "openAlerts"
  | "isAlertOpen"
  | "dueMessages"
  | "strandedMessages"
  | "pendingMessages"
  | "messages"
  | "messageSent"
  | "messageFailed"
  | "messageOvertaken"
> {
  const pending = "sent_ms IS NULL AND failed_ms IS NULL AND digest_ms IS NULL";
  // From its index alone: what has piled up for a dead channel is gone over without what it says.
  const waiting = db.prepare(
    `SELECT seq, next_try_ms, alert, incident FROM outbox INDEXED BY outbox_pending WHERE channel = ? AND ${pending} ORDER BY seq`,
  );
  const within = db.prepare(
    `SELECT lasting.value AS alert FROM outbox AS d, json_each(d.payload, '$.lasting') AS lasting
     WHERE d.channel = ? AND d.alert = ? AND d.type = 'digest'`,
  );
  const among = db.prepare("SELECT * FROM outbox WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq");
  const ofOthers = db.prepare(
    `SELECT * FROM outbox WHERE ${pending} AND channel NOT IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?`,
  );
  const counts = db.prepare(
    `SELECT channel, count(*) AS count, min(created_ms) AS oldest_ms FROM outbox WHERE ${pending} GROUP BY channel`,
  );
  const sent = db.prepare(
    "UPDATE outbox SET sent_ms = ?, attempts = attempts + 1, last_error = ?, failed_ms = NULL, remote_id = ? WHERE id = ?",
  );
  const failed = db.prepare(
    "UPDATE outbox SET attempts = attempts + 1, last_error = ?, next_try_ms = coalesce(?, next_try_ms), failed_ms = ? WHERE id = ?",
  );
  const overtaken = db.prepare("UPDATE outbox SET last_error = ?, failed_ms = ?, told_in = ? WHERE id = ?");
  const digestKey = db.prepare("SELECT dedupe_key FROM outbox WHERE id = ? AND type = 'digest'");
  const leaveDigest = createDigestLeaver(db);
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
    async dueMessages(channel, nowMs, limit) {
      const alertsIn = (digest: string) => within.all(channel, digest).map(({ alert }) => alert as string);
      const due = inTurn(waiting.iterate(channel), alertsIn, nowMs, limit);
      return among.all(JSON.stringify(due)).map(toMessage);
    },
    async strandedMessages(channels, limit) {
      return ofOthers.all(JSON.stringify(channels), limit).map(toMessage);
    },
    async pendingMessages() {
      return counts.all().map((row) => ({
        channel: row.channel as string,
        count: row.count as number,
        oldestMs: row.oldest_ms as number,
      }));
    },
    async messages({ limit }) {
      return db
        .prepare("SELECT * FROM outbox WHERE channel != ? ORDER BY seq DESC LIMIT ?")
        .all(unrouted, limit)
        .map(toMessage);
    },
    messageSent: (id, nowMs, remoteId, note) =>
      together(() => void sent.run(nowMs, note ?? null, remoteId ?? null, id)),
    messageFailed: (id, nowMs, error, nextTryMs) =>
      together(() => {
        failed.run(error, nextTryMs, nextTryMs === null ? nowMs : null, id);
        const digest = nextTryMs === null ? digestKey.get(id) : undefined;
        if (digest !== undefined) leaveDigest(digest.dedupe_key as string, nowMs, `in a digest: ${error}`);
      }),
    messageOvertaken: (id, nowMs, reason, by) => together(() => void overtaken.run(reason, nowMs, by, id)),
  };
}

/**
 * Numbers of what is due, in the order in which it was queued. Whatever waits for its next try holds back what comes after it
 * of its alert and of its incident, and what is held back does the same: an alert may come under another incident. A digest holds
 * back what comes after it of the alerts that lasted in it.
 */
function inTurn(
  waiting: Iterable<Row>,
  alertsIn: (digest: string) => readonly string[],
  nowMs: number,
  limit: number,
): number[] {
  const due: number[] = [];
  const heldBack = new Set<string>();
  for (const row of waiting) {
    if (due.length === limit) break;
    const alert = row.alert as string;
    const names = [`alert ${alert}`, `incident ${row.incident as string}`];
    if ((row.next_try_ms as number) <= nowMs && !names.some((name) => heldBack.has(name)))
      due.push(row.seq as number);
    else {
      if (alert.startsWith(digestPrefix)) names.push(...alertsIn(alert).map((one) => `alert ${one}`));
      for (const name of names) heldBack.add(name);
    }
  }
  return due;
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
