import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { Actor, AuditAction } from "./audit.ts";
import type { HookStanding, PartnerHook, PartnerStore } from "./partner-store.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import { createPartnerWriter } from "./sqlite-partner-writer.ts";

type HookMethods = Pick<
  PartnerStore,
  | "hooks"
  | "allHooks"
  | "allStandings"
  | "addHook"
  | "removeHook"
  | "changeHook"
  | "enableHook"
  | "replayHook"
  | "testHook"
>;

/** Addresses that providers want to be told at. */
export function partnerHookMethods(db: DatabaseSync): HookMethods {
  const one = db.prepare("SELECT key, hook FROM partner_hooks WHERE provider = ? AND id = ?");
  const anyOne = db.prepare("SELECT key, hook FROM partner_hooks WHERE id = ?");
  const ofKind = db.prepare(
    "SELECT key, hook FROM partner_hooks WHERE provider = ? AND kind = ? ORDER BY hook ->> 'madeMs', id",
  );
  const all = db.prepare(
    "SELECT key, hook FROM partner_hooks ORDER BY provider, kind, hook ->> 'madeMs', id",
  );
  const remove = db.prepare("DELETE FROM partner_hooks WHERE id = ?");
  const removeDeliveries = db.prepare("DELETE FROM partner_deliveries WHERE hook = ?");
  const since = db.prepare(
    `SELECT c.seq, c.id, o.link FROM partner_changes c JOIN partner_outages o ON o.provider = c.provider AND o.id = c.id
     WHERE c.provider = ? AND c.at_ms >= ? ORDER BY c.seq`,
  );
  const again = db.prepare(
    `INSERT INTO partner_deliveries (hook, seq, id, attempts, next_try_ms) VALUES (?, ?, ?, 0, 0)
     ON CONFLICT (hook, seq) DO UPDATE SET attempts = 0, next_try_ms = 0, sent_ms = NULL, last_error = NULL`,
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
  const newest = db.prepare(
    `WITH RECURSIVE line (id, step) AS (
       SELECT ?, 0 UNION ALL SELECT k.replaced_by, l.step + 1 FROM line l JOIN api_keys k ON k.id = l.id WHERE k.replaced_by IS NOT NULL
     ) SELECT l.id FROM line l JOIN api_keys k ON k.id = l.id WHERE k.revoked_ms IS NULL ORDER BY l.step DESC LIMIT 1`,
  );
  /** The key that took the place of this one: whoever still writes with the old one would see its webhooks end with it. */
  const heirOf = (key: string): string => (newest.get(key)?.id as string | undefined) ?? key;
  const writer = createPartnerWriter(db);
  const write = createHookWriter(db);
  const find = (provider: string, id: string): PartnerHook | null => {
    const row = one.get(provider, id);
    return row === undefined ? null : toHook(row);
  };
  const toStanding = (row: Record<string, unknown>): HookStanding => {
    const hook = toHook(row);
    const { waiting, last_sent_ms: lastSentMs } = standing.get(hook.id)!;
    return {
      ...hook,
      waiting: waiting as number,
      lastSentMs: lastSentMs as number | null,
      lastError: (lastError.get(hook.id)?.last_error as string | undefined) ?? null,
    };
  };
  const enabled = (before: PartnerHook, key: string): PartnerHook => {
    wakeUp.run(before.id);
    return { ...before, key: heirOf(key), disabledMs: null, disabledReason: null };
  };
  /** Of TM Forum's hub, which knows one of each address and query. */
  const sameAs = ({ kind, url, query }: PartnerHook, others: readonly PartnerHook[]) =>
    kind === "tmf" ? others.find((hook) => hook.url === url && hook.query === query) : undefined;

  return {
    async hooks(provider, kind) {
      return ofKind.all(provider, kind).map(toStanding);
    },
    async allHooks() {
      return all.all().map(toHook);
    },
    async allStandings() {
      return all.all().map(toStanding);
    },
    async addHook(hook, by, { most = Infinity, once } = {}) {
      return inTransaction(db, () => {
        const others = ofKind.all(hook.provider, hook.kind).map(toHook);
        const same = sameAs(hook, others);
        if (same !== undefined && same.disabledMs === null) return "same";
        if (same === undefined && others.length >= most) return "full";
        const added = same === undefined ? { ...hook, key: heirOf(hook.key) } : enabled(same, hook.key);
        write(added, same === undefined ? "webhook.made" : "webhook.changed", hook.madeMs, by);
        if (once !== undefined) writer.keep(once(added));
        return added;
      });
    },
    async removeHook(id, nowMs, by, of) {
      return inTransaction(db, () => {
        const row = anyOne.get(id);
        const hook = row === undefined ? null : toHook(row);
        if (hook === null) return false;
        if (of !== undefined && (hook.provider !== of.provider || hook.kind !== of.kind)) return false;
        write(hook, "webhook.removed", nowMs, by);
        remove.run(id);
        removeDeliveries.run(id);
        return true;
      });
    },
    async changeHook(provider, id, change, nowMs, by, once) {
      return inTransaction(db, () => {
        const before = find(provider, id);
        if (before === null) return null;
        const hook = change(before);
        write(hook, "webhook.changed", nowMs, by);
        if (once !== undefined) writer.keep(once(hook));
        return hook;
      });
    },
    async enableHook(provider, id, nowMs, by, once) {
      inTransaction(db, () => {
        const before = find(provider, id);
        if (before !== null) write(enabled(before, by.id), "webhook.changed", nowMs, by);
        writer.keep(once);
      });
    },
    async replayHook({ id, provider }, fromMs, hidden, once) {
      return inTransaction(db, () => {
        const found = since.all(provider, fromMs).filter(({ link }) => !hidden(link as string));
        for (const change of found) again.run(id, change.seq as number, change.id as string);
        writer.keep(once(found.length));
        return found.length;
      });
    },
    async testHook({ id, provider }, nowMs, once) {
      inTransaction(db, () => {
        writer.test(provider, id, nowMs);
        writer.keep(once);
      });
    },
  };
}

/** Writes a hook with its row of the audit log. Inside a transaction. */
export function createHookWriter(db: DatabaseSync) {
  const put = db.prepare(
    `INSERT INTO partner_hooks (id, provider, kind, key, disabled, hook) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET key = excluded.key, disabled = excluded.disabled, hook = excluded.hook`,
  );
  const audit = createAuditWriter(db);
  return (hook: PartnerHook, action: AuditAction, timeMs: number, by: Actor): void => {
    const { key, ...rest } = hook;
    const isDisabled = hook.disabledMs === null ? 0 : 1;
    put.run(hook.id, hook.provider, hook.kind, key, isDisabled, JSON.stringify(rest));
    const detail = { provider: hook.provider, host: new URL(hook.url).host };
    audit({ timeMs, by, action, subject: hook.id, result: "done", detail });
  };
}

/** The key is beside it: it passes on when it is rotated. */
export function toHook(row: Record<string, unknown>): PartnerHook {
  const rest = JSON.parse(row.hook as string) as Omit<PartnerHook, "key">;
  return { ...rest, key: row.key as string };
}
