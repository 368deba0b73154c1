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
  /** Rounds that would be left. */
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
  /** Between its first two rounds, ms; null as long as it has one. */
  paceMs: number | null;
  merged: number;
  lastMs: number;
}

interface Target {
  kind: RoundColumns["kind"];
  done: Row[];
  group: Group | null;
  lastMs: number;
}

/**
 * How far two steps of a target may differ and count as the same pace: an eighth, or what a busy board is late by, ms. A
 * missed round is far from either, so that the gaps which detection looks for are never inside of a summary.
 */
const paceSlack = 1 / 8;
const paceSlackMs = 500;

/**
 * Rounds are merged within windows of `windowMs` of the monotonic clock of their boot, where they say the same and came at
 * an even pace (wire/summary-v1.ts).
 */
export function createMerger(windowMs: number): Merger {
  const targets = new Map<string, Target>();
  let taken = 0;
  let stored = 0;
  let summaries = 0;

  function close(target: Target): void {
    const { group, kind } = target;
    if (group === null) return;
    if (group.rows.length > 1) summaries++;
    target.done.push(mergeRows(kind, group.rows));
    target.group = null;
  }

  function addRow(target: Target, row: Row): void {
    const says = saying(target.kind, row);
    const window = Math.floor(row.firstMs / windowMs);
    const paceMs = stepOf(row);
    const { group } = target;
    if (group !== null && group.says === says && group.window === window && keepsPace(group, row, paceMs)) {
      group.paceMs ??= row.firstMs - group.lastMs;
      group.rows.push(row);
      group.merged += row.merged;
      group.lastMs = row.firstMs + row.spanMs;
      return;
    }
    close(target);
    stored++;
    const lastMs = row.firstMs + row.spanMs;
    target.group = { rows: [row], says, window, paceMs, merged: row.merged, lastMs };
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
          target = { kind: one.kind, done: [], group: null, lastMs: 0 };
          targets.set(one.target, target);
        }
        taken += one.monoMs.length;
        for (const row of rowsOf(one)) {
          addRow(target, row);
          target.lastMs = row.firstMs + row.spanMs;
        }
      }
    },
    stored: () => stored,
    finish() {
      for (const target of targets.values()) close(target);
      const rounds = [...targets].map(([name, { kind, done }]) => columnsOf(name, kind, done));
      return { rounds, stored, thinned: taken - stored, summaries };
    },
  };
}

const stepOf = ({ merged, spanMs }: Row): number | null => (merged > 1 ? spanMs / (merged - 1) : null);

function keepsPace(group: Group, row: Row, stepMs: number | null): boolean {
  if (group.merged + row.merged > limits.roundsPerSummary) return false;
  const gapMs = row.firstMs - group.lastMs;
  const paceMs = group.paceMs ?? gapMs;
  const isEven = (ms: number) => Math.abs(ms - paceMs) <= Math.max(paceMs * paceSlack, paceSlackMs);
  return gapMs >= 0 && isEven(gapMs) && (stepMs === null || isEven(stepMs));
}
