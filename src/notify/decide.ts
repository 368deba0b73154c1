import type { Standings } from "../outage/standing.ts";
import type { AlertFace, AlertRecord, OutageRecord } from "../state/state-store.ts";
import { defaultAlertOptions } from "./alert-options.ts";
import type { AlertOptions } from "./alert-options.ts";
import { claimFaults } from "./claim.ts";
import { becomesUnstable, beginningsOf, indexFaults, penaltyOf } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { findExpecting, groupAreas, takeIn } from "./groups.ts";
import { doubtOf, isHidden, waitsUntilMs } from "./wait.ts";
import type { World } from "./wait.ts";
import { faceOf, isOpen, isOver, rootOf, rowsOf, startMsOf } from "./working.ts";
import type { Correction, Working } from "./working.ts";

/*
 * Who is told what, and when: one message that a fault began, one that it is over, and none about the past. Pure: what is
 * remembered and the table as it stands go in; what is remembered next and what is to be told come out.
 *
 *   nothing ──open──▶ held ──no reason to wait left──▶ told ──over for settleMs──▶ closed, "up"
 *                      │                                │  └─is something else─▶ an update of the same
 *                      │                                └──withdrawn, merged, maintenance, agent──▶ closed, "corrected"
 *                      └──over before anyone was told──▶ closed, silently
 *
 * Reasons to wait are in wait.ts; which rows of the table an alert is about, whatever they are called today, in follow.ts;
 * what falls together in groups.ts; what comes and goes in faults.ts.
 */

export interface TableNow {
  /** Every open row, and at least the ended ones that ended after `fromMs`. Withdrawn ones may be there. */
  outages: readonly OutageRecord[];
  fromMs: number;
  standings: Standings;
  /** Sites above a root in the tree of paths, the nearest first; of a service: its control vantage and what is above that. */
  above: (root: string) => readonly string[];
  /** The site whose children a root is told with when several fall together; null: it has none. */
  areaOf: (root: string) => string | null;
}

export interface Notice {
  what: "problem" | "update" | "recovery";
  alert: AlertRecord;
  face: AlertFace;
  /** Rows that it is about; empty when nothing of it is left in the table. */
  outages: OutageRecord[];
  /** null: it lasts, or ended as problems do. */
  correction: Correction | null;
  mergedInto: { incident: string; root: string } | null;
  /** What is new since people were told last, of an update; else nothing. */
  changes: AlertChange[];
  /** How many sites people were told of before; null: it is the first that they hear. */
  sitesBefore: number | null;
  /** The root that people were told of before, where it is another; else null. */
  rootBefore: string | null;
}

/** `worsened`: it cuts off many more sites · `cause`: that is known now · `elsewhere`: the fault lies at another place · `pattern`: it comes and goes, or does so no more. */
export type AlertChange = "worsened" | "cause" | "elsewhere" | "pattern";

export interface Decision {
  /** All alerts that stay open: what the next decision is to be given. */
  open: AlertRecord[];
  /** New, changed and closed ones: what is to be written down. */
  changed: AlertRecord[];
  /** In the order of their faults. */
  notices: Notice[];
  /** Nothing more is to be told before this if the table stays as it is, epoch ms; Infinity: nothing at all. */
  nextLookMs: number;
}

export function decideAlerts(
  open: readonly AlertRecord[],
  table: TableNow,
  nowMs: number,
  options: AlertOptions = defaultAlertOptions,
): Decision {
  const index = indexFaults(table.outages);
  const world: World = { index, standings: table.standings, above: table.above, nowMs, options };
  const grouping = { areaOf: table.areaOf, options };
  const claimed = claimFaults(
    open,
    index,
    { nowMs, keptFromMs: table.fromMs, settleMs: options.settleMs },
    options,
  );
  for (const working of claimed) markUnstable(working, world);
  const alerts = groupAreas(claimed, grouping);
  const expecting = findExpecting(alerts, grouping);
  const looks: number[] = [];
  const left = tellProblems(alerts, expecting, world, looks);
  const notices = left.map((working) => followUp(working, world, looks)).filter((one) => one !== null);
  return collect(open, left, notices, looks, nowMs);
}

