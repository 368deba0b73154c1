import { createLocalTime } from "../inventory/local-time.ts";
import type { Inventory, Link } from "../inventory/inventory.ts";
import type { ConditionKind, ConditionReading, ConditionRecord } from "../state/alert-store.ts";
import { hasCome } from "./condition-words.ts";
import { kecamatanOf } from "./describe.ts";
import type { News } from "./dispatch.ts";
import type { ConditionFacts, ConditionPayload } from "./payload.ts";
import { worse } from "./severity.ts";
import type { Severity } from "./severity.ts";

/*
 * Conditions that have a threshold of their own: one message when one has lasted for its hold, one for each step by which it
 * gets worse, one when it has been over for its settling time. What is not measured any more stays what it was: nobody knows that
 * it is over. What is not looked for any more is closed as that. Pure.
 */

/**
 * How long it has to last, and to be over, ms. `battery`: a self-test of a UPS takes seconds to a minute · `certificate`:
 * one odd answer, as of a captive portal, is none · `backlog`: half an hour in which it did not shrink is not the end of a
 * cut that was just mended · `slaBudget`: accounted for once an hour, so that a second account has to say the same, as of
 * `slaIssue` · `partnerWebhook`: ten tries in three days went before it.
 */
const times: Record<ConditionKind, { holdMs: number; settleMs: number }> = {
  battery: { holdMs: 120_000, settleMs: 120_000 },
  lowBattery: { holdMs: 60_000, settleMs: 300_000 },
  certificate: { holdMs: 600_000, settleMs: 600_000 },
  agentSilent: { holdMs: 60_000, settleMs: 300_000 },
  backlog: { holdMs: 1_800_000, settleMs: 600_000 },
  slaBudget: { holdMs: 1_800_000, settleMs: 1_800_000 },
  partnerWebhook: { holdMs: 0, settleMs: 0 },
  // It is over when somebody issued the correction, or what was learned was taken back.
  slaIssue: { holdMs: 1_800_000, settleMs: 0 },
};

const severityByKind: Record<ConditionKind, Severity> = {
  battery: "low",
  lowBattery: "high",
  certificate: "medium",
  agentSilent: "medium",
  backlog: "low",
  slaBudget: "medium",
  partnerWebhook: "medium",
  slaIssue: "medium",
};

/** What a condition is of. */
export type Watched = Pick<ConditionRecord, "kind" | "subject">;

export interface ConditionContext {
  inventory: Inventory;
  nowMs: number;
  /** IANA zone of the days by which budgets are counted. */
  timeZone: string;
  /** Whether it is looked for: its threshold is set, and what it is of is in the inventory. */
  isWatched: (condition: Watched) => boolean;
  url: (root: string) => string | null;
}

export interface ConditionStep {
  /** New, changed and closed ones. */
  changed: ConditionRecord[];
  news: News[];
}

export function stepConditions(
  open: readonly ConditionRecord[],
  readings: readonly ConditionReading[],
  context: ConditionContext,
): ConditionStep {
  const step: ConditionStep = { changed: [], news: [] };
  const known = new Map(open.map((record) => [keyOf(record), record]));
  for (const record of open) {
    if (context.isWatched(record)) continue;
    known.delete(keyOf(record));
    drop(record, context.nowMs, step);
  }
  for (const reading of readings) {
    if (isAmongMany(reading, known)) continue;
    const before = known.get(keyOf(reading));
    if (before === undefined && (reading.level !== "bad" || !context.isWatched(reading))) continue;
    const record: ConditionRecord = before === undefined ? begin(reading, context.nowMs) : { ...before };
    const what = advance(record, reading, context.nowMs);
    if (what !== null) {
      const payload = toPayload(record, reading, what, context);
      record.facts = payload;
      step.news.push({ payload, what });
    }
    if (record.closedMs === null) known.set(keyOf(record), record);
    else known.delete(keyOf(record));
    if (JSON.stringify(record) !== JSON.stringify(before)) step.changed.push(record);
  }
  return step;
}

const keyOf = ({ kind, subject }: Watched) => `${kind}:${subject}`;
/** Without a slash: it is a part of an address of the API. */
const nameOf = (of: Watched) => keyOf(of).replaceAll("/", ".");

const isOfMany = ({ kind, subject }: Watched) => kind === "agentSilent" && subject === "many";

/** While people know of many silent agents, none of them is told by itself; that one is heard again is no news of those. */
function isAmongMany(reading: ConditionReading, known: ReadonlyMap<string, ConditionRecord>): boolean {
  if (reading.kind !== "agentSilent" || isOfMany(reading) || reading.level !== "bad") return false;
  return (known.get(keyOf({ kind: "agentSilent", subject: "many" }))?.toldMs ?? null) !== null;
}

/** Closes what is looked for no more, with a word to those who were told of it. */
function drop(before: ConditionRecord, nowMs: number, step: ConditionStep): void {
  const record = { ...before, closedMs: nowMs };
  step.changed.push(record);
  if (before.toldMs === null) return;
  const told = before.facts as ConditionPayload;
  const payload: ConditionPayload = { ...told, type: "condition.up", endMs: null, correction: "unwatched" };
  record.facts = payload;
  step.news.push({ payload, what: "recovery" });
}

