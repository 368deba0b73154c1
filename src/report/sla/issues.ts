import { createHash } from "node:crypto";
import type { SlaIssue, SlaIssueHead } from "../../state/sla-store.ts";
import type { SlaVerdict } from "./judge.ts";
import type { LinkSla } from "./sla.ts";

/*
 * An issued month is what somebody signed. What is learned later changes nothing of it: it makes a correction, with a number
 * of its own, which says what it changes.
 */

export interface Figures {
  countedMs: number;
  notMeasuredMs: number;
  failures: number;
  verdict: SlaVerdict;
  amountIdr: number | null;
}

/** A part of a link's month whose figures are not those of the issue before; null: there was, or is, no such part. */
export interface SlaChange {
  link: string;
  /** Of which part of the month: epoch ms. */
  fromMs: number;
  toMs: number;
  before: Figures | null;
  after: Figures | null;
  /** Its contract has other terms: somebody wrote over them, and nothing that was measured is the reason. */
  contractChanged: boolean;
}

/** What a row of sla_issues holds as text. */
export interface IssuedMonth {
  about: MonthAbout;
  links: LinkSla[];
  /** By link: SHA-256 of what its figures rest on, as it is stored. */
  evidence: Record<string, string>;
  /** Against the issue before; empty for the first one. */
  changes: SlaChange[];
}

/** What the month's figures are told with; of an issued month as it was then. */
export interface MonthAbout {
  fromMs: number;
  toMs: number;
  timeZone: string;
  /** Of the top of the tree. */
  district: string;
  /** Of areas, by code. */
  names: Record<string, string>;
}

export function makeIssue(
  month: string,
  { links, about, evidence }: Omit<IssuedMonth, "changes">,
  before: SlaIssue | null,
  { issuedMs, by }: Pick<SlaIssueHead, "issuedMs" | "by">,
): SlaIssue {
  const correction = before === null ? 0 : before.correction + 1;
  const changes = before === null ? [] : changesBetween(readIssue(before).links, links);
  const figures = JSON.stringify({ about, links, evidence, changes } satisfies IssuedMonth);
  return {
    number: `SLA-${month}${correction === 0 ? "" : `-K${correction}`}`,
    month,
    correction,
    issuedMs,
    by,
    digest: createHash("sha256").update(figures).digest("hex"),
    figures,
  };
}

/** Throws when the figures are not those that were issued. */
export function readIssue({ number, figures, digest }: SlaIssue): IssuedMonth {
  if (createHash("sha256").update(figures).digest("hex") !== digest)
    throw new Error(`${number}: the stored figures are not those of its digest`);
  return JSON.parse(figures) as IssuedMonth;
}

export function changesBetween(before: readonly LinkSla[], after: readonly LinkSla[]): SlaChange[] {
  const [old, now] = [byPart(before), byPart(after)];
  return [...new Set([...old.keys(), ...now.keys()])].toSorted().flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    if (was !== undefined && is !== undefined && fingerprint(was) === fingerprint(is)) return [];
    const { link, part } = (is ?? was)!;
    const { fromMs, toMs } = part;
    const contractChanged =
      was !== undefined && is !== undefined && JSON.stringify(was.contract) !== JSON.stringify(is.contract);
    return [{ link, fromMs, toMs, before: figuresOf(was), after: figuresOf(is), contractChanged }];
  });
}

/** All that somebody would sign, and not the names beside it. */
function fingerprint({ counts, judgement, exclusions, outages, contract }: LinkSla): string {
  const stretches = outages.map(({ fromMs, toMs, verdict, inMonthMs }) => [fromMs, toMs, verdict, inMonthMs]);
  return JSON.stringify([counts, judgement, exclusions, stretches, contract]);
}

const byPart = (rows: readonly LinkSla[]) =>
  new Map(rows.map((row) => [`${row.link} ${row.part.fromMs} ${row.part.toMs}`, row]));

function figuresOf(row: LinkSla | undefined): Figures | null {
  if (row === undefined) return null;
  const { counts, judgement } = row;
  return {
    countedMs: counts.countedMs,
    notMeasuredMs: counts.notMeasuredMs,
    failures: counts.failures,
    verdict: judgement.verdict,
    amountIdr: judgement.restitution.amountIdr,
  };
}
