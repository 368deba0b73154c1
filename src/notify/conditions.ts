import type { Inventory, Link } from "../inventory/inventory.ts";
import type { ConditionKind, ConditionReading, ConditionRecord } from "../state/alert-store.ts";
import { kecamatanOf } from "./describe.ts";
import type { News } from "./dispatch.ts";
import type { ConditionFacts, ConditionPayload } from "./payload.ts";
import type { Severity } from "./severity.ts";

/*
 * Conditions that have a threshold of their own: one message when one has lasted for its hold, one when it has been over
 * for its settling time. What is not measured any more stays what it was: nobody knows that it is over. Pure.
 */

/**
 * How long it has to last, and to be over, ms. `battery`: a self-test of a UPS takes seconds to a minute · `certificate`:
 * one odd answer, as of a captive portal, is none · `backlog`: half an hour in which it did not shrink is not the end of a
 * cut that was just mended · `slaBudget`: accounted for once an hour, so that a second account has to say the same, as of
 * `slaIssue`.
 */
const times: Record<ConditionKind, { holdMs: number; settleMs: number }> = {
  battery: { holdMs: 120_000, settleMs: 120_000 },
  lowBattery: { holdMs: 60_000, settleMs: 300_000 },
  certificate: { holdMs: 600_000, settleMs: 600_000 },
  agentSilent: { holdMs: 60_000, settleMs: 300_000 },
  backlog: { holdMs: 1_800_000, settleMs: 600_000 },
  slaBudget: { holdMs: 1_800_000, settleMs: 1_800_000 },
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
  slaIssue: "medium",
};

export interface ConditionContext {
  inventory: Inventory;
  nowMs: number;
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
  const keyOf = ({ kind, subject }: { kind: string; subject: string }) => `${kind}:${subject}`;
  const known = new Map(open.map((record) => [keyOf(record), record]));
  for (const reading of readings) {
    const before = known.get(keyOf(reading));
    if (before === undefined && reading.level !== "bad") continue;
    const record: ConditionRecord = before === undefined ? begin(reading, context.nowMs) : { ...before };
    const what = advance(record, reading, context.nowMs);
    if (what !== null) {
      const payload = toPayload(record, reading, what, context);
      record.facts = payload;
      step.news.push({ payload, what });
    }
    if (JSON.stringify(record) !== JSON.stringify(before)) step.changed.push(record);
  }
  return step;
}

function begin({ kind, subject, sinceMs }: ConditionReading, nowMs: number): ConditionRecord {
  return {
    // Without a slash: it is a part of an address of the API.
    id: `${kind}:${subject.replaceAll("/", ".")}@${nowMs}`,
    kind,
    subject,
    sinceMs: Math.min(sinceMs, nowMs),
    seenMs: nowMs,
    toldMs: null,
    clearedMs: null,
    closedMs: null,
    facts: null,
  };
}

/** Moves the record on; which message that calls for. */
function advance(
  record: ConditionRecord,
  { kind, level }: ConditionReading,
  nowMs: number,
): "problem" | "recovery" | null {
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
  if (!isOver || nowMs - record.clearedMs! < settleMs) return null;
  record.closedMs = nowMs;
  return "recovery";
}

function toPayload(
  record: ConditionRecord,
  { kind, subject, site, what, count, value }: ConditionReading,
  phase: "problem" | "recovery",
  { inventory, url }: ConditionContext,
): ConditionPayload {
  const facts: ConditionFacts = {
    alert: record.id,
    incident: record.id,
    condition: kind,
    root: site,
    name: inventory.sites.get(site)?.name ?? site,
    kecamatan: kecamatanOf(inventory, site),
    what,
    count,
    value,
    startMs: record.sinceMs,
    endMs: phase === "recovery" ? record.clearedMs : null,
    severity: kind === "agentSilent" && count > 1 ? "high" : severityByKind[kind],
    sites: [site],
    providers: providersOf(inventory, (link) => {
      if (kind === "slaIssue") return what.includes(link.id);
      return kind === "slaBudget" ? link.id === subject : link.site === site;
    }),
    url: url(site),
  };
  return { type: phase === "problem" ? "condition.down" : "condition.up", ...facts };
}

function providersOf({ links }: Inventory, isMeant: (link: Link) => boolean): string[] {
  return [...new Set([...links.values()].filter(isMeant).map(({ provider }) => provider))];
}
