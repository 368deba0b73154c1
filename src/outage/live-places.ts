import type { Tree } from "../inventory/tree.ts";
import type { Rhythm, TargetEvidence } from "./evidence.ts";
import { chooseOutside } from "./outside.ts";
import { chooseProofs } from "./passed.ts";

/** A site with the targets that tell of it; their runs grow. */
export interface Place {
  code: string;
  parent: string | null;
  /** The parent is the root, of whose way down to its children its own outside says nothing. */
  parentIsRoot: boolean;
  children: readonly string[];
  own: readonly TargetEvidence[];
  outside: readonly TargetEvidence[];
  /** What proves beside them, by passing, that it reaches the world. */
  proofs: readonly TargetEvidence[];
  witnesses: readonly TargetEvidence[];
  /** Shortest interval of its agent's targets, and of others' of it. */
  intervalMs: number;
  witnessIntervalMs: number;
  /** How its agent usually reports; undefined: not known yet. */
  rhythm: () => Rhythm | undefined;
}

/** In the order of the tree: parents first. */
export function placesOf(
  targets: readonly TargetEvidence[],
  tree: Tree,
  rhythms: ReadonlyMap<string, Rhythm>,
): Place[] {
  const inForce = targets.filter(({ retired }) => retired !== true);
  const own = Map.groupBy(inForce, ({ vantage }) => vantage);
  const about = Map.groupBy(
    // What nobody ever had an answer from may be a wrong address: it is no word on the site.
    inForce.filter(({ role, answeredMs }) => role === "site" && answeredMs !== null),
    ({ of }) => of ?? "",
  );
  return tree.order.map(({ code }) => {
    const parent = tree.parentOf(code);
    const ownTargets = own.get(code) ?? [];
    const outside = chooseOutside(ownTargets, parent, tree);
    const witnesses = about.get(code) ?? [];
    const witnessIntervalMs = shortest(witnesses);
    return {
      code,
      parent,
      parentIsRoot: parent !== null && tree.parentOf(parent) === null,
      children: tree.childrenOf(code),
      own: ownTargets,
      outside,
      proofs: chooseProofs(ownTargets, outside),
      witnesses,
      intervalMs: ownTargets.length > 0 ? shortest(ownTargets) : witnessIntervalMs,
      witnessIntervalMs,
      rhythm: () => rhythms.get(code),
    };
  });
}

const shortest = (targets: readonly TargetEvidence[]) =>
  targets.reduce((least, { intervalMs }) => Math.min(least, intervalMs), Infinity);

/** Start of the last round of any of them; null: none. */
export function lastRoundMs(own: readonly TargetEvidence[]): number | null {
  return own.reduce<number | null>((latest, { runs }) => {
    const last = runs[runs.length - 1];
    return last === undefined || (latest !== null && latest > last.lastMs) ? latest : last.lastMs;
  }, null);
}

/** Start of the last round before the latest hole. */
export function holeMs({ runs, intervalMs }: TargetEvidence, gapFactor: number): number {
  for (let index = runs.length - 1; index > 0; index--) {
    const before = runs[index - 1]!;
    if (runs[index]!.firstMs - before.lastMs > gapFactor * intervalMs) return before.lastMs;
  }
  return -Infinity;
}

/** Start of the rounds of the centre that came without a hole up to now: what nobody heard before says nothing. */
export function spokenSinceMs({ own, intervalMs }: Place, gapFactor: number): number {
  const lastMs = lastRoundMs(own) ?? -Infinity;
  // They were all measured in the same rounds, but for those that are asked for more rarely.
  const latest = own.find(({ runs }) => (runs.at(-1)?.lastMs ?? -Infinity) >= lastMs - intervalMs / 2);
  const runs = latest?.runs ?? [];
  for (let index = runs.length - 1; index > 0; index--)
    if (runs[index]!.firstMs - runs[index - 1]!.lastMs > gapFactor * intervalMs) return runs[index]!.firstMs;
  return -Infinity;
}
