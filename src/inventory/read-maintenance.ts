import { byId, labelOf, oneOf, optional, textOf } from "./fields.ts";
import type { Inventory } from "./inventory.ts";
import { defaultTimeZone, parseTimeMs } from "./local-time.ts";
import { findOverlap, longestMs, maintenanceScopes, repeats } from "./maintenance.ts";
import type { MaintenancePlan, MaintenanceScope } from "./maintenance.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";
import { allLinksOf } from "./validity.ts";

/*
 * maintenance.yaml, one piece of announced work an entry; the API takes the same fields:
 *
 *   id                                     unique
 *   site, subtree, link, provider or service   what is worked on; exactly one of them
 *   from, to                               RFC 3339 with a zone: the window, or the first one
 *   repeat                                 weekly, monthly or monthlyWeekday (default: once)
 *   until                                  when it stops coming again (default: never)
 *   reason, author                         why, and who says so
 */
export const maintenanceShape: ListShape = {
  file: "maintenance.yaml",
  keys: ["id", ...maintenanceScopes, "from", "to", "repeat", "until", "reason", "author"],
  numbers: [],
};

const timeAllowed = "an RFC 3339 time with a zone, such as 2026-11-24T22:00:00+08:00";
const dayMs = 86_400_000;

export function readMaintenance(
  entries: readonly Entry[],
  inventory: Inventory,
): Map<string, MaintenancePlan> {
  const read: MaintenancePlan[] = [];
  return byId(entries, (entry, id) => {
    // Those of the API begin so.
    if (id.startsWith("mnt_")) entry.refuse("id", "an id that does not begin with mnt_");
    const plan = readPlan(entry, id, inventory);
    const overlap = findOverlap(plan, read, inventory.timeZone ?? defaultTimeZone);
    if (overlap !== null) entry.refuse("from", describeOverlap(overlap.other, overlap.atMs));
    read.push(plan);
    return plan;
  });
}

/** What is allowed instead, where a plan meets another one. */
export function describeOverlap(other: MaintenancePlan, atMs: number): string {
  const at = new Date(atMs).toISOString();
  return `times that do not overlap those of ${other.id}, which is about the same (first at ${at})`;
}

/** A field that was refused is filled with a stand-in, so that the others are judged as well. */
export function readPlan(entry: Entry, id: string, inventory: Inventory): MaintenancePlan {
  const repeat = optional(entry, "repeat", (at, key) => oneOf(at, key, repeats));
  const fromMs = readTime(entry, "from");
  const toMs = readTime(entry, "to");
  const untilMs = optional(entry, "until", readTime);
  const longest = longestMs(repeat);
  if (fromMs !== null && toMs !== null && (toMs <= fromMs || toMs - fromMs > longest)) {
    entry.refuse("to", `a time after from, and at most ${longest / dayMs} days after it`);
  }
  if (untilMs !== null && repeat === null) entry.refuse("until", "nothing without repeat");
  else if (untilMs !== null && fromMs !== null && untilMs <= fromMs)
    entry.refuse("until", "a time after from");
  return {
    id,
    ...readPlace(entry, maintenanceScopes, inventory),
    fromMs: fromMs ?? 0,
    toMs: toMs ?? 0,
    repeat,
    untilMs,
    reason: textOf(entry, "reason", /^[\s\S]{1,500}$/, "1 to 500 characters: why"),
    author: labelOf(entry, "author"),
  };
}

/** Epoch ms, to the whole second; null: it was refused. */
export function readTime(entry: Entry, key: string): number | null {
  const value = entry.data[key];
  const ms = typeof value === "string" && value.includes("-") ? parseTimeMs(value) : null;
  if (ms === null) entry.refuse(key, timeAllowed);
  // The table of outages is kept in whole seconds.
  return ms === null ? null : Math.floor(ms / 1000) * 1000;
}

/** What the entry is about: one of the scopes, which the inventory has to know. */
export function readPlace<Scope extends MaintenanceScope>(
  entry: Entry,
  scopes: readonly Scope[],
  inventory: Inventory,
): { [Name in Scope]?: string } {
  const given = scopes.filter((scope) => (entry.data[scope] ?? null) !== null);
  const [scope, second] = given;
  if (scope === undefined || second !== undefined) {
    entry.refuse(second ?? "site", `exactly one of ${scopes.join(", ")}`);
    return {};
  }
  const [isKnown, allowed] = known(inventory)[scope];
  const value = entry.data[scope];
  if (typeof value !== "string" || !isKnown(value)) {
    entry.refuse(scope, allowed);
    return {};
  }
  return { [scope]: value } as { [Name in Scope]?: string };
}

function known(inventory: Inventory) {
  const { sites, services } = inventory;
  const links = allLinksOf(inventory);
  const isSite = (code: string) => sites.has(code);
  const isProvider = (name: string) => [...links.values()].some(({ provider }) => provider === name);
  return {
    site: [isSite, "the code of a site in sites.csv"],
    subtree: [isSite, "the code of a site in sites.csv"],
    link: [(id: string) => links.has(id), "the id of a link in links.yaml"],
    provider: [isProvider, "a provider of a link in links.yaml, written as there"],
    service: [(id: string) => services.has(id), "the id of a service in services.yaml"],
  } satisfies Record<string, [(value: string) => boolean, string]>;
}
