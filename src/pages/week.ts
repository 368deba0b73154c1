import type { SiteState, StateSegment } from "../outage/table.ts";
import { startOfDay } from "../inventory/local-time.ts";

/*
 * Seven local days of one site, each cut into slots of ten minutes. A slot shows the worst state in it, so that no short
 * outage vanishes; the sums beside it are exact. Pure.
 */

const slotMs = 600_000;
export const slotsPerDay = 144;

export interface WeekDay {
  /** Local midnight, epoch ms. */
  startMs: number;
  /** Runs of slots with one state. */
  runs: { state: SiteState; fromSlot: number; slots: number }[];
  /** Exact ms by state within the part of the day that has passed; what no segment covers is unknown. */
  lastedMs: Partial<Record<SiteState, number>>;
  /** Of the day, how much has passed. */
  passedMs: number;
}

const severity: readonly SiteState[] = [
  "up",
  "off",
  "unknown",
  "maintenance",
  "degraded",
  "unreachable",
  "down",
];

/** First moment of the seven days that end with today. */
export function weekStart(nowMs: number, timeZone: string): number {
  return startOfDay(startOfDay(nowMs, timeZone) - 5.5 * 86_400_000, timeZone);
}

export function toWeek(segments: readonly StateSegment[], nowMs: number, timeZone: string): WeekDay[] {
  const days: WeekDay[] = [];
  let startMs = weekStart(nowMs, timeZone);
  while (startMs <= nowMs) {
    // A day and a half on is always tomorrow, also on a day of 23 or 25 hours.
    const nextMs = startOfDay(startMs + 1.5 * 86_400_000, timeZone);
    days.push(toDay(segments, startMs, Math.min(nextMs, nowMs)));
    startMs = nextMs;
  }
  return days.toReversed();
}

function toDay(segments: readonly StateSegment[], startMs: number, endMs: number): WeekDay {
  const passedMs = endMs - startMs;
  const slots: SiteState[] = [];
  const count = Math.min(slotsPerDay, Math.ceil(passedMs / slotMs));
  const lastedMs: Partial<Record<SiteState, number>> = {};
  let covered = 0;
  for (const segment of segments) {
    const from = Math.max(segment.startMs, startMs);
    const to = Math.min(segment.endMs ?? endMs, endMs);
    if (to <= from) continue;
    covered += to - from;
    lastedMs[segment.state] = (lastedMs[segment.state] ?? 0) + to - from;
    const last = Math.min(count - 1, Math.ceil((to - startMs) / slotMs) - 1);
    for (let slot = Math.floor((from - startMs) / slotMs); slot <= last; slot += 1) {
      slots[slot] = worse(slots[slot], segment.state);
    }
  }
  if (passedMs > covered) lastedMs.unknown = (lastedMs.unknown ?? 0) + passedMs - covered;
  const runs: WeekDay["runs"] = [];
  for (let slot = 0; slot < count; slot += 1) {
    const state = slots[slot] ?? "unknown";
    const last = runs.at(-1);
    if (last?.state === state) last.slots += 1;
    else runs.push({ state, fromSlot: slot, slots: 1 });
  }
  return { startMs, runs, lastedMs, passedMs };
}

function worse(a: SiteState | undefined, b: SiteState): SiteState {
  return a === undefined || severity.indexOf(b) > severity.indexOf(a) ? b : a;
}
