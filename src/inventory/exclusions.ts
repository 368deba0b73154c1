import { byId, labelOf, oneOf, textOf } from "./fields.ts";
import type { Inventory } from "./inventory.ts";
import { readPlace, readTime } from "./read-maintenance.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";

/*
 * exclusions.yaml, times for which a provider does not answer, one an entry:
 *
 *   id                                     unique
 *   kind                                   force-majeure or customer
 *   site, subtree, link or provider        what it was about; exactly one of them
 *   from, to                               RFC 3339 with a zone
 *   reason, author                         why, and who says so
 */
export const exclusionsShape: ListShape = {
  file: "exclusions.yaml",
  keys: ["id", "kind", "site", "subtree", "link", "provider", "from", "to", "reason", "author"],
  numbers: [],
};

export const writtenKinds = ["force-majeure", "customer"] as const;
const scopes = ["site", "subtree", "link", "provider"] as const;
const longestDays = 366;
const dayMs = 86_400_000;

/** A stretch of time that somebody took out of the account by hand: half-open [fromMs, toMs), epoch ms. */
export interface WrittenExclusion {
  id: string;
  kind: (typeof writtenKinds)[number];
  /** Exactly one of them is named. */
  site?: string;
  subtree?: string;
  link?: string;
  provider?: string;
  fromMs: number;
  toMs: number;
  reason: string;
  author: string;
}

export function readExclusions(
  entries: readonly Entry[],
  inventory: Inventory,
): Map<string, WrittenExclusion> {
  return byId(entries, (entry, id) => {
    const [fromMs, toMs] = [readTime(entry, "from"), readTime(entry, "to")];
    if (fromMs !== null && toMs !== null && (toMs <= fromMs || toMs - fromMs > longestDays * dayMs))
      entry.refuse("to", `a time after from, and at most ${longestDays} days after it`);
    return {
      id,
      kind: oneOf(entry, "kind", writtenKinds),
      ...readPlace(entry, scopes, inventory),
      fromMs: fromMs ?? 0,
      toMs: toMs ?? 0,
      reason: textOf(entry, "reason", /^[\s\S]{1,500}$/, "1 to 500 characters: why"),
      author: labelOf(entry, "author"),
    };
  });
}
