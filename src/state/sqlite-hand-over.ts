import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { AlertStore, HandedOver } from "./alert-store.ts";
import { createDigestLeaver, createMessageAdder, isInDigest, messageId, toMessage } from "./sqlite-outbox.ts";
import type { OutboxMessage } from "./state-store.ts";

const keyOn = (channel: string, { dedupeKey }: Pick<OutboxMessage, "dedupeKey">) =>
  `${channel}${dedupeKey.slice(dedupeKey.indexOf(":"))}`;

/** Writes down, inside a transaction of its caller, that another channel tells in a digest what is in it. */
function createDigestTaker(db: DatabaseSync) {
  const add = createMessageAdder(db);
  const within = db.prepare(`SELECT * FROM outbox WHERE ${isInDigest} ORDER BY seq`);
  // What it told by itself, or is about to, stays that; what it kept for a digest of its own is told by this one.
  const use = db.prepare(
    `UPDATE outbox SET sent_ms = ?1, told_in = ?2, failed_ms = NULL, digest_ms = coalesce(digest_ms, ?3)
     WHERE dedupe_key = ?4 AND told_in IS NULL AND (failed_ms IS NOT NULL OR digest_ms IS NOT NULL)`,
  );
  return (digest: OutboxMessage, channel: string, nowMs: number): void => {
    if (digest.type !== "digest") return;
    const toldIn = keyOn(channel, digest);
    for (const message of within.all(digest.dedupeKey).map(toMessage)) {
      const dedupeKey = keyOn(channel, message);
      add({ ...message, dedupeKey, channel });
      use.run(nowMs, toldIn, message.digestMs, dedupeKey);
    }
  };
}

/** A message, and what comes after it of its alert, or of those that lasted in a digest: a story is told by one channel. */
function withWhatFollows(rows: readonly OutboxMessage[], id: string): OutboxMessage[] {
  const from = rows.findIndex((row) => row.id === id);
  if (from === -1) return [];
  const { alert, type, payload } = rows[from]!;
  const lasting = type === "digest" ? ((payload as { lasting?: string[] }).lasting ?? []) : [];
  const alerts = new Set([alert, ...lasting]);
  return rows.slice(from).filter((row) => alerts.has(row.alert));
}

/** Gives what waits for a channel to others that can tell it; what none of them can stays where it is. */
export function handOverMethod(db: DatabaseSync): AlertStore["handOver"] {
  const add = createMessageAdder(db);
  const waiting = db.prepare(
    `SELECT * FROM outbox WHERE channel = ? AND sent_ms IS NULL AND failed_ms IS NULL AND digest_ms IS NULL ORDER BY seq`,
  );
  const find = db.prepare("SELECT failed_ms, digest_ms, told_in FROM outbox WHERE dedupe_key = ?");
  const release = db.prepare("UPDATE outbox SET digest_ms = NULL, next_try_ms = ? WHERE dedupe_key = ?");
  const give = db.prepare("UPDATE outbox SET failed_ms = ?, last_error = ? WHERE id = ?");
  const takeWhatIsIn = createDigestTaker(db);
  const leave = createDigestLeaver(db);

  /** The message's key on another channel, which told it already or will; null: that one could not tell it either. */
  function take(message: OutboxMessage, channel: string, nowMs: number): string | null {
    const dedupeKey = keyOn(channel, message);
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
      if (takers.length === 0) continue;
      // Whoever tells a digest is who heard of its alerts, and is to hear of their ends.
      for (const channel of takers) takeWhatIsIn(message, channel, nowMs);
      if (message.type === "digest")
        leave(message.dedupeKey, nowMs, `handed over to ${takers.join(", ")}, in a digest`);
      return takers;
    }
    return [];
  }

  return async (from, chain, nowMs, only) =>
    inTransaction(db, () => {
      const rows = waiting.all(from).map(toMessage);
      const meant = only === undefined ? rows : withWhatFollows(rows, only.id);
      return meant
        .map((message): HandedOver => ({ id: message.id, to: handOver(message, chain, nowMs) }))
        .filter(({ to }) => to.length > 0);
    });
}
