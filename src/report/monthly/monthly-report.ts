import type { SlaIssueHead } from "../../state/sla-store.ts";
import type { SlaMonth } from "../sla/create-sla-book.ts";
import type { SlaChange } from "../sla/issues.ts";
import { ratiosOf, sumCounts } from "../sla/judge.ts";
import type { SlaVerdict } from "../sla/judge.ts";
import { contractSums, rollUpSla } from "../sla/roll-up.ts";
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
  /** What this correction changed against the issue before it. */
  changes: readonly SlaChange[];
  links: readonly LinkSla[];
  total: Total;
  providers: SlaRow[];
  areas: SlaRow[];
  causeText: (cause: string) => string;
}

export type Total = Pick<SlaRow, "counts" | "ratios" | "verdicts" | "links"> & {
  /** Links with a contract that promises something. */
  promised: number;
  restitutionIdr: number | null;
  /** What contracts speak of, of the links with a promise. */
  sums: ContractSums;
};

export function createMonthlyReport(
  { month, span, links, issue, changes }: SlaMonth,
  about: Pick<MonthlyReport, "district" | "timeZone" | "causeText"> & { nameOf: (code: string) => string },
): MonthlyReport {
  const { nameOf, ...rest } = about;
  const verdicts: Record<SlaVerdict, number> = { met: 0, missed: 0, open: 0, none: 0 };
  for (const { judgement } of links) verdicts[judgement.verdict] += 1;
  const sums = contractSums(links);
  const counts = sumCounts(links.map((link) => link.counts));
  return {
    month,
    ...span,
    ...rest,
    issue,
    changes,
    links,
    total: {
      counts,
      ratios: ratiosOf(counts),
      verdicts,
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

/** Stable: whoever fetches the next month's only changes the month. */
export const reportKinds = ["pdf", "xlsx", "csv"] as const;
export type ReportKind = (typeof reportKinds)[number];
export const reportName = (month: string, kind: ReportKind) => `laporan-sla-${month}.${kind}`;

/** The month and kind of a file's name; null: none of these. */
export function readReportName(name: string): { month: string; kind: ReportKind } | null {
  const [, month, ending] = /^laporan-sla-(\d{4}-\d{2})\.([a-z]+)$/.exec(name) ?? [];
  const kind = reportKinds.find((each) => each === ending);
  return month === undefined || kind === undefined ? null : { month, kind };
}
