import type { AlertRecord } from "../state/state-store.ts";
import type { AlertOptions } from "./alert-options.ts";
import { isLonely, isPageable } from "./faults.ts";
import type { Working } from "./working.ts";
import { isOver, rowsOf, startMsOf } from "./working.ts";

/*
 * Area grouping (methods.md §B2): sites of one kecamatan, or kecamatan of one kabupaten, that fall within five minutes
 * have one cause when there are three of them, or two and a word about power. They are told as one.
 */

export interface Grouping {
  /** The site whose children `root` is one of, for grouping; null: none. */
  areaOf: (root: string) => string | null;
  options: AlertOptions;
}

/** Joins what fell together; the one that people know, else the first, takes the others in. Gives what is left. */
export function groupAreas(alerts: readonly Working[], grouping: Grouping): Working[] {
  const taken = new Set<Working>();
  for (const group of fallsOf(alerts, grouping)) {
    if (!isOneCause(group, grouping.options)) continue;
    const target = group.find(({ record }) => record.toldMs !== null) ?? group[0]!;
    const area = grouping.areaOf(target.record.parts[0]!.root);
    for (const other of group) {
      if (other === target || other.record.toldMs !== null) continue;
      takeIn(target, other, area);
      taken.add(other);
    }
  }
  return alerts.filter((alert) => !taken.has(alert));
}

/** Untold alerts that fell with a neighbour, too few of them to be one cause: another may follow. */
export function findExpecting(alerts: readonly Working[], grouping: Grouping): Set<Working> {
  const expecting = fallsOf(alerts, grouping).filter((group) => !isOneCause(group, grouping.options));
  return new Set(expecting.flat());
}

export function takeIn(target: Working, other: Working, area: string | null): void {
  const { record } = target;
  record.parts = [...record.parts, ...other.record.parts].sort(byStart);
  record.area ??= area;
  record.sites = [...new Set([...record.sites, ...other.record.sites])].sort();
  record.openedMs = Math.min(record.openedMs, other.record.openedMs);
  record.sinceMs = Math.min(record.sinceMs, other.record.sinceMs);
  target.faults = [...target.faults, ...other.faults].sort(byStart);
}

export function byStart(a: { startMs: number; key: string }, b: { startMs: number; key: string }): number {
  return a.startMs - b.startMs || (a.key < b.key ? -1 : 1);
}

/** Groups of two and more of one area, each within the window of its first. */
function fallsOf(alerts: readonly Working[], { areaOf, options }: Grouping): Working[][] {
  const groups: Working[][] = [];
  const able = alerts.filter((alert) => mayGroup(alert));
  const byArea = Map.groupBy(able, ({ record }) => areaOf(record.parts[0]!.root));
  for (const [area, ofArea] of byArea) {
    if (area === null) continue;
    let group: Working[] = [];
    for (const alert of ofArea.sort(
      (a, b) => startMsOf(a) - startMsOf(b) || compareIds(a.record, b.record),
    )) {
      if (group.length > 0 && startMsOf(alert) > startMsOf(group[0]!) + options.areaWindowMs) {
        groups.push(group);
        group = [];
      }
      group.push(alert);
    }
    groups.push(group);
  }
  return groups.filter(({ length }) => length > 1);
}

/** A site that is cut off by its own fault, and still is; what announced work explains fell by itself. */
function mayGroup(alert: Working): boolean {
  const { record, faults } = alert;
  const atHome = record.parts.every(({ key, root }) => !isLonely(key) && !root.startsWith("service:"));
  const isUntoldFlap = record.isUnstable && record.toldMs === null;
  return atHome && faults.length > 0 && !isUntoldFlap && !isOver(alert) && rowsOf(alert).some(isPageable);
}

function isOneCause(group: readonly Working[], { areaSites }: AlertOptions): boolean {
  const roots = new Set(group.flatMap(({ record }) => record.parts.map(({ root }) => root)));
  return roots.size >= areaSites || (roots.size >= 2 && group.some(hasPowerEvidence));
}

function hasPowerEvidence(alert: Working): boolean {
  return rowsOf(alert).some(
    ({ cause, evidence }) =>
      cause === "power" ||
      evidence.some(({ fact }) => fact === "power.onBattery" || fact === "power.lowBattery"),
  );
}

const compareIds = (a: AlertRecord, b: AlertRecord) => (a.id < b.id ? -1 : 1);
