import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { Ack, AckResult, AckWay, AlertEntry, AlertStore, ConditionRecord } from "./alert-store.ts";
import type { Actor } from "./audit.ts";
import type { AlertRecord, ToldMessage } from "./state-store.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import { handOverMethod } from "./sqlite-hand-over.ts";
import { createMessageAdder, toMessage } from "./sqlite-outbox.ts";
import type { Together } from "./together.ts";

type Row = Record<string, SQLOutputValue>;

/** Alerts on their way to people: what was told, what is held back, who knows of it. */
export function alertMethods(db: DatabaseSync, together: Together): AlertStore {
  return { ...reading(db), ...writing(db, together), ...acknowledging(db) };
}

const entryColumns = "a.id, a.opened_ms, a.closed_ms, a.record, k.at_ms, k.by_name, k.via";
/** What each kind of alert has in common; conditions know their times in the record alone. */
const everyAlert = `(SELECT id, opened_ms, closed_ms, record FROM alerts UNION ALL
  SELECT id, record ->> '$.seenMs', closed_ms, record FROM conditions)`;

function reading(
  db: DatabaseSync,
): Pick<
  AlertStore,
  | "toldMessages"
  | "heldMessages"
  | "openConditions"
  | "toldAlerts"
  | "alertEntry"
  | "alertEntries"
  | "alertOfRemote"
  | "firstMessage"
  | "lastingMessages"
> {
  const toldColumns =
    "seq, dedupe_key, channel, type, alert, incident, created_ms, failed_ms, digest_ms, told_in";
  const told = db.prepare(
    `SELECT ${toldColumns} FROM outbox WHERE alert IN (SELECT value FROM json_each(?1))
     UNION SELECT ${toldColumns} FROM outbox WHERE incident IN (SELECT value FROM json_each(?2)) ORDER BY seq`,
  );
  const held = db.prepare(
    `SELECT * FROM outbox INDEXED BY outbox_held
     WHERE digest_ms <= ? AND told_in IS NULL AND failed_ms IS NULL ORDER BY seq`,
  );
  const first = db.prepare("SELECT * FROM outbox WHERE alert = ? AND channel = ? ORDER BY seq LIMIT 1");
  const lasting = db.prepare(
    `SELECT o.* FROM (SELECT id FROM alerts WHERE closed_ms IS NULL UNION ALL SELECT id FROM conditions WHERE closed_ms IS NULL) AS a
     JOIN outbox AS o ON o.alert = a.id WHERE o.channel = ? ORDER BY o.seq`,
  );
  const entries = (where: string) =>
    db.prepare(
      `SELECT ${entryColumns} FROM ${everyAlert} AS a LEFT JOIN alert_acks AS k ON k.alert = a.id
       WHERE a.record ->> '$.toldMs' IS NOT NULL AND ${where}
       ORDER BY a.closed_ms IS NOT NULL, a.opened_ms DESC, a.id LIMIT ?`,
    );
  const entry = db.prepare(
    `SELECT ${entryColumns} FROM ${everyAlert} AS a LEFT JOIN alert_acks AS k ON k.alert = a.id WHERE a.id = ?`,
  );
  // As an alert of its own: told at once, and over when all that lasted in it is.
  const digestEntry = db.prepare(
    `SELECT d.alert AS id, d.created_ms AS opened_ms, json_object('toldMs', d.created_ms, 'facts', json(d.payload)) AS record,
       (SELECT CASE WHEN count(*) = count(a.closed_ms) THEN coalesce(max(a.closed_ms), d.created_ms) END
        FROM ${everyAlert} AS a WHERE a.id IN (SELECT value FROM json_each(d.payload, '$.lasting'))) AS closed_ms,
       k.at_ms, k.by_name, k.via
     FROM outbox AS d LEFT JOIN alert_acks AS k ON k.alert = d.alert WHERE d.alert = ? AND d.type = 'digest' LIMIT 1`,
  );
  return {
    async toldMessages({ alerts, incidents }) {
      return told.all(JSON.stringify(alerts), JSON.stringify(incidents)).map(toTold);
    },
    async heldMessages(nowMs) {
      return held.all(nowMs).map(toMessage);
    },
    async firstMessage(channel, alert) {
      const row = first.get(alert, channel);
      return row === undefined ? null : toMessage(row);
    },
    async lastingMessages(channel) {
      const messages = lasting.all(channel).map(toMessage);
      return [...Map.groupBy(messages, ({ alert }) => alert).values()].flatMap((ofAlert) => {
        const last = ofAlert.findLast(({ sentMs }) => sentMs !== null);
        return last === undefined ? [] : [{ first: ofAlert[0]!, last }];
      });
    },
    async openConditions() {
      const rows = db.prepare("SELECT record FROM conditions WHERE closed_ms IS NULL ORDER BY id").all();
      return rows.map(({ record }) => JSON.parse(record as string) as ConditionRecord);
    },
    async toldAlerts() {
      const rows = db
        .prepare(
          "SELECT record FROM alerts WHERE closed_ms IS NULL AND record ->> '$.toldMs' IS NOT NULL ORDER BY id",
        )
        .all();
      return rows.map(({ record }) => JSON.parse(record as string) as AlertRecord);
    },
    async alertEntry(id) {
      const row = entry.get(id) ?? digestEntry.get(id);
      return row === undefined ? null : toEntry(row);
    },
    async alertEntries({ limit, open }) {
      const where = open === undefined ? "TRUE" : open ? "a.closed_ms IS NULL" : "a.closed_ms IS NOT NULL";
      return entries(where).all(limit).map(toEntry);
    },
    async alertOfRemote(channel, remoteId) {
      const row = db
        // A group that became a supergroup counts its messages anew.
        .prepare("SELECT alert FROM outbox WHERE channel = ? AND remote_id = ? ORDER BY sent_ms DESC LIMIT 1")
        .get(channel, remoteId);
      return (row?.alert as string | undefined) ?? null;
    },
  };
}

