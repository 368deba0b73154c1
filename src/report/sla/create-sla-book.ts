import type { Inventory, Link } from "../../inventory/inventory.ts";
import { defaultTimeZone, monthSpan } from "../../inventory/local-time.ts";
import { allLinksOf } from "../../inventory/validity.ts";
import type { Span } from "../../inventory/spans.ts";
import type { SeriesStore } from "../../series/series-store.ts";
import type { Actor } from "../../state/audit.ts";
import type { SlaIssue, SlaIssueHead } from "../../state/sla-store.ts";
import type { StateStore } from "../../state/state-store.ts";
import { createPlace } from "../create-reader.ts";
import { heardUntil } from "../heard-until.ts";
import type { TargetStatus } from "../reader.ts";
import { computeSla } from "./compute-sla.ts";
import { digestOf, packSources, sourceOf, unpackSources } from "./evidence-source.ts";
import type { EvidenceSource } from "./evidence-source.ts";
import { writeEvidence } from "./evidence.ts";
import { changesBetween, makeIssue, readIssue } from "./issues.ts";
import type { MonthAbout, SlaChange } from "./issues.ts";
import { createKeptMonths } from "./keep-months.ts";
import type { LinkSla } from "./sla.ts";

/** So long after its end a month can be issued, ms: by then the watch has closed what was merely carried on. */
export const settleMs = 86_400_000;

export interface SlaMonth {
  /** Such as 2026-10. */
  month: string;
  span: Span;
  /** What it is told with; of an issued month as it was then. */
  about: MonthAbout;
  /** In the order of the inventory, sites from the district down; of a link one for each of its contracts in the month. */
  links: LinkSla[];
  /** The figures are those of this issue; null: the month was not issued, or figures as of now were asked for. */
  issue: SlaIssueHead | null;
  /** The issue that this one took the place of; null: it is the first, or none. */
  replaces: SlaIssueHead | null;
  /** What that issue changed against the one before it. */
  changes: SlaChange[];
  /** What a correction issued now would change. */
  pending: SlaChange[];
}

/** Links that are meant: one by its name, or those of somebody of this name. */
export type LinksMeant = string | { whose: string; has: (link: string) => boolean };

export interface SlaBook {
  /** Whether it is a month, and has begun. */
  isMonth(month: string): boolean;
  /**
   * null: no such month, or one that has not begun; or no such issue of it. `asIssued`: the figures of the last issue where
   * there is one, or of the issue of this `number`. `links`: of these alone, at the cost of as many; where there is none, without links.
   */
  month(month: string, asIssued: boolean, links?: LinksMeant, number?: string): Promise<SlaMonth | null>;
  /** As `month` as issued has them, at no cost where it was issued: without what a correction would change. */
  figures(month: string, has: (link: string) => boolean, number?: string): Promise<LinkSla[] | null>;
  issues(): Promise<SlaIssueHead[]>;
  /** With the figures as they were signed; null: there is none of this number. */
  issueOf(number: string): Promise<SlaIssue | null>;
  /**
   * Issues a month, or its correction. `unchanged`: the last issue says what would be said now · `early`: it is not over for a
   * day yet · `unmeasured`: not one round of any link was · `holidays`: a contract owes no service on holidays, and those of
   * the year are not given · `unknown`: no such month.
   */
  issue(month: string, by: Actor): Promise<SlaIssueHead | SlaNotIssued>;
  /**
   * JSON lines (evidence.ts) of a part of the link's month, the first is 1; null: no such month or link. Where no part is
   * asked for and the month has several, or not the one that is asked for: how many there are. `number`: of this issue, in
   * place of the last one.
   */
  evidence(
    link: string,
    month: string,
    of?: { part?: number | undefined; number?: string | undefined },
  ): Promise<string | { parts: number } | null>;
}

export type SlaNotIssued = "unchanged" | "early" | "unmeasured" | "holidays" | "unknown";

