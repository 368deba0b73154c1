import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { AuditAction } from "./audit.ts";
import { commandActor } from "./audit.ts";
import type { HookKind, HookStanding, PartnerHook, PartnerStore } from "./partner-store.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import { toChange } from "./sqlite-partner-outages.ts";
import { createPartnerWriter } from "./sqlite-partner-writer.ts";

type HookMethods = Pick<
  PartnerStore,
  | "hooks"
  | "allHooks"
  | "addHook"
  | "removeHook"
  | "changeHook"
  | "replayHook"
  | "testHook"
  | "dueHooks"
  | "nextDelivery"
  | "delivered"
  | "notDelivered"
  | "disableHook"
>;

/** How long it is known what was delivered to whom, ms: 30 days. */
const deliveredMs = 2_592_000_000;

/** Addresses that providers want to be told at, and what is on its way to them. */
export function partnerHookMethods(db: DatabaseSync): HookMethods {
  const one = db.prepare("SELECT hook FROM partner_hooks WHERE provider = ? AND id = ?");
  const anyOne = db.prepare("SELECT hook FROM partner_hooks WHERE id = ?");
  const put = db.prepare(
    `INSERT INTO partner_hooks (id, provider, kind, disabled, hook) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET disabled = excluded.disabled, hook = excluded.hook`,
  );
  const remove = db.prepare("DELETE FROM partner_hooks WHERE id = ?");
  const removeDeliveries = db.prepare("DELETE FROM partner_deliveries WHERE hook = ?");
  const forget = db.prepare("DELETE FROM partner_deliveries WHERE hook = ? AND sent_ms <= ?");
  const again = db.prepare(
    `INSERT INTO partner_deliveries (hook, seq, id, attempts, next_try_ms)
     SELECT ?, seq, id, 0, 0 FROM partner_changes WHERE provider = ? AND at_ms >= ? AND type <> 'webhook.test'
     ON CONFLICT (hook, seq) DO UPDATE SET attempts = 0, next_try_ms = 0, sent_ms = NULL, last_error = NULL`,
  );
  const due = db.prepare(
    `SELECT DISTINCT d.hook FROM partner_deliveries d JOIN partner_hooks h ON h.id = d.hook
     WHERE d.sent_ms IS NULL AND d.next_try_ms <= ? AND h.disabled = 0 ORDER BY d.hook`,
  );
  // What waits of an outage holds back what came after it; a test has no outage, and holds back nothing. What was refused
  // before comes behind what was never tried.
  const nextOf = db.prepare(
    `SELECT d.attempts, c.* FROM partner_deliveries d
       JOIN partner_hooks h ON h.id = d.hook
       JOIN partner_changes c ON c.provider = h.provider AND c.seq = d.seq
     WHERE d.hook = ? AND d.sent_ms IS NULL AND d.next_try_ms <= ? AND h.disabled = 0
       AND NOT EXISTS (SELECT 1 FROM partner_deliveries e
         WHERE e.hook = d.hook AND e.id = d.id AND e.id <> '' AND e.sent_ms IS NULL AND e.seq < d.seq)
     ORDER BY d.attempts, d.seq LIMIT 1`,
  );
  const sent = db.prepare(
    "UPDATE partner_deliveries SET sent_ms = ?, attempts = attempts + 1, last_error = NULL WHERE hook = ? AND seq = ?",
  );
  const failed = db.prepare(
    "UPDATE partner_deliveries SET attempts = attempts + 1, last_error = ?, next_try_ms = ? WHERE hook = ? AND seq = ?",
  );
  const wakeUp = db.prepare(
    "UPDATE partner_deliveries SET attempts = 0, next_try_ms = 0 WHERE hook = ? AND sent_ms IS NULL",
  );
  const standing = db.prepare(
    `SELECT count(*) FILTER (WHERE sent_ms IS NULL) AS waiting, max(sent_ms) AS last_sent_ms FROM partner_deliveries WHERE hook = ?`,
  );
  const lastError = db.prepare(
    "SELECT last_error FROM partner_deliveries WHERE hook = ? AND sent_ms IS NULL AND last_error IS NOT NULL ORDER BY seq LIMIT 1",
  );
  const writer = createPartnerWriter(db);
  const audit = createAuditWriter(db);
  const write = (hook: PartnerHook) =>
    put.run(hook.id, hook.provider, hook.kind, hook.disabledMs === null ? 0 : 1, JSON.stringify(hook));
  const find = (provider: string, id: string, kind?: HookKind): PartnerHook | null => {
    const row = one.get(provider, id);
    const hook = row === undefined ? null : toHook(row);
    return hook === null || (kind !== undefined && hook.kind !== kind) ? null : hook;
  };
  const note = (action: AuditAction, hook: PartnerHook, timeMs: number, by = commandActor("delivery")) => {
    const detail = { provider: hook.provider, host: new URL(hook.url).host };
    audit({ timeMs, by, action, subject: hook.id, result: "done", detail });
  };

  return {
    async hooks(provider, kind) {
      const rows = db
        .prepare(
          "SELECT hook FROM partner_hooks WHERE provider = ? AND kind = ? ORDER BY hook ->> 'madeMs', id",
        )
        .all(provider, kind);
      return rows.map(toHook).map((hook): HookStanding => {
        const row = standing.get(hook.id)!;
        return {
          ...hook,
          waiting: row.waiting as number,
          lastSentMs: row.last_sent_ms as number | null,
          lastError: (lastError.get(hook.id)?.last_error as string | undefined) ?? null,
        };
      });
    },
    async allHooks() {
      return db.prepare("SELECT hook FROM partner_hooks ORDER BY id").all().map(toHook);
    },
    async addHook(hook, by, once) {
      inTransaction(db, () => {
        write(hook);
        note("webhook.made", hook, hook.madeMs, by);
        if (once !== undefined) writer.keep(once);
      });
    },
    async removeHook(provider, kind, id, nowMs, by) {
      return inTransaction(db, () => {
        const hook = find(provider, id, kind);
        if (hook === null) return false;
        remove.run(id);
        removeDeliveries.run(id);
        note("webhook.removed", hook, nowMs, by);
        return true;
      });
    },
    async changeHook(provider, id, change, nowMs, by, once) {
      return inTransaction(db, () => {
        const before = find(provider, id);
        if (before === null) return null;
        const hook = change(before);
        write(hook);
        if (before.disabledMs !== null && hook.disabledMs === null) wakeUp.run(id);
        note("webhook.changed", hook, nowMs, by);
        if (once !== undefined) writer.keep(once(hook));
        return hook;
      });
    },
    async replayHook({ id, provider }, fromMs, once) {
      return inTransaction(db, () => {
        const count = Number(again.run(id, provider, fromMs).changes);
        writer.keep(once(count));
        return count;
      });
    },
    async testHook({ id, provider }, nowMs, once) {
      inTransaction(db, () => {
        writer.test(provider, id, nowMs);
        writer.keep(once);
      });
    },
    async dueHooks(nowMs) {
      return due.all(nowMs).map(({ hook }) => hook as string);
    },
    async nextDelivery(hook, nowMs) {
      const row = nextOf.get(hook, nowMs);
      if (row === undefined) return null;
      return { hook: toHook(anyOne.get(hook)!), change: toChange(row), attempts: row.attempts as number };
    },
    async delivered(hook, seq, nowMs) {
      inTransaction(db, () => {
        sent.run(nowMs, hook, seq);
        forget.run(hook, nowMs - deliveredMs);
      });
    },
    async notDelivered(hook, seq, error, nextTryMs) {
      failed.run(error, nextTryMs, hook, seq);
    },
    async disableHook(id, reason, nowMs) {
      inTransaction(db, () => {
        const row = anyOne.get(id);
        if (row === undefined) return;
        const hook = { ...toHook(row), disabledMs: nowMs, disabledReason: reason };
        write(hook);
        note("webhook.disabled", hook, nowMs);
      });
    },
  };
}

function toHook(row: Record<string, unknown>): PartnerHook {
  return JSON.parse(row.hook as string) as PartnerHook;
}
