import type { AlertFace, AlertRecord, OutageRecord } from "../state/state-store.ts";
import type { Fault } from "./faults.ts";
import { isLonely } from "./faults.ts";

/** An alert while a decision is made over it: what is remembered of it, and what the table now shows of it. */
export interface Working {
  record: AlertRecord;
  faults: Fault[];
  /** The table shows nothing of it any more, and why; null: it does. */
  gone: Correction | null;
  /** Another alert is about the same fault, and people know that one. */
  mergedInto: Working | null;
}

/**
 * Why something that people were told of is no longer a problem. `withdrawn`: later evidence showed that there was
 * no outage · `merged`: it belongs to another problem · `maintenance`, `agent`: the outage stands, but under a cause
 * that is nobody's fault to repair now.
 */
export type Correction = "withdrawn" | "merged" | "maintenance" | "agent";

export function startMsOf({ record }: Working): number {
  return Math.min(...record.parts.map(({ startMs }) => startMs));
}

/** A row of its faults lasts. */
export function isOpen({ faults }: Working): boolean {
  return faults.some(({ endMs }) => endMs === null);
}

/** Its faults are over, and nothing else cuts their places off; or the table knows nothing of it any more. */
export function isOver({ record, gone }: Working): boolean {
  return gone !== null || record.parts.every(({ endMs }) => endMs !== null);
}

export function rowsOf({ faults }: Pick<Working, "faults">): OutageRecord[] {
  return faults.flatMap(({ rows }) => rows);
}

/** Whether every part is of services that one site alone misses. */
export const isAllLonely = ({ record }: Working) =>
  record.sites.length < 2 && record.parts.every(({ key }) => isLonely(key));

/** Several roots are called by their area, one by itself. */
export function rootOf({ parts, area }: AlertRecord): string {
  const roots = new Set(parts.map(({ root }) => root));
  return roots.size > 1 && area !== null ? area : parts[0]!.root;
}

/** The row that says best what happened: the root's own, of the site before those of services, and the latest of them. */
export function mainRow(rows: readonly OutageRecord[]): OutageRecord {
  const open = rows.filter(({ endMs }) => endMs === null);
  const now = open.length > 0 ? open : rows;
  const own = now.filter(({ site, root }) => site === root);
  return own.findLast(({ service }) => service === null) ?? own.at(-1) ?? now[0]!;
}

/** What people would be told of it now. */
export function faceOf(working: Working, isLasting: boolean): AlertFace {
  const { record } = working;
  const root = rootOf(record);
  const rows = rowsOf(working);
  const isArea = record.parts.some((part) => part.root !== root);
  const standing = rows.filter(({ endMs }) => endMs === null);
  const named = standing.length > 0 ? standing : rows;
  return {
    kind: record.isUnstable && !isLasting ? "unstable" : isArea ? "area" : "outage",
    root,
    cause: isArea ? commonCause(named) : mainRow(rows).cause,
    isService: named.every(({ service }) => service !== null),
    sites: record.sites.length,
  };
}

/** Sites that fell together fell for one reason, where any of them knows it. */
function commonCause(rows: readonly OutageRecord[]): OutageRecord["cause"] {
  const known = new Set(rows.map(({ cause }) => cause).filter((cause) => cause !== "unknown"));
  if (known.has("power")) return "power";
  return known.size === 1 ? [...known][0]! : "unknown";
}
