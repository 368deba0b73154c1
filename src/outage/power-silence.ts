import type { Evidence, EventEvidence, TargetEvidence } from "./evidence.ts";

/*
 * The silence around a start of a machine: from the last round before it to the first one after it.
 */

export interface Silence {
  /** Start of the last round before it and of the first one after it, epoch ms. */
  lastMs: number;
  nextMs: number;
}

/** The machine began anew, and nobody had stopped it. */
export function isStartAfterCut({ type, detail }: EventEvidence): boolean {
  return type === "agent.start" && detail["hostBootChanged"] === true && detail["cleanStop"] === false;
}

/**
 * Starts of machines that tell of a silence which began before `sinceMs`, with its last round: what was judged without them
 * is to be judged again from there on.
 */
export function silencesFrom(
  { targets, events }: Pick<Evidence, "targets" | "events">,
  sinceMs: number,
): { start: EventEvidence; lastMs: number }[] {
  const starts = events.filter(isStartAfterCut);
  if (starts.length === 0) return [];
  const own = Map.groupBy(targets, ({ vantage }) => vantage);
  return starts.flatMap((start) => {
    const silence = silenceBefore(own.get(start.site) ?? [], start.timeMs);
    return silence === null || silence.lastMs >= sinceMs ? [] : [{ start, lastMs: silence.lastMs }];
  });
}

/**
 * The rounds around a start of the machine, by the targets that are asked most often: what is asked every five minutes goes
 * on through a cut that the others tell. null where there are none before or after it, or a run goes on through it.
 */
export function silenceBefore(own: readonly TargetEvidence[], startMs: number): Silence | null {
  let lastMs = -Infinity;
  let nextMs = Infinity;
  for (const { runs, beforeMs } of swiftestAround(own, startMs)) {
    if (beforeMs !== undefined && beforeMs < startMs) lastMs = Math.max(lastMs, beforeMs);
    for (const run of runs) {
      if (run.firstMs < startMs && run.lastMs >= startMs) return null;
      if (run.lastMs < startMs) lastMs = Math.max(lastMs, run.lastMs);
      else nextMs = Math.min(nextMs, run.firstMs);
    }
  }
  return Number.isFinite(lastMs) && Number.isFinite(nextMs) ? { lastMs, nextMs } : null;
}

/** Of those that were asked before and after; all of them where what was asked changed meanwhile. */
function swiftestAround(own: readonly TargetEvidence[], startMs: number): readonly TargetEvidence[] {
  const around = own.filter(
    ({ runs, beforeMs }) =>
      runs.length > 0 && (beforeMs ?? runs[0]!.firstMs) < startMs && runs.at(-1)!.lastMs >= startMs,
  );
  const shortestMs = around.reduce((least, { intervalMs }) => Math.min(least, intervalMs), Infinity);
  return around.length === 0 ? own : around.filter(({ intervalMs }) => intervalMs === shortestMs);
}
