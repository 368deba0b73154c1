import type { RoundColumns } from "#wire/rounds-v1.ts";
import { limits } from "#wire/units.ts";
import { columnsOf, mergeRows, rowsOf, saying } from "./summary-rows.ts";
import type { Row } from "./summary-rows.ts";

/** Makes summaries of the rounds of several frames, given the oldest first. */
export interface Merger {
  /**
   * Whether these cannot follow what was added: a target was measured as another kind, or its rounds reach further (one
   * that took long ended after the next). Then they need another merger.
   */
  clashes(columns: readonly RoundColumns[]): boolean;
  add(columns: readonly RoundColumns[]): void;
  /** About so many rounds would be left: two a target may come on top. */
  stored(): number;
  finish(): Merged;
}

export interface Merged {
  rounds: RoundColumns[];
  /** Rounds that are left, and those merged away. */
  stored: number;
  thinned: number;
  /** Of those left, into which others were merged now. */
  summaries: number;
}

/** Rounds of a target that become one. */
interface Group {
  rows: Row[];
  says: string;
  window: number;
  merged: number;
}

interface Target {
  kind: RoundColumns["kind"];
  done: Row[];
  /** Of the stretch at an even pace that is not over: at most the last two rounds before the newest group wait beside it. */
  open: Group[];
  /** Between two rounds of the stretch, ms; null as long as it has one. */
  paceMs: number | null;
  lastMs: number;
}

/**
 * How far two steps of a target may differ and count as the same pace: an eighth, or what a busy board is late by, ms. A
 * missed round is far from either, so that the gaps which detection looks for are never inside of a summary.
 */
const paceSlack = 1 / 8;
const paceSlackMs = 500;
/**
 * The last rounds before a step of another length stay as they are: how long a gap has to be is told by the two steps
 * before it (src/outage/gap.ts), to the millisecond.
 */
const lastAlone = 2;

/**
 * Rounds are merged within windows of `windowMs` of the monotonic clock of their boot, where they say the same and came at
 * an even pace (wire/summary-v1.ts).
 */
export function createMerger(windowMs: number): Merger {
  const targets = new Map<string, Target>();
  let taken = 0;
  let summaries = 0;

  function merge(target: Target, rows: readonly Row[]): void {
    if (rows.length === 0) return;
    if (rows.length > 1) summaries++;
    target.done.push(mergeRows(target.kind, rows));
  }

  function endStretch(target: Target): void {
    let alone = lastAlone;
    const parts: [rows: Row[], left: Row[]][] = [];
    for (const { rows } of target.open.toReversed()) {
      const left = trailingSingles(rows, alone);
      parts.unshift([rows.slice(0, rows.length - left), rows.slice(rows.length - left)]);
      alone = Math.max(0, alone - rows.length);
    }
    for (const [rows, left] of parts) {
      merge(target, rows);
      target.done.push(...left);
    }
    target.open = [];
    target.paceMs = null;
  }

  function addRow(target: Target, row: Row): void {
    if (!keepsPace(target, row)) endStretch(target);
    const { open } = target;
    target.paceMs ??= stepOf(row) ?? (open.length === 0 ? null : row.firstMs - target.lastMs);
    const says = saying(target.kind, row);
    const window = Math.floor(row.firstMs / windowMs);
    const last = open.at(-1);
    const isMore = last?.says === says && last.window === window;
    if (last !== undefined && isMore && last.merged + row.merged <= limits.roundsPerSummary) {
      last.rows.push(row);
      last.merged += row.merged;
    } else open.push({ rows: [row], says, window, merged: row.merged });
    while (open.length > 1 && countRows(open.slice(1)) >= lastAlone) merge(target, open.shift()!.rows);
    target.lastMs = row.firstMs + row.spanMs;
  }

  return {
    clashes: (columns) =>
      columns.some(({ target: name, kind, monoMs }) => {
        const target = targets.get(name);
        return target !== undefined && (target.kind !== kind || monoMs[0]! < target.lastMs);
      }),
    add(columns) {
      for (const one of columns) {
        let target = targets.get(one.target);
        if (target === undefined) {
          target = { kind: one.kind, done: [], open: [], paceMs: null, lastMs: 0 };
          targets.set(one.target, target);
        }
        taken += one.monoMs.length;
        for (const row of rowsOf(one)) addRow(target, row);
      }
    },
    stored() {
      let rounds = 0;
      for (const { done, open } of targets.values()) rounds += done.length + open.length;
      return rounds;
    },
    finish() {
      for (const target of targets.values()) endStretch(target);
      const rounds = [...targets].map(([name, { kind, done }]) => columnsOf(name, kind, done));
      const stored = rounds.reduce((sum, { monoMs }) => sum + monoMs.length, 0);
      return { rounds, stored, thinned: taken - stored, summaries };
    },
  };
}

const countRows = (groups: readonly Group[]) => groups.reduce((sum, { rows }) => sum + rows.length, 0);
const stepOf = ({ merged, spanMs }: Row): number | null => (merged > 1 ? spanMs / (merged - 1) : null);

/** How many of the last rows, up to `most`, are rounds as measured. */
function trailingSingles(rows: readonly Row[], most: number): number {
  let count = 0;
  while (count < Math.min(most, rows.length) && rows[rows.length - 1 - count]!.merged === 1) count++;
  return count;
}

function keepsPace({ open, paceMs: known, lastMs }: Target, row: Row): boolean {
  if (open.length === 0) return true;
  const gapMs = row.firstMs - lastMs;
  const paceMs = known ?? gapMs;
  const isEven = (ms: number) => Math.abs(ms - paceMs) <= Math.max(paceMs * paceSlack, paceSlackMs);
  const stepMs = stepOf(row);
  return gapMs >= 0 && isEven(gapMs) && (stepMs === null || isEven(stepMs));
}
