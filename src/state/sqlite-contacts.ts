import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { joinSpans } from "../inventory/spans.ts";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { ComplaintStore, ContactChannel, ContactCount, ContactSpan } from "./complaint-store.ts";
import { createAuditWriter } from "./sqlite-audit.ts";

type Row = Record<string, SQLOutputValue>;

/** Contacts with their moments, and when they were being counted. */
export function contactMethods(
  db: DatabaseSync,
): Pick<ComplaintStore, "contacts" | "contactSpans" | "putContacts"> {
  const contacts = db.prepare(
    "SELECT * FROM contacts WHERE time_ms >= ? AND time_ms < ? ORDER BY time_ms, area, channel",
  );
  const spans = db.prepare(
    "SELECT * FROM contact_spans WHERE to_ms > ? AND from_ms < ? ORDER BY channel, from_ms",
  );
  const stored = db.prepare("SELECT * FROM contacts WHERE channel = ? AND time_ms >= ? AND time_ms < ?");
  const put = db.prepare(
    `INSERT INTO contacts (time_ms, area, channel, count) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = excluded.count WHERE count <> excluded.count`,
  );
  const drop = db.prepare("DELETE FROM contacts WHERE time_ms = ? AND area = ? AND channel = ?");
  const touching = db.prepare(
    "SELECT * FROM contact_spans WHERE channel = ? AND to_ms >= ? AND from_ms <= ?",
  );
  const dropTouching = db.prepare(
    "DELETE FROM contact_spans WHERE channel = ? AND to_ms >= ? AND from_ms <= ?",
  );
  const putSpan = db.prepare("INSERT INTO contact_spans (channel, from_ms, to_ms) VALUES (?, ?, ?)");
  const audit = createAuditWriter(db);

  function widen({ channel, fromMs, toMs }: ContactSpan): void {
    const known = touching.all(channel, fromMs, toMs).map(toSpan);
    dropTouching.run(channel, fromMs, toMs);
    for (const whole of joinSpans([...known, { fromMs, toMs }]))
      putSpan.run(channel, whole.fromMs, whole.toMs);
  }

  return {
    async contacts({ fromMs, toMs }) {
      return contacts.all(fromMs, toMs).map(toContact);
    },
    async contactSpans({ fromMs, toMs }) {
      return spans.all(fromMs, toMs).map(toSpan);
    },
    async putContacts(counted, given, nowMs, by) {
      return inTransaction(db, () => {
        let changed = 0;
        const kept = new Set(given.map(nameOf));
        for (const { channel, fromMs, toMs } of counted) {
          for (const contact of stored.all(channel, fromMs, toMs).map(toContact)) {
            if (kept.has(nameOf(contact))) continue;
            drop.run(contact.timeMs, contact.area, channel);
            changed += 1;
          }
          widen({ channel, fromMs, toMs });
        }
        for (const { area, timeMs, channel, count } of given)
          changed += Number(put.run(timeMs, area, channel, count).changes);
        const detail = { spans: counted.length, rows: given.length, changed };
        audit({ timeMs: nowMs, by, action: "contacts.put", subject: "", result: "done", detail });
        return changed;
      });
    },
  };
}

/** Deletes contacts before a moment, and that anybody counted then; returns how many contacts. Called in a transaction. */
export function createContactPurge(db: DatabaseSync): (beforeMs: number) => number {
  const dropContacts = db.prepare("DELETE FROM contacts WHERE time_ms < ?");
  const dropSpans = db.prepare("DELETE FROM contact_spans WHERE to_ms <= ?");
  const cutSpans = db.prepare("UPDATE contact_spans SET from_ms = ?1 WHERE from_ms < ?1");
  return (beforeMs) => {
    dropSpans.run(beforeMs);
    cutSpans.run(beforeMs);
    return Number(dropContacts.run(beforeMs).changes);
  };
}

const nameOf = ({ area, timeMs, channel }: ContactCount) => `${area} ${timeMs} ${channel}`;

function toContact(row: Row): ContactCount {
  const channel = row.channel as ContactChannel;
  return { area: row.area as string, timeMs: row.time_ms as number, channel, count: row.count as number };
}

function toSpan(row: Row): ContactSpan {
  return { channel: row.channel as ContactChannel, fromMs: row.from_ms as number, toMs: row.to_ms as number };
}
