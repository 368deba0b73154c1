import type { AlertPart, AlertRecord } from "../state/state-store.ts";
import type { AlertOptions } from "./alert-options.ts";
import { becomesUnstable, beginningsOf } from "./faults.ts";
import type { Fault, FaultIndex } from "./faults.ts";
import { excuseOf, findElsewhere, followPart } from "./follow.ts";
import type { At } from "./follow.ts";
import { byStart } from "./groups.ts";
import type { Working } from "./working.ts";

/*
 * One alert for each fault: what people know of first, then what is held longest, then what is new. A fault that two alerts
 * turn out to be about stays with the first of them, and the other is over.
 */

/** The open alerts with what the table now shows of them, and an alert for each problem that has none yet. */
export function claimFaults(
  open: readonly AlertRecord[],
  index: FaultIndex,
  at: At,
  options: AlertOptions,
): Working[] {
  const owners = new Map<Fault, Working>();
  const known: Working[] = [];
  // What people know of goes before what only waits, also where its fault has turned out to lie elsewhere.
  for (const isTold of [true, false]) {
    const records = open.filter(({ toldMs }) => (toldMs !== null) === isTold).sort(inOrder);
    const followed = records.map((record) => claimOwn(record, owners, index, at));
    for (const working of followed) {
      if (working.faults.length === 0 && !isPast(working, at)) claimElsewhere(working, owners, index, at);
      settleParts(working);
    }
    known.push(...followed);
  }
  const fresh: Working[] = [];
  for (const ofKey of index.faults.values()) {
    const { isUnstable, fault } = findNews(ofKey, owners, at.nowMs, options);
    if (fault !== null) fresh.push(openAlert(fault, isUnstable, at.nowMs));
  }
  return [...known, ...fresh.sort((a, b) => (a.record.id < b.record.id ? -1 : 1))];
}

function inOrder(a: AlertRecord, b: AlertRecord): number {
  const first = (a.toldMs ?? 0) - (b.toldMs ?? 0);
  return first || a.openedMs - b.openedMs || (a.id < b.id ? -1 : 1);
}

/** What is left of an alert under its own roots. Parts of which nothing is left go, as long as others stay. */
function claimOwn(known: AlertRecord, owners: Map<Fault, Working>, index: FaultIndex, at: At): Working {
  const working: Working = { record: { ...known }, faults: [], gone: null, mergedInto: null };
  const parts: AlertPart[] = [];
  for (const part of known.parts) {
    const sought = known.isUnstable ? { ...part, endMs: null } : part;
    // What people were told of stays that alert while announced work explains it, or one fault would be two pairs.
    const followed =
      followPart(sought, index, at) ??
      (known.toldMs === null ? null : followPart(sought, { ...index, faults: index.worked }, at));
    if (followed !== null && (claim(working, followed.faults, owners) || followed.faults.length === 0))
      parts.push(followed.part);
  }
  if (parts.length === 0) return working;
  // What it began with turned out to be somebody else's: what is left has only begun to wait.
  const isLater = startOf(parts) - startOf(known.parts) >= sharpenedMs;
  if (isLater && known.toldMs === null) working.record.sinceMs = at.nowMs;
  working.record.parts = parts;
  return working;
}

/** An edge that is only measured better moves by less than this, ms: one round. */
const sharpenedMs = 60_000;

const startOf = (parts: readonly AlertPart[]) => Math.min(...parts.map(({ startMs }) => startMs));

/** Its outages ended before what the table shows: nothing more will become of it. */
function isPast({ record, mergedInto }: Working, { keptFromMs }: At): boolean {
  return mergedInto === null && record.parts.every(({ endMs }) => endMs !== null && endMs < keptFromMs);
}

