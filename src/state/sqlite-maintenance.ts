import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { targetKey } from "../inventory/maintenance.ts";
import type { MaintenancePlan } from "../inventory/maintenance.ts";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { MaintenanceChange, MaintenanceRecord, MaintenanceSource } from "./maintenance-record.ts";
import { createAuditWriter } from "./sqlite-audit.ts";
import type { StateStore } from "./state-store.ts";

type MaintenanceMethods = Pick<StateStore, "maintenance" | "changeMaintenance" | "maintenanceTouches">;

/** Announced work. Versions of a plan come and are superseded, and never change. */
export function maintenanceMethods(db: DatabaseSync): MaintenanceMethods {
  const current = db.prepare("SELECT * FROM maintenance WHERE superseded_ms IS NULL ORDER BY known_ms, id");
  const asOf = db.prepare(
    "SELECT * FROM maintenance WHERE known_ms <= ?1 AND coalesce(superseded_ms, ?1 + 1) > ?1 ORDER BY known_ms, id",
  );
  const write = createChangeWriter(db);
  return {
    async maintenance({ asOfMs } = {}) {
      return (asOfMs === undefined ? current.all() : asOf.all(asOfMs)).map(toRecord);
    },
    async changeMaintenance(decide, nowMs, by) {
      inTransaction(db, () => {
        const known = current.all().map(toRecord);
        for (const change of decide(known)) {
          const before = known.find(({ id }) => id === change.plan.id);
          write(change, before, nowMs, by);
        }
      });
    },
    async maintenanceTouches() {
      const row = db
        .prepare("SELECT max(id) AS up_to, min(from_ms) AS from_ms FROM maintenance_touches")
        .get()!;
      return row.up_to === null ? null : { upTo: row.up_to as number, fromMs: row.from_ms as number };
    },
  };
}

function createChangeWriter(db: DatabaseSync) {
  const supersede = db.prepare(
    "UPDATE maintenance SET superseded_ms = ? WHERE id = ? AND superseded_ms IS NULL",
  );
  const versions = db.prepare("SELECT count(*) AS count FROM maintenance WHERE id = ?");
  const insert = db.prepare(
    "INSERT INTO maintenance (id, version, source, plan, known_ms) VALUES (?, ?, ?, ?, ?)",
  );
  const touch = db.prepare("INSERT INTO maintenance_touches (from_ms) VALUES (?)");
  const audit = createAuditWriter(db);
  return (
    { act, plan, source }: MaintenanceChange,
    before: MaintenanceRecord | undefined,
    nowMs: number,
    by: Parameters<StateStore["changeMaintenance"]>[2],
  ): void => {
    supersede.run(nowMs, plan.id);
    const version = (versions.get(plan.id)!.count as number) + 1;
    if (act !== "withdrawn") insert.run(plan.id, version, source, JSON.stringify(plan), nowMs);
    touch.run(Math.min(plan.fromMs, before?.fromMs ?? Infinity));
    const { fromMs, toMs, repeat, untilMs, reason, author } = plan;
    const detail = { source, target: targetKey(plan), fromMs, toMs, repeat, untilMs, reason, author };
    audit({ timeMs: nowMs, by, action: `maintenance.${act}`, subject: plan.id, result: "done", detail });
  };
}

function toRecord(row: Record<string, SQLOutputValue>): MaintenanceRecord {
  const plan = JSON.parse(row.plan as string) as MaintenancePlan;
  return { ...plan, source: row.source as MaintenanceSource, knownMs: row.known_ms as number };
}