function writing(
  db: DatabaseSync,
  together: Together,
): Pick<AlertStore, "writeAlerts" | "handOver" | "retryNow"> {
  const putCondition = db.prepare(
    `INSERT INTO conditions (id, closed_ms, record) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET closed_ms = excluded.closed_ms, record = excluded.record`,
  );
  const add = createMessageAdder(db);
  // What still waits to be told of something that is over goes before the word that it is.
  const hasten = db.prepare(
    `UPDATE outbox SET next_try_ms = min(next_try_ms, ?1) WHERE sent_ms IS NULL AND failed_ms IS NULL AND channel = ?3
     AND (alert = ?2 OR dedupe_key IN (SELECT told_in FROM outbox WHERE alert = ?2 AND channel = ?3))`,
  );
  const use = db.prepare("UPDATE outbox SET sent_ms = ?, told_in = ? WHERE id = ?");
  const again = db.prepare(
    `UPDATE outbox SET next_try_ms = ?1 WHERE channel = ?2 AND sent_ms IS NULL AND failed_ms IS NULL AND digest_ms IS NULL AND next_try_ms > ?1`,
  );
  return {
    writeAlerts: ({ conditions = [], messages = [], used = [], nowMs }) =>
      together(() => {
        for (const one of conditions) putCondition.run(one.id, one.closedMs, JSON.stringify(one));
        for (const message of messages) {
          add(message);
          if (message.type.endsWith(".up"))
            hasten.run(nowMs, message.alert ?? message.incident, message.channel);
        }
        for (const { id, by } of used) use.run(nowMs, by, id);
      }),
    handOver: handOverMethod(db),
    async retryNow(channel, nowMs) {
      again.run(nowMs, channel);
    },
  };
}

function acknowledging(db: DatabaseSync): Pick<AlertStore, "acks" | "acknowledge"> {
  const among = db.prepare("SELECT * FROM alert_acks WHERE alert IN (SELECT value FROM json_each(?))");
  const find = db.prepare(`SELECT closed_ms FROM ${everyAlert} WHERE id = ?`);
  const add = db.prepare("INSERT OR IGNORE INTO alert_acks (alert, at_ms, by_name, via) VALUES (?, ?, ?, ?)");
  const digest = db.prepare("SELECT payload FROM outbox WHERE alert = ? AND type = 'digest' LIMIT 1");
  const audit = createAuditWriter(db);

  function acknowledgeOne(alert: string, ack: Ack, by: Actor): AckResult {
    const row = find.get(alert);
    if (row === undefined) return "unknown";
    if (row.closed_ms !== null) return "over";
    if (add.run(alert, ack.atMs, ack.by, ack.via).changes === 0) return "again";
    const detail = { via: ack.via, by: ack.by };
    audit({ timeMs: ack.atMs, by, action: "alert.acknowledged", subject: alert, result: "done", detail });
    return "done";
  }

  /** Of what lasted in it, what still does. */
  function acknowledgeDigest(name: string, lasting: readonly string[], ack: Ack, by: Actor): AckResult {
    const results = lasting.map((alert) => acknowledgeOne(alert, ack, by));
    if (!results.some((result) => result === "done" || result === "again")) return "over";
    return add.run(name, ack.atMs, ack.by, ack.via).changes === 0 ? "again" : "done";
  }

  return {
    async acks(alerts) {
      return new Map(among.all(JSON.stringify(alerts)).map((row) => [row.alert as string, toAck(row)]));
    },
    async acknowledge(alert, ack, by) {
      return inTransaction(db, () => {
        const found = digest.get(alert);
        if (found === undefined) return acknowledgeOne(alert, ack, by);
        const { lasting } = JSON.parse(found.payload as string) as { lasting?: string[] };
        // One that an earlier version made does not say what lasted in it.
        return acknowledgeDigest(alert, lasting ?? [], ack, by);
      });
    },
  };
}

function toTold(row: Row): ToldMessage {
  return {
    dedupeKey: row.dedupe_key as string,
    channel: row.channel as string,
    type: row.type as string,
    alert: row.alert as string,
    incident: row.incident as string,
    createdMs: row.created_ms as number,
    failedMs: row.failed_ms as number | null,
    digestMs: row.digest_ms as number | null,
    toldIn: row.told_in as string | null,
  };
}

function toAck(row: Row): Ack {
  return { atMs: row.at_ms as number, by: row.by_name as string, via: row.via as AckWay };
}

function toEntry(row: Row): AlertEntry {
  const { toldMs, facts } = JSON.parse(row.record as string) as Pick<AlertRecord, "toldMs" | "facts">;
  return {
    id: row.id as string,
    openedMs: row.opened_ms as number,
    toldMs,
    closedMs: row.closed_ms as number | null,
    facts,
    ack: row.at_ms === null ? null : toAck(row),
  };
}
