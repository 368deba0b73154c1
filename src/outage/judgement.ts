import type { Step } from "./steps.ts";
import type { Cause, Confidence } from "./table.ts";

/** What is held of a site for a stretch of time. */
export interface Judgement {
  state: "up" | "down" | "unknown";
  cause: Cause | null;
  confidence: Confidence;
  /** Where the fault lies; null when up or unknown. */
  root: string | null;
}

export type Judgements = ReadonlyMap<string, readonly Step<Judgement>[]>;

export const up: Judgement = { state: "up", cause: null, confidence: "high", root: null };
export const unknown: Judgement = { state: "unknown", cause: null, confidence: "high", root: null };

export function sameJudgement(a: Judgement, b: Judgement): boolean {
  return a.state === b.state && a.cause === b.cause && a.root === b.root && a.confidence === b.confidence;
}