/** Tells the untold ones that need not wait any more, and gives what is left after some were taken in by others. */
function tellProblems(
  alerts: readonly Working[],
  expecting: ReadonlySet<Working>,
  world: World,
  looks: number[],
): Working[] {
  const { nowMs, options } = world;
  const taken = new Set<Working>();
  for (const working of [...alerts].sort((a, b) => startMsOf(a) - startMsOf(b))) {
    const { record } = working;
    if (record.toldMs !== null || working.gone !== null) continue;
    if (!isOpen(working) && !record.isUnstable) continue;
    const hidden = isHidden(working, world);
    // The hold begins anew when the parent is back: what came with it has that long to come back as well.
    if (record.isHidden && !hidden) record.sinceMs = nowMs;
    record.isHidden = hidden;
    const untilMs = waitsUntilMs(working, expecting.has(working), world);
    if (untilMs !== null) {
      looks.push(untilMs);
      continue;
    }
    record.doubted = doubtOf(working, world);
    const kin = record.doubted === null ? undefined : findKin(working, alerts, options);
    if (kin === undefined) {
      record.toldMs = nowMs;
      continue;
    }
    takeIn(kin, working, record.doubted);
    taken.add(working);
  }
  return alerts.filter((working) => !taken.has(working));
}

/** A told alert that fell at the same time below the same doubtful parent: most likely one fault, that nobody can see yet. */
function findKin(
  working: Working,
  alerts: readonly Working[],
  { areaWindowMs }: AlertOptions,
): Working | undefined {
  return alerts.find(
    (other) =>
      other !== working &&
      other.record.toldMs !== null &&
      other.record.doubted === working.record.doubted &&
      !isOver(other) &&
      Math.abs(startMsOf(other) - startMsOf(working)) <= areaWindowMs,
  );
}

/** One root comes and goes so often that pairs of messages say nothing any more; not asked of several roots at once. */
function markUnstable(working: Working, { index, nowMs, options }: World): void {
  const { record } = working;
  const ofKey = index.faults.get(record.parts[0]!.key) ?? [];
  const mayBe = working.gone === null && record.parts.length === 1 && ofKey.length > 0;
  if (!mayBe || penaltyNow(ofKey, nowMs, options) < options.flapUntil) record.isUnstable = false;
  else if (becomesUnstable(ofKey, nowMs, options)) record.isUnstable = true;
}

function penaltyNow(faults: readonly Fault[], nowMs: number, options: AlertOptions): number {
  return penaltyOf(beginningsOf(faults), nowMs, options).now;
}

/** What a told alert has to say now: that it began, that it is something else, that it is over. Closes what is over. */
function followUp(working: Working, world: World, looks: number[]): Notice | null {
  const { nowMs, options } = world;
  const { record } = working;
  if (working.gone === "merged") return close(working, nowMs);
  if (isOver(working)) {
    if (record.isUnstable) looks.push(calmMs(record, world));
    else {
      record.endedMs ??= nowMs;
      if (nowMs - record.endedMs >= options.settleMs) return close(working, nowMs);
      looks.push(record.endedMs + options.settleMs);
    }
  } else {
    record.endedMs = null;
  }
  if (record.toldMs === null || working.gone !== null || working.faults.length === 0) return null;
  const face = faceOf(working, isLasting(working, world));
  if (record.told === null) return say("problem", working, face, []);
  return tellChange(working, face, world, looks);
}

