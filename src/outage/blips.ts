import type { Tree } from "../inventory/tree.ts";
import type { Evidence } from "./evidence.ts";
import type { Judgements } from "./judgement.ts";
import { signalOf } from "./signal.ts";
import type { DetectOptions } from "./signal.ts";
import { anyGood } from "./site-path.ts";
import type { SiteSignals } from "./site-path.ts";
import type { Step } from "./steps.ts";
import type { Cause } from "./table.ts";

/**
 * A stretch in which nothing beyond a site answered, too short to be an outage: no event and no alert, but time that was
 * lost. A replay counts it (replay/attribute.ts); the accounts of the collector do not. An outage of x seconds hits a round with the chance x / interval, so that the intervals of rounds that were lost
 * alone add up to the time that was lost, though each of them is wrong (methods.md §A3).
 */
export interface Blip {
  site: string;
  startMs: number;
  endMs: number;
  cause: Extract<Cause, "link" | "relay">;
}

/** Ordered by site, as the tree is, then start. */
export function findBlips(
  signals: ReadonlyMap<string, SiteSignals>,
  judged: Judgements,
  tree: Tree,
  evidence: Evidence,
  options: DetectOptions,
): Blip[] {
  const bySite = new Map<string, Blip[]>();
  for (const { code, kind } of tree.order) {
    const parent = tree.parentOf(code);
    // Of a kecamatan's own blips its villages have theirs; only behind a village that relays is it the other's.
    const isRelayed = parent !== null && kind === "desa" && tree.siteOf(parent).kind === "desa";
    const above = isRelayed ? (bySite.get(parent) ?? []) : [];
    const lost = lostAlone(signals.get(code)!, judged.get(code) ?? [], evidence, options);
    bySite.set(
      code,
      lost.map(({ startMs, endMs }) => {
        const isParents = above.some((blip) => blip.startMs < endMs && blip.endMs > startMs);
        return { site: code, startMs, endMs, cause: isParents ? "relay" : "link" };
      }),
    );
  }
  return [...bySite.values()].flat();
}

/** Where every round beyond the site was lost while the site is held for up. */
function lostAlone(
  { outsideTargets }: SiteSignals,
  judged: readonly Step<{ state: string }>[],
  { fromMs, nowMs }: Evidence,
  options: DetectOptions,
): Step<unknown>[] {
  const each = { ...options, badRounds: 1 };
  const raw = outsideTargets.map(({ target }) => ({ target, steps: signalOf(target, "path", nowMs, each) }));
  const bad = anyGood(raw, fromMs, nowMs).filter(
    ({ value }) => !value.good && !value.carried && value.phase !== "route",
  );
  return bad.filter((step) =>
    judged.every(
      ({ startMs, endMs, value }) => value.state === "up" || startMs >= step.endMs || endMs <= step.startMs,
    ),
  );
}
