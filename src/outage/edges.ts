import { spacingMs } from "./gap.ts";
import type { Run, TargetEvidence } from "./evidence.ts";
import { firstThere } from "./seek.ts";
import type { Step } from "./steps.ts";

/*
 * When an outage began and ended, by all who saw it. Each target that went silent puts the moment between its last good
 * round and its first bad one; vantages measure at different seconds of their intervals, and the sites that one fault
 * cuts off see it at the same moment, so that together they say it much closer than half an interval. The moment that most
 * of them allow is taken, in the middle of what they allow (methods.md §A3).
 */

/** Between a last and a first round: the moment lies in it. */
interface Bracket {
  loMs: number;
  hiMs: number;
}

/** An edge between two steps of a site. */
interface Edge {
  /** Place of its track in the list. */
  track: number;
  /** Index of the step that begins here. */
  index: number;
  atMs: number;
  root: string;
  kind: "start" | "end";
  brackets: Bracket[];
}

/** How far a round may lie from the edge that it tells of, in intervals of its target. */
const nearIntervals = 2;
/** What clocks that were put right may still differ by, ms. */
const clockSlackMs = 2_000;
/** Edges of one fault, each half an interval off at most, lie no further apart where targets are asked each minute, ms. Of slower ones fewer are pooled. */
const sameEdgeMs = 60_000;

/** One site's way, or a service as seen from one, with the targets that tell when it changed. */
export interface Track<T extends Standing> {
  steps: Step<T>[];
  targets: readonly TargetEvidence[];
  /** Which runs are good there: of a service only those whose check passed. */
  isGood: (run: Run) => boolean;
  /** Whether such a stretch is one whose edges these targets tell. */
  isTold: (down: T) => boolean;
  /** What the site's own machine measured, where it stopped with such a stretch: it began before the round that it did not take. Default: nothing. */
  stopped?: (down: T) => readonly TargetEvidence[];
}

export interface Standing {
  state: "up" | "down" | "unknown";
  /** What went with it went at the same moment. */
  root: string | null;
}

/** Moves the borders between up and down in place. */
export function sharpenEdges<T extends Standing>(tracks: readonly Track<T>[], poolsEdges: boolean): void {
  const edges = tracks.flatMap((track, place) => edgesOf(track, place));
  for (const group of poolsEdges ? groupEdges(edges) : edges.map((edge) => [edge])) {
    for (const edge of group) {
      const atMs = pool(edge, group);
      if (atMs !== null) move(tracks[edge.track]!.steps, edge.index, atMs);
    }
  }
}

function edgesOf<T extends Standing>(
  { steps, targets, isGood, isTold, stopped }: Track<T>,
  track: number,
): Edge[] {
  return steps.flatMap((step, index): Edge[] => {
    const before = steps[index - 1];
    if (before === undefined || before.endMs !== step.startMs) return [];
    const began = step.value.state === "down" && before.value.state === "up";
    const ended = step.value.state === "up" && before.value.state === "down";
    if (!began && !ended) return [];
    const kind = began ? ("start" as const) : ("end" as const);
    const down = (began ? step : before).value;
    if (!isTold(down)) return [];
    const root = down.root ?? "";
    const brackets = targets.flatMap((target) => bracketAt(target, step.startMs, kind, isGood) ?? []);
    if (began) brackets.push(...lastRoundAt(stopped?.(down) ?? [], step.startMs));
    return [{ track, index, atMs: step.startMs, root, kind, brackets }];
  });
}

/**
 * Where the target went silent, or answered again, next to the edge, nearest to it: a round that was lost by itself just before
 * tells of something else. null where it did neither.
 */
