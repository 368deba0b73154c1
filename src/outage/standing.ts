import type { Tree } from "../inventory/tree.ts";
import type { Role } from "../inventory/inventory.ts";
import type { Evidence, Run, TargetEvidence } from "./evidence.ts";
import { touches } from "./gap.ts";

/**
 * The newest words on a site's way to the world, of its own agent or of others who look at it; epoch ms. A site of which a
 * good word came shortly before something fell below it, and none that reaches over that moment, has not been cleared of it.
 */
export interface Standing {
  /** The last good word; null: there was none. */
  goodMs: number | null;
  /** Since when good words have come without a bad one or a hole among them, up to the last one. */
  goodSinceMs: number | null;
  /** The last good word before that. */
  goodBeforeMs: number | null;
  badMs: number | null;
}

/** Standings by site code; sites that nobody ever measured are left out. */
export type Standings = ReadonlyMap<string, Standing>;

/** What the newest rounds say of each site, before any hysteresis. Pure, and cheap: no more than the ends of the runs are read. */
export function readStandings(
  { targets }: Pick<Evidence, "targets">,
  tree: Tree,
  gapFactor: number,
): Standings {
  const inForce = targets.filter(({ retired }) => retired !== true);
  const own = Map.groupBy(
    inForce.filter(({ role }) => role !== "site"),
    ({ vantage }) => vantage,
  );
  const about = Map.groupBy(
    inForce.filter(({ role }) => role === "site"),
    ({ of }) => of ?? "",
  );
  const standings = new Map<string, Standing>();
  for (const { code } of tree.order) {
    const telling = [...outsideOf(own.get(code) ?? [], code, tree), ...(about.get(code) ?? [])];
    const standing = joinWords(telling.map((target) => wordsOf(target, gapFactor)));
    if (standing.goodMs !== null || standing.badMs !== null) standings.set(code, standing);
  }
  return standings;
}

/**
 * What stands for the world beyond a site: the layers that detection has (site-path.ts) but for services, which would cast
 * doubt on the place they are looked at from whenever they fail themselves.
 */
function outsideOf(own: readonly TargetEvidence[], code: string, tree: Tree): readonly TargetEvidence[] {
  const ofRole = (...roles: Role[]) => own.filter(({ role }) => roles.includes(role));
  const parent = tree.parentOf(code);
  const hubIsNoc = parent !== null && tree.parentOf(parent) === null;
  const layers = [ofRole("noc", "anchor", ...(hubIsNoc ? (["hub"] as const) : [])), ofRole("hub")];
  return layers.find(({ length }) => length > 0) ?? [];
}

/** What one target says; anything that came back is good, as on a path. */
function wordsOf({ runs, intervalMs }: TargetEvidence, gapFactor: number): Standing {
  const bad = runs.findLast(({ verdict }) => verdict === "bad");
  const lastAt = runs.findLastIndex(({ verdict }) => verdict !== "bad");
  if (lastAt === -1)
    return { goodMs: null, goodSinceMs: null, goodBeforeMs: null, badMs: bad?.lastMs ?? null };
  let firstAt = lastAt;
  while (firstAt > 0 && goesOn(runs[firstAt - 1]!, runs[firstAt]!, intervalMs, gapFactor)) firstAt -= 1;
  const before = runs.findLast(({ verdict }, at) => verdict !== "bad" && at < firstAt);
  return {
    goodMs: runs[lastAt]!.lastMs,
    goodSinceMs: runs[firstAt]!.firstMs,
    goodBeforeMs: before?.lastMs ?? null,
    badMs: bad?.lastMs ?? null,
  };
}

function goesOn(before: Run, after: Run, intervalMs: number, gapFactor: number): boolean {
  return before.verdict !== "bad" && touches(before, after, intervalMs, gapFactor);
}

/** One good word is enough for a path, so that the stretches of all who look are one where they overlap. */
function joinWords(words: readonly Standing[]): Standing {
  const good = words
    .flatMap(({ goodMs, goodSinceMs }) => (goodMs === null ? [] : { fromMs: goodSinceMs!, toMs: goodMs }))
    .sort((a, b) => b.toMs - a.toMs);
  let sinceMs: number | null = null;
  let beforeMs: number | null = null;
  for (const { fromMs, toMs } of good) {
    if (sinceMs === null || toMs >= sinceMs) sinceMs = Math.min(sinceMs ?? fromMs, fromMs);
    else beforeMs = latest(beforeMs, toMs);
  }
  for (const { goodBeforeMs } of words)
    if (goodBeforeMs !== null && goodBeforeMs < sinceMs!) beforeMs = latest(beforeMs, goodBeforeMs);
  const badMs = words.reduce<number | null>((ms, word) => latest(ms, word.badMs), null);
  return { goodMs: good[0]?.toMs ?? null, goodSinceMs: sinceMs, goodBeforeMs: beforeMs, badMs };
}

function latest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
