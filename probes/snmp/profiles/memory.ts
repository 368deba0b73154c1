import type { AnsweredStore } from "./answered.ts";
import type { Plan } from "./plan.ts";
import type { Profile } from "./profile.ts";

/** What is known of one device between rounds; belongs to one target. */
export interface ProfileMemory {
  /** When the device was last looked at anew. */
  sinceMs: number;
  /** Subtrees that were looked for, and whether the device has them. Kept while a look is under way over several rounds. */
  probed: Map<string, boolean>;
  /** Null until it is known. */
  fits: { profiles: Profile[]; plan: Plan } | null;
  /** Names, sizes and scales; null where they have to be read. */
  fixed: AnsweredStore | null;
  fixedMs: number;
  /** Objects of the plan that the device does not have. */
  absent: Set<string>;
  /** When its tables without rows were last asked for again. */
  absentMs: number;
  /** Tables are walked one by one, since one of them does not end well. */
  oneByOne: boolean;
}

const key = "profiles";

/** What a target's memory holds of its profiles; a new one where it was emptied, or is as old as `lookAnewMs`. */
export function memoryIn(store: Map<string, unknown>, nowMs: number, lookAnewMs: number): ProfileMemory {
  const kept = store.get(key) as ProfileMemory | undefined;
  if (kept !== undefined && nowMs - kept.sinceMs < lookAnewMs) return kept;
  const memory: ProfileMemory = {
    sinceMs: nowMs,
    probed: new Map(),
    fits: null,
    fixed: null,
    fixedMs: nowMs,
    absent: new Set(),
    absentMs: nowMs,
    oneByOne: false,
  };
  store.set(key, memory);
  return memory;
}