function bracketAt(
  { runs, intervalMs }: TargetEvidence,
  atMs: number,
  kind: Edge["kind"],
  isGood: (run: Run) => boolean,
): Bracket | null {
  const reachMs = nearIntervals * intervalMs;
  const awayMs = ({ loMs, hiMs }: Bracket) => Math.max(loMs - atMs, atMs - hiMs, 0);
  let nearest: Bracket | null = null;
  const first = firstThere(runs, ({ firstMs }) => firstMs >= atMs - reachMs);
  for (let index = first; index < runs.length; index++) {
    const after = runs[index]!;
    if (after.firstMs > atMs + reachMs) break;
    const before = runs[index - 1];
    if (before === undefined || isGood(before) === isGood(after) || isGood(after) !== (kind === "end"))
      continue;
    const spaceMs = spacingMs(before) ?? intervalMs;
    // A hole between them says nothing of its length.
    if (after.firstMs - before.lastMs > 2 * Math.max(intervalMs, Math.min(spaceMs, reachMs))) continue;
    const bracket = { loMs: before.lastMs, hiMs: after.firstMs };
    if (nearest === null || awayMs(bracket) < awayMs(nearest)) nearest = bracket;
  }
  return nearest;
}

/** Between the last round that a machine took and the one that it did not; empty where none lies next to the edge. */
function lastRoundAt(own: readonly TargetEvidence[], atMs: number): Bracket[] {
  let last: Bracket | null = null;
  for (const { runs, intervalMs } of own) {
    const before = runs[firstThere(runs, ({ firstMs }) => firstMs >= atMs) - 1];
    if (before === undefined || before.lastMs > atMs || before.lastMs < atMs - intervalMs) continue;
    if (last === null || before.lastMs > last.loMs)
      last = { loMs: before.lastMs, hiMs: before.lastMs + intervalMs };
  }
  return last === null ? [] : [last];
}

/** Edges of one kind, of sites with one root, that follow each other closely. */
function groupEdges(edges: readonly Edge[]): Edge[][] {
  const groups: Edge[][] = [];
  for (const alike of Map.groupBy(edges, ({ root, kind }) => `${kind} ${root}`).values()) {
    alike.sort((a, b) => a.atMs - b.atMs || a.track - b.track);
    let last: Edge | undefined;
    for (const edge of alike) {
      if (last !== undefined && edge.atMs - last.atMs <= sameEdgeMs) groups.at(-1)!.push(edge);
      else groups.push([edge]);
      last = edge;
    }
  }
  return groups;
}

/** Whole seconds; null where nobody saw it close enough. */
function pool(edge: Edge, group: readonly Edge[]): number | null {
  const own = most(edge.brackets);
  const all = group.length === 1 ? own : most(group.flatMap(({ brackets }) => brackets));
  if (all === null) return null;
  const together = middle(all);
  // What the others say has to fit what this site saw itself: another fault may have come at nearly the same time.
  const fits = own === null || (together >= own.loMs - clockSlackMs && together <= own.hiMs + clockSlackMs);
  return Math.round((fits ? together : middle(own)) / 1000) * 1000;
}

const middle = ({ loMs, hiMs }: Bracket) => (loMs + hiMs) / 2;

/** The stretch that most of the brackets share; the earliest when equal. */
function most(brackets: readonly Bracket[]): Bracket | null {
  const marks = brackets
    .flatMap(({ loMs, hiMs }) => [
      { ms: loMs, change: 1 },
      { ms: hiMs, change: -1 },
    ])
    .sort((a, b) => a.ms - b.ms || a.change - b.change);
  let best: (Bracket & { depth: number }) | null = null;
  let depth = 0;
  for (const [index, mark] of marks.entries()) {
    depth += mark.change;
    const next = marks[index + 1];
    if (next !== undefined && next.ms > mark.ms && depth > (best?.depth ?? 0))
      best = { loMs: mark.ms, hiMs: next.ms, depth };
  }
  return best;
}

/** Moves the border between two steps, unless one of them would be left with nothing. */
function move(steps: { startMs: number; endMs: number }[], index: number, atMs: number): void {
  const before = steps[index - 1]!;
  const after = steps[index]!;
  if (atMs <= before.startMs || atMs >= after.endMs) return;
  before.endMs = atMs;
  after.startMs = atMs;
}
