import { integerAt, objectAt, stringAt } from "./check.ts";

/*
 * What the collector answers to a batch whose seq it has stored with other rounds, version 1: 422, and in the problem
 *
 *   "code": "seq.used", "stored": { "boot": "9f1c…", "rounds": 31 }
 *
 * Either the agent's spool lost these rounds after they were sent, and now knows that they arrived; or it went back in
 * time, as a card restored from a copy does, and what it holds needs another seq.
 */
export interface SeqUsedV1 {
  boot: string;
  rounds: number;
}

export const seqUsedCode = "seq.used";

/** null: the problem is another one. */
export function parseSeqUsed(problem: unknown): SeqUsedV1 | null {
  const { code, stored } = (problem ?? {}) as { code?: unknown; stored?: unknown };
  if (code !== seqUsedCode) return null;
  const { boot, rounds } = objectAt("stored", stored, ["boot", "rounds"]);
  return {
    boot: stringAt("stored.boot", boot, /^[\s\S]{1,128}$/, "the id of a start of the agent"),
    rounds: integerAt("stored.rounds", rounds, 0, Number.MAX_SAFE_INTEGER),
  };
}
