import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type { SlaIssueHead, SlaStore } from "./sla-store.ts";
import { createAuditWriter } from "./sqlite-audit.ts";

export function slaMethods(db: DatabaseSync): SlaStore {
  const heads = "SELECT number, month, correction, issued_ms, by_name, digest FROM sla_issues";
  const all = db.prepare(`${heads} ORDER BY month, correction`);
  const ofMonth = db.prepare(`${heads} WHERE month = ? ORDER BY correction`);
  const one = db.prepare("SELECT * FROM sla_issues WHERE number = ?");
  const insert = db.prepare(
    "INSERT INTO sla_issues (number, month, correction, issued_ms, by_name, digest, figures) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const addEvidence = db.prepare(
    "INSERT INTO sla_issue_evidence (number, link, site, targets, source) VALUES (?, ?, ?, ?, ?)",
  );
  const evidenceOf = db.prepare(
    "SELECT site, targets, source FROM sla_issue_evidence WHERE number = ? AND link = ?",
  );
  const targetsOf = db.prepare(
    "SELECT site, targets FROM sla_issues JOIN sla_issue_evidence USING (number) WHERE month = ?",
  );
  const audit = createAuditWriter(db);
  const kept = db.prepare(
    "SELECT day, rounds FROM outage_rounds WHERE key = ? AND day >= ? AND day < ? ORDER BY day",
  );
  const keep = db.prepare(
    "INSERT INTO outage_rounds (key, day, rounds) VALUES (?, ?, ?) ON CONFLICT (key, day) DO UPDATE SET rounds = excluded.rounds",
  );
  return {
    async outageRounds(keys, fromDay, toDay) {
      return keys.toSorted().flatMap((key) =>
        kept.all(key, fromDay, toDay).map((row) => ({
          key,
          day: row.day as number,
          rounds: inflateRawSync(row.rounds as Uint8Array).toString(),
        })),
      );
    },
    async keepOutageRounds(rounds) {
      inTransaction(db, () => {
        for (const each of rounds) keep.run(each.key, each.day, deflateRawSync(each.rounds));
      });
    },
    async slaIssues(month) {
      return (month === undefined ? all.all() : ofMonth.all(month)).map(toHead);
    },
    async slaIssue(number) {
      const row = one.get(number);
      return row === undefined ? null : { ...toHead(row), figures: row.figures as string };
    },
    async issuedEvidence(number, link) {
      const row = evidenceOf.get(number, link);
      if (row === undefined) return null;
      return {
        link,
        site: row.site as string,
        targets: JSON.parse(row.targets as string) as string[],
        source: inflateRawSync(row.source as Uint8Array).toString(),
      };
    },
    async issuedTargets(months) {
      const found = new Map<string, Set<string>>();
      for (const row of months.flatMap((month) => targetsOf.all(month))) {
        const keys = found.get(row.site as string) ?? new Set();
        for (const key of JSON.parse(row.targets as string) as string[]) keys.add(key);
        found.set(row.site as string, keys);
      }
      return found;
    },
    async addSlaIssue({ number, month, correction, issuedMs, by: name, digest, figures }, evidence, by) {
      inTransaction(db, () => {
        insert.run(number, month, correction, issuedMs, name, digest, figures);
        for (const { link, site, targets, source } of evidence)
          addEvidence.run(number, link, site, JSON.stringify(targets), deflateRawSync(source));
        const detail = { month, correction, digest };
        audit({ timeMs: issuedMs, by, action: "sla.issued", subject: number, result: "done", detail });
      });
    },
  };
}

function toHead(row: Record<string, SQLOutputValue>): SlaIssueHead {
  return {
    number: row.number as string,
    month: row.month as string,
    correction: row.correction as number,
    issuedMs: row.issued_ms as number,
    by: row.by_name as string,
    digest: row.digest as string,
  };
}
