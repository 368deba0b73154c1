import { createHash } from "node:crypto";
import type { SlaIssue, SlaIssueHead } from "../../state/sla-store.ts";
import type { Span } from "../../inventory/spans.ts";
import { verdictOfLink } from "./judge.ts";
import type { SlaVerdict } from "./judge.ts";
import { sumKnown } from "./roll-up.ts";
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

export const changeReasons = ["days", "parts", "terms", "identity", "causes", "figures"] as const;
/**
 * Why it is not what was issued. What somebody wrote is told apart from what was measured:
 *
 *   days      the link's first or last day is another
 *   parts     the month is divided among its contracts in another way
 *   terms     its contract has other terms
 *   identity  another provider or circuit id
 *   causes    of its outages
 *   figures   what was measured, or taken out; beside the first three of these it cannot be told, and is not said
 */
export type ChangeReason = (typeof changeReasons)[number];

/**
 * A part of a link's month that is not what the issue before says; all of the link's month where its parts are others. null:
 * the link had, or has, none.
 */
export interface SlaChange {
  link: string;
  /** Of which part of the month: epoch ms. */
  fromMs: number;
  toMs: number;
  before: Figures | null;
  after: Figures | null;
  reasons: ChangeReason[];
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
  const issued = JSON.parse(figures) as IssuedMonth;
  return { ...issued, links: issued.links.map(withLeast), changes: issued.changes.map(withReasons) };
}

/** What was signed before it had a least was judged by what was counted; behind the other figures, as it is made. */
function withLeast(row: LinkSla): LinkSla {
  const { contractRatio, budgetLeftMs, restitution } = row.judgement;
  const judgement = {
    ...row.judgement,
    least: row.judgement.least ?? { contractRatio, budgetLeftMs, restitution },
  };
  const countedLeastMs = row.counts.countedLeastMs ?? row.counts.countedMs;
  return { ...row, counts: { ...row.counts, countedLeastMs }, judgement };
}

/** What was signed before reasons were told says only whether the contract was the one. */
function withReasons(change: SlaChange & { contractChanged?: boolean }): SlaChange {
  const { contractChanged, ...told } = change;
  if (contractChanged === undefined) return told;
  return { ...told, reasons: [contractChanged ? "terms" : "figures"] };
}

export function changesBetween(before: readonly LinkSla[], after: readonly LinkSla[]): SlaChange[] {
  const [old, now] = [Map.groupBy(before, linkOf), Map.groupBy(after, linkOf)];
  return [...new Set([...old.keys(), ...now.keys()])].toSorted().flatMap((link) => {
    const [was, is] = [old.get(link) ?? [], now.get(link) ?? []];
    if (isDividedAlike(was, is)) return was.flatMap((part, at) => changeOf([part], [is[at]!]));
    // Of parts that are others none can be held against another; the link's whole month can.
    return changeOf(was, is);
  });
}

const linkOf = ({ link }: LinkSla) => link;

function isDividedAlike(was: readonly LinkSla[], is: readonly LinkSla[]): boolean {
  return was.length === is.length && was.every(({ part }, at) => isSameSpan(part, is[at]!.part));
}

function changeOf(was: readonly LinkSla[], is: readonly LinkSla[]): SlaChange[] {
  const reasons = reasonsOf(was, is);
  if (reasons.length === 0) return [];
  const span = spanOf([...was, ...is]);
  return [{ link: (is[0] ?? was[0])!.link, ...span, before: figuresOf(was), after: figuresOf(is), reasons }];
}

function reasonsOf(was: readonly LinkSla[], is: readonly LinkSla[]): ChangeReason[] {
  const differs = (of: (part: LinkSla) => unknown) =>
    JSON.stringify(was.map(of)) !== JSON.stringify(is.map(of));
  const isKnown = was.length > 0 && is.length > 0;
  const isWhole = isKnown && isSameSpan(spanOf(was), spanOf(is));
  const written: ChangeReason[] = [
    ...(isWhole ? [] : ["days" as const]),
    ...(isWhole && !isDividedAlike(was, is) ? ["parts" as const] : []),
    ...(isDividedAlike(was, is) && differs(({ contract }) => contract) ? ["terms" as const] : []),
  ];
  const of = (part: LinkSla) => [part.provider, part.circuitId];
  const isOther = isKnown && JSON.stringify(of(was[0]!)) !== JSON.stringify(of(is[0]!));
  return [
    ...written,
    ...(isOther ? ["identity" as const] : []),
    ...(written.length === 0 && differs(causesOf) ? ["causes" as const] : []),
    ...(written.length === 0 && differs(signedOf) ? ["figures" as const] : []),
  ];
}

/** Of each outage what the report says of it. */
const causesOf = ({ outages }: LinkSla) =>
  outages.map(({ fromMs, causes }) => [fromMs, ...new Set(causes.map(({ cause }) => cause))]);

/** All figures that somebody would sign, and not the names beside them. */
function signedOf({ counts, judgement, exclusions, outages }: LinkSla) {
  const stretches = outages.map(({ fromMs, toMs, verdict, inMonthMs }) => [fromMs, toMs, verdict, inMonthMs]);
  return [counts, judgement, exclusions, stretches];
}

const isSameSpan = (a: Span, b: Span) => a.fromMs === b.fromMs && a.toMs === b.toMs;

const spanOf = (rows: readonly LinkSla[]): Span => ({
  fromMs: Math.min(...rows.map(({ part }) => part.fromMs)),
  toMs: Math.max(...rows.map(({ part }) => part.toMs)),
});

/** One sum of the parts. */
function figuresOf(parts: readonly LinkSla[]): Figures | null {
  if (parts.length === 0) return null;
  const sum = (of: (counts: LinkSla["counts"]) => number) =>
    parts.reduce((total, { counts }) => total + of(counts), 0);
  return {
    countedMs: sum(({ countedMs }) => countedMs),
    notMeasuredMs: sum(({ notMeasuredMs }) => notMeasuredMs),
    failures: sum(({ failures }) => failures),
    verdict: verdictOfLink(parts.map(({ judgement }) => judgement.verdict)),
    amountIdr: sumKnown(parts.map(({ judgement }) => judgement.restitution.amountIdr)),
  };
}
