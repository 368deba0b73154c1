import type { Context } from "hono";
import type { Inventory } from "../inventory/inventory.ts";
import type { Language } from "../report/language.ts";
import type { Reader } from "../report/reader.ts";
import type { SlaBook } from "../report/sla/create-sla-book.ts";
import type { Words } from "../report/words.ts";
import type { StateStore } from "../state/state-store.ts";
import type { HttpEnv } from "./env.ts";
import type { Range } from "./params.ts";
import { iso } from "./rows.ts";

/** What the reading routes are made of. */
export interface ReadDeps {
  reader: Reader;
  sla: SlaBook;
  inventory: () => Inventory;
  state: StateStore;
  nowMs: () => number;
  words: (language: Language) => Words;
}

/** No answer has more rows. */
export const maxRows = 50_000;

export interface Meta {
  rows: number;
  truncated: boolean;
  from?: string;
  to?: string;
  step?: string;
  unknown?: string[];
  trouble?: string;
}

export function metaOf(
  rows: { length: number },
  more: {
    truncated?: boolean;
    range?: Range;
    step?: string;
    unknown?: string[];
    /** What could not be read for this answer, and what to do; null: all of it could. */
    trouble?: string | null;
  } = {},
): Meta {
  const { truncated = false, range, step, unknown = [], trouble = null } = more;
  return {
    ...(range === undefined ? {} : { from: iso(range.fromMs), to: iso(range.toMs) }),
    ...(step === undefined ? {} : { step }),
    rows: rows.length,
    truncated,
    ...(unknown.length === 0 ? {} : { unknown }),
    ...(trouble === null ? {} : { trouble }),
  };
}

export interface SiteChoice {
  sites: string[];
  /** Asked for, but not in the inventory. */
  unknown: string[];
}

/** The sites that were asked for; undefined asks for all. */
export function chooseSites(inventory: Inventory, asked: readonly string[] | undefined): SiteChoice {
  if (asked === undefined) return { sites: [...inventory.sites.keys()], unknown: [] };
  const wanted = [...new Set(asked)];
  return { sites: wanted, unknown: wanted.filter((code) => !inventory.sites.has(code)) };
}

export interface TargetChoice {
  targets: string[];
  unknown: string[];
}

/** Targets by key, `<site>/*` for those of a site; undefined asks for all. */
export function chooseTargets(inventory: Inventory, asked: readonly string[] | undefined): TargetChoice {
  const keys = [...inventory.targets.keys()];
  if (asked === undefined) return { targets: keys, unknown: [] };
  const targets = new Set<string>();
  const unknown: string[] = [];
  for (const name of asked) {
    const ofSite = name.endsWith("/*") ? name.slice(0, -1) : null;
    const found = ofSite === null ? [name] : keys.filter((key) => key.startsWith(ofSite));
    // A target that left the inventory keeps its history, so that it is read all the same.
    if (found.length === 0 || (ofSite === null && !inventory.targets.has(name))) unknown.push(name);
    for (const key of found) targets.add(key);
  }
  return { targets: [...targets], unknown };
}

/** The answer of a route whose rows are many: the schema describes it, and no library walks through it again. */
export function answer(c: Context<HttpEnv>, body: unknown) {
  return c.json(body as never, 200);
}