function begin(reading: ConditionReading, nowMs: number): ConditionRecord {
  const { kind, subject, sinceMs } = reading;
  return {
    id: `${nameOf(reading)}@${nowMs}`,
    kind,
    subject,
    sinceMs: Math.min(sinceMs, nowMs),
    seenMs: nowMs,
    toldMs: null,
    worseMs: null,
    clearedMs: null,
    closedMs: null,
    facts: null,
  };
}

/** Moves the record on; which message that calls for. */
function advance(record: ConditionRecord, reading: ConditionReading, nowMs: number): What | null {
  const { kind, level } = reading;
  const { holdMs, settleMs } = times[kind];
  if (level === "bad") record.clearedMs = null;
  if (level === "good") record.clearedMs ??= nowMs;
  const isOver = record.clearedMs !== null;
  if (record.toldMs === null && isOver) {
    record.closedMs = nowMs;
    return null;
  }
  if (record.toldMs === null) {
    if (level !== "bad" || nowMs - record.seenMs < holdMs) return null;
    record.toldMs = nowMs;
    return "problem";
  }
  if (!isOver) return worsen(record, reading, nowMs, holdMs);
  if (nowMs - record.clearedMs! < settleMs) return null;
  record.closedMs = nowMs;
  return "recovery";
}

type What = "problem" | `update${number}` | "recovery";

/** A step for the worse is told when it has lasted as long as a beginning has to. */
function worsen(
  record: ConditionRecord,
  reading: ConditionReading,
  nowMs: number,
  holdMs: number,
): What | null {
  const step = stepOf(reading);
  const told = record.facts as ConditionPayload;
  const isWorse =
    reading.level === "bad" &&
    (reading.kind === "agentSilent"
      ? step >= 2 * told.count
      : step > stepOf({ ...told, kind: reading.kind }));
  if (!isWorse) {
    record.worseMs = null;
    return null;
  }
  record.worseMs ??= nowMs;
  if (nowMs - record.worseMs < holdMs) return null;
  record.worseMs = null;
  return `update${step}`;
}

/**
 * How far it has come; ascending.
 *
 *   certificate   7 days left, the last day, ended
 *   slaBudget     overdrawn
 *   agentSilent   how many; told when there are twice as many as were told of
 *
 * A battery that gets emptier is a condition of its own, and a backlog that waits longer calls for nothing else.
 */
function stepOf({ kind, count, value }: Pick<ConditionReading, "kind" | "count" | "value">): number {
  if (kind === "agentSilent") return count;
  if (hasCome({ condition: kind, value })) return 3;
  if (kind !== "certificate" || value === null || value >= 7) return 0;
  return value < 1 ? 2 : 1;
}

function toPayload(
  record: ConditionRecord,
  { kind, subject, site, what, count, value }: ConditionReading,
  phase: What,
  { inventory, timeZone, url }: ConditionContext,
): ConditionPayload {
  const told = record.facts as ConditionFacts | null;
  const facts: ConditionFacts = {
    alert: record.id,
    incident: incidentOf(record, timeZone),
    condition: kind,
    root: site,
    name: inventory.sites.get(site)?.name ?? site,
    kecamatan: kecamatanOf(inventory, site),
    what,
    count,
    value,
    startMs: record.sinceMs,
    endMs: phase === "recovery" ? record.clearedMs : null,
    // Whom it woke, it tells of its end.
    severity: worse(severityOf(kind, count, value), told?.severity ?? "low"),
    sites: [site],
    providers:
      kind === "partnerWebhook"
        ? [subject]
        : providersOf(inventory, (link) => {
            if (kind === "slaIssue") return what.includes(link.id);
            return kind === "slaBudget" ? link.id === subject : link.site === site;
          }),
    url: url(site),
  };
  if (phase === "problem") return { type: "condition.down", ...facts };
  if (phase !== "recovery") return { type: "condition.update", ...facts, countBefore: told!.count };
  if (!isOfMany({ kind, subject })) return { type: "condition.up", ...facts };
  // It is the end of what was told; those that are left are no part of it, and are told one by one from now on.
  const left = count === 0 ? {} : { stillSilent: what };
  return { type: "condition.up", ...facts, what: told!.what, count: told!.count, ...left };
}

/**
 * All that happens to one subject in a day is one incident, by which budgets are counted: mains that come and go each few
 * minutes of an evening would else have a budget each time.
 */
function incidentOf(record: ConditionRecord, timeZone: string): string {
  const localMs = createLocalTime(timeZone).toLocalMs(record.seenMs);
  return `${nameOf(record)}@${new Date(localMs).toISOString().slice(0, 10)}`;
}

function severityOf(kind: ConditionKind, count: number, value: number | null): Severity {
  const isMany = kind === "agentSilent" && count > 1;
  // Browsers refuse the service from then on.
  const isEnded = kind === "certificate" && hasCome({ condition: kind, value });
  return isMany || isEnded ? "high" : severityByKind[kind];
}

function providersOf({ links }: Inventory, isMeant: (link: Link) => boolean): string[] {
  return [...new Set([...links.values()].filter(isMeant).map(({ provider }) => provider))];
}
