import type { Standings } from "../outage/standing.ts";
import type { AlertOptions } from "./alert-options.ts";
import { isLonely, isPageable, joinMs } from "./faults.ts";
import type { FaultIndex } from "./faults.ts";
import type { Working } from "./working.ts";
import { isAllLonely, startMsOf } from "./working.ts";

/*
 * Why a message waits. The table shows the outage meanwhile; nothing of it is lost, and each wait has an end.
 */

/** A reason to wait, and until when it holds at most, epoch ms. */
export interface Wait {
  why: "new" | "service" | "hidden" | "doubt" | "neighbours" | "retest";
  untilMs: number;
}

export interface World {
  index: FaultIndex;
  standings: Standings;
  /** Sites that must be well for this root to be at fault itself, the nearest first; none for one that nobody knows. */
  above: (root: string) => readonly string[];
  nowMs: number;
  options: AlertOptions;
}

/** All reasons for which an untold alert still waits. `isExpecting`: a neighbour fell with it. */
export function waitsOf(working: Working, isExpecting: boolean, world: World): Wait[] {
  const { nowMs, options } = world;
  const { record } = working;
  const limitMs = record.sinceMs + Math.max(options.maxHoldMs, options.holdMs);
  const waits: Wait[] = [];
  // What comes and goes has been known for long enough.
  if (!record.isUnstable) {
    const isLonelyService = isAllLonely(working);
    const holdMs = isLonelyService ? options.lonelyServiceMs : options.holdMs;
    waits.push({ why: isLonelyService ? "service" : "new", untilMs: record.sinceMs + holdMs });
  }
  if (record.isHidden) waits.push({ why: "hidden", untilMs: record.openedMs + options.hiddenMaxMs });
  if (doubtOf(working, world) !== null) waits.push({ why: "doubt", untilMs: limitMs });
  if (isExpecting) waits.push({ why: "neighbours", untilMs: limitMs });
  if (needsNewLook(working, world)) waits.push({ why: "retest", untilMs: limitMs });
  return waits.filter(({ untilMs }) => untilMs > nowMs);
}

/** Every part lies below something that is cut off itself, and that people hear of. */
export function isHidden({ record }: Working, { index, above }: World): boolean {
  const isCut = (site: string) =>
    (index.cuts.get(site) ?? []).some(({ endMs }) => endMs === null) ||
    (index.faults.get(site) ?? []).some(({ endMs }) => endMs === null);
  return record.parts.every(({ key, root }) => sitesAbove(key, root, above).some(isCut));
}

/**
 * The highest site above it that may be the one at fault: it had a good word shortly before, and none since that reaches
 * back over that moment. Whatever fell silent long before is not suspected of it. null: all above are cleared.
 */
export function doubtOf(working: Working, world: World): string | null {
  const startMs = startMsOf(working);
  const { key, root } = working.record.parts[0]!;
  const doubted = sitesAbove(key, root, world.above).filter((site) => isInDoubt(site, startMs, world));
  return doubted.at(-1) ?? null;
}

function isInDoubt(site: string, startMs: number, { index, standings, options }: World): boolean {
  const standing = standings.get(site);
  if (standing === undefined || standing.goodMs === null) return false;
  // It was cut off, is known to be back, and the place below is looked at anew.
  if ((index.cuts.get(site) ?? []).some(({ endMs }) => Math.abs((endMs ?? Infinity) - startMs) <= joinMs))
    return false;
  const { goodMs, goodSinceMs, goodBeforeMs, badMs } = standing;
  const isRelated = (ms: number | null) => ms !== null && ms >= startMs - options.areaWindowMs;
  if (goodSinceMs! > startMs) return isRelated(goodBeforeMs);
  return isRelated(goodMs) && (goodMs <= startMs || (badMs ?? -Infinity) > goodMs);
}

/** A parent came back, and the place below it was not looked at since. */
function needsNewLook({ record }: Working, { index, standings, above, nowMs }: World): boolean {
  return record.parts.some(({ key, root, startMs }) => {
    const standing = standings.get(root);
    if (standing === undefined) return false;
    const backMs = sitesAbove(key, root, above)
      .flatMap((site) => [...(index.cuts.get(site) ?? []), ...(index.faults.get(site) ?? [])])
      .filter((cut) => !("cause" in cut) || isPageable(cut))
      .flatMap(({ endMs }) => (endMs === null || endMs > nowMs ? [] : [endMs]))
      .reduce((a, b) => Math.max(a, b), -Infinity);
    if (backMs < startMs - joinMs) return false;
    return Math.max(standing.goodMs ?? -Infinity, standing.badMs ?? -Infinity) <= backMs;
  });
}

/** Services that one site misses hang on that site itself. */
function sitesAbove(key: string, root: string, above: World["above"]): readonly string[] {
  return isLonely(key) ? [root, ...above(root)] : above(root);
}
