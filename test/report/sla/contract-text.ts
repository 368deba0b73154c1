import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Judgement, Ratios } from "../../../src/report/sla/judge.ts";
import type { LinkCounts } from "../../../src/report/sla/link-counts.ts";
import { holidays, minuteMs, minutes, startMs } from "./year.ts";
import type { Year } from "./year.ts";

/* The program that was written from the text of the clauses (contract_text.py), and our figures in its words. */

const script = fileURLToPath(new URL("contract_text.py", import.meta.url));

type Figures = Record<string, unknown>;

/** By year, then month: what the clauses come to, as known at that minute. */
export function readContracts(years: readonly Year[], nowMin: number): Record<string, Figures>[] {
  const cases = years.map((year) => ({
    ...year,
    terms: { ...year.terms, holidays },
    startMinute: startMs / minuteMs,
    nowMinute: nowMin,
    minutes,
  }));
  const { stdout, stderr, status } = spawnSync("python3", [script], {
    input: JSON.stringify(cases),
    encoding: "utf8",
    maxBuffer: 100_000_000,
  });
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Record<string, Figures>[];
}

/** Quotients to twelve digits: both programs divide, each in its own order. */
export function rounded(figures: Figures): Figures {
  const toDigits = (value: unknown) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(12)) : value;
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, toDigits(value)]));
}

export function figuresOf(counts: LinkCounts, ratios: Ratios, judgement: Judgement) {
  const min = (ms: number) => ms / minuteMs;
  const orNull = (ms: number | null) => (ms === null ? null : min(ms));
  const byKind = (of: Record<string, number>) =>
    Object.fromEntries(Object.entries(of).map(([kind, ms]) => [kind, min(ms)]));
  const figures = {
    month: min(counts.monthMs),
    service: min(counts.serviceMs),
    outside: min(counts.outsideMs),
    ahead: min(counts.aheadMs),
    counted: min(counts.countedMs),
    least: min(counts.countedLeastMs),
    most: min(counts.countedMostMs),
    short: min(counts.shortMs),
    blip: min(counts.blipMs),
    up: min(counts.upMs),
    unknown: min(counts.notMeasuredMs),
    off: min(counts.expectedOffMs),
    excluded: byKind(counts.excludedMs),
    excludedDown: byKind(counts.excludedDownMs),
    failures: counts.failures,
    repaired: counts.repaired,
    repair: min(counts.repairMs),
    availability: ratios.availabilityRatio,
    worst: ratios.worstRatio,
    best: ratios.bestRatio,
    coverage: ratios.coverageRatio,
    mttr: orNull(ratios.mttrMs),
    mtbf: orNull(ratios.mtbfMs),
    A: judgement.contractRatio,
    leastA: judgement.most.contractRatio,
    leftMs: judgement.budgetLeftMs,
    verdict: judgement.verdict,
    amount: judgement.restitution.amountIdr,
    mostAmount: judgement.most.restitution.amountIdr,
  };
  return rounded(figures) as typeof figures;
}
