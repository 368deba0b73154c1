import type { DatabaseSync } from "node:sqlite";
import type { Once, PartnerChangeType, PartnerComment, PartnerRecord } from "./partner-store.ts";

/** A record before its change has a place in the feed. */
type Draft = Omit<PartnerRecord, "seq" | "changedMs">;

export interface PartnerWriter {
  /** 1, 2, 3 … of each provider's outages. */
  number(provider: string): number;
  /** Writes a change of a record, and what has to be delivered for it. Inside the transaction of its cause. */
  change(draft: Draft, type: PartnerChangeType, atMs: number, comment: PartnerComment | null): PartnerRecord;
  /** A change of nothing, for one hook alone. */
  test(provider: string, hook: string, atMs: number): void;
  keep(once: Once): void;
}

export function createPartnerWriter(db: DatabaseSync): PartnerWriter {
  const nextSeq = db.prepare(
    `INSERT INTO partner_counters (provider, number, seq) VALUES (?, 0, 1)
     ON CONFLICT (provider) DO UPDATE SET seq = seq + 1 RETURNING seq`,
  );
  const nextNumber = db.prepare(
    `INSERT INTO partner_counters (provider, number, seq) VALUES (?, 1, 0)
     ON CONFLICT (provider) DO UPDATE SET number = number + 1 RETURNING number`,
  );
  const addChange = db.prepare(
    "INSERT INTO partner_changes (provider, seq, id, type, at_ms, change) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const put = db.prepare(
    `INSERT INTO partner_outages (provider, id, number, outage, link, start_ms, end_ms, withdrawn, changed_ms, seq, record)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (provider, id) DO UPDATE SET start_ms = excluded.start_ms, end_ms = excluded.end_ms,
       withdrawn = excluded.withdrawn, changed_ms = excluded.changed_ms, seq = excluded.seq, record = excluded.record`,
  );
  const deliverToAll = db.prepare(
    `INSERT INTO partner_deliveries (hook, seq, id, attempts, next_try_ms)
     SELECT id, ?, ?, 0, 0 FROM partner_hooks WHERE provider = ?`,
  );
  const deliverToOne = db.prepare(
    "INSERT INTO partner_deliveries (hook, seq, id, attempts, next_try_ms) VALUES (?, ?, '', 0, 0)",
  );
  const forget = db.prepare("DELETE FROM partner_once WHERE at_ms <= ?");
  const keepAnswer = db.prepare(
    `INSERT INTO partner_once (provider, key, fingerprint, at_ms, status, body) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (provider, key) DO UPDATE SET fingerprint = excluded.fingerprint, at_ms = excluded.at_ms,
       status = excluded.status, body = excluded.body`,
  );
  const next = (provider: string) => nextSeq.get(provider)!.seq as number;

  return {
    number: (provider) => nextNumber.get(provider)!.number as number,
    change(draft, type, atMs, comment) {
      const { provider, id, number, outage, link, startMs, endMs, withdrawn } = draft;
      const record: PartnerRecord = { ...draft, changedMs: atMs, seq: next(provider) };
      const { seq } = record;
      addChange.run(provider, seq, id, type, atMs, JSON.stringify({ record, comment }));
      put.run(
        provider,
        id,
        number,
        outage,
        link,
        startMs,
        endMs,
        withdrawn ? 1 : 0,
        atMs,
        seq,
        JSON.stringify(record),
      );
      deliverToAll.run(seq, id, provider);
      return record;
    },
    test(provider, hook, atMs) {
      const seq = next(provider);
      addChange.run(provider, seq, "", "webhook.test", atMs, JSON.stringify({ record: null, comment: null }));
      deliverToOne.run(hook, seq);
    },
    keep({ provider, key, fingerprint, atMs, status, body }) {
      forget.run(atMs - 86_400_000);
      keepAnswer.run(provider, key, fingerprint, atMs, status, body);
    },
  };
}
