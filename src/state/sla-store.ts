import type { Actor } from "./audit.ts";

/** An issued month: what was signed stays, whatever is learned later. */
export interface SlaIssueHead {
  /** `SLA-2026-10`, and `SLA-2026-10-K1`, `-K2` … of its corrections. */
  number: string;
  /** Such as 2026-10. */
  month: string;
  /** 0: the first; then one more with each correction. */
  correction: number;
  issuedMs: number;
  /** Who issued it: the name of the key. */
  by: string;
  /** SHA-256 of the figures as they are stored, hex. */
  digest: string;
}

export interface SlaIssue extends SlaIssueHead {
  /** JSON; report/sla/issues.ts. */
  figures: string;
}

/** What a link's figures in an issued month rest on, with the issue. */
export interface IssuedEvidence {
  link: string;
  site: string;
  /** Keys of the targets behind it. */
  targets: string[];
  /** JSON; report/sla/evidence-source.ts. */
  source: string;
}

/** Rounds of a target on one day that an outage rests on. */
export interface OutageRounds {
  /** Of the target. */
  key: string;
  /** Days since the epoch, UTC. */
  day: number;
  /** JSON; report/sla/plain-rounds.ts. */
  rounds: string;
}

/** What a dispute needs. Issued months are insert-only. */
export interface SlaStore {
  /** Of the days [fromDay, toDay), by key, then day. */
  outageRounds(keys: readonly string[], fromDay: number, toDay: number): Promise<OutageRounds[]>;
  /** In place of what was kept of the same key and day. */
  keepOutageRounds(rounds: readonly OutageRounds[]): Promise<void>;
  /** By month, then correction. */
  slaIssues(month?: string): Promise<SlaIssueHead[]>;
  /** The one of this number; null: there is none. */
  slaIssue(number: string): Promise<SlaIssue | null>;
  /** Rejects when its number is taken. */
  addSlaIssue(issue: SlaIssue, evidence: readonly IssuedEvidence[], by: Actor): Promise<void>;
  /** null: the issue has no such link. */
  issuedEvidence(number: string, link: string): Promise<IssuedEvidence | null>;
  /** Keys of the targets behind the issues of the months, by site. */
  issuedTargets(months: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
}
