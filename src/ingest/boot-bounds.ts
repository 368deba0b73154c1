import type { BatchV1 } from "#wire/batch-v1.ts";
import { maxDrift } from "#wire/clock-fixes.ts";
import type { ClockAnchor } from "../state/state-store.ts";

/** Between which offsets (epoch ms − monotonic ms) a host boot must lie. */
export interface Bounds {
  earliestMs: number;
  latestMs: number;
  /** What the bounds themselves may be wrong by, ms. */
  errorMs: number;
  /** No boot is known that came after it. */
  isNewest: boolean;
}

interface Facts {
  receivedMs: number;
  enrolledMs: number;
}

/** Longest overlap of two boots that is put down to clocks and the time on the wire, ms. */
const slackMs = 120_000;

/**
 * A machine is in one boot at a time: a boot begins after the last moment that is known of the boot before it, and its
 * last reading is from before the boot after it began, and from before it arrived. What is known of boots that were never
 * connected either, and lie in between, is how long they lasted at least.
 */
export function boundsOf(
  { clock, start }: Pick<BatchV1, "clock" | "start">,
  others: readonly ClockAnchor[],
  { receivedMs, enrolledMs }: Facts,
): Bounds {
  const { before, after } = neighbours(clock.monoMs, start, others, receivedMs);
  const previous = before.findLast(isFirm);
  const next = after.find(isFirm);
  const lengthsMs = (boots: readonly ClockAnchor[]) =>
    boots.reduce((sum, { lastMonoMs }) => sum + lastMonoMs, 0);
  const looseBefore = previous === undefined ? before : before.slice(before.indexOf(previous) + 1);
  const looseAfter = next === undefined ? after : after.slice(0, after.indexOf(next));
  // Enrolment is the first thing that is known of an agent: a reading after it has a moment after it.
  const sinceMs =
    previous === undefined ? enrolledMs - clock.monoMs : previous.lastMs + lengthsMs(looseBefore);
  const untilMs = Math.min(next?.bootMs ?? receivedMs, receivedMs) - lengthsMs(looseAfter) - clock.monoMs;
  const errorMs =
    Math.max(previous?.uncertaintyMs ?? 0, next?.bootUncertaintyMs ?? 0) + Math.ceil(clock.monoMs * maxDrift);
  return {
    earliestMs: Math.round(Math.min(sinceMs, untilMs)),
    latestMs: Math.round(untilMs),
    errorMs,
    isNewest: after.length === 0,
  };
}

const isFirm = ({ source }: ClockAnchor) => source === "exchange" || source === "synced";

/** The boots before and after, ascending: by the numbers of the agent's starts, and without these by where there is room. */
function neighbours(
  monoMs: number,
  start: number | undefined,
  others: readonly ClockAnchor[],
  receivedMs: number,
): { before: ClockAnchor[]; after: ClockAnchor[] } {
  const byStart = others.every(({ firstStart }) => firstStart !== null) && start !== undefined;
  const ascending = others.toSorted((a, b) =>
    byStart ? a.firstStart! - b.firstStart! : a.bootMs - b.bootMs,
  );
  if (byStart) {
    const at = ascending.filter(({ firstStart }) => firstStart! < start).length;
    return { before: ascending.slice(0, at), after: ascending.slice(at) };
  }
  if (ascending.every(({ lastMs }) => receivedMs - monoMs >= lastMs - slackMs))
    return { before: ascending, after: [] };
  // Spools send newest first: of the places where it fits the latest is the likeliest, else before all.
  const at = ascending.findLastIndex((next, index) => {
    const previous = ascending[index - 1];
    return previous === undefined || next.bootMs - monoMs >= previous.lastMs;
  });
  return { before: ascending.slice(0, Math.max(0, at)), after: ascending.slice(Math.max(0, at)) };
}
