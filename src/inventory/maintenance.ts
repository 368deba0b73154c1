import { createLocalTime } from "./local-time.ts";
import type { LocalTime } from "./local-time.ts";

/*
 * Work that was announced, or written down afterwards. It is no evidence: it changes what an outage is called and how it
 * is counted, never what was measured.
 */

export const maintenanceScopes = ["site", "link", "provider", "subtree", "service"] as const;
/**
 * What is worked on: `site` what breaks there, and what hangs on it loses · `subtree` the site and all that hangs below
 * it · `link` one uplink · `provider` all uplinks of a provider · `service` a service that citizens use.
 */
export type MaintenanceScope = (typeof maintenanceScopes)[number];

/** Exactly one of the scopes is named. */
export type MaintenanceTarget = { [Scope in MaintenanceScope]?: string };

/** One stretch of announced work, half-open [fromMs, toMs), epoch ms. */
export interface MaintenanceWindow extends MaintenanceTarget {
  /** Of the plan: occurrences of one plan share it. */
  id: string;
  fromMs: number;
  toMs: number;
  reason: string;
  author: string;
}

export const repeats = ["weekly", "monthly", "monthlyWeekday"] as const;
/**
 * By the wall clock: `weekly` every seven days · `monthly` on the same day of the month · `monthlyWeekday` on the same
 * weekday of the same week of the month, such as the second Tuesday. Months that have no such day are left out, as RFC
 * 5545 does.
 */
export type Repeat = (typeof repeats)[number];

/** What people write down: a window, and how it comes again. */
export interface MaintenancePlan extends MaintenanceWindow {
  repeat: Repeat | null;
  /** Nothing of it lies at or after this, epoch ms; null: it goes on, or ends with its one window. */
  untilMs: number | null;
}

const dayMs = 86_400_000;
/** Longest window, ms, by how it comes again: it must end before the next begins. */
export const longestMs = (repeat: Repeat | null): number =>
  (repeat === null ? 31 : repeat === "weekly" ? 7 : 28) * dayMs;

/** The windows of the plans that overlap [fromMs, toMs), by start. `timeZone`: IANA name of the wall clock. */
export function expandMaintenance(
  plans: Iterable<MaintenancePlan>,
  range: { fromMs: number; toMs: number },
  timeZone: string,
): MaintenanceWindow[] {
  let local: LocalTime | null = null;
  const windows: MaintenanceWindow[] = [];
  for (const { repeat, untilMs, ...first } of plans) {
    const endMs = Math.min(untilMs ?? Infinity, range.toMs);
    const starts =
      repeat === null
        ? [first.fromMs]
        : startsOf(first, repeat, range.fromMs, endMs, (local ??= createLocalTime(timeZone)));
    for (const fromMs of starts) {
      const toMs = Math.min(fromMs + first.toMs - first.fromMs, untilMs ?? Infinity);
      if (fromMs < range.toMs && toMs > range.fromMs && fromMs < toMs)
        windows.push({ ...first, fromMs, toMs });
    }
  }
  return windows.sort((a, b) => a.fromMs - b.fromMs || (a.id < b.id ? -1 : 1));
}

/** Starts before `endMs` of the occurrences that may reach past `fromMs`. */
function startsOf(
  first: MaintenanceWindow,
  repeat: Repeat,
  fromMs: number,
  endMs: number,
  { toLocalMs, toEpochMs }: LocalTime,
): number[] {
  const firstLocalMs = toLocalMs(first.fromMs);
  const longestStepMs = (repeat === "weekly" ? 7 : 31) * dayMs;
  const starts: number[] = [];
  for (let index = Math.max(0, Math.floor((fromMs - first.toMs) / longestStepMs) - 1); ; index += 1) {
    const localMs =
      repeat === "weekly" ? firstLocalMs + index * 7 * dayMs : monthsLater(firstLocalMs, index, repeat);
    if (localMs === null) continue;
    const startMs = toEpochMs(localMs);
    if (startMs >= endMs) return starts;
    starts.push(startMs);
  }
}

/** null: that month has no such day. */
function monthsLater(localMs: number, months: number, repeat: "monthly" | "monthlyWeekday"): number | null {
  const first = new Date(localMs);
  const [year, month] = [first.getUTCFullYear(), first.getUTCMonth() + months];
  const day = repeat === "monthly" ? first.getUTCDate() : sameWeekday(first, year, month);
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return day > days ? null : Date.UTC(year, month, day) + (localMs % dayMs);
}

function sameWeekday(first: Date, year: number, month: number): number {
  const week = Math.floor((first.getUTCDate() - 1) / 7);
  const weekdayOfFirst = new Date(Date.UTC(year, month, 1)).getUTCDay();
  return 1 + ((first.getUTCDay() - weekdayOfFirst + 7) % 7) + 7 * week;
}

/** `site:64.08.06` and the like: two plans with one of these are about the same thing. */
export function targetKey(target: MaintenanceTarget): string {
  const scope = maintenanceScopes.find((each) => target[each] !== undefined);
  return scope === undefined ? "" : `${scope}:${target[scope]}`;
}

export interface Overlap {
  plan: MaintenancePlan;
  other: MaintenancePlan;
  /** Where they meet first, epoch ms. */
  atMs: number;
}

/** How far ahead two plans that come again are compared, ms: two years hold every way in which they can meet. */
const horizonMs = 731 * dayMs;

/** The first of the others that says something of the same target at the same time; null: none does. */
export function findOverlap(
  plan: MaintenancePlan,
  others: Iterable<MaintenancePlan>,
  timeZone: string,
): Overlap | null {
  if (targetKey(plan) === "") return null;
  for (const other of others) {
    if (other.id === plan.id || targetKey(other) !== targetKey(plan)) continue;
    const fromMs = Math.max(plan.fromMs, other.fromMs);
    const [mine, theirs] = [plan, other].map((each) =>
      expandMaintenance([each], { fromMs, toMs: fromMs + horizonMs }, timeZone),
    );
    for (const window of mine!) {
      const met = theirs!.find(({ fromMs: from, toMs: to }) => from < window.toMs && to > window.fromMs);
      if (met !== undefined) return { plan, other, atMs: Math.max(window.fromMs, met.fromMs) };
    }
  }
  return null;
}
