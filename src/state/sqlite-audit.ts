import type { DatabaseSync } from "node:sqlite";
import type { AuditAction, AuditEntry, AuditRecord } from "./audit.ts";
import type { StateStore } from "./state-store.ts";

export type WriteAudit = (entry: AuditEntry) => void;

/** Adds a row to the audit log. Called inside the transaction of the act, so that there is no act without its row. */
export function createAuditWriter(db: DatabaseSync): WriteAudit {
  const insert = db.prepare(
    `INSERT INTO audit (time_ms, actor, actor_name, address, action, subject, result, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ timeMs, by, action, subject, result, detail }) => {
    insert.run(timeMs, by.id, by.name, by.address, action, subject, result, JSON.stringify(detail));
  };
}

export function auditMethods(db: DatabaseSync): Pick<StateStore, "addAudit" | "audit"> {
  const write = createAuditWriter(db);
  const page = db.prepare("SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?");
  return {
    async addAudit(entry) {
      write(entry);
    },
    async audit({ beforeId, limit }) {
      return page.all(beforeId ?? Number.MAX_SAFE_INTEGER, limit).map((row): AuditRecord => ({
        id: row.id as number,
        timeMs: row.time_ms as number,
        by: {
          id: row.actor as string,
          name: row.actor_name as string,
          address: row.address as string | null,
        },
        action: row.action as AuditAction,
        subject: row.subject as string,
        result: row.result as AuditRecord["result"],
        detail: JSON.parse(row.detail as string) as AuditRecord["detail"],
      }));
    },
  };
}