/** A change that stays is told, some times at most. That a cause is no longer known is none, nor is what has ended. */
function tellChange(working: Working, face: AlertFace, world: World, looks: number[]): Notice | null {
  const { nowMs, options } = world;
  const { record } = working;
  const told = record.told!;
  const changes = changesOf(told, face, options);
  if (
    changes.length === 0 ||
    (!isOpen(working) && face.kind !== "unstable") ||
    record.updates >= options.maxUpdates
  ) {
    record.changedMs = null;
    return null;
  }
  record.changedMs ??= nowMs;
  // Places that fell with it are found one by one for some minutes: told once, when it is known how many there are.
  const isWorseAlone = changes.every((change) => change === "worsened");
  const waitMs = isWorseAlone ? Math.max(options.maxHoldMs, options.holdMs) : options.holdMs;
  if (nowMs - record.changedMs < waitMs) {
    looks.push(record.changedMs + waitMs);
    return null;
  }
  record.changedMs = null;
  record.updates += 1;
  return say("update", working, face, changes);
}

function changesOf(told: AlertFace, face: AlertFace, { worseSites }: AlertOptions): AlertChange[] {
  const isUnstable = face.kind === "unstable";
  const more = face.sites - told.sites;
  const isWorse = !isUnstable && more >= Math.max(worseSites, told.sites / 2);
  const isFound = face.cause !== told.cause && face.cause !== "unknown" && !isUnstable;
  const changes: [AlertChange, boolean][] = [
    ["worsened", isWorse],
    ["elsewhere", face.root !== told.root],
    ["cause", isFound],
    ["pattern", face.kind !== told.kind],
  ];
  return changes.flatMap(([change, holds]) => (holds ? [change] : []));
}

function say(what: "problem" | "update", working: Working, face: AlertFace, changes: AlertChange[]): Notice {
  const { record } = working;
  const sitesBefore = record.told?.sites ?? null;
  const rootBefore = record.told?.root ?? face.root;
  // The other half of a pair has the name of the first, whatever its rows have turned out to be since.
  const isService = record.told?.isService ?? face.isService;
  record.told = { ...face, isService };
  return {
    what,
    alert: record,
    face: record.told,
    outages: rowsOf(working),
    correction: null,
    mergedInto: null,
    changes,
    sitesBefore,
    rootBefore: rootBefore === face.root ? null : rootBefore,
  };
}

/** Only those who heard of it hear that it is over. */
function close(working: Working, nowMs: number): Notice | null {
  const { record, gone, mergedInto } = working;
  record.closedMs = nowMs;
  if (record.told === null) return null;
  const other = mergedInto?.record;
  return {
    what: "recovery",
    alert: record,
    face: record.told,
    outages: gone === null ? rowsOf(working) : [],
    correction: gone,
    mergedInto: other === undefined ? null : { incident: other.incident, root: rootOf(other) },
    changes: [],
    sitesBefore: null,
    rootBefore: null,
  };
}

/** The outage of an unstable root lasts so long that it is one of its own. */
function isLasting(working: Working, { nowMs, options }: World): boolean {
  if (!working.record.isUnstable) return false;
  const open = rowsOf(working).filter(({ endMs }) => endMs === null);
  const beganMs = beginningsOf(working.faults).at(-1)!;
  return open.length > 0 && nowMs - beganMs >= options.lastingMs;
}

/** When the penalty will have come down far enough, should nothing more happen. */
function calmMs(record: AlertRecord, { index, nowMs, options }: World): number {
  const penalty = penaltyNow(index.faults.get(record.parts[0]!.key) ?? [], nowMs, options);
  return nowMs + Math.ceil(options.flapHalfLifeMs * Math.log2(penalty / options.flapUntil));
}

function collect(
  before: readonly AlertRecord[],
  left: readonly Working[],
  notices: Notice[],
  looks: readonly number[],
  nowMs: number,
): Decision {
  const records = left.map(({ record }) => record).sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids = new Set(records.map(({ id }) => id));
  // What another one took in was never told, and is gone without a word.
  const takenIn = before.filter(({ id }) => !ids.has(id)).map((record) => ({ ...record, closedMs: nowMs }));
  const texts = new Map(before.map((record) => [record.id, JSON.stringify(record)]));
  return {
    open: records.filter(({ closedMs }) => closedMs === null),
    changed: [...records, ...takenIn].filter((record) => JSON.stringify(record) !== texts.get(record.id)),
    notices,
    nextLookMs: looks.reduce((a, b) => Math.min(a, b), Infinity),
  };
}