export interface SlaBookDeps {
  inventory: () => Inventory;
  state: StateStore;
  series: SeriesStore;
  nowMs: () => number;
  targetStatus: () => Promise<readonly TargetStatus[]>;
  version: string;
  /** How old rounds become that are not put aside, ms. */
  rawMs: number;
}

export function createSlaBook(deps: SlaBookDeps): SlaBook {
  const { inventory, state, nowMs } = deps;
  const place = createPlace(inventory);
  let last: Promise<unknown> = Promise.resolve();

  const spanOf = (month: string): Span | null => {
    const span = monthSpan(month, inventory().timeZone ?? defaultTimeZone);
    return span === null || span.fromMs >= nowMs() ? null : span;
  };
  const links = (): Link[] => {
    const bySite = Map.groupBy(allLinksOf(inventory()).values(), ({ site }) => site);
    return place().tree.order.flatMap(({ code }) => bySite.get(code) ?? []);
  };
  const aboutNow = (span: Span): MonthAbout => {
    const { sites, timeZone = defaultTimeZone } = inventory();
    return {
      ...span,
      timeZone,
      district: [...sites.values()].find(({ parent }) => parent === null)?.name ?? "",
      names: Object.fromEntries([...sites.values()].map(({ code, name }) => [code, name])),
    };
  };
  async function compute(span: Span, of: readonly Link[], asOfMs?: number) {
    if (of.length === 0) return [];
    const at = asOfMs ?? nowMs();
    // Of an earlier moment nobody remembers how far the rounds reached, and of a month that is long over it says nothing.
    const isNow = asOfMs === undefined && at < span.toMs + settleMs;
    return computeSla(state, place(), {
      month: span,
      links: of,
      nowMs: Math.floor(at / 1000) * 1000,
      asOfMs,
      provenMs: isNow ? heardUntil(inventory(), await deps.targetStatus()) : new Map(),
    });
  }
  const slaOf = async (span: Span, of: readonly Link[]) => (await compute(span, of)).map(({ sla }) => sla);
  const keptOf = createKeptMonths({ state, inventory, nowMs });
  const linksNow = (span: Span, meant: LinksMeant | undefined): Promise<LinkSla[]> => {
    const make = () =>
      slaOf(
        span,
        links().filter(({ id }) => isMeant(meant, id)),
      );
    if (typeof meant === "string") return make();
    return keptOf(meant?.whose ?? "", span, make);
  };
  /** The last one, or the one of this number, after the one that it took the place of. */
  async function issuesOf(month: string, number?: string) {
    const heads = await state.slaIssues(month);
    const at = number === undefined ? heads.length - 1 : heads.findIndex((head) => head.number === number);
    const [replaces = null, head] = [heads[at - 1], heads[at]];
    return { issued: head === undefined ? null : await state.slaIssue(head.number), replaces };
  }

  async function issue(month: string, by: Actor): Promise<SlaIssueHead | SlaNotIssued> {
    const span = spanOf(month);
    if (span === null) return "unknown";
    if (nowMs() < span.toMs + settleMs) return "early";
    // As it was known a moment ago, which is settled for ever: the evidence can be asked for as it was known then.
    const issuedMs = nowMs() - 1;
    const computed = await compute(span, links(), issuedMs);
    const found = computed.map(({ sla }) => sla);
    // Nobody may sign 100 % of which nothing is known.
    if (found.every(({ ratios }) => (ratios.coverageRatio ?? 0) === 0)) return "unmeasured";
    if (found.some(({ yearsWithoutHolidays }) => yearsWithoutHolidays.length > 0)) return "holidays";
    const { issued: before } = await issuesOf(month);
    if (before !== null && changesBetween(readIssue(before).links, found).length === 0) return "unchanged";
    const sources = Map.groupBy(computed, ({ read }) => read.link.id).values();
    const kept = [...sources].map((parts) => packSources(parts.map(({ read }) => sourceOf(place(), read))));
    const evidence = Object.fromEntries(kept.map(({ link, source }) => [link, digestOf(source)]));
    const told = { links: found, about: aboutNow(span), evidence };
    const { figures, ...head } = makeIssue(month, told, before, { issuedMs, by: by.name });
    await state.addSlaIssue({ ...head, figures }, kept, by);
    return head;
  }

  /** What an issued link's figures rest on; throws when it is not what was issued. */
  async function issuedSources(
    { number }: SlaIssueHead,
    link: string,
    digest: string,
  ): Promise<EvidenceSource[]> {
    const kept = await state.issuedEvidence(number, link);
    if (kept === null || digestOf(kept.source) !== digest)
      throw new Error(`${number}: the stored evidence of ${link} is not that of its digest`);
    return unpackSources(kept.source);
  }

  /** The parts of a link's month, as issued or as known now. */
  async function partsOf(span: Span, issued: SlaIssue | null, id: string) {
    if (issued === null) {
      const link = links().find((each) => each.id === id);
      const computed = link === undefined ? [] : await compute(span, [link]);
      return computed.map(({ sla, read }) => ({ sla, source: sourceOf(place(), read) }));
    }
    const { links: signed, evidence } = readIssue(issued);
    const figures = signed.filter(({ link }) => link === id);
    if (figures.length === 0) return [];
    const sources = await issuedSources(issued, id, evidence[id]!);
    return figures.map((sla, index) => ({ sla, source: sources[index]! }));
  }

  return {
    isMonth: (month) => spanOf(month) !== null,
    async month(month, asIssued, meant, number) {
      const span = spanOf(month);
      if (span === null) return null;
      const { issued, replaces } = await issuesOf(month, number);
      if (issued === null && number !== undefined) return null;
      const found = await linksNow(span, meant);
      const now = {
        month,
        span,
        about: aboutNow(span),
        links: found,
        issue: null,
        replaces: null,
        changes: [],
      };
      if (issued === null || !asIssued) return { ...now, pending: [] };
      const { figures: _figures, ...head } = issued;
      const { about, links: whole, changes } = readIssue(issued);
      const ofLink = <T extends { link: string }>(rows: readonly T[]) =>
        rows.filter(({ link }) => isMeant(meant, link));
      const last = number === undefined ? whole : readIssue((await issuesOf(month)).issued!).links;
      return {
        month,
        span: { fromMs: about.fromMs, toMs: about.toMs },
        about,
        links: ofLink(whole),
        changes: ofLink(changes),
        issue: head,
        replaces,
        pending: changesBetween(ofLink(last), found),
      };
    },
    async figures(month, has, number) {
      const span = spanOf(month);
      if (span === null) return null;
      const { issued } = await issuesOf(month, number);
      if (issued !== null) return readIssue(issued).links.filter(({ link }) => has(link));
      const meant = links().filter(({ id }) => has(id));
      return number === undefined ? slaOf(span, meant) : null;
    },
    issues: () => state.slaIssues(),
    issueOf: (number) => state.slaIssue(number),
    issue(month, by) {
      // One after the other: the second of two hands on one button finds nothing to correct.
      const next = last.then(() => issue(month, by));
      last = next.catch(() => undefined);
      return next;
    },
    async evidence(id, month, { part, number } = {}) {
      const span = spanOf(month);
      if (span === null) return null;
      const { issued } = await issuesOf(month, number);
      const parts = await partsOf(span, issued, id);
      if (parts.length === 0) return null;
      const meant = part === undefined && parts.length === 1 ? parts[0] : parts[(part ?? 0) - 1];
      if (meant === undefined) return { parts: parts.length };
      return writeEvidence(deps, { month, ...meant, issue: issued });
    },
  };
}

function isMeant(meant: LinksMeant | undefined, link: string): boolean {
  if (meant === undefined) return true;
  return typeof meant === "string" ? link === meant : meant.has(link);
}