/** Its roots have no trouble any more: whose fault it was then. */
function claimElsewhere(working: Working, owners: Map<Fault, Working>, index: FaultIndex, at: At): void {
  const { record } = working;
  if (working.mergedInto === null) {
    const found = new Set(record.parts.flatMap((part) => findElsewhere(part, record, index, at.nowMs)));
    const claimed = [...found].filter((fault) => claim(working, [fault], owners));
    if (claimed.length > 1) record.area ??= record.parts[0]!.root;
    if (claimed.length > 0) record.parts = claimed.map((fault) => toPart(fault));
  }
  if (working.faults.length > 0) return;
  const excuses = record.parts.map((part) => excuseOf(part, record, index));
  lose(working, excuses.find((excuse) => excuse !== null) ?? "withdrawn");
}

/** Takes what nobody has yet; false when that is nothing, and then who has it is noted. */
function claim(working: Working, faults: readonly Fault[], owners: Map<Fault, Working>): boolean {
  const free = faults.filter((fault) => !owners.has(fault));
  for (const fault of free) owners.set(fault, working);
  working.faults.push(...free);
  if (free.length > 0) return true;
  const owner = faults.map((fault) => owners.get(fault)).find((other) => other !== undefined);
  if (owner !== undefined && owner !== working) working.mergedInto = owner;
  return false;
}

/** Brings the record in line with the faults that it now has. */
function settleParts(working: Working): void {
  const { record, faults } = working;
  if (working.gone !== null) return;
  working.mergedInto = null;
  faults.sort(byStart);
  record.parts = [...record.parts].sort(byStart);
  record.incident = faults[0]?.rows[0]!.incident ?? record.incident;
  const isAllShown = record.parts.every(({ key }) => faults.some((fault) => fault.key === key));
  record.sites = sitesOf(faults, isAllShown ? [] : record.sites);
}

/** Nothing is left of it. Untold, its time of waiting goes to the one that has its faults now. */
function lose(working: Working, gone: NonNullable<Working["gone"]>): Working {
  const { record, mergedInto } = working;
  working.gone = mergedInto === null ? gone : "merged";
  if (mergedInto !== null) {
    mergedInto.record.openedMs = Math.min(mergedInto.record.openedMs, record.openedMs);
    mergedInto.record.sinceMs = Math.min(mergedInto.record.sinceMs, record.sinceMs);
  }
  return working;
}

/** What of a key's trouble nobody has an alert for: what lasts, or has come so often that it is news although it is over. */
function findNews(
  ofKey: readonly Fault[],
  owners: ReadonlyMap<Fault, Working>,
  nowMs: number,
  options: AlertOptions,
): { isUnstable: boolean; fault: Fault | null } {
  const last = ofKey.at(-1)!;
  if (ofKey.some((fault) => owners.has(fault) && fault.endMs === null) || owners.has(last))
    return { isUnstable: false, fault: null };
  const isRecent = nowMs - beginningsOf(ofKey).at(-1)! <= options.flapHalfLifeMs;
  const isUnstable = isRecent && becomesUnstable(ofKey, nowMs, options);
  return { isUnstable, fault: last.endMs === null || isUnstable ? last : null };
}

function openAlert(fault: Fault, isUnstable: boolean, nowMs: number): Working {
  const standing = fault.rows.filter(({ endMs }) => endMs === null);
  const openedMs = standing.reduce((ms, { knownMs }) => Math.min(ms, knownMs), nowMs);
  const record: AlertRecord = {
    id: `${fault.key}@${fault.startMs}@${openedMs}`,
    incident: fault.rows[0]!.incident,
    parts: [toPart(fault)],
    area: null,
    sites: sitesOf([fault], []),
    openedMs,
    sinceMs: openedMs,
    isHidden: false,
    isUnstable,
    toldMs: null,
    told: null,
    doubted: null,
    changedMs: null,
    updates: 0,
    endedMs: null,
    closedMs: null,
    facts: null,
  };
  return { record, faults: [fault], gone: null, mergedInto: null };
}

function toPart({ key, root, startMs, endMs }: Fault): AlertPart {
  return { key, root, startMs, endMs };
}

function sitesOf(faults: readonly Fault[], kept: readonly string[]): string[] {
  return [...new Set([...kept, ...faults.flatMap(({ rows }) => rows.map(({ site }) => site))])].sort();
}
