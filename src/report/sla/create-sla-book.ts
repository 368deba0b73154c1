import type { Inventory, Link } from "../../inventory/inventory.ts";
import { defaultTimeZone, monthSpan } from "../../inventory/local-time.ts";
import type { Span } from "../../inventory/spans.ts";
import type { SeriesStore } from "../../series/series-store.ts";
import type { Actor } from "../../state/audit.ts";
import type { SlaIssue, SlaIssueHead } from "../../state/sla-store.ts";
import type { StateStore } from "../../state/state-store.ts";
import { createPlace } from "../create-reader.ts";
import { heardUntil } from "../heard-until.ts";
import type { TargetStatus } from "../reader.ts";
import { computeSla } from "./compute-sla.ts";
import { writeEvidence } from "./evidence.ts";
import { changesBetween, makeIssue, readIssue } from "./issues.ts";
import type { SlaChange } from "./issues.ts";
import { createKeptMonths } from "./keep-months.ts";
import type { LinkSla } from "./sla.ts";

/** So long after its end a month can be issued, ms: by then the watch has closed what was merely carried on. */
export const settleMs = 86_400_000;

export interface SlaMonth {
  /** Such as 2026-10. */
  month: string;
  span: Span;
  /** In the order of the inventory, sites from the district down. */
  links: LinkSla[];
  /** The figures are those of this issue; null: the month was not issued, or figures as of now were asked for. */
  issue: SlaIssueHead | null;
  /** What that issue changed against the one before it. */
  changes: SlaChange[];
  /** What a correction issued now would change. */
  pending: SlaChange[];
}

export interface SlaBook {
  /** Whether it is a month, and has begun. */
  isMonth(month: string): boolean;
  /**
   * null: no such month, or one that has not begun. `asIssued`: the figures of the last issue where there is one. `link`:
   * of this one alone, at the cost of one; where there is none of that name, without links.
   */
  month(month: string, asIssued: boolean, link?: string): Promise<SlaMonth | null>;
  issues(): Promise<SlaIssueHead[]>;
  /**
   * Issues a month, or its correction. `unchanged`: the last issue says what would be said now · `early`: it is not over for a
   * day yet · `unmeasured`: not one round of any link was · `unknown`: no such month.
   */
  issue(month: string, by: Actor): Promise<SlaIssueHead | SlaNotIssued>;
  /** JSON lines (evidence.ts); null: no such month or link. */
  evidence(link: string, month: string): Promise<string | null>;
}

export type SlaNotIssued = "unchanged" | "early" | "unmeasured" | "unknown";

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
    const { tree } = place();
    return tree.order.flatMap(({ code }) => tree.linksOf(code));
  };
  async function compute(span: Span, of: readonly Link[], asOfMs?: number) {
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
  async function lastIssue(month: string): Promise<SlaIssue | null> {
    const head = (await state.slaIssues(month)).at(-1);
    return head === undefined ? null : state.slaIssue(head.number);
  }

  async function issue(month: string, by: Actor): Promise<SlaIssueHead | SlaNotIssued> {
    const span = spanOf(month);
    if (span === null) return "unknown";
    if (nowMs() < span.toMs + settleMs) return "early";
    // As it was known a moment ago, which is settled for ever: the evidence can be asked for as it was known then.
    const issuedMs = nowMs() - 1;
    const found = (await compute(span, links(), issuedMs)).map(({ sla }) => sla);
    // Nobody may sign 100 % of which nothing is known.
    if (found.every(({ ratios }) => (ratios.coverageRatio ?? 0) === 0)) return "unmeasured";
    const before = await lastIssue(month);
    if (before !== null && changesBetween(readIssue(before).links, found).length === 0) return "unchanged";
    const { figures, ...head } = makeIssue(month, found, before, { issuedMs, by: by.name });
    await state.addSlaIssue({ ...head, figures }, by);
    return head;
  }

  return {
    isMonth: (month) => spanOf(month) !== null,
    async month(month, asIssued, only) {
      const span = spanOf(month);
      if (span === null) return null;
      const isMeant = (link: string) => only === undefined || link === only;
      const found = await (only === undefined
        ? keptOf(span, () => slaOf(span, links()))
        : slaOf(
            span,
            links().filter(({ id }) => isMeant(id)),
          ));
      const issued = await lastIssue(month);
      if (issued === null) return { month, span, links: found, issue: null, changes: [], pending: [] };
      const { figures: _figures, ...head } = issued;
      const whole = readIssue(issued);
      const signed = {
        links: whole.links.filter(({ link }) => isMeant(link)),
        changes: whole.changes.filter(({ link }) => isMeant(link)),
      };
      const pending = changesBetween(signed.links, found);
      return asIssued
        ? { month, span, ...signed, issue: head, pending }
        : { month, span, links: found, issue: null, changes: [], pending };
    },
    issues: () => state.slaIssues(),
    issue(month, by) {
      // One after the other: the second of two hands on one button finds nothing to correct.
      const next = last.then(() => issue(month, by));
      last = next.catch(() => undefined);
      return next;
    },
    async evidence(id, month) {
      const span = spanOf(month);
      if (span === null) return null;
      const issued = await lastIssue(month);
      const signed = issued === null ? undefined : readIssue(issued).links.find(({ link }) => link === id);
      const link = links().find((each) => each.id === id);
      if (link === undefined || (issued !== null && signed === undefined)) return null;
      const [computed] = await compute(span, [link], issued?.issuedMs);
      return writeEvidence(deps, place(), {
        month,
        span,
        read: computed!.read,
        sla: signed ?? computed!.sla,
        issue: issued,
      });
    },
  };
}
