import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { AlertStore, HandedOver } from "./alert-store.ts";
import { createMessageAdder, messageId, toMessage } from "./sqlite-outbox.ts";
import type { OutboxMessage } from "./state-store.ts";

/** Gives what waits for a channel to others that can tell it; what none of them can stays where it is. */
export function handOverMethod(db: DatabaseSync): AlertStore["handOver"] {
  const add = createMessageAdder(db);
  const waiting = db.prepare(
    `SELECT * FROM outbox WHERE channel = ? AND sent_ms IS NULL AND failed_ms IS NULL AND digest_ms IS NULL ORDER BY seq`,
  );
  const find = db.prepare("SELECT failed_ms, digest_ms, told_in FROM outbox WHERE dedupe_key = ?");
  const release = db.prepare("UPDATE outbox SET digest_ms = NULL, next_try_ms = ? WHERE dedupe_key = ?");
  const give = db.prepare("UPDATE outbox SET failed_ms = ?, last_error = ? WHERE id = ?");

  /** The message's key on another channel, which told it already or will; null: that one could not tell it either. */
  function take(message: OutboxMessage, channel: string, nowMs: number): string | null {
    const dedupeKey = `${channel}${message.dedupeKey.slice(message.dedupeKey.indexOf(":"))}`;
    const known = find.get(dedupeKey);
    if (known === undefined) add({ ...message, dedupeKey, channel, nextTryMs: nowMs });
    else if (known.failed_ms !== null) return known.told_in === null ? null : dedupeKey;
    // It was to wake somebody: that the other one would have let it wait is no reason to.
    else if (known.digest_ms !== null && known.told_in === null) release.run(nowMs, dedupeKey);
    return dedupeKey;
  }

  function handOver(message: OutboxMessage, chain: readonly (readonly string[])[], nowMs: number): string[] {
    for (const next of chain) {
      const takers = next.filter((channel) => {
        const dedupeKey = take(message, channel, nowMs);
        if (dedupeKey === null) return false;
        give.run(nowMs, `handed over to ${channel}, as ${messageId(dedupeKey)}`, message.id);
        return true;
      });
      if (takers.length > 0) return takers;
    }
    return [];
  }

  return async (from, chain, nowMs, only) =>
    inTransaction(db, () => {
      const rows = waiting.all(from).map(toMessage);
      const meant = only === undefined ? rows : rows.filter(({ id }) => id === only.id);
      return meant
        .map((message): HandedOver => ({ id: message.id, to: handOver(message, chain, nowMs) }))
        .filter(({ to }) => to.length > 0);
    });
}
