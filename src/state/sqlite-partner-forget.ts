import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { PartnerHook, PartnerStore } from "./partner-store.ts";

/** What providers' records hold is given up when it is old: places in feeds and numbers go on all the same. */
export function partnerForgetMethods(db: DatabaseSync): Pick<PartnerStore, "forgetPartners"> {
  const over = db.prepare(
    "SELECT provider, id FROM partner_outages WHERE (end_ms IS NOT NULL OR withdrawn = 1) AND changed_ms < ? ORDER BY changed_ms LIMIT ?",
  );
  const dropOutage = db.prepare("DELETE FROM partner_outages WHERE provider = ? AND id = ?");
  const dropDeliveries = db.prepare(
    `DELETE FROM partner_deliveries WHERE hook IN (SELECT id FROM partner_hooks WHERE provider = ?1)
       AND seq IN (SELECT seq FROM partner_changes WHERE provider = ?1 AND id = ?2)`,
  );
  const dropChanges = db.prepare("DELETE FROM partner_changes WHERE provider = ? AND id = ?");
  // Messages of the type webhook.test are of no outage.
  const dropTests = db.prepare(
    `DELETE FROM partner_changes WHERE id = '' AND at_ms < ?
       AND provider IN (SELECT provider FROM api_keys WHERE provider IS NOT NULL)`,
  );
  const disabled = db.prepare("SELECT hook FROM partner_hooks WHERE disabled = 1");
  const put = db.prepare("UPDATE partner_hooks SET hook = ? WHERE id = ?");
  const dropWaiting = db.prepare(
    `DELETE FROM partner_deliveries WHERE hook = ?1 AND seq IN (
       SELECT d.seq FROM partner_deliveries d JOIN partner_changes c ON c.provider = ?2 AND c.seq = d.seq
       WHERE d.hook = ?1 AND d.sent_ms IS NULL AND c.at_ms < ?3 LIMIT ?4)`,
  );

  function forgetWaiting(beforeMs: number, limit: number): boolean {
    let isMore = false;
    for (const row of disabled.all()) {
      const hook = JSON.parse(row.hook as string) as Omit<PartnerHook, "key">;
      const dropped = Number(dropWaiting.run(hook.id, hook.provider, beforeMs, limit).changes);
      if (dropped > 0) put.run(JSON.stringify({ ...hook, dropped: hook.dropped + dropped }), hook.id);
      isMore ||= dropped === limit;
    }
    return isMore;
  }

  return {
    async forgetPartners({ changedMs, waitingMs }, limit) {
      return inTransaction(db, () => {
        const old = over.all(changedMs, limit) as { provider: string; id: string }[];
        for (const { provider, id } of old) {
          dropDeliveries.run(provider, id);
          dropChanges.run(provider, id);
          dropOutage.run(provider, id);
        }
        dropTests.run(changedMs);
        return forgetWaiting(waitingMs, limit) || old.length === limit;
      });
    },
  };
}
