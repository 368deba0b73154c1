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

/** A link whose figures are not those of the issue before; null: it was, or is, not among the links. */
export interface SlaChange {
  link: string;
  before: Figures | null;
  after: Figures | null;
}

/** What a row of sla_issues holds as text. */
export interface IssuedMonth {
  links: LinkSla[];
  /** Against the issue before; empty for the first one. */
  changes: SlaChange[];
}

export function makeIssue(
  month: string,
  links: readonly LinkSla[],
  before: SlaIssue | null,
  { issuedMs, by }: Pick<SlaIssueHead, "issuedMs" | "by">,
): SlaIssue {
  const correction = before === null ? 0 : before.correction + 1;
  const changes = before === null ? [] : changesBetween(readIssue(before).links, links);
  const figures = JSON.stringify({ links, changes } satisfies {
    links: readonly LinkSla[];
    changes: unknown;
  });
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
  const [old, now] = [byLink(before), byLink(after)];
  return [...new Set([...old.keys(), ...now.keys()])].toSorted().flatMap((link) => {
    const [was, is] = [old.get(link), now.get(link)];
    if (was !== undefined && is !== undefined && fingerprint(was) === fingerprint(is)) return [];
    return [{ link, before: figuresOf(was), after: figuresOf(is) }];
  });
}

/** All that somebody would sign, and not the names beside it. */
function fingerprint({ counts, judgement, exclusions, outages, contract }: LinkSla): string {
  const stretches = outages.map(({ fromMs, toMs, verdict, inMonthMs }) => [fromMs, toMs, verdict, inMonthMs]);
  return JSON.stringify([counts, judgement, exclusions, stretches, contract]);
}

const byLink = (rows: readonly LinkSla[]) => new Map(rows.map((row) => [row.link, row]));

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
