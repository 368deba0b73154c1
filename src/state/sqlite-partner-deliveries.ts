import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import { commandActor } from "./audit.ts";
import type { PartnerDeliveryStore } from "./partner-store.ts";
import { createHookWriter, toHook } from "./sqlite-partner-hooks.ts";
import { toChange } from "./sqlite-partner-outages.ts";

/** How long it is known what was delivered to whom, ms: 30 days. */
const deliveredMs = 2_592_000_000;

/** What is on its way to the addresses that providers registered. */
export function partnerDeliveryMethods(db: DatabaseSync): PartnerDeliveryStore {
  const anyOne = db.prepare("SELECT key, hook FROM partner_hooks WHERE id = ?");
  const forget = db.prepare("DELETE FROM partner_deliveries WHERE hook = ? AND sent_ms <= ?");
  // Looked at for each delivery, so that a key that is revoked ends them at once.
  const hasKey = `EXISTS (SELECT 1 FROM api_keys k WHERE k.id = h.key AND k.revoked_ms IS NULL
    AND (k.expires_ms IS NULL OR k.expires_ms > :now))`;
  const due = db.prepare(
    `SELECT h.id FROM partner_hooks h WHERE h.disabled = 0 AND ${hasKey}
       AND EXISTS (SELECT 1 FROM partner_deliveries d WHERE d.hook = h.id AND d.sent_ms IS NULL AND d.next_try_ms <= :now)
     ORDER BY h.id`,
  );
  const keyless = db.prepare(
    `SELECT h.id FROM partner_hooks h WHERE h.disabled = 0 AND NOT ${hasKey} ORDER BY h.id`,
  );
  // What waits of an outage holds back what came after it; a test has no outage, and holds back nothing. What was refused
  // before comes behind what was never tried.
  const nextOf = db.prepare(
    `SELECT d.attempts, c.* FROM partner_deliveries d
       JOIN partner_hooks h ON h.id = d.hook
       JOIN partner_changes c ON c.provider = h.provider AND c.seq = d.seq
     WHERE d.hook = :hook AND d.sent_ms IS NULL AND d.next_try_ms <= :now AND h.disabled = 0 AND ${hasKey}
       AND NOT EXISTS (SELECT 1 FROM partner_deliveries e
         WHERE e.hook = d.hook AND e.id = d.id AND e.id <> '' AND e.sent_ms IS NULL AND e.seq < d.seq)
     ORDER BY d.attempts, d.seq LIMIT 1`,
  );
  const sent = db.prepare(
    "UPDATE partner_deliveries SET sent_ms = ?, attempts = attempts + 1, last_error = NULL WHERE hook = ? AND seq = ?",
  );
  const skip = db.prepare("DELETE FROM partner_deliveries WHERE hook = ? AND seq = ?");
  const failed = db.prepare(
    "UPDATE partner_deliveries SET attempts = attempts + 1, last_error = ?, next_try_ms = ? WHERE hook = ? AND seq = ?",
  );
  const wake = db.prepare(
    "UPDATE partner_deliveries SET next_try_ms = 0 WHERE hook = ? AND sent_ms IS NULL AND next_try_ms > 0",
  );
  const write = createHookWriter(db);

  return {
    async dueHooks(nowMs) {
      return due.all({ now: nowMs }).map(({ id }) => id as string);
    },
    async hooksWithoutKey(nowMs) {
      return keyless.all({ now: nowMs }).map(({ id }) => id as string);
    },
    async nextDelivery(hook, nowMs) {
      const row = nextOf.get({ hook, now: nowMs });
      if (row === undefined) return null;
      return { hook: toHook(anyOne.get(hook)!), change: toChange(row), attempts: row.attempts as number };
    },
    async delivered(hook, seq, nowMs, wakes) {
      inTransaction(db, () => {
        sent.run(nowMs, hook, seq);
        forget.run(hook, nowMs - deliveredMs);
        if (wakes) wake.run(hook);
      });
    },
    async skipDelivery(hook, seq) {
      skip.run(hook, seq);
    },
    async notDelivered(hook, seq, error, nextTryMs) {
      failed.run(error, nextTryMs, hook, seq);
    },
    async disableHook(id, reason, nowMs) {
      inTransaction(db, () => {
        const row = anyOne.get(id);
        if (row === undefined) return;
        const hook = { ...toHook(row), disabledMs: nowMs, disabledReason: reason };
        write(hook, "webhook.disabled", nowMs, commandActor("delivery"));
      });
    },
  };
}
