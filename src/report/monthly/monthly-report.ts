import type { SlaIssueHead } from "../../state/sla-store.ts";
import { doubtsOf } from "../sla/doubts.ts";
import type { SlaMonth } from "../sla/create-sla-book.ts";
import type { SlaChange } from "../sla/issues.ts";
import { ratiosOf, sumCounts } from "../sla/judge.ts";
import { contractSums, countVerdicts, rollUpSla } from "../sla/roll-up.ts";
import type { ContractSums, SlaRow } from "../sla/roll-up.ts";
import type { LinkSla } from "../sla/sla.ts";

/* What a monthly report says, before it is a page, a sheet or a table. */

export interface MonthlyReport {
  /** Such as 2026-10. */
  month: string;
  fromMs: number;
  toMs: number;
  /** Of the top of the tree. */
  district: string;
  timeZone: string;
  /** Whose figures they are; null: provisional ones. */
  issue: SlaIssueHead | null;
  /** The issue in the place of which it is. */
  replaces: SlaIssueHead | null;
  /** What this correction changed against the issue before it. */
  changes: readonly SlaChange[];
  links: readonly LinkSla[];
  total: Total;
  providers: SlaRow[];
  areas: SlaRow[];
  causeText: (cause: string) => string;
}

export type Total = Pick<SlaRow, "counts" | "ratios" | "verdicts" | "links" | "doubts"> & {
  /** Links with a contract that promises something. */
  promised: number;
  restitutionIdr: number | null;
  /** What contracts speak of, of the links with a promise. */
  sums: ContractSums;
};

export function createMonthlyReport(
  { month, span, links, issue, replaces, changes }: SlaMonth,
  about: Pick<MonthlyReport, "district" | "timeZone" | "causeText"> & { nameOf: (code: string) => string },
): MonthlyReport {
  const { nameOf, ...rest } = about;
  const sums = contractSums(links);
  const counts = sumCounts(links.map((link) => link.counts));
  return {
    month,
    ...span,
    ...rest,
    issue,
    replaces,
    changes,
    links,
    total: {
      counts,
      ratios: ratiosOf(counts),
      verdicts: countVerdicts(links),
      doubts: doubtsOf(links),
      links: new Set(links.map(({ link }) => link)).size,
      promised: new Set(links.filter(({ judgement }) => judgement.allowedMs !== null).map(({ link }) => link))
        .size,
      restitutionIdr: sums.restitutionIdr,
      sums,
    },
    providers: rollUpSla(links, "provider", nameOf),
    areas: rollUpSla(links, "kecamatan", nameOf),
  };
}

export const reportKinds = ["pdf", "xlsx", "csv"] as const;
export type ReportKind = (typeof reportKinds)[number];

/** What is asked for, a month's latest: whoever fetches the next month's only changes the month. */
export const reportName = (month: string, kind: ReportKind) => `laporan-sla-${month}.${kind}`;

/** The month and kind of what is asked for; null: none of these. */
export function readReportName(name: string): { month: string; kind: ReportKind } | null {
  const [, month, ending] = /^laporan-sla-(\d{4}-\d{2})\.([a-z]+)$/.exec(name) ?? [];
  const kind = reportKinds.find((each) => each === ending);
  return month === undefined || kind === undefined ? null : { month, kind };
}

/** What the file is called: by the number of its issue, so that a correction never takes the name of what was signed. */
export function reportFile(
  { month, issue }: Pick<MonthlyReport, "month" | "issue">,
  kind: ReportKind,
): string {
  const which = issue === null ? `${month}-sementara` : issue.number.replace(/^SLA-/, "");
  return `laporan-sla-${which}.${kind}`;
}
